"""The stop at the broker, while a position is guarded.

It follows the engine's own stop, by steps worth a message. And it is put back where it has vanished
while its quantity is open: cancelled by hand, or lost over night. A second time within a minute it
is left to a person: somebody does not want it there.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.broker.doors import Left
from backstay.broker.errands import Alarm
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import Modified
from backstay.domain.edge.guards import Guard
from backstay.domain.edge.submission import Submission
from backstay.domain.figures import plain
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import OrderIntent, Stop, StopLimit
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.follow import MOVES_EVERY, may_move, next_disaster_trigger
from backstay.domain.protection.stops import disaster_stop

LEFT_TO_A_PERSON_WITHIN = timedelta(minutes=1)


class Shielding:
    """The stop of one guard at the broker."""

    def __init__(self, guard: Guard, rooms: Rooms) -> None:
        self._guard = guard
        self._rooms = rooms
        self._alarm = Alarm(rooms.now, self._follow_later)
        self._moved_at: datetime | None = None
        self._put_back_at: datetime | None = None
        self._is_left_to_a_person = False
        self._is_following = True
        self._thinned_out: tuple[int, ...] = ()
        self._engine_stop: Decimal | None = None
        self.shield = guard.shield

    def follow(self, engine_stop: Decimal, asked: Asked) -> None:
        """The engine's stop stands there now: move the one at the broker after it."""
        self._engine_stop, self._asked = engine_stop, asked
        shield, percent, now = self.shield, self._guard.disaster_pct, self._rooms.now()
        if shield is None or percent is None or not isinstance(shield.terms, Stop | StopLimit):
            return
        grid = shield.instrument.grid
        wanted = next_disaster_trigger(
            shield.side, shield.terms.trigger, engine_stop, percent, grid
        )
        if wanted is None:
            return
        degraded = not self._rooms.session.may_modify
        if self._moved_at is not None and not may_move(self._moved_at, now, is_degraded=degraded):
            self._alarm.set(max(self._moved_at + MOVES_EVERY, now + timedelta(seconds=1)))
            return
        self._move(shield, self._at(shield, wanted), asked)

    def _move(self, shield: OrderIntent, moved: OrderIntent, asked: Asked) -> None:
        """It stands where it stood until the broker shows it elsewhere."""

        async def move() -> None:
            submission = Submission(self._guard.protection, moved, asked)
            answer = await self._rooms.desk.modify(submission)
            if self.shield is shield and isinstance(answer, Modified):
                self.shield = moved
            elif self.shield is shield and self._is_following:
                self._alarm.set(self._rooms.now() + MOVES_EVERY)

        self._moved_at = self._rooms.now()
        self._rooms.errands.begin(f"move {shield.key}", move)

    def thin_out(self, view: OrderView, open_quantity: Decimal) -> None:
        """Where a modification has left a second stop alive beside the first, both together would
        close more than there is: a cancel reaches one of them.
        """
        twins = view.surviving_perm_ids
        if self.shield is None or len(twins) < 2 or view.working <= open_quantity:  # noqa: PLR2004
            return
        if self._thinned_out != twins:
            self._thinned_out = twins
            self._rooms.desk.cancel_now(self.shield.key)

    def fit(self, view: OrderView, open_quantity: Decimal, asked: Asked) -> None:
        """Where a correction has left less than the stop would close, it is made smaller."""
        shield, surplus = self.shield, view.working - open_quantity
        if shield is None or surplus <= 0 or open_quantity <= 0 or view.is_cancelling:
            return
        smaller = replace(shield, quantity=view.filled + open_quantity)
        if smaller.quantity < shield.quantity:
            self._move(shield, smaller, asked)

    def put_back(self, open_quantity: Decimal, asked: Asked) -> None:
        """The stop is proven over and so much is open: place the next one."""
        if self.shield is None or self._is_left_to_a_person or open_quantity <= 0:
            return
        now, vanished = self._rooms.now(), self.shield
        self._is_left_to_a_person = (
            self._put_back_at is not None and now - self._put_back_at < LEFT_TO_A_PERSON_WITHIN
        )
        ends = "left to you" if self._is_left_to_a_person else "put back"
        text = f"the stop for {plain(open_quantity)} {vanished.instrument.symbol} is gone; {ends}"
        self._rooms.tell(Notice(IncidentKind.NAKED_POSITION, str(vanished.key), text, now))
        if self._is_left_to_a_person:
            return
        self._put_back_at = now
        again = self._next(vanished, open_quantity)
        desk = self._rooms.desk
        submission = Submission(self._guard.protection, again, asked)
        if isinstance(desk.release(desk.prepare(submission)), Left):
            self.shield = again

    def close(self) -> None:
        """Follow no more."""
        self._is_following = False
        self._alarm.clear()

    def _follow_later(self) -> None:
        if self._engine_stop is not None:
            self.follow(self._engine_stop, self._asked)

    def _at(self, shield: OrderIntent, trigger: Decimal) -> OrderIntent:
        """The same order with the terms of a disaster stop at `trigger`."""
        there = disaster_stop(
            shield.key,
            shield.account,
            shield.instrument,
            -shield.signed_quantity,
            trigger,
            held_outside_regular_hours=shield.outside_regular_hours,
        )
        return replace(shield, terms=there.terms)

    def _next(self, vanished: OrderIntent, quantity: Decimal) -> OrderIntent:
        """The same stop, alone, under the next key that nobody has used."""
        inbox, key = self._rooms.inbox, vanished.key
        used = [
            known.generation
            for known in inbox.keys_of(key.trade)
            if (known.leg, known.purpose) == (key.leg, key.purpose)
        ]
        generation = max([key.generation, *used]) + 1
        return replace(
            vanished,
            key=replace(key, generation=generation),
            quantity=quantity,
            parent=None,
            oca=None,
        )
