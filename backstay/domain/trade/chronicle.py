"""What is written down of a trade's life, as values.

Every call that a trade or one of its ways out has made, with what was asked and what came of it,
and whatever was asked of the trade from outside. Owns these shapes and nothing that follows from
them. All moments are the engine's, save those within the values that the edge has told: those are
the broker's.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.edge.arms import AmendAnswer, Arm, ArmChange, ArmReport
from backstay.domain.edge.changing import CancelReport
from backstay.domain.edge.guards import (
    Guard,
    GuardChange,
    GuardResult,
    GuardState,
    SplitAnswer,
    SplitOff,
)
from backstay.domain.edge.looking import DeclareAnswer
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.ids import IntentKey
from backstay.domain.limits.kill import KillMode
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.leaving import ExitOutcome
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import ProspectAnswer
from backstay.domain.trade.settlement import Settlement

# --- calls, each with its answer as soon as there is one ---


@dataclass(frozen=True, slots=True)
class Prospecting:
    """The broker is asked about the plan."""

    answer: ProspectAnswer | None
    kind: Literal["prospecting"] = "prospecting"


@dataclass(frozen=True, slots=True)
class Admitting:
    """The account is asked for room."""

    asked: AdmissionRequest
    answer: AdmissionAnswer | None
    kind: Literal["admitting"] = "admitting"


@dataclass(frozen=True, slots=True)
class Arming:
    """The entry is kept ready, or followed. `newest` is the last sign of life of one that runs."""

    arm: Arm
    answer: ArmReport | None
    newest: ArmReport | None = None
    kind: Literal["arming"] = "arming"


@dataclass(frozen=True, slots=True)
class Guarding:
    """The position is watched. `newest` is the last sign of life of a watch that runs."""

    guard: Guard
    answer: GuardResult | None
    newest: GuardState | None = None
    kind: Literal["guarding"] = "guarding"


@dataclass(frozen=True, slots=True)
class Walking:
    """The next steps of a way out. `newest` is the last sign of life of a walk that runs."""

    walk: Walk
    answer: Walked | None
    newest: Walked | None = None
    kind: Literal["walking"] = "walking"


@dataclass(frozen=True, slots=True)
class ChangingArm:
    """The arm is changed; without a change it is let go."""

    key: IntentKey
    change: ArmChange | None
    answer: AmendAnswer | None
    kind: Literal["changing the arm"] = "changing the arm"


@dataclass(frozen=True, slots=True)
class ChangingGuard:
    """The guard is changed."""

    key: IntentKey
    change: GuardChange
    answer: AmendAnswer | None
    kind: Literal["changing the guard"] = "changing the guard"


@dataclass(frozen=True, slots=True)
class Splitting:
    """A part leaves what is guarded."""

    asked: SplitOff
    answer: SplitAnswer | None
    kind: Literal["splitting"] = "splitting"


@dataclass(frozen=True, slots=True)
class Cancelling:
    """An order is cancelled at the broker."""

    key: IntentKey
    answer: CancelReport | None
    kind: Literal["cancelling"] = "cancelling"


@dataclass(frozen=True, slots=True)
class DeclaringAbsent:
    """A person says that the broker does not have an order."""

    key: IntentKey
    by: str
    reason: str
    answer: DeclareAnswer | None
    kind: Literal["declaring absent"] = "declaring absent"


@dataclass(frozen=True, slots=True)
class Settling:
    """What it has come to is booked."""

    settlement: Settlement
    is_booked: bool
    kind: Literal["settling"] = "settling"


@dataclass(frozen=True, slots=True)
class Alerting:
    """A person is told."""

    incident: str
    text: str
    kind: Literal["alerting"] = "alerting"


Deed = Annotated[
    Prospecting
    | Admitting
    | Arming
    | Guarding
    | Walking
    | ChangingArm
    | ChangingGuard
    | Splitting
    | Cancelling
    | DeclaringAbsent
    | Settling
    | Alerting,
    Field(discriminator="kind"),
]


# --- what stands in a history ---


@dataclass(frozen=True, slots=True)
class Retry:
    """A call was taken up again, as attempt number `attempt` by `identity`; `after` is the failure
    of the attempt before, and `sort` its sort.
    """

    attempt: int
    identity: str
    at: datetime
    sort: str
    after: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call, written down at `at` before anybody carries it out."""

    life: str
    at: datetime
    deed: Deed
    answered_at: datetime | None = None
    retry: Retry | None = None
    failure: str = ""
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class Begun:
    """The trade begins."""

    life: str
    at: datetime
    order: TradeOrder
    kind: Literal["begun"] = "begun"


class Outcome(StrEnum):
    """What came of something that was asked by hand."""

    UNDER_WAY = "under way"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wish:
    """Something was asked by hand and taken up; `text` is the answer to whoever has asked."""

    life: str
    at: datetime
    name: str
    args: tuple[str, ...]
    outcome: Outcome
    text: str = ""
    answered_at: datetime | None = None
    kind: Literal["wish"] = "wish"


@dataclass(frozen=True, slots=True)
class Killed:
    """The trade hears that trading is stopped."""

    life: str
    at: datetime
    epoch: int
    mode: KillMode
    kind: Literal["killed"] = "killed"


@dataclass(frozen=True, slots=True)
class CallOff:
    """Somebody has asked the engine to cancel the workflow: it enters no more."""

    life: str
    at: datetime
    kind: Literal["call off"] = "call off"


@dataclass(frozen=True, slots=True)
class WayOutBegun:
    """A way out is led from here on, as a life of its own."""

    life: str
    at: datetime
    way_out: str
    walk: Walk
    kind: Literal["way out begun"] = "way out begun"


@dataclass(frozen=True, slots=True)
class WayOutOver:
    """A way out is over; without an outcome it was ended before its time."""

    life: str
    at: datetime
    way_out: str
    outcome: ExitOutcome | None
    failure: str = ""
    kind: Literal["way out over"] = "way out over"


@dataclass(frozen=True, slots=True)
class Stuck:
    """A step of the workflow's own code has failed, and is tried again."""

    life: str
    at: datetime
    text: str
    kind: Literal["stuck"] = "stuck"


@dataclass(frozen=True, slots=True)
class Over:
    """The trade is over: with a settlement, or broken off."""

    life: str
    at: datetime
    settlement: Settlement | None
    failure: str = ""
    kind: Literal["over"] = "over"


Entry = Annotated[
    Call | Begun | Wish | Killed | CallOff | WayOutBegun | WayOutOver | Stuck | Over,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class TradeFacts:
    """Everything that is written down of one trade: the entries of its life and of its ways out,
    each life in its own sequence.
    """

    workflow_id: str
    entries: tuple[Entry, ...]
    is_running: bool
