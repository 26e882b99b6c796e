"""What of a trade is open in one contract, and what of that no order at the broker covers.

All legs of the trade count together: the position is one. What was entered on a day that can't be
read any more is known only from whoever answers for it, and is believed as far as the broker holds
that much.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from backstay.broker.doors.knowing import Inbox, Registered
from backstay.domain.figures import total
from backstay.domain.ids import Effect, Purpose
from backstay.domain.orders.view import OrderView
from backstay.domain.profile import BrokerProfile
from backstay.domain.protection.cover import StopAtBroker, covering
from backstay.domain.protection.naked import Cover, naked_quantity

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class AnsweredFor:
    """A leg as whoever answers for it has it: what it is in all, and what of that somebody else has
    closed.
    """

    quantity: Decimal
    taken: Decimal = _NOTHING


@dataclass(slots=True)
class _Leg:
    """The orders of one leg in the contract."""

    entered: Decimal = _NOTHING
    closed: Decimal = _NOTHING
    entry_can_fill: bool = False
    reducing: list[tuple[Registered, OrderView]] = field(default_factory=list)

    def take(self, known: Registered, view: OrderView | None) -> None:
        """One more order, the generations in their order: only the newest entry can still fill."""
        if known.key.purpose.effect is Effect.OPENS:
            self.entered += view.filled if view is not None else _NOTHING
            self.entry_can_fill = view is None or not view.is_settled
        elif known.key.purpose.effect is Effect.REDUCES and view is not None:
            self.closed += view.filled
            self.reducing.append((known, view))


def naked_of(
    inbox: Inbox,
    trade: str,
    con_id: int,
    answered_for: Mapping[int, AnsweredFor],
    profile: BrokerProfile,
) -> Decimal:
    """How much of a trade's position in a contract stands naked now.

    `answered_for` is each leg as far as somebody answers for it.
    """
    legs: defaultdict[int, _Leg] = defaultdict(_Leg)
    for key in inbox.keys_of(trade):
        known = inbox.registered(key)
        if known is not None and known.con_id == con_id:
            legs[key.leg].take(known, inbox.view(key))
    seen = total(leg.entered - leg.closed for leg in legs.values())
    seen -= total(each.taken for each in answered_for.values())
    told = total(
        max(each.quantity - each.taken - legs[number].closed, _NOTHING)
        for number, each in answered_for.items()
    )
    open_quantity = max(seen, min(told, abs(inbox.position(con_id))), _NOTHING)
    covers = (
        _cover(known, view, leg, open_quantity, profile)
        for leg in legs.values()
        for known, view in leg.reducing
    )
    return naked_quantity(open_quantity, covers)


def _cover(
    known: Registered, order: OrderView, leg: _Leg, open_quantity: Decimal, profile: BrokerProfile
) -> Cover:
    oca = known.intent.oca if known.intent is not None else None
    group = oca.name if oca is not None else None
    if known.key.purpose is not Purpose.PROTECT:
        return Cover(order.working, group)
    quantity = covering(
        StopAtBroker(known.key, order, known.is_attached),
        entry_can_fill=leg.entry_can_fill,
        open_quantity=open_quantity,
        profile=profile,
    )
    return Cover(quantity, group)
