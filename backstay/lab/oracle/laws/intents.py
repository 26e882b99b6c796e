"""I2: every order on the wire has a durable intent before it, an approval, and leads back to both.

A call or a child that was scheduled in some history, and that carries an approval for the order, is
both at once: it was written down before anybody could act on it. The order has to be what was
approved: its contract and side, and for one that opens its quantity, its price and its time, too.
One that reduces is bounded by the position instead, and its later generations stand under the same
approval.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.exchange import Placement
from backstay.lab.oracle.references import Reference
from backstay.lab.simulation.outcome import Finding

LAW = "I2"
ON_ITS_WAY_NS = 2 * SECOND_NS
"""So long an order may be under way after its approval has run out: it is asked for when it leaves,
and read off the wire here."""

_ANY_PRICE = Decimal("Infinity")
_SIDES = {"buy": 1, "sell": -1}


@dataclass(frozen=True, slots=True)
class _Approval:
    generation: int
    con_id: int
    sign: int
    quantity: Decimal
    low: Decimal
    high: Decimal
    until_ns: int | None


class Intents:
    """What was ever allowed, and whether what leaves was."""

    def __init__(self) -> None:
        self._approved: dict[tuple[str, int, str], dict[_Approval, None]] = {}
        self._has_histories = False

    def heard(self) -> None:
        """There are histories to judge by."""
        self._has_histories = True

    def allowed(self, approvals: Iterable[Any]) -> None:
        """These were written down."""
        for said in approvals:
            intent = said["intent"]
            key, collar = intent["key"], said["collar"]
            family = key["trade"], key["leg"], key["purpose"]
            approval = _Approval(
                generation=key["generation"],
                con_id=intent["instrument"]["con_id"],
                sign=_SIDES[intent["side"]],
                quantity=Decimal(intent["quantity"]),
                low=Decimal(0) if collar is None else Decimal(collar["low"]),
                high=_ANY_PRICE if collar is None else Decimal(collar["high"]),
                until_ns=_ns(said["valid_until"]),
            )
            self._approved.setdefault(family, {})[approval] = None

    def placed(self, placement: Placement, *, is_new: bool) -> Iterator[Finding]:
        """An order, or a change of one, was read off the wire."""
        reference = placement.reference
        if placement.is_preview:
            return
        if reference is None:
            text = f"order {placement.order_id} was sent with the reference {placement.ref!r}"
            yield Finding(LAW, placement.at_ns, f"{text}, which leads to no trade")
        elif self._has_histories and (why := self._objection(placement, reference, is_new)):
            yield Finding(LAW, placement.at_ns, f"{placement.ref} was sent, and {why}")

    def _objection(self, placement: Placement, reference: Reference, is_new: bool) -> str:
        approvals = self._approved.get(reference.family, {})
        fitting = [each for each in approvals if _is_for(each, reference)]
        if not fitting:
            return "no history had written it down as approved"
        objections = [_misfit(placement, each, reference.opens, is_new) for each in fitting]
        return "" if "" in objections else objections[-1]


def _is_for(approval: _Approval, reference: Reference) -> bool:
    if reference.opens:
        return approval.generation == reference.generation
    return approval.generation <= reference.generation


def _misfit(placement: Placement, approval: _Approval, opens: bool, is_new: bool) -> str:
    if (placement.con_id, placement.sign) != (approval.con_id, approval.sign):
        return "it is in another contract, or on another side, than was approved"
    if not opens:
        return ""
    if placement.quantity > approval.quantity:
        return f"it is for {placement.quantity}; {approval.quantity} were approved"
    prices = () if placement.limit is None else (placement.limit,)
    if any(not approval.low <= price <= approval.high for price in prices):
        return f"its price {placement.limit} lies outside {approval.low} to {approval.high}"
    until = approval.until_ns
    if is_new and until is not None and placement.at_ns > until + ON_ITS_WAY_NS:
        late = (placement.at_ns - until) / SECOND_NS
        return f"its approval had run out {late:.1f} s before"
    return ""


def _ns(moment: str | None) -> int | None:
    if moment is None:
        return None
    return round(datetime.fromisoformat(moment).timestamp()) * SECOND_NS
