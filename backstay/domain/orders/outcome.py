"""What a submission came to.

There are three answers and no fourth. `Unknown` is a durable state with a clock, not a kind of
rejection: the order may be working at the broker, and only the broker can say.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_utc
from backstay.domain.ids import IntentKey


class RejectionClass(StrEnum):
    """Why the broker refused, as far as it decides what to do next."""

    MARGIN = "margin"
    MARKET_CLOSED = "market closed"
    INVALID_PRICE = "invalid price"
    HALTED = "halted"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The broker has the order and has named it."""

    key: IntentKey
    order_id: int
    perm_id: int
    at: datetime
    kind: Literal["accepted"] = "accepted"

    def __post_init__(self) -> None:
        check_utc(self.kind, self.at)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The broker has refused the order: nothing of it is alive."""

    key: IntentKey
    code: int
    rejection: RejectionClass
    text: str
    at: datetime
    kind: Literal["rejected"] = "rejected"

    def __post_init__(self) -> None:
        check_utc(self.kind, self.at)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent or not, read or not: nobody here can tell yet."""

    key: IntentKey
    since: datetime
    kind: Literal["unknown"] = "unknown"

    def __post_init__(self) -> None:
        check_utc(self.kind, self.since)


SubmitOutcome = Annotated[Accepted | Rejected | Unknown, Field(discriminator="kind")]
