"""Cancels and modifications, and what they came to.

A cancel is confirmed only by evidence, over every life that the order is known to have had. What
survives under a permanent id that no order id reaches needs a person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, assert_never

from pydantic import Field

from backstay.domain.checks import check_utc
from backstay.domain.edge.submission import NotSent
from backstay.domain.ids import IntentKey
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.view import OrderView


@dataclass(frozen=True, slots=True)
class Ended:
    """Every life of the order is proven over; its fills are those of `order`."""

    key: IntentKey
    order: OrderView
    at: datetime
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class CancelPending:
    """The cancel has left and is not confirmed; `surviving_perm_ids` are known to live on."""

    key: IntentKey
    since: datetime
    surviving_perm_ids: tuple[int, ...] = ()
    refused: str = ""
    kind: Literal["cancel pending"] = "cancel pending"

    def __post_init__(self) -> None:
        check_utc(self.kind, self.since)


@dataclass(frozen=True, slots=True)
class NothingToCancel:
    """Nothing of this key was ever seen or sent; whether it is absent is a question to ask."""

    key: IntentKey
    kind: Literal["nothing to cancel"] = "nothing to cancel"


CancelAnswer = Annotated[
    Ended | CancelPending | NothingToCancel | NotSent, Field(discriminator="kind")
]


@dataclass(frozen=True, slots=True)
class Modified:
    """The broker shows the order as it was asked to be."""

    key: IntentKey
    order: OrderView
    at: datetime
    kind: Literal["modified"] = "modified"


@dataclass(frozen=True, slots=True)
class ModifyRejected:
    """The broker has refused the modification; the order stands as it was."""

    key: IntentKey
    code: int
    text: str
    at: datetime
    kind: Literal["modify rejected"] = "modify rejected"


@dataclass(frozen=True, slots=True)
class ModifyUnknown:
    """The modification has left, and the broker shows neither the old nor the new for sure."""

    key: IntentKey
    since: datetime
    kind: Literal["modify unknown"] = "modify unknown"


ModifyAnswer = Annotated[
    Modified | ModifyRejected | ModifyUnknown | Ended | Refused | NotSent,
    Field(discriminator="kind"),
]


class CancelStanding(StrEnum):
    """What a cancel came to, in a word."""

    ENDED = "ended"
    PENDING = "pending"
    NOTHING = "nothing to cancel"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class CancelReport:
    """What a cancel came to; what the order itself amounts to is told by whoever follows it."""

    key: IntentKey
    standing: CancelStanding
    text: str = ""


def cancel_report(answer: Ended | CancelPending | NothingToCancel | NotSent) -> CancelReport:
    """The report of `answer`."""
    match answer:
        case Ended(key):
            return CancelReport(key, CancelStanding.ENDED)
        case CancelPending(key, refused=refused):
            return CancelReport(key, CancelStanding.PENDING, refused)
        case NothingToCancel(key):
            return CancelReport(key, CancelStanding.NOTHING)
        case NotSent(key, reason):
            return CancelReport(key, CancelStanding.NOT_SENT, reason.value)
        case _:
            assert_never(answer)
