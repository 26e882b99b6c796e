"""Whether the broker has an order.

An unanswered request is never "none". Absence is believed only if every question was answered
completely, twice and some time apart, the intent was written down on the same broker day, and the
position is what the executions that are listed explain. Anything less is not seen, with the doubts
that remain; what follows then is a person's decision.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_utc
from backstay.domain.edge.asked import Asked
from backstay.domain.ids import IntentKey
from backstay.domain.orders.view import OrderView
from backstay.domain.sessions.broker_day import is_same_broker_day

LOOKS_APART_MIN = timedelta(seconds=2)
"""How far apart two looks must be before both together say that there is nothing."""


class Doubt(StrEnum):
    """What keeps an order that is not seen from being absent."""

    LOOKED_TOO_SOON = "only one look, or two too close together"
    ANOTHER_DAY = "written down on another broker day, which can't be read any more"
    POSITION_DIFFERS = "the position is not explained by the executions that are listed"
    STILL_IN_LANE = "it may leave yet"


@dataclass(frozen=True, slots=True)
class Look:
    """One complete answer of the broker to all three questions, without the order in it.

    `position` is the contract's, `executed` what the executions of the day that are listed have
    done to it since the intent was written down. Their stamps are whole seconds: those from within
    the second of the intent, `just_then`, are in `executed`, too, and may have come before it.
    """

    at: datetime
    position: Decimal
    executed: Decimal
    just_then: tuple[Decimal, ...] = ()

    def __post_init__(self) -> None:
        check_utc("a look at the broker's orders", self.at)

    def explains(self, position_before: Decimal) -> bool:
        """Whether the executions lead from that position to the one that was seen."""
        ends = {position_before + self.executed}
        for quantity in self.just_then:
            ends |= {end - quantity for end in ends}
        return self.position in ends


@dataclass(frozen=True, slots=True)
class Found:
    """The broker has the order, or had it."""

    key: IntentKey
    order: OrderView
    as_of: datetime
    kind: Literal["found"] = "found"


@dataclass(frozen=True, slots=True)
class Absent:
    """The broker never had the order, as far as anything can prove it."""

    key: IntentKey
    looks: tuple[Look, ...]
    kind: Literal["absent"] = "absent"


@dataclass(frozen=True, slots=True)
class NotSeen:
    """Complete answers do not show the order, and yet it may have existed."""

    key: IntentKey
    looks: tuple[Look, ...]
    doubts: tuple[Doubt, ...]
    kind: Literal["not seen"] = "not seen"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The broker has not answered `question`; nothing is known."""

    key: IntentKey
    question: str
    since: datetime
    kind: Literal["unanswered"] = "unanswered"


@dataclass(frozen=True, slots=True)
class AbsenceDeclared:
    """A person has said that the broker does not have the order, and it counts so from now on."""

    key: IntentKey
    by: str
    reason: str
    at: datetime
    kind: Literal["absence declared"] = "absence declared"

    def __post_init__(self) -> None:
        for what, text in (("person", self.by), ("reason", self.reason)):
            if not text.strip():
                raise ValueError(f"{self.key} is declared absent without a {what}")
        check_utc(self.kind, self.at)

    @property
    def text(self) -> str:
        """Who has said so, and why."""
        return f"declared absent by {self.by}: {self.reason}"


@dataclass(frozen=True, slots=True)
class NotDeclared:
    """The word of a person is not enough, or not needed: this is what speaks against it."""

    key: IntentKey
    why: str
    kind: Literal["not declared"] = "not declared"


DeclareAnswer = Annotated[AbsenceDeclared | NotDeclared, Field(discriminator="kind")]

FindAnswer = Annotated[Found | Absent | NotSeen | Unanswered, Field(discriminator="kind")]


def doubts_about_absence(asked: Asked, looks: tuple[Look, ...], zone: tzinfo) -> tuple[Doubt, ...]:
    """Everything that speaks against absence after these looks, the latest last."""
    doubts = []
    if len(looks) < 2 or looks[-1].at - looks[0].at < LOOKS_APART_MIN:  # noqa: PLR2004
        doubts.append(Doubt.LOOKED_TOO_SOON)
    if any(not is_same_broker_day(asked.at, look.at, zone) for look in looks):
        doubts.append(Doubt.ANOTHER_DAY)
    if not all(look.explains(asked.position) for look in looks):
        doubts.append(Doubt.POSITION_DIFFERS)
    return tuple(doubts)
