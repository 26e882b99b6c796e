"""The stop at the broker, while a position is guarded.

It follows the engine's own stop, by steps worth a message. And it is put back where it has vanished
while its quantity is open: cancelled by hand, or lost over night. A second time within a minute it
is left to a person: somebody does not want it there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.broker.arms.protector import TRIES_APART, TRIES_MAX
from backstay.broker.doors.ordering import Left
from backstay.broker.errands import Alarm, Errand
from backstay.broker.guards.asking import Asking
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.changing import Modified
from backstay.domain.edge.guards import Guard
from backstay.domain.edge.looking import Absent
from backstay.domain.edge.submission import Submission
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import OrderIntent, Stop, StopLimit
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.cover import NAKED_AT_MOST, StopAtBroker
from backstay.domain.protection.follow import MOVES_EVERY, may_move, next_disaster_trigger
from backstay.domain.protection.stops import disaster_stop

LEFT_TO_A_PERSON_WITHIN = timedelta(minutes=1)
LOOK_AGAIN_AFTER = timedelta(seconds=1)
ASK_AGAIN_AFTER = timedelta(seconds=5)


class Shielding:
    """The stop of one guard at the broker."""

    def __init__(
        self, guard: Guard, asking: Asking, rooms: Rooms, look: Callable[[], None]
    ) -> None:
        self._guard = guard
        self._asking = asking
        self._rooms = rooms
        self._again = Alarm(rooms.now, look)
        self._alarm = Alarm(rooms.now, self._follow_later)
        self._moved_at: datetime | None = None
        self._stood_at: datetime | None = None
        self._try_at = rooms.now()
        self._tries = 0
        self._told: tuple[IntentKey, str] | None = None
        self._silent_since: datetime | None = None
        self._is_left_to_a_person = False
        self._is_following = True
        self._thinned_out: tuple[int, ...] = ()
        self._engine_stop: Decimal | None = None
        self.shield = guard.shield

    def follow(self, engine_stop: Decimal) -> None:
        """The engine's stop stands there now: move the one at the broker after it."""
        self._engine_stop = engine_stop
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
        self._move(shield, self._at(shield, wanted))

    def _move(self, shield: OrderIntent, moved: OrderIntent) -> None:
        """It stands where it stood until the broker shows it elsewhere."""

        async def move() -> None:
            asked = self._asking.about(moved.key)
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

    def fit(self, view: OrderView, open_quantity: Decimal) -> None:
        """Where a correction has left less than the stop would close, it is made smaller."""
        shield, surplus = self.shield, view.working - open_quantity
        if shield is None or surplus <= 0 or open_quantity <= 0 or view.is_cancelling:
            return
        smaller = replace(shield, quantity=view.filled + open_quantity)
        if smaller.quantity < shield.quantity:
            self._move(shield, smaller)

    def stands(self, shield: OrderIntent | None) -> None:
        """This is the stop at the broker from now on."""
        self.shield = shield
        self._is_left_to_a_person = False

    def look_again(self) -> None:
        """Others see to the stops, and do not say when they are done."""
        self._again.set(self._rooms.now() + LOOK_AGAIN_AFTER)

    def adopt(self, living: tuple[StopAtBroker, ...]) -> None:
        """The stop that was known is gone, and others stand: whoever answered for the leg before
        has placed them.
        """
        known = [self._rooms.inbox.registered(stop.key) for stop in living]
        intents = [each.intent for each in known if each is not None and each.intent is not None]
        if intents:
            self.shield = intents[-1]

    def put_back(self, open_quantity: Decimal) -> None:
        """The stop is proven over and so much is open: place the next one. One that somebody takes
        away twice is left to them; one that the broker would not have, or never had, is tried
        again, ever more slowly.
        """
        if self.shield is None or self._is_left_to_a_person or open_quantity <= 0:
            return
        now, vanished = self._rooms.now(), self.shield
        if now < self._try_at:
            self._again.set(self._try_at)
            return
        view = self._rooms.inbox.view(vanished.key)
        stood = view is not None and view.is_acknowledged and view.rejection is None
        is_hunted = self._stood_at is not None and now - self._stood_at < LEFT_TO_A_PERSON_WITHIN
        self._tries = 0 if stood else self._tries + 1
        self._is_left_to_a_person = (stood and is_hunted) or self._tries >= TRIES_MAX
        self._stood_at = now if stood else self._stood_at
        self._tell_gone(vanished, open_quantity)
        if self._is_left_to_a_person:
            return
        self._try_at = now + TRIES_APART[min(self._tries, len(TRIES_APART) - 1)]
        self._place(self._next(vanished, open_quantity))

    def _place(self, again: OrderIntent) -> None:
        desk = self._rooms.desk
        asked = self._asking.about(again.key)
        submission = Submission(self._guard.protection, again, asked)
        if isinstance(desk.release(desk.prepare(submission)), Left):
            self.shield, self._silent_since = again, self._rooms.now()
            self._again.set(self._silent_since + NAKED_AT_MOST)
        else:
            self._again.set(self._try_at)

    def _tell_gone(self, vanished: OrderIntent, open_quantity: Decimal) -> None:
        """Once for each stop, and once that no other follows."""
        ends = "left to you" if self._is_left_to_a_person else "put back"
        told = (vanished.key, ends)
        if self._told == told:
            return
        self._told = told
        text = f"the stop for {plain(open_quantity)} {vanished.instrument.symbol} is gone; {ends}"
        now = self._rooms.now()
        self._rooms.tell(Notice(IncidentKind.NAKED_POSITION, str(vanished.key), text, now))

    def ask_about(self, stops: tuple[StopAtBroker, ...]) -> None:
        """Of these nothing is known but that they were sent: after a while the broker is asked."""
        now = self._rooms.now()
        if not stops:
            self._silent_since = None
            return
        if self._silent_since is None:
            self._silent_since = now
        if now < self._silent_since + NAKED_AT_MOST:
            self._again.set(self._silent_since + NAKED_AT_MOST)
            return
        for stop in stops:
            self._rooms.errands.begin(f"ask about {stop.key} for its guard", self._asked(stop.key))
        self._again.set(now + ASK_AGAIN_AFTER)

    def _asked(self, key: IntentKey) -> Errand:
        con_id, asked = self._guard.instrument.con_id, self._asking.about(key)

        async def find() -> None:
            if isinstance(await self._rooms.desk.find(key, con_id, asked), Absent):
                self._again.set(self._rooms.now())

        return find

    def close(self) -> None:
        """Follow no more."""
        self._is_following = False
        self._alarm.clear()
        self._again.clear()

    def _follow_later(self) -> None:
        if self._engine_stop is not None:
            self.follow(self._engine_stop)

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
