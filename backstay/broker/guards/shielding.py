"""The stop at the broker, while a position is guarded.

It follows the engine's own stop, by steps worth a message. And it is put back where it has vanished
while its quantity is open: cancelled by hand, or lost over night. A second time within a minute it
is left to a person: somebody does not want it there.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.broker.arms.books import leg_books
from backstay.broker.arms.protector import TRIES_APART, TRIES_MAX
from backstay.broker.doors.ordering import Left
from backstay.broker.errands import Alarm, Errand
from backstay.broker.guards.asking import Asking
from backstay.broker.guards.doubting import Doubting
from backstay.broker.guards.shapes import Shape, shapes_of
from backstay.broker.guards.tranche import Tranche
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.changing import Modified
from backstay.domain.edge.guards import Guard
from backstay.domain.edge.looking import Absent
from backstay.domain.edge.submission import Submission
from backstay.domain.exits.events import Alarm as LadderAlarm
from backstay.domain.exits.ladder import Told
from backstay.domain.figures import plain, total, whole
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import OrderIntent, Stop, StopLimit
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.cover import NAKED_AT_MOST, StopAtBroker
from backstay.domain.protection.follow import MOVES_EVERY, may_move, next_disaster_trigger
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side

LEFT_TO_A_PERSON_WITHIN = timedelta(minutes=1)
LOOK_AGAIN_AFTER = timedelta(seconds=1)
ASK_AGAIN_AFTER = timedelta(seconds=5)


class Shielding:
    """The stop of one guard at the broker."""

    def __init__(
        self,
        guard: Guard,
        asking: Asking,
        doubting: Doubting,
        rooms: Rooms,
        look: Callable[[], None],
    ) -> None:
        self._guard = guard
        self._asking = asking
        self._doubting = doubting
        self._rooms = rooms
        self._look = look
        self._again = Alarm(rooms.now, look)
        self._alarm = Alarm(rooms.now, self._follow_later)
        self._moved_at: datetime | None = None
        self._is_free = asyncio.Event()
        """Whether no change of a stop is under way: two at once would undo each other."""
        self._is_free.set()
        self._fit_at = rooms.now()
        self._why_not = ""
        self._stood_at: datetime | None = None
        self._try_at = rooms.now()
        self._tries = 0
        self._told: tuple[IntentKey, str] | None = None
        self._silent_since: datetime | None = None
        self._is_left_to_a_person = False
        self._is_following = True
        self._may_loosen = False
        self._thinned_out: tuple[int, ...] = ()
        self._engine_stop: Decimal | None = None
        self._fraction = Decimal(0)
        self.shield = guard.shield
        self.told: tuple[Told, ...] = ()
        """What a way out need not tell any more."""

    def follow(self, engine_stop: Decimal, *, is_by_hand: bool = False) -> None:
        """The engine's stop stands there now: move the one at the broker after it. It comes closer;
        only after a hand it goes further away as well, or it would act before the engine's.
        """
        self._engine_stop = engine_stop
        self._may_loosen = self._may_loosen or is_by_hand
        shield, percent, now = self.shield, self._guard.disaster_pct, self._rooms.now()
        if shield is None or not isinstance(shield.terms, Stop | StopLimit):
            return
        if is_by_hand and not self._living:
            self._doubting.overrule()
            self.shield = self._at(shield, self._anew(shield.terms.trigger, engine_stop))
            self._look()
            return
        if percent is None:
            return
        wanted = next_disaster_trigger(
            shield.side,
            shield.terms.trigger,
            engine_stop,
            percent,
            shield.instrument.grid,
            may_loosen=self._may_loosen,
        )
        if wanted is None:
            self._may_loosen = False
            return
        degraded = not self._rooms.session.may_modify
        if self._moved_at is not None and not may_move(self._moved_at, now, is_degraded=degraded):
            self._alarm.set(max(self._moved_at + MOVES_EVERY, now + timedelta(seconds=1)))
            return
        if not self._is_free.is_set():
            self._alarm.set(now + timedelta(seconds=1))
            return
        self._moved_at = now
        self._change(self._at(shield, wanted))

    def _anew(self, trigger: Decimal, engine_stop: Decimal) -> Decimal:
        """Where it is put back, while none stands: never so that it acts before the engine's."""
        shield, percent = self._guard.ladder.shield, self._guard.disaster_pct
        if percent is None:
            nearer = max if shield.side is Side.BUY else min
            return nearer(trigger, engine_stop)
        grid = shield.instrument.grid
        wanted = next_disaster_trigger(
            shield.side, trigger, engine_stop, percent, grid, may_loosen=True
        )
        return trigger if wanted is None else wanted

    def _change(self, wanted: OrderIntent) -> None:
        """It stands where it stood until the broker shows it elsewhere."""
        self._is_free.clear()

        async def change() -> None:
            try:
                if not await self._is_changed_into(wanted) and self._is_following:
                    self._alarm.set(self._rooms.now() + MOVES_EVERY)
                    self._fit_at = self._rooms.now() + LOOK_AGAIN_AFTER
            finally:
                self._is_free.set()
            self._look()

        if not self._rooms.errands.begin(f"change {wanted.key} for its guard", change):
            self._is_free.set()

    async def _is_changed_into(self, wanted: OrderIntent) -> bool:
        submission = Submission(self._guard.protection, wanted, self._asking.about(wanted.key))
        answer = await self._rooms.desk.modify(submission)
        if not isinstance(answer, Modified):
            self._why_not = f"the stop {wanted.key} is not smaller: {answer.kind}"
            return False
        if self.shield is not None and self.shield.key == wanted.key:
            self.shield = wanted
        return True

    async def shrink(self, rest: Callable[[], Decimal]) -> str:
        """Have the broker show the stops for no more than the rest; or why it does not."""
        while not self._is_free.is_set():
            await self._is_free.wait()
        self._is_free.clear()
        try:
            return await self._shrunk(self._living, rest())
        finally:
            self._is_free.set()

    async def _shrunk(self, living: tuple[StopAtBroker, ...], rest: Decimal) -> str:
        shapes = shapes_of(living, self._rooms.inbox)
        if shapes is None:
            return "not every stop at the broker stands as it should"
        surplus = total(shape.open_quantity for shape in shapes) - whole(rest)
        if not shapes or surplus <= 0:
            return ""
        giving = next((shape for shape in reversed(shapes) if shape.open_quantity > surplus), None)
        if giving is None:
            return f"no stop at the broker is for more than {plain(surplus)}"
        self._why_not = ""
        await self._is_changed_into(giving.less(surplus))
        return self._why_not

    @property
    def _living(self) -> tuple[StopAtBroker, ...]:
        """The stops of the leg that may live, as far as is known."""
        stops = leg_books(self._rooms.inbox, self._guard.key).stops
        return tuple(stop for stop in stops if not stop.order.is_settled)

    def has_done_its_work(self, tranche: Tranche) -> bool:
        """Whether nothing is open any more, because the stop has filled; as long as something is,
        it is kept as large as that, and put back where it has vanished.
        """
        living, shield = self._living, self.shield
        self._tell_fraction(tranche)
        view = next((stop.order for stop in living if shield and stop.key == shield.key), None)
        if living:
            self._doubting.is_over()
        if view is not None:
            self._thin_out(view, tranche.open_quantity)
            self._fit(living, tranche.open_quantity, tranche.held_open)
        elif tranche.open_quantity <= 0:
            for stop in living:
                self._rooms.desk.cancel_now(stop.key)
            return True
        elif living:
            self._adopt(living)
        elif tranche.is_held and self._rooms.session.may_send:
            self._put_back(whole(tranche.held_open))
        self._ask_about(tuple(stop for stop in living if not stop.order.is_acknowledged))
        return False

    def _fit(
        self, living: tuple[StopAtBroker, ...], open_quantity: Decimal, held_open: Decimal
    ) -> None:
        """Where the stops would close more than is open, or less than is open and held, one of them
        is changed: a correction, a hand, or a change that was lost from view has made them so.
        """
        shapes = shapes_of(living, self._rooms.inbox)
        if not shapes or open_quantity <= 0 or not self._is_free.is_set():
            return
        self._take_as_shown(shapes)
        covered, now = total(shape.open_quantity for shape in shapes), self._rooms.now()
        surplus, newest = covered - whole(open_quantity), shapes[-1]
        missing = whole(min(open_quantity, held_open)) - covered
        if surplus <= 0 and missing <= 0:
            return
        if now < self._fit_at:
            self._again.set(self._fit_at)
            return
        self._fit_at = now + MOVES_EVERY
        if missing > 0:
            self._change(newest.less(-missing))
        elif newest.open_quantity > surplus:
            self._change(newest.less(surplus))
        else:
            self._rooms.desk.cancel_now(newest.intent.key)

    def _take_as_shown(self, shapes: tuple[Shape, ...]) -> None:
        """Somebody may have changed the stop by hand: what the broker shows is what it is."""
        for shape in shapes:
            if self.shield is not None and shape.intent.key == self.shield.key:
                self.shield = shape.intent

    def _thin_out(self, view: OrderView, open_quantity: Decimal) -> None:
        """Where a modification has left a second stop alive beside the first, both together would
        close more than there is: a cancel reaches one of them.
        """
        twins = view.surviving_perm_ids
        if self.shield is None or len(twins) < 2 or view.working <= open_quantity:  # noqa: PLR2004
            return
        if self._thinned_out != twins:
            self._thinned_out = twins
            self._rooms.desk.cancel_now(self.shield.key)

    def stands(self, shield: OrderIntent | None) -> None:
        """This is the stop at the broker from now on."""
        self.shield = shield
        self._is_left_to_a_person = False

    def look_again(self) -> None:
        """Others see to the stops, and do not say when they are done."""
        self._again.set(self._rooms.now() + LOOK_AGAIN_AFTER)

    def _adopt(self, living: tuple[StopAtBroker, ...]) -> None:
        """The stop that was known is gone, and others stand: whoever answered for the leg before
        has placed them.
        """
        known = [self._rooms.inbox.registered(stop.key) for stop in living]
        intents = [each.intent for each in known if each is not None and each.intent is not None]
        if intents:
            self.shield = intents[-1]

    def _put_back(self, open_quantity: Decimal) -> None:
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
        if not self._doubting.has_none(vanished, self._again):
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

    def _tell_fraction(self, tranche: Tranche) -> None:
        """A split may leave a part of a share, and no order can be for that: once for each size."""
        fraction = tranche.held_open % 1 if tranche.is_held else Decimal(0)
        if fraction in (self._fraction, Decimal(0)):
            return
        self._fraction, now = fraction, self._rooms.now()
        self.told = (Told(LadderAlarm.FRACTION, None, now),)
        symbol = self._guard.instrument.symbol
        text = f"{plain(fraction)} {symbol} is less than one: no stop and no exit can be for it"
        kind, text = IncidentKind.FRACTIONAL_REMAINDER, f"{text}; close it in TWS"
        self._rooms.tell(Notice(kind, str(self._guard.key), text, now))

    def _ask_about(self, stops: tuple[StopAtBroker, ...]) -> None:
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
