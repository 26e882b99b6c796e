"""How much of a position live exits can close.

Owns the bound that keeps exits from turning a position round: all of them together, the one that is
about to leave included, never close more than there is. Orders of people and of other programs do
not count, because a resting order of theirs must not keep us from protecting what is ours.

A group in which a fill takes from the other members (IB's OCA types 1 and 2, which have overfill
protection) counts once, as its largest member. Type 3 has none, so its members count one by one.
An exit that is attached to an entry sleeps until that fills, and closes what the fill will add.
Where a position has grown by what no execution has told yet, that fill may be in it already: so
much of what seems to sleep counts as awake.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.ids import Effect, IntentKey
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.orders.intent import OrderIntent

_OVERFILL_PROTECTED = (1, 2)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Closing:
    """What can be closed, and what live exits could close before and after one more is sent."""

    closable: Decimal
    own: Decimal
    before: Decimal
    after: Decimal

    @property
    def fits(self) -> bool:
        """Whether the order may leave.

        Where the exits are too large already, because somebody closed by hand, one of them may be
        made smaller: otherwise each would wait for the others to shrink first.
        """
        shrinks = self.after < self.before and self.own <= self.closable
        return shrinks or self.after <= self.closable


def closing(
    intent: OrderIntent,
    live_orders: Iterable[LiveOrder],
    position: Decimal,
    untold: Decimal = _NOTHING,
) -> Closing:
    """What sending `intent` means for a `position` on which `live_orders` work, and of which no
    execution has told `untold` yet.
    """
    exits: dict[IntentKey, LiveOrder] = {}
    entries: list[LiveOrder] = []
    for order in live_orders:
        reduces = order.key.purpose.effect is Effect.REDUCES
        if reduces and order.side is intent.side:
            exits[order.key] = order
        elif not reduces and order.side is not intent.side:
            entries.append(order)
    closable = max(-intent.side.signed(position), _NOTHING)
    known = exits.get(intent.key)
    mine = LiveOrder.of(intent, known.filled if known else _NOTHING)
    grown = max(-intent.side.signed(untold), _NOTHING)
    if not exits:
        own = _closed_alone(mine, entries, grown)
        return Closing(closable, own, before=_NOTHING, after=own)
    own = _closed_at_most([mine], entries, grown)
    before = _closed_at_most(exits.values(), entries, grown)
    after = _closed_at_most((exits | {mine.key: mine}).values(), entries, grown)
    return Closing(closable, own, before, after)


def _closed_alone(order: LiveOrder, entries: Iterable[LiveOrder], grown: Decimal) -> Decimal:
    """What a single exit could take from the position of now: the usual case, and the quick one."""
    to_come = [entry.unfilled for entry in entries if entry.key == order.parent]
    awake = max(_NOTHING, order.unfilled - sum(to_come))
    return min(awake + grown, order.unfilled)


def _closed_at_most(
    exits: Collection[LiveOrder], entries: Iterable[LiveOrder], grown: Decimal
) -> Decimal:
    """What `exits` could take from the position of now, which may have `grown` by fills of the
    entries already.
    """
    asleep = _closed(exits, entries)
    return min(asleep + grown, _closed(exits, ())) if grown else asleep


def _closed(exits: Iterable[LiveOrder], entries: Iterable[LiveOrder]) -> Decimal:
    """What `exits` could take; what an entry will add to the position is given once."""
    to_come: dict[IntentKey | None, Decimal] = {entry.key: entry.unfilled for entry in entries}
    total = _NOTHING
    for members in _groups(exits):
        taken = [order.unfilled - to_come.get(order.parent, _NOTHING) for order in members]
        total += max(_NOTHING, *taken)
        for parent in to_come.keys() & {order.parent for order in members}:
            given = max(order.unfilled for order in members if order.parent == parent)
            to_come[parent] = max(to_come[parent] - given, _NOTHING)
    return total


def _groups(exits: Iterable[LiveOrder]) -> Iterable[list[LiveOrder]]:
    """The orders of which only one can fill completely, together; in the order of their keys."""
    groups: dict[str, list[LiveOrder]] = {}
    for order in sorted(exits, key=lambda each: each.key):
        protected = order.oca is not None and order.oca.type in _OVERFILL_PROTECTED
        name = order.oca.name if order.oca and protected else order.key.order_ref
        groups.setdefault(name, []).append(order)
    return groups.values()
