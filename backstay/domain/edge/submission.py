"""One order to be sent, and what sending it came to.

Sending is idempotent by key: whoever asks twice gets the same order. What was not sent says so, and
why; that is no rejection, because the broker was never asked.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_utc
from backstay.domain.edge.asked import Asked
from backstay.domain.ids import IntentKey
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.outcome import Accepted, Rejected, Unknown


@dataclass(frozen=True, slots=True)
class Submission:
    """Send `intent`, which stands under `approved` and was written down as `asked` says.

    An exit's later generations stand under the approval of its first, so the intent can differ.
    """

    approved: Approved
    intent: OrderIntent
    asked: Asked


class NotSentReason(StrEnum):
    """Why the edge has not even tried."""

    NOT_READY = "the session is not ready"
    LOST_IN_LANE = "the session was lost before its turn came"
    FROM_ANOTHER_DAY = "written down on another broker day; whether it was sent can't be read"
    WITHDRAWN = "it was cancelled before its turn came"
    NOT_WORKING = "no order of this key is known to work, alone under one order id"
    ID_FELL_BACK = "the broker's ids have fallen back: it could be taken for a new order"
    REPLACED = "a newer modification has taken its place"
    CLOSING = "the edge is closing"


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing of the order has left, and this is why."""

    key: IntentKey
    reason: NotSentReason
    at: datetime
    kind: Literal["not sent"] = "not sent"

    def __post_init__(self) -> None:
        check_utc(self.kind, self.at)


SubmitAnswer = Annotated[
    Accepted | Rejected | Unknown | Refused | NotSent, Field(discriminator="kind")
]
