"""How large a tranche is by now, what of it is closed, and what can be.

It counts what was asked for, what the entry has filled since, and what the leg's own orders have
closed; and it never takes more for closable than the broker holds.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Protocol

from backstay.broker.doors.knowing import Inbox
from backstay.broker.guards.claims import Others
from backstay.domain.edge.guards import Headway
from backstay.domain.figures import total
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.orders.summary import OrderSummary, summary_of
from backstay.domain.orders.view import OrderView
from backstay.domain.sides import Side


class Watched(Protocol):
    """What names a tranche: the key of its first exit, what it holds, and how much of it."""

    @property
    def key(self) -> IntentKey:
        """The key of its first exit."""

    @property
    def instrument(self) -> Instrument:
        """What it holds."""

    @property
    def quantity(self) -> Decimal:
        """What it is in all."""


class Tranche:
    """One tranche, as the inbox shows it; what closes it is of `side`."""

    def __init__(
        self,
        watched: Watched,
        side: Side,
        inbox: Inbox,
        others: Callable[[], Others],
        headway: Headway | None = None,
    ) -> None:
        """`headway` is that of a guard: what the entry has filled beyond what it knows of has come
        late.
        """
        self._leg = (watched.key.trade, watched.key.leg)
        self._con_id = watched.instrument.con_id
        self._side = side
        self._inbox = inbox
        self._others = others
        self.given = watched.quantity
        """What it is in all, as was asked, with what was filled since."""
        self.counted = self._entered
        """What the entries had filled of which that quantity knows."""
        self.split_off = Decimal(0)
        self.taken = Decimal(0)
        """What somebody else has closed of it."""
        self._has_parts = headway is not None
        self._known_entry = headway.entry if headway is not None else None
        if headway is not None:
            self.split_off = headway.split_off
            known = headway.entered
            self.counted = self.given + self.split_off if known is None else known
            self.count_late_fills()

    def split(self, part: Decimal) -> None:
        """So much less is it from now on."""
        self.given, self.split_off = self.given - part, self.split_off + part

    def resize(self, quantity: Decimal) -> None:
        """It is of this quantity; what the entry has filled by now is in it."""
        self.given, self.counted = quantity, self._entered

    def goes_on(self, quantity: Decimal, entered: Decimal | None) -> None:
        """It was of this quantity when so much was known to be entered; the rest has come late."""
        self.given = quantity
        if entered is not None:
            self.counted = entered
            self.count_late_fills()

    def count_late_fills(self) -> bool:
        """Add what the entry has filled since; whether there was any."""
        late = self._entered - self.counted
        if late > 0:
            self.given, self.counted = self.given + late, self.counted + late
        return late > 0

    @property
    def reducing(self) -> tuple[IntentKey, ...]:
        """The orders of the leg that reduce, as far as they are known."""
        return tuple(key for key in self._keys if key.purpose.effect is Effect.REDUCES)

    @property
    def exits(self) -> tuple[IntentKey, ...]:
        """The exits of the leg that have left, whoever sent them."""
        return tuple(key for key in self.reducing if key.purpose.is_exit)

    @property
    def open_quantity(self) -> Decimal:
        """What is still to be closed."""
        return self.quantity - self.closed

    @property
    def closed(self) -> Decimal:
        """What the leg's own orders have closed."""
        return _filled(self._inbox.view(key) for key in self.reducing)

    @property
    def quantity(self) -> Decimal:
        """What it is in all, without what somebody else has closed."""
        return self._whole - self._left_unasked - self.taken

    @property
    def open_before_hands(self) -> Decimal:
        """What would be open if nobody else had closed anything."""
        return max(self._whole - self._left_unasked - self.closed, Decimal(0))

    @property
    def open_by_executions(self) -> Decimal:
        """The same, were the entry's executions all that there is to know of it."""
        return max(self._executed - self._left_unasked - self.closed, Decimal(0))

    def open_after(self, part: Decimal) -> Decimal:
        """What would be open, and held, once a part is split off; that part may have left before,
        led by a process that is gone.
        """
        left = min(self._left_unasked, part)
        rest = self.open_quantity + left - part
        return min(rest, self.held_open) if self.is_held else rest

    @property
    def _left_unasked(self) -> Decimal:
        """What has left as parts of which it is not known here that they were split off."""
        if not self._has_parts:
            return Decimal(0)
        return max(
            _filled(self._inbox.view(key) for key in self._parts) - self.split_off, Decimal(0)
        )

    def missing(self, others: Decimal, older: Decimal) -> Decimal:
        """What the broker does not hold of it, where other tranches of the contract hold so much,
        and the `older` ones lose first.
        """
        mine = self.open_before_hands
        missing = mine + others - (self._held if self.is_held else Decimal(0))
        return min(max(missing - older, Decimal(0)), mine)

    @property
    def _whole(self) -> Decimal:
        """What was entered, where a correction has taken some of it back: smaller than it was
        asked for only if both the entry's executions and the position say so. What was entered on
        another day is in the position alone. What others have executed of that position is theirs,
        and so is what rests there for an entry that nobody watches yet.
        """
        executed = self._executed
        if executed >= self.given:
            return self.given
        others = self._others()
        mine = max(self._held - others.executed - self._unclaimed(others), Decimal(0))
        return min(self.given, max(executed, mine + self.closed))

    def _unclaimed(self, others: Others) -> Decimal:
        """What the orders of legs that nobody watches yet would close: a position can tell of what
        their entries have filled before executions do, and a guard begins after both.
        """
        watched, largest = others.legs | {self._leg}, dict[tuple[str, int], Decimal]()
        for order in self._inbox.live_orders(self._con_id):
            leg = (order.key.trade, order.key.leg)
            reduces = order.side is self._side and order.key.purpose.effect is Effect.REDUCES
            if reduces and leg not in watched:
                rest = order.quantity - order.filled
                largest[leg] = max(largest.get(leg, Decimal(0)), rest)
        return total(largest.values())

    @property
    def _executed(self) -> Decimal:
        """What it is in all by the executions of its entry, as far as they can be read."""
        views = (self._inbox.view(key) for key in self._entries)
        whole = [view for view in views if view and view.executions and not view.unbooked]
        if not whole:
            return self.given
        return min(self.given, _filled(whole) - self.split_off)

    @property
    def closable(self) -> Decimal:
        """What of it can be closed without going past flat: an order for more would be refused, and
        leave the whole of it without one.
        """
        quantity = self.quantity
        return min(quantity, self._held + self.closed) if self.is_held else quantity

    @property
    def held_open(self) -> Decimal:
        """What is still to be closed, as far as the broker holds it."""
        return self.closable - self.closed

    @property
    def summaries(self) -> tuple[OrderSummary, ...]:
        """The orders of the leg that reduce, in a few figures each, and what is `elsewhere`."""
        views = ((key, self._inbox.view(key)) for key in self.reducing)
        own = (summary_of(key, view) for key, view in views if view is not None)
        return (*own, *self.elsewhere)

    @property
    def elsewhere(self) -> tuple[OrderSummary, ...]:
        """The same of the trade's other legs in this contract, as far as executions were read: what
        has led those out may have been over before the broker took one back, or told of another.
        """
        views = ((key, self._inbox.view(key)) for key in self._parts)
        return tuple(summary_of(key, view) for key, view in views if view and view.executions)

    @property
    def entry(self) -> OrderSummary | None:
        """The order of the leg's entry, where its executions come to just what the tranche is in
        all: what was executed on another day can't be read any more, and is what it was when the
        last watch could.
        """
        keys = self._entries
        view = self._inbox.view(keys[0]) if len(keys) == 1 else None
        is_read = view is not None and view.executions and not view.unbooked
        entry = summary_of(keys[0], view) if view is not None and is_read else self._known_entry
        is_all = entry is not None and entry.filled == self._whole + self.split_off
        return entry if is_all else None

    @property
    def is_held(self) -> bool:
        """Whether the broker holds anything that this guard could close."""
        return self._side.signed(self._inbox.position(self._con_id)) < 0

    @property
    def _held(self) -> Decimal:
        return abs(self._inbox.position(self._con_id))

    @property
    def _keys(self) -> tuple[IntentKey, ...]:
        trade, leg = self._leg
        return tuple(key for key in self._inbox.keys_of(trade) if key.leg == leg)

    @property
    def _parts(self) -> Iterator[IntentKey]:
        """The orders by which parts of the trade have left its position in this contract."""
        trade, leg = self._leg
        for key in self._inbox.keys_of(trade):
            if key.leg != leg and key.purpose.effect is Effect.REDUCES:
                known = self._inbox.registered(key)
                if known is not None and known.con_id == self._con_id:
                    yield key

    @property
    def _entries(self) -> tuple[IntentKey, ...]:
        return tuple(key for key in self._keys if key.purpose.effect is not Effect.REDUCES)

    @property
    def _entered(self) -> Decimal:
        """What the entries of the leg have filled, as far as it can be read."""
        return _filled(self._inbox.view(key) for key in self._entries)


def _filled(views: Iterable[OrderView | None]) -> Decimal:
    return total(view.filled for view in views if view is not None)
