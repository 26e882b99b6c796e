"""I7: limits hold when everything in flight is counted, also under concurrent entries.

What is in flight counts as if it were filled. A share is worth what its order was willing to pay:
so a price that moves later breaks no limit, and a fill at a better one makes no room. What others
hold in the account is not ours to bound, and what comes of the market's own doing (a fill after a
cancel, a second order that a modification has left, a split) is counted and not held against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.exchange import NOTHING, Exchange, Placement
from backstay.lab.oracle.premises import Premises
from backstay.lab.simulation.outcome import Finding

LAW = "I7"
JITTER_NS = SECOND_NS // 10
"""Two entries can come so much closer together on their way to the gateway."""

_DAY_NS = 86_400 * SECOND_NS
_NEW_YORK_NS = 5 * 3600 * SECOND_NS


@dataclass(slots=True)
class _Entry:
    at_ns: int
    con_id: int
    trade: str
    quantity: Decimal
    price: Decimal


class Bounds:
    """What is at stake, by entry."""

    def __init__(self, exchange: Exchange, premises: Premises) -> None:
        self._exchange = exchange
        self._limits = premises.limits
        self._symbols = premises.symbols
        self._entries: dict[str, _Entry] = {}
        self._last: dict[int, tuple[int, str]] = {}
        self._today: dict[int, dict[str, None]] = {}

    def placed(self, placement: Placement) -> Iterator[Finding]:
        """An order was read off the wire; if it opens, it counts from here on."""
        reference = placement.reference
        if reference is None or reference.purpose != "EN":
            return
        is_new = placement.ref not in self._entries
        price = placement.limit or NOTHING
        self._entries[placement.ref] = _Entry(
            placement.at_ns, placement.con_id, reference.trade, placement.quantity, price
        )
        texts = [*self._of_order(placement, price), *self._of_account(placement)]
        if is_new:
            texts += self._of_rate(placement)
        for text in texts:
            yield Finding(LAW, placement.at_ns, f"{placement.ref} was sent, and {text}")

    def _of_order(self, placement: Placement, price: Decimal) -> Iterator[str]:
        limits, symbol = self._limits, self._symbols.get(placement.con_id, "")
        value = placement.quantity * price
        if value > limits.order_value_max:
            yield f"it is worth {value}; at most {limits.order_value_max} may be"
        if symbol in limits.blocked_symbols:
            yield f"{symbol} may not be traded"

    def _of_account(self, placement: Placement) -> Iterator[str]:
        """What is at stake with it, in its contract and in all."""
        limits, exposure, in_contract = self._limits, NOTHING, NOTHING
        trades: dict[str, None] = {}
        for ref, entry in self._entries.items():
            at_stake = self._at_stake(ref, entry, placement.at_ns)
            if not at_stake:
                continue
            exposure += at_stake * entry.price
            trades[entry.trade] = None
            if entry.con_id == placement.con_id:
                in_contract += at_stake
        if in_contract > limits.share_position_max:
            yield f"{in_contract} would be held of it; at most {limits.share_position_max} may be"
        if exposure > limits.exposure_max:
            yield f"{exposure} would be at stake in all; at most {limits.exposure_max} may be"
        if len(trades) > limits.open_trades_max:
            yield f"{len(trades)} trades would be open; at most {limits.open_trades_max} may be"

    def _of_rate(self, placement: Placement) -> Iterator[str]:
        limits, at_ns, ref = self._limits, placement.at_ns, placement.ref
        last_ns, last = self._last.get(placement.con_id, (-_DAY_NS, ref))
        apart = Decimal(at_ns - last_ns + JITTER_NS) / SECOND_NS
        if last != ref and apart < limits.entry_interval_seconds_min:
            yield f"{last} was sent less than {limits.entry_interval_seconds_min} s before"
        self._last[placement.con_id] = at_ns, ref
        today = self._today.setdefault((at_ns - _NEW_YORK_NS) // _DAY_NS, {})
        today[ref] = None
        if len(today) > limits.entries_per_day_max:
            yield f"it is the entry number {len(today)} of the day"

    def _at_stake(self, ref: str, entry: _Entry, now_ns: int) -> Decimal:
        """What an entry has filled and is still held, and what it may still fill. What the gateway
        has read is at the exchange in the same instant, or never.
        """
        contract = self._exchange.contract(entry.con_id)
        filled = self._exchange.filled.get(ref, NOTHING)
        living = [order for order in contract.living.values() if order.ref == ref]
        in_flight = sum((order.left for order in living), NOTHING)
        if not living and entry.at_ns == now_ns:
            in_flight = entry.quantity
        held = min(abs(contract.open_of.get(entry.trade, NOTHING)), filled)
        return held + in_flight
