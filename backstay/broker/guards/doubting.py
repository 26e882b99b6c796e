"""Whether prices still mean what they did, once the stop at the broker has vanished.

Where a stock is split, the broker cancels every order in it: positions and prices are in other
shares from then on, and what would be a breach of the old stop is none. So where a stop has
vanished the broker is asked anew what is held, before another one is placed and before a price
decides on anything. Where that is not what is guarded, nothing is decided here any more until a
person has said where the stop is to be, or the position is again as it should be.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.broker.doors.wire import EdgeError
from backstay.broker.errands import Alarm
from backstay.broker.guards.claims import Others
from backstay.broker.guards.sight import Sight
from backstay.broker.guards.tranche import Tranche
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.guards import Guard
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import OrderIntent, Stop, StopLimit
from backstay.domain.positions.splits import has_jumped, means_the_same
from backstay.domain.sides import Side
from backstay.domain.ticks.sources import price_of

STANDS_AFTER = timedelta(seconds=2)
"""Positions, executions and other guards are told apart: what differs for so long differs."""

LOOK_EVERY = timedelta(seconds=1)


class Doubting:
    """The doubts of one guard; as long as there are any, its sight rests."""

    def __init__(
        self,
        guard: Guard,
        tranche: Tranche,
        others: Callable[[], Others],
        sight: Sight,
        rooms: Rooms,
        look: Callable[[], None],
    ) -> None:
        """`look` is called once the broker has said what is held."""
        self._look = look
        self._guard = guard
        self._tranche = tranche
        self._others = others
        self._sight = sight
        self._rooms = rooms
        self._vanished: IntentKey | None = None
        self._since = rooms.now()
        self._price_before: Decimal | None = None
        self._overruled: Decimal | None = None
        self._told: tuple[IntentKey, Decimal] | None = None

    def has_none(self, vanished: OrderIntent, again: Alarm) -> bool:
        """Whether the stop that has vanished may be followed by another one; if not, `again` rings
        when that is to be looked at anew.
        """
        now = self._rooms.now()
        if vanished.key != self._vanished:
            self._vanished, self._since, self._price_before = vanished.key, now, self._price
            self._rooms.errands.begin(f"what is held for {self._guard.key}", self._ask)
        has_stood = now >= self._since + STANDS_AFTER
        is_clear = (self._is_told_anew or has_stood) and self._is_as_before(vanished, has_stood)
        self._sight.rest(is_resting=not is_clear)
        if not is_clear:
            again.set(now + LOOK_EVERY if has_stood else self._since + STANDS_AFTER)
            if has_stood:
                self._tell(vanished, now)
        return is_clear

    def is_over(self) -> None:
        """A stop stands again."""
        self._vanished = None
        self._sight.rest(is_resting=False)

    def overrule(self) -> None:
        """A person has said where the stop is to be, with so much held as there is."""
        self._overruled = self._held

    def _is_as_before(self, vanished: OrderIntent, has_stood: bool) -> bool:
        held = self._held
        guarded = self._tranche.open_before_hands + self._others().open_quantity
        jumped = self._has_jumped(vanished)
        is_overruled = held == self._overruled
        return is_overruled or means_the_same(held, guarded, has_stood=has_stood, has_jumped=jumped)

    def _has_jumped(self, vanished: OrderIntent) -> bool:
        """Whether the price is far from where it was; or, where that is not known, so that the stop
        would fire as soon as it stood.
        """
        price, before = self._price, self._price_before
        if price is None or not isinstance(vanished.terms, Stop | StopLimit):
            return True
        if before is not None:
            return has_jumped(before, price)
        trigger = vanished.terms.trigger
        return price <= trigger if vanished.side is Side.SELL else price >= trigger

    @property
    def _price(self) -> Decimal | None:
        """What one is worth, by what the stop is judged on."""
        quote = self._rooms.watch.quote(self._guard.instrument.con_id)
        return None if quote is None else price_of(quote, self._guard.source)

    async def _ask(self) -> None:
        """Have the broker say anew what is held; where it doesn't, time decides."""
        try:
            await self._rooms.session.read_positions()
        except EdgeError:
            return
        # What has come meanwhile is heard in the same turn, but looked at only if it is news.
        self._look()

    @property
    def _is_told_anew(self) -> bool:
        """Whether what is held was asked for, and told completely, since the stop vanished."""
        told_at = self._rooms.inbox.completeness.positions_at
        return told_at is not None and told_at >= self._since

    @property
    def _held(self) -> Decimal:
        return abs(self._rooms.inbox.position(self._guard.instrument.con_id))

    def _tell(self, vanished: OrderIntent, now: datetime) -> None:
        """Once for each stop and position."""
        told = (vanished.key, self._held)
        if self._told == told:
            return
        self._told = told
        guarded = plain(self._tranche.open_before_hands + self._others().open_quantity)
        text = (
            f"the stop for {vanished.instrument.symbol} is gone, and {plain(self._held)} are held"
            f" where {guarded} are guarded: was it split? Nothing is put back, and no price leaves"
            " the position, until you move its stop, or leave it"
        )
        self._rooms.tell(Notice(IncidentKind.NAKED_POSITION, str(vanished.key), text, now))
