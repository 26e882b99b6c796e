"""An open position that is watched, and how the watch ended.

A guard watches one tranche: its stop, the trail that moves it, one target, the time at which it is
left, and what happens to it at the broker. It holds the whole ladder, so that the first exit order
leaves in the turn in which the stop is confirmed, and so that the edge can go on alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_above_zero, check_not_below_zero, check_utc
from backstay.domain.edge.asked import Asked
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.limits.approval import Approved
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.protection.naked import NakedTime
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.trails import Trail


@dataclass(frozen=True, slots=True)
class Target:
    """Leave once the price has reached `price`; `exit` approves that exit's generations.

    With a `part` only so much of the tranche leaves there. That is not for the guard to do: it
    tells that the target is reached, once, and goes on watching until that part is split off.
    """

    price: Decimal
    exit: Approved
    part: Decimal | None = None

    def __post_init__(self) -> None:
        check_above_zero(f"the target of {self.exit.intent.key}", self.price)
        if self.part is not None:
            check_above_zero(f"the part that leaves at {self.exit.intent.key}", self.part)


@dataclass(frozen=True, slots=True)
class TargetReached:
    """The price of a part's target is reached. Nothing was sent, and the guard goes on watching all
    of it; `revision` counts what it has told, so that whoever asks again asks for what comes after.
    """

    key: IntentKey
    version: int
    revision: int
    target: Target
    guarded: Guarded
    at: datetime
    kind: Literal["target reached"] = "target reached"


@dataclass(frozen=True, slots=True)
class Split:
    """It was split off: the guard watches `rest`, and nothing at the broker protects `part`."""

    key: IntentKey
    version: int
    part: Decimal
    rest: Decimal
    at: datetime
    kind: Literal["split"] = "split"


@dataclass(frozen=True, slots=True)
class Headway:
    """How far an earlier watch of the same tranche had come, for the one that takes its place.

    `told` counts the targets that were told of before the one that is next; `reached` is what was
    told of that one. `split_off` is what was split off so far, and `split` the last of it.
    `entered` is what the entries had filled of which the guard's quantity knows; None for all of it
    that is left; `entry` is their order as it was known last, because on another broker day nobody
    can read it. `leaving` approves the exit by which it is to be left at once.
    """

    told: int = 0
    reached: TargetReached | None = None
    split_off: Decimal = Decimal(0)
    split: Split | None = None
    entered: Decimal | None = None
    leaving: Approved | None = None
    entry: OrderSummary | None = None

    def __post_init__(self) -> None:
        if self.told < 0:
            raise ValueError(f"{self.told} targets can't have been told of")
        check_not_below_zero("what was split off", self.split_off)
        if self.reached is not None and self.reached.revision <= self.told:
            raise ValueError(f"the news {self.reached.revision} comes after {self.told} others")


@dataclass(frozen=True, slots=True)
class Guard:
    """Watch `quantity` of a tranche that `shield` protects at the broker, and leave by `ladder`.

    Its name is the ladder's first key. It answers for every order of its leg that reduces:
    `quantity` is what the tranche is in all, and what those orders have filled is taken off.
    `exit` approves every generation of the exit, `protection` every one of the stop at the broker.
    `guarded` is where the engine's stop stands; the stop at the broker follows it, `disaster_pct`
    wider, or stays where it is for None. `shield` is that stop as it was placed; None where the
    plan keeps it off the broker's books. `naked` is what has stood naked so far, as far as is
    known: the measure goes on from there; as the watch does from its `headway`.
    """

    ladder: LadderRules
    exit: Approved
    protection: Approved
    quantity: Decimal
    rules: GuardRules
    guarded: Guarded
    source: PriceSource
    asked: Asked
    shield: OrderIntent | None = None
    disaster_pct: Decimal | None = None
    target: Target | None = None
    leave_at: datetime | None = None
    underlying: Instrument | None = None
    naked: NakedTime | None = None
    headway: Headway = Headway()

    def __post_init__(self) -> None:
        check_above_zero(f"{self.key}: the guarded quantity", self.quantity)
        if self.exit.intent.key != self.key:
            raise ValueError(f"{self.exit.intent.key} does not approve the exit {self.key}")
        if self.protection.intent.key.purpose is not Purpose.PROTECT:
            raise ValueError(f"{self.protection.intent.key} does not approve a protective stop")
        if self.leave_at is not None:
            check_utc(str(self.key), self.leave_at)

    @property
    def key(self) -> IntentKey:
        """The name of a guard is the key of its first exit."""
        return self.ladder.first_key

    @property
    def instrument(self) -> Instrument:
        """What is guarded."""
        return self.ladder.shield.instrument


class Exit(StrEnum):
    """What made a guard leave."""

    STOP = "stop"
    TARGET = "target"
    TIME = "time"
    HAND = "hand"
    """A person has said so, or a kill that flattens."""


class GuardEnd(StrEnum):
    """How a guard ended without an exit of its own."""

    SHIELD_FILLED = "the stop at the broker has filled"
    CLOSED_BY_HAND = "the position was closed by somebody else"
    LESS_IS_HELD = "less is held than had filled: closed by somebody else, or split"
    """Where something is held yet, the position alone never says which."""
    EXIT_ELSEWHERE = "an exit of the leg was sent by somebody who leads it"
    RELEASED = "released"
    EXPIRED = "the instrument has expired"


@dataclass(frozen=True, slots=True)
class ExitBegun:
    """The first exit order has left, and this is the ladder that goes on from it. `entered` is what
    the entries had filled of which its quantity knows, `split_off` what was split off before.
    """

    key: IntentKey
    version: int
    why: Exit
    ladder: Ladder
    guarded: Guarded
    at: datetime
    naked: NakedTime | None = None
    entered: Decimal | None = None
    split_off: Decimal = Decimal(0)
    kind: Literal["exit begun"] = "exit begun"


@dataclass(frozen=True, slots=True)
class GuardEnded:
    """The guard is over, and nothing of its exit was sent."""

    key: IntentKey
    version: int
    why: GuardEnd
    guarded: Guarded
    at: datetime
    orders: tuple[OrderSummary, ...] = ()
    """The orders of the leg that reduce."""

    naked: NakedTime | None = None
    entry: OrderSummary | None = None
    """The leg's entry by now, as in a `Walked`."""

    split_off: Decimal = Decimal(0)
    kind: Literal["guard ended"] = "guard ended"


