"""Orders: written ahead, released, and everything else that changes them at the broker."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backstay.broker.doors.wire import OrderFrame
from backstay.broker.news import ErrorNews
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import CancelAnswer, ModifyAnswer
from backstay.domain.edge.contracts import (
    PreviewAnswer,
)
from backstay.domain.edge.looking import FindAnswer
from backstay.domain.edge.submission import NotSent, Submission, SubmitAnswer
from backstay.domain.ids import IntentKey
from backstay.domain.limits.clearance import Clearance
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.intent import OrderIntent


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order, with the stop attached to it if it has one, ready to leave.

    It is valid in the session epoch in which it was prepared. An entry is `cleared` if nothing but
    the moment in which it leaves is left to be judged.
    """

    submission: Submission
    frame: OrderFrame
    attached: Submission | None
    attached_frame: OrderFrame | None
    epoch: int
    cleared: Clearance | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """It is on the wire, or waits in its lane for the next free place."""

    key: IntentKey
    at: datetime
    on_the_wire: bool


class Releasing(Protocol):
    """The hot path of the desk."""

    def prepare(self, submission: Submission, attached: Submission | None = None) -> Prepared:
        """Write the frames ahead."""

    def release(self, prepared: Prepared) -> Left | Refused | NotSent:
        """Send it in this turn: the last hop is asked, ids are taken, the inbox expects it."""


class Desk(Releasing, Protocol):
    """The only code that sends orders."""

    async def submit(self, submission: Submission) -> SubmitAnswer:
        """Send an order, idempotently by its key, and say what came of it."""

    async def preview(self, intent: OrderIntent) -> PreviewAnswer:
        """Ask what an order would tie up, without sending it."""

    def cancel_now(self, key: IntentKey) -> bool:
        """Have the cancels of every life of the order leave in this turn; whether there was one."""

    def modify_now(self, submission: Submission) -> Left | Refused | NotSent:
        """Have the modification leave in this turn, if the session may modify."""

    async def find(self, key: IntentKey, con_id: int, asked: Asked) -> FindAnswer:
        """Ask the broker for an order, completely."""

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel every life of the order and wait a while for the evidence."""

    async def modify(self, submission: Submission) -> ModifyAnswer:
        """Modify the order and wait a while until the broker shows it so."""

    def on_error(self, news: ErrorNews) -> None:
        """Judge an error about an order and tell the inbox what it amounts to."""
