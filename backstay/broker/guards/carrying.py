"""The commands of a ladder, carried out, and what comes back of them.

Each command names the key that it is about, so carrying one out twice does nothing twice. What
comes back later comes as an event; what could not even leave comes back at once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import assert_never

from backstay.broker.doors.ordering import Left
from backstay.broker.guards.asking import Asking
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.changing import CancelAnswer, ModifyAnswer, ModifyRejected
from backstay.domain.edge.looking import Absent as FoundAbsent
from backstay.domain.edge.looking import FindAnswer, Found
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission, SubmitAnswer
from backstay.domain.exits import events, hearing
from backstay.domain.exits.events import LadderCommand, LadderEvent
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.outcome import Accepted, Rejected, RejectionClass, Unknown

Hear = Callable[[LadderEvent], None]

UNPROTECTED_EVERY = timedelta(minutes=1)
"""How often a person is told again that a position stands without any order."""


class Carrier:
    """The hands of one ladder."""

    def __init__(
        self,
        exit_approval: Approved,
        protection: Approved,
        asking: Asking,
        rooms: Rooms,
        hear: Hear,
    ) -> None:
        self._exit = exit_approval
        self._protection = protection
        self._asking = asking
        self._rooms = rooms
        self._unprotected_at: datetime | None = None
        self._hear = hear

    def carry_out(self, commands: tuple[LadderCommand, ...]) -> None:
        """Carry the commands out, in their order, in this turn."""
        for command in commands:
            match command:
                case events.Send(intent):
                    self._send(self._submission(intent))
                case events.Reshape(intent):
                    self._reshape(self._submission(intent))
                case events.Cancel(key):
                    self._rooms.desk.cancel_now(key)
                case events.ReadFills(key):
                    self._ask(f"read the fills of {key}", key)
                case events.AskBroker(key):
                    self._ask(f"ask about {key} for its ladder", key)
                case events.Tell():
                    self._tell(command)
                case _:
                    assert_never(command)

    def _tell(self, told: events.Tell) -> None:
        """Every refused stop is another order; that there is none is said once in a minute."""
        now = self._rooms.now()
        if told.alarm is events.Alarm.UNPROTECTED:
            if self._unprotected_at is not None and now - self._unprotected_at < UNPROTECTED_EVERY:
                return
            self._unprotected_at = now
        text = f"{told.alarm.value} ({plain(told.quantity)} open)"
        subject = str(told.key or self._exit.intent.key)
        self._rooms.tell(Notice(told.alarm.incident, subject, text, now))

    def _submission(self, intent: OrderIntent) -> Submission:
        protects = intent.key.purpose is Purpose.PROTECT
        approval = self._protection if protects else self._exit
        return Submission(approval, intent, self._asking.about(intent.key))

    def _send(self, submission: Submission) -> None:
        desk, key = self._rooms.desk, submission.intent.key
        sent = desk.release(desk.prepare(submission))
        if isinstance(sent, Left):

            async def await_outcome() -> None:
                self._come_back(await desk.submit(submission))

            self._rooms.errands.begin(f"send {key}", await_outcome)
        else:
            self._come_back(sent)

    def _come_back(self, answer: SubmitAnswer) -> None:
        event = submitted(answer, self._rooms.now())
        if event is not None:
            self._hear(event)

    def _reshape(self, submission: Submission) -> None:
        left = self._rooms.desk.modify_now(submission)
        if not isinstance(left, Left):
            self._hear(events.ReshapeRefused(submission.intent.key))

    def _ask(self, errand: str, key: IntentKey) -> None:
        """An errand of its own for each purpose: an answer to a question from before an order was
        over can't say what it has filled, so it must not stand in for the one that can.
        """
        con_id, asked = self._exit.intent.instrument.con_id, self._asking.about(key)

        async def ask() -> None:
            event = answered(await self._rooms.desk.find(key, con_id, asked), self._rooms.now())
            if event is not None:
                self._hear(event)

        self._rooms.errands.begin(errand, ask)


def submitted(answer: SubmitAnswer, now: datetime) -> LadderEvent | None:
    """What a submission came to; what the broker says of the order itself is heard anyway."""
    match answer:
        case Accepted():
            return None
        case Rejected(key=key, rejection=rejection):
            return events.Refused(key, rejection, now)
        case Unknown(key=key):
            return events.Unanswered(key)
        case Refused(key=key, code=code):
            shut = code is RefusalCode.SESSION_CLOSED
            why = RejectionClass.MARKET_CLOSED if shut else RejectionClass.OTHER
            return events.Refused(key, why, now)
        case NotSent(key=key):
            return events.Absent(key, now)
        case _:
            assert_never(answer)


def modified(answer: ModifyAnswer) -> LadderEvent | None:
    """What a modification came to, where the broker does not show it by itself."""
    if isinstance(answer, ModifyRejected | Refused | NotSent):
        return events.ReshapeRefused(answer.key)
    return None


def cancelled(answer: CancelAnswer, now: datetime) -> LadderEvent | None:
    """What a cancel came to: what was taken back in its lane has never been at the broker."""
    if isinstance(answer, NotSent) and answer.reason is NotSentReason.WITHDRAWN:
        return events.Absent(answer.key, now)
    return None


def answered(answer: FindAnswer, now: datetime) -> LadderEvent | None:
    """What the broker's answer about an order is to a ladder."""
    match answer:
        case Found(key, order, as_of):
            return hearing.fills_read(key, order, as_of) or hearing.seen(key, order, as_of)
        case FoundAbsent(key):
            return events.Absent(key, now)
        case _:
            return events.Unanswered(answer.key)
