"""The commands of a ladder, carried out, and what comes back of them.

Each command names the key that it is about, so carrying one out twice does nothing twice. What
comes back later comes as an event; what could not even leave comes back at once.
"""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from backstay.broker.doors import Left
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.looking import Absent as FoundAbsent
from backstay.domain.edge.looking import FindAnswer, Found
from backstay.domain.edge.submission import NotSent, Submission
from backstay.domain.exits import events, hearing
from backstay.domain.exits.events import LadderCommand, LadderEvent
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.outcome import Accepted, Rejected, RejectionClass, Unknown

Hear = Callable[[LadderEvent], None]


class Carrier:
    """The hands of one ladder."""

    def __init__(
        self, exit_approval: Approved, protection: Approved, rooms: Rooms, hear: Hear
    ) -> None:
        self._exit = exit_approval
        self._protection = protection
        self._rooms = rooms
        self._hear = hear

    def carry_out(self, commands: tuple[LadderCommand, ...], asked: Asked) -> None:
        """Carry the commands out, in their order, in this turn."""
        for command in commands:
            match command:
                case events.Send(intent):
                    self._send(self._submission(intent, asked))
                case events.Reshape(intent):
                    self._reshape(self._submission(intent, asked))
                case events.Cancel(key):
                    self._rooms.desk.cancel_now(key)
                case events.ReadFills(key):
                    self._ask(f"read the fills of {key}", key, asked)
                case events.AskBroker(key):
                    self._ask(f"ask about {key} for its ladder", key, asked)
                case events.Tell(alarm, quantity, key):
                    text = f"{alarm.value} ({plain(quantity)} open)"
                    subject = str(key or self._exit.intent.key)
                    self._rooms.tell(Notice(alarm.incident, subject, text, self._rooms.now()))
                case _:
                    assert_never(command)

    def _submission(self, intent: OrderIntent, asked: Asked) -> Submission:
        protects = intent.key.purpose is Purpose.PROTECT
        return Submission(self._protection if protects else self._exit, intent, asked)

    def _send(self, submission: Submission) -> None:
        desk, key = self._rooms.desk, submission.intent.key
        sent = desk.release(desk.prepare(submission))
        if isinstance(sent, Left):

            async def await_outcome() -> None:
                self._come_back(key, await desk.submit(submission))

            self._rooms.errands.begin(f"send {key}", await_outcome)
        else:
            self._come_back(key, sent)

    def _come_back(
        self, key: IntentKey, answer: Accepted | Rejected | Unknown | Refused | NotSent
    ) -> None:
        """What a submission came to; what the broker says of the order is heard by itself."""
        now = self._rooms.now()
        match answer:
            case Accepted():
                return
            case Rejected(rejection=rejection):
                self._hear(events.Refused(key, rejection, now))
            case Unknown():
                self._hear(events.Unanswered(key))
            case Refused(code=code):
                shut = code is RefusalCode.SESSION_CLOSED
                why = RejectionClass.MARKET_CLOSED if shut else RejectionClass.OTHER
                self._hear(events.Refused(key, why, now))
            case NotSent():
                self._hear(events.Absent(key, now))
            case _:
                assert_never(answer)

    def _reshape(self, submission: Submission) -> None:
        left = self._rooms.desk.modify_now(submission)
        if not isinstance(left, Left):
            self._hear(events.ReshapeRefused(submission.intent.key))

    def _ask(self, errand: str, key: IntentKey, asked: Asked) -> None:
        """An errand of its own for each purpose: an answer to a question from before an order was
        over can't say what it has filled, so it must not stand in for the one that can.
        """
        con_id = self._exit.intent.instrument.con_id

        async def ask() -> None:
            event = answered(await self._rooms.desk.find(key, con_id, asked), self._rooms.now())
            if event is not None:
                self._hear(event)

        self._rooms.errands.begin(errand, ask)


def answered(answer: FindAnswer, now: datetime) -> LadderEvent | None:
    """What the broker's answer about an order is to a ladder."""
    match answer:
        case Found(key, order, as_of):
            return hearing.fills_read(key, order, as_of) or hearing.seen(key, order, as_of)
        case FoundAbsent(key):
            return events.Absent(key, now)
        case _:
            return events.Unanswered(answer.key)
