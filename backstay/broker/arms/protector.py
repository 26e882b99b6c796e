"""What an entry fills gets its stop.

Carries out what `protection.cover` asks for, each time anything about the leg is heard and each
time that something is due. It asks again from the facts, so it may be asked at any time; it stands
aside as soon as an exit of the leg has begun, because then the ladder answers for what is open.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import assert_never

from backstay.broker.arms.books import LegBooks, leg_books
from backstay.broker.errands import Alarm
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.changing import Modified, ModifyAnswer, ModifyUnknown
from backstay.domain.edge.submission import Submission, SubmitAnswer
from backstay.domain.figures import plain, total
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.approval import Approved
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.outcome import Accepted
from backstay.domain.protection.cover import (
    AskAboutStops,
    CancelEntry,
    Covered,
    CutStops,
    PlaceStop,
    StopAtBroker,
    WaitForStop,
    covering,
    next_step,
)
from backstay.domain.protection.naked import NakedTime

PURSUE_EVERY = timedelta(seconds=1)
"""How often what is naked is pursued while the broker does not answer."""

TOLD_AFTER = timedelta(seconds=5)
"""A quantity that is naked for longer is an incident."""


class Protector:
    """The protection of what one arm fills."""

    def __init__(self, arm: Arm, rooms: Rooms) -> None:
        self._arm = arm
        self._desk = rooms.desk
        self._inbox = rooms.inbox
        self._errands = rooms.errands
        self._now = now = rooms.now
        self._tell = rooms.tell
        self._alarm = Alarm(now, self.look)
        self._is_told = False
        self._naked_since = now()
        self.naked = NakedTime(Decimal(0), Decimal(0), now())
        self.is_settled = True
        """Whether nothing is left to be done about what is filled by now."""

    def look(self) -> None:
        """See what is open and what covers it, and do what is missing."""
        books = leg_books(self._inbox, self._arm.key)
        if books.entry is None or self._arm.protection is None or books.exit_has_begun:
            self._rest(books)
            return
        now = self._now()
        self._measure(books)
        step = next_step(
            books.open_quantity,
            self._naked_since,
            books.entry,
            books.stops,
            self._arm.profile,
            now,
        )
        self.is_settled = isinstance(step, Covered)
        match step:
            case Covered():
                self._alarm.clear()
            case WaitForStop(_, until):
                self._alarm.set(until)
            case CancelEntry():
                self._desk.cancel_now(self._arm.key)
                self._pursue()
            case AskAboutStops(_, keys):
                self._ask(keys)
                self._pursue()
            case PlaceStop(naked):
                self._place(self._arm.protection, books, naked)
                self._pursue()
            case CutStops(surplus):
                self._cut(self._arm.protection, books.stops, surplus)
                self._pursue()
            case _:
                assert_never(step)

    def close(self) -> None:
        """Look no more."""
        self._alarm.clear()

    def _rest(self, books: LegBooks) -> None:
        """Nothing to protect, nothing to protect it with, or the ladder does."""
        self._alarm.clear()
        self.is_settled = True
        if books.exit_has_begun:
            self.naked = self.naked.changed(Decimal(0), self._now())

    def _measure(self, books: LegBooks) -> None:
        """Keep count of what stands naked, and since when."""
        if books.entry is None:
            return
        open_quantity, can_fill = books.open_quantity, not books.entry.is_settled
        covered = total(
            covering(
                stop,
                entry_can_fill=can_fill,
                open_quantity=open_quantity,
                profile=self._arm.profile,
            )
            for stop in books.stops
            if not stop.order.is_settled
        )
        naked = max(open_quantity - covered, Decimal(0))
        if naked == self.naked.quantity:
            return
        now = self._now()
        if not self.naked.quantity:
            self._naked_since, self._is_told = now, False
        self.naked = self.naked.changed(naked, now)

    def _pursue(self) -> None:
        now = self._now()
        self._alarm.set(now + PURSUE_EVERY)
        if self.naked.quantity and not self._is_told and now - self._naked_since >= TOLD_AFTER:
            self._is_told = True
            text = f"{plain(self.naked.quantity)} of {self._symbol} have no acknowledged stop"
            self._tell(Notice(IncidentKind.NAKED_POSITION, str(self._arm.key), text, now))

    def _ask(self, keys: tuple[IntentKey, ...]) -> None:
        con_id = self._arm.entry.intent.instrument.con_id
        for key in keys:

            async def find(key: IntentKey = key) -> None:
                await self._desk.find(key, con_id, self._arm.asked)
                self.look()

            self._errands.begin(f"ask about {key}", find)

    def _place(self, protection: Approved, books: LegBooks, naked: Decimal) -> None:
        """A stop of its own for what is naked: the next generation of the one that was attached."""
        first = protection.intent.key.generation
        key = replace(protection.intent.key, generation=max(first - 1, books.newest_generation) + 1)
        intent = replace(protection.intent, key=key, quantity=naked, parent=None, oca=None)
        self._submit(Submission(protection, intent, self._arm.asked))

    def _submit(self, submission: Submission) -> None:
        async def submit() -> None:
            self._judge(submission.intent, await self._desk.submit(submission))
            self.look()

        self._errands.begin(f"place {submission.intent.key}", submit)

    def _judge(self, intent: OrderIntent, answer: SubmitAnswer) -> None:
        """What is not accepted leaves a quantity naked; the next look tries on."""
        if isinstance(answer, Accepted):
            return
        text = f"the stop for {plain(intent.quantity)} of {self._symbol} was not taken: {answer}"
        self._tell(Notice(IncidentKind.NAKED_POSITION, str(intent.key), text, self._now()))

    def _cut(self, protection: Approved, stops: tuple[StopAtBroker, ...], surplus: Decimal) -> None:
        """Take the surplus from the newest stop that can give; what it can't is for the next look.

        One that would have nothing left to fill is cancelled.
        """
        giving = [stop for stop in stops if stop.order.is_working]
        if not giving:
            self._ask(tuple(stop.key for stop in stops if not stop.order.is_settled))
            return
        stop = giving[-1]
        keeps = stop.order.working - surplus
        known = self._inbox.registered(stop.key)
        if keeps <= 0 or known is None or known.intent is None:
            self._desk.cancel_now(stop.key)
            return
        smaller = replace(known.intent, quantity=stop.order.filled + keeps)
        submission = Submission(protection, smaller, self._arm.asked)

        async def modify() -> None:
            self._judge_cut(smaller, await self._desk.modify(submission))
            self.look()

        self._errands.begin(f"cut {stop.key}", modify)

    def _judge_cut(self, intent: OrderIntent, answer: ModifyAnswer) -> None:
        """A stop that can't be made smaller goes; what it leaves naked gets another one."""
        if not isinstance(answer, Modified | ModifyUnknown):
            self._desk.cancel_now(intent.key)

    @property
    def _symbol(self) -> str:
        return self._arm.entry.intent.instrument.symbol