GuardResult = Annotated[TargetReached | ExitBegun | GuardEnded, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class GuardState:
    """How a guard stands: what a heartbeat carries, so that a watch goes on where it was.

    `quantity` is what the tranche is in all by now, without what was split off.
    """

    key: IntentKey
    version: int
    guarded: Guarded
    shield: OrderIntent | None
    last_tick_at: datetime | None
    at: datetime
    quantity: Decimal
    trail: Trail | None
    target: Target | None
    headway: Headway
    naked: NakedTime | None = None


def resumed(guard: Guard, state: GuardState) -> Guard:
    """The same guard, from where its watch stood; `state.version` is the version to go on with."""
    if state.key != guard.key:
        raise ValueError(f"{state.key} can't go on as {guard.key}")
    return replace(
        guard,
        quantity=state.quantity,
        rules=replace(guard.rules, trail=state.trail),
        guarded=state.guarded,
        shield=state.shield,
        target=state.target,
        headway=state.headway,
        naked=state.naked or guard.naked,
    )


@dataclass(frozen=True, slots=True)
class MoveStop:
    """The operator's stop, looser or tighter."""

    stop: Decimal
    kind: Literal["move stop"] = "move stop"


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The stop at the entry's price, if that is tighter."""

    entry_price: Decimal
    kind: Literal["break even"] = "break even"


@dataclass(frozen=True, slots=True)
class TightenTrail:
    """A shorter distance of the trail."""

    distance: Decimal
    kind: Literal["tighten trail"] = "tighten trail"


StopChange = MoveStop | BreakEven | TightenTrail
"""What a person does to the stop."""


@dataclass(frozen=True, slots=True)
class Resize:
    """The tranche is of this quantity now, under this stop at the broker."""

    quantity: Decimal
    shield: OrderIntent | None
    kind: Literal["resize"] = "resize"


@dataclass(frozen=True, slots=True)
class LeaveNow:
    """Leave in this turn, for no reason of the market's; `exit` approves the exit's generations."""

    exit: Approved
    kind: Literal["leave now"] = "leave now"


GuardChange = Annotated[
    MoveStop | BreakEven | TightenTrail | Resize | LeaveNow, Field(discriminator="kind")
]


@dataclass(frozen=True, slots=True)
class SplitOff:
    """Let go of `part` of what the guard `key` watches: the stop at the broker is made smaller, the
    guard answers for the rest, and from then on somebody else leads the way out of the part.

    In the same stroke comes what follows for the rest: the next target, and a stop at the entry's
    price. Splitting off is idempotent by its version, and all or nothing.
    """

    key: IntentKey
    version: int
    part: Decimal
    target: Target | None = None
    break_even: Decimal | None = None
    kind: Literal["split off"] = "split off"

    def __post_init__(self) -> None:
        check_above_zero(f"{self.key}: what is split off", self.part)


@dataclass(frozen=True, slots=True)
class NotSplit:
    """Nothing was split off; the guard, or the exit that it has begun, answers for everything."""

    key: IntentKey
    why: str
    is_over: bool
    """Whether it is no use to try again: the guard is over, or there is not so much left."""

    kind: Literal["not split"] = "not split"


SplitAnswer = Annotated[Split | NotSplit, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class GuardAmendment:
    """What has been changed in a guard, under the version that it got: for whoever guards anew
    after a crash, because the change may be younger than the last heartbeat.
    """

    version: int
    change: Annotated[
        MoveStop | BreakEven | TightenTrail | Resize | LeaveNow | SplitOff,
        Field(discriminator="kind"),
    ]
