"""What an entry fills gets its stop.

Carries out what `protection.cover` asks for, each time anything about the leg is heard and each
time that something is due. It asks again from the facts, so it may be asked at any time; it stands
aside as soon as an exit of the leg has begun, because then the ladder answers for what is open, and
once somebody else has closed the whole position: no stop would be taken for it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from backstay.broker.arms.books import LegBooks, leg_books
from backstay.broker.errands import Alarm
from backstay.broker.inbox.holdings import LAG_MAX
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import Modified, ModifyAnswer, ModifyUnknown
from backstay.domain.edge.submission import Submission, SubmitAnswer
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.approval import Approved
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.outcome import Rejected
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.cover import (
    AskAboutStops,
    CancelEntry,
    Covered,
    CoverStep,
    CutStops,
    PlaceStop,
    StopAtBroker,
    WaitForStop,
    next_step,
)
from backstay.domain.protection.escort import escort
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sessions.broker_day import is_same_broker_day

PURSUE_EVERY = timedelta(seconds=1)
"""How often what is naked is pursued while the broker does not answer."""

TOLD_AFTER = timedelta(seconds=5)
"""A quantity that is naked for longer is an incident."""

GONE_AFTER = LAG_MAX + timedelta(seconds=1)
"""How long the broker must have held nothing that could be protected until that is believed."""

TRIES_MAX = 10
"""How many stops in a row the broker may reject before it is left to a person."""

TRIES_APART = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 16, 32, 60))
"""How long to wait after each of them; the last one for ever after."""


class Protector:
    """The protection of what one arm fills."""

    def __init__(self, arm: Arm, rooms: Rooms) -> None:
        self._arm = arm
        self._con_id = arm.entry.intent.instrument.con_id
        self._desk = rooms.desk
        self._inbox = rooms.inbox
        self._errands = rooms.errands
        self._naked = rooms.naked
        self._now = now = rooms.now
        self._tell = rooms.tell
        self._zone = rooms.zone
        self._alarm = Alarm(now, self.look)
        self._asked = arm.asked
        self._stands_aside = False
        self._is_closed = False
        self._is_told = False
        self._is_alone_told = False
        self._cancelled_at: datetime | None = None
        self._tries = 0
        self._place_at = now()
        self._silent_since: datetime | None = None
        self._covered_at = now()
        self._gone_since: datetime | None = None
        self.is_settled = True
        """Whether nothing is left to be done about what is filled by now."""

    def begin(self) -> None:
        """Join what was given with what is known, and go on measuring."""
        for approved in (self._arm.entry, self._arm.protection):
            if approved is not None:
                self._inbox.remember(approved.intent)
        arm = self._arm
        self._naked.goes_on(arm.key.trade, self._con_id, arm.naked, arm.profile)

    @property
    def naked(self) -> NakedTime:
        """What of the trade has stood naked so far, and what does now."""
        return self._naked.of(self._arm.key.trade, self._con_id)

    def look(self) -> None:
        """See what is open and what covers it, and do what is missing."""
        if self._is_closed:
            return
        books = leg_books(self._inbox, self._arm.key)
        entry = books.newest_entry
        now = self._now()
        if entry is None or self._arm.protection is None or self._is_for_others(books, now):
            self._rest()
            return
        if not self.naked.quantity:
            self._is_told = False
        step = next_step(
            books.open_quantity,
            self._naked_since,
            entry,
            books.stops,
            self._arm.profile,
            now,
        )
        self.is_settled = isinstance(step, Covered)
        if isinstance(step, Covered):
            self._covered_at = now
            step = self._escorted(entry, books.stops, now)
        match step:
            case Covered():
                self._alarm.clear()
            case WaitForStop(_, until):
                self._alarm.set(until)
            case CancelEntry(naked):
                if not naked:
                    self._tell_alone(books.stops, now)
                self._cancel_entry(now)
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

    def _is_for_others(self, books: LegBooks, now: datetime) -> bool:
        """Whether others answer for what is open, or nothing is that a stop would be right for."""
        leaves = self._stands_aside or books.exit_has_begun
        return leaves or self._is_gone(books, now) or self._is_of_other_shares(books, now)

    def _is_gone(self, books: LegBooks, now: datetime) -> bool:
        """Whether something is open by its executions alone: the broker has held nothing on the
        side of the entry for long enough.
        """
        held = self._arm.entry.intent.side.signed(self._inbox.position(self._con_id))
        if held > 0 or not books.open_quantity:
            self._gone_since = None
            return False
        self._gone_since = self._gone_since or now
        return now - self._gone_since >= GONE_AFTER

    def _is_of_other_shares(self, books: LegBooks, now: datetime) -> bool:
        """Whether a night has made the position another one, as a split does: a stop at the price
        of before would be none, so whoever guards it asks a person.
        """
        asked, entry = self._arm.asked, books.newest_entry
        is_over = entry is not None and entry.is_settled
        if not is_over or is_same_broker_day(asked.at, now, self._zone):
            return False
        change = self._inbox.position(self._con_id) - asked.position
        return self._arm.entry.intent.side.signed(change) != books.open_quantity

    def _escorted(
        self, entry: OrderView, stops: tuple[StopAtBroker, ...], now: datetime
    ) -> CoverStep:
        """What to do where nothing is open, and the entry may stand without its stop."""
        if entry.is_acknowledged and self._silent_since is None:
            self._silent_since = now
        return escort(entry, stops, self._silent_since or now, now)

    def _cancel_entry(self, now: datetime) -> None:
        """Once, and again only when it has had time to work."""
        if self._cancelled_at is None or now - self._cancelled_at >= PURSUE_EVERY:
            self._cancelled_at = now
            self._desk.cancel_now(self._arm.key)

    def _tell_alone(self, stops: tuple[StopAtBroker, ...], now: datetime) -> None:
        if self._is_alone_told:
            return
        self._is_alone_told = True
        words = [stop.order.rejection.text for stop in stops if stop.order.rejection]
        why = words[-1] if words else "the broker does not have it"
        text = f"the entry is cancelled, because its stop does not stand: {why}"
        self._tell(Notice(IncidentKind.ORDER_REJECTED, str(self._arm.key), text, now))

    def stand_aside(self) -> None:
        """From now on the way out answers for what is open."""
        self._stands_aside = True
        self.look()

    def close(self) -> None:
        """Look no more: others answer for what is filled, or nothing is."""
        self._is_closed = True
        self._alarm.clear()

    def _rest(self) -> None:
        """Nothing to protect, nothing to protect it with, or the ladder does."""
        self._alarm.clear()
        self.is_settled = True

    @property
    def _naked_since(self) -> datetime:
        """When what is naked now became so."""
        return self._naked.since(self._arm.key.trade, self._con_id) or self._covered_at

    def _pursue(self) -> None:
        now = self._now()
        self._alarm.set(now + PURSUE_EVERY)
        if self.naked.quantity and now - self._naked_since >= TOLD_AFTER:
            text = f"{plain(self.naked.quantity)} of {self._symbol} have no acknowledged stop"
            self._tell_naked(text, now)

    def _tell_naked(self, text: str, now: datetime) -> None:
        """Once for as long as anything is naked."""
        if not self._is_told:
            self._is_told = True
            self._tell(Notice(IncidentKind.NAKED_POSITION, str(self._arm.key), text, now))

    def _ask(self, keys: tuple[IntentKey, ...]) -> None:
        for key in keys:

            async def find(key: IntentKey = key) -> None:
                await self._desk.find(key, self._con_id, self._asked)
                self.look()

            self._errands.begin(f"ask about {key} for its entry", find)

    def _place(self, protection: Approved, books: LegBooks, naked: Decimal) -> None:
        """A stop of its own for what is naked: the next generation of the one that was attached."""
        now = self._now()
        if self._tries >= TRIES_MAX or now < self._place_at:
            return
        self._place_at = now + TRIES_APART[min(self._tries, len(TRIES_APART) - 1)]
        self._tries += 1
        first = protection.intent.key.generation
        key = replace(protection.intent.key, generation=max(first - 1, books.newest_generation) + 1)
        intent = replace(protection.intent, key=key, quantity=naked, parent=None, oca=None)
        self._asked = self._asked_now(intent)
        self._submit(Submission(protection, intent, self._asked))

    def _asked_now(self, intent: OrderIntent) -> Asked:
        """On another day than the entry's the stop is asked for anew: all others are over by now,
        so that nothing of that day is looked for any more.
        """
        position = self._inbox.position(intent.instrument.con_id)
        return self._asked.on_the_day_of(self._now(), position, self._zone)

    def _submit(self, submission: Submission) -> None:
        async def submit() -> None:
            if self._stands_aside:
                return
            self._judge(submission.intent, await self._desk.submit(submission))
            self.look()

        self._errands.begin(f"place {submission.intent.key}", submit)

    def _judge(self, intent: OrderIntent, answer: SubmitAnswer) -> None:
        """What is rejected leaves a quantity naked; it is tried again, ever more slowly. What has
        not left, or can't be told of yet, is for the next look.
        """
        if not isinstance(answer, Rejected):
            self._tries = 0
            return
        now = self._now()
        text = f"a stop for {plain(intent.quantity)} of {self._symbol} was rejected: {answer.text}"
        if self._tries < TRIES_MAX:
            self._tell_naked(text, now)
        else:
            text = f"{text}; it is left to you"
            self._tell(Notice(IncidentKind.NAKED_POSITION, str(intent.key), text, now))

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
        submission = Submission(protection, smaller, self._asked)

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
