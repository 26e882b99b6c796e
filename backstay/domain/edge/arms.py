"""An entry kept ready, and how far it has come.

An arm holds everything that the edge may send for an entry: the entry itself, the stop attached to
it, and through that stop's key every stop that has to replace it. Arming is idempotent by the
entry's key; whoever asks again is told how it stands. A change has a version, and is made once.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_not_below_zero, check_utc
from backstay.domain.edge.asked import Asked
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.outcome import Rejected
from backstay.domain.orders.summary import OrderSummary, summary_of
from backstay.domain.orders.view import OrderView
from backstay.domain.profile import BrokerProfile
from backstay.domain.protection.cover import StopAtBroker
from backstay.domain.protection.naked import NakedTime
from backstay.domain.ticks.triggers import Trigger, TriggerState


@dataclass(frozen=True, slots=True)
class Arm:
    """Send `entry` with `protection` attached once `trigger` fires; at once if there is none.

    `limit_offset` is how far the entry's limit lies from the trigger on the paying side; a trigger
    that is rebased takes the limit along. `watch` is how far an earlier watch of the same trigger
    had come. After `expires_at` the entry does not leave any more. `naked` is what has stood naked
    so far: the measure goes on from there.
    """

    entry: Approved
    protection: Approved | None
    profile: BrokerProfile
    asked: Asked
    trigger: Trigger | None = None
    watch: TriggerState | None = None
    limit_offset: Decimal | None = None
    expires_at: datetime | None = None
    naked: NakedTime | None = None

    def __post_init__(self) -> None:
        key = self.key
        if key.purpose.effect is Effect.REDUCES:
            raise ValueError(f"{key} does not open anything; only an entry is armed")
        if self.protection is not None:
            stop = self.protection.intent
            if stop.key.purpose is not Purpose.PROTECT or stop.parent != key:
                raise ValueError(f"{stop.key} is not the stop attached to {key}")
        if self.limit_offset is not None:
            check_not_below_zero(f"{key}: the offset of the limit", self.limit_offset)
        if self.expires_at is not None:
            check_utc(str(key), self.expires_at)

    @property
    def key(self) -> IntentKey:
        """The name of the arm is that of its entry."""
        return self.entry.intent.key


class ArmPhase(StrEnum):
    """How far an arm has come."""

    WAITING = "waiting"
    """The trigger is watched."""

    SENDING = "sending"
    """The order has left, or is about to, and the broker has not named it."""

    WORKING = "working"
    UNKNOWN = "unknown"
    OVER = "over"
    """The entry is proven over; what it filled is protected or an incident says why not."""

    MISSED = "missed"
    EXPIRED = "expired"
    REFUSED = "refused"
    """The last hop, or the broker, would not have it."""

    WITHDRAWN = "withdrawn"
    """It was released before anything left."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more comes of the arm."""
        return self not in (ArmPhase.WAITING, ArmPhase.SENDING, ArmPhase.WORKING, ArmPhase.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Progress:
    """How an arm stands at `at`. `revision` counts its news, so that old progress is known as old.

    `stops` are the protective orders that were sent for it, in their order. `asked` are the
    circumstances under which the entry has left, or would leave now: whoever arms it again after a
    midnight passes them on.
    """

    key: IntentKey
    version: int
    revision: int
    phase: ArmPhase
    at: datetime
    watch: TriggerState | None = None
    entry: OrderView | None = None
    stops: tuple[StopAtBroker, ...] = ()
    naked: NakedTime | None = None
    refusal: Refused | None = None
    rejection: Rejected | None = None
    why: str = ""
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class ArmReport:
    """Progress in a few figures: what is written down for good, however many fills there are."""

    key: IntentKey
    version: int
    revision: int
    phase: ArmPhase
    at: datetime
    watch: TriggerState | None = None
    entry: OrderSummary | None = None
    stops: tuple[OrderSummary, ...] = ()
    naked: NakedTime | None = None
    refusal: Refused | None = None
    rejection: Rejected | None = None
    why: str = ""
    asked: Asked | None = None


def report_of(progress: Progress) -> ArmReport:
    """The figures of `progress`."""
    entry = progress.entry
    return ArmReport(
        key=progress.key,
        version=progress.version,
        revision=progress.revision,
        phase=progress.phase,
        at=progress.at,
        watch=progress.watch,
        entry=None if entry is None else summary_of(progress.key, entry),
        stops=tuple(summary_of(stop.key, stop.order) for stop in progress.stops),
        naked=progress.naked,
        refusal=progress.refusal,
        rejection=progress.rejection,
        why=progress.why,
        asked=progress.asked,
    )


@dataclass(frozen=True, slots=True)
class MoveTrigger:
    """Another trigger, watched anew."""

    trigger: Trigger
    kind: Literal["move trigger"] = "move trigger"


@dataclass(frozen=True, slots=True)
class FireNow:
    """The operator does not wait for the trigger."""

    kind: Literal["fire now"] = "fire now"


@dataclass(frozen=True, slots=True)
class ExtendUntil:
    """Another end of the wait, with an approval that lasts as long."""

    expires_at: datetime
    entry: Approved
    kind: Literal["extend until"] = "extend until"


ArmChange = Annotated[MoveTrigger | FireNow | ExtendUntil, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class ArmAmendment:
    """What has been changed in an arm, under the version that it got; None: it was let go. It is
    for whoever arms anew after a crash, so that what a person has taken back never leaves.
    """

    version: int
    change: ArmChange | None


@dataclass(frozen=True, slots=True)
class Amended:
    """The change was made, now or when it was asked for before; `version` is the newest made."""

    key: IntentKey
    version: int
    kind: Literal["amended"] = "amended"


@dataclass(frozen=True, slots=True)
class Gone:
    """It is too late for the change: what it was for has left, or was never here."""

    key: IntentKey
    why: str
    kind: Literal["gone"] = "gone"


@dataclass(frozen=True, slots=True)
class Unfit:
    """The change makes no sense as things stand; nothing was changed, and no version is used up."""

    key: IntentKey
    why: str
    kind: Literal["unfit"] = "unfit"


AmendAnswer = Annotated[Amended | Gone | Unfit, Field(discriminator="kind")]
