r"""When an entry fires.

    Unseen --near side--> Waiting --beyond, n ticks--> Fired
      \---------------beyond, n ticks----------------> Missed

Owns the watch of one entry trigger: which ticks count in which hours, how many have to agree, and
whether anybody saw the price cross. It does not send anything and does not know what is bought.
Its invariant: a trigger fires at most once; a state that is over takes in no tick and no question.

A price that is already beyond the level when it is first seen crossed while nobody watched. That is
`Missed`, and the plan says what then: skip, or ask a person, or fire, which needs no watch at all.
Nobody watches over night: each trading day of a plan begins like its first.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_above_zero
from backstay.domain.sessions import MarketPhase
from backstay.domain.ticks.levels import Crossing, check_breach, farther, is_beyond, threshold
from backstay.domain.ticks.sources import GoodPrice, PriceSource


class PremarketPolicy(StrEnum):
    """What a trigger makes of prices before the open."""

    IGNORE = "ignore"
    """It looks at regular hours only; so a gap over the level at the first sight is missed."""

    FIRE = "fire"
    """They count like any other."""

    WAIT = "wait"
    """They are watched and the open decides: fired if the price is still beyond the level then."""

    REBASE = "rebase"
    """Their high (or low, below) becomes the level where it is farther out than the plan's."""


class IfMissed(StrEnum):
    """What to do about a level that was crossed while nobody watched."""

    SKIP = "skip"
    FIRE = "fire"
    ASK = "ask"


class TickRole(StrEnum):
    """What a tick is to a trigger at a time of the day."""

    IGNORED = "ignored"
    WATCHED = "watched"
    REBASES = "rebases"
    COUNTED = "counted"


class TriggerDecision(StrEnum):
    """What follows from a tick."""

    NOTHING = "nothing"
    FIRE = "fire"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Fire once `confirm_ticks` ticks in a row are beyond `price` by more than `breach_pct`."""

    price: Decimal
    when: Crossing
    source: PriceSource = PriceSource.LAST
    confirm_ticks: int = 1
    breach_pct: Decimal = Decimal(0)
    premarket: PremarketPolicy = PremarketPolicy.IGNORE
    if_missed: IfMissed = IfMissed.SKIP

    def __post_init__(self) -> None:
        check_above_zero("the trigger", self.price)
        if self.confirm_ticks < 1:
            raise ValueError(f"a trigger can't fire on {self.confirm_ticks} ticks")
        check_breach(self.breach_pct)


@dataclass(frozen=True, slots=True)
class Unseen:
    """No tick that counts for the watch has come yet, or the watch was broken since."""

    level: Decimal
    kind: Literal["unseen"] = "unseen"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The price was seen on the near side of `level`: its crossing can't be missed now."""

    level: Decimal
    kind: Literal["waiting"] = "waiting"


@dataclass(frozen=True, slots=True)
class Confirming:
    """`ticks` in a row were beyond `level`; `watched` is whether the near side was seen before."""

    level: Decimal
    ticks: int
    watched: bool
    kind: Literal["confirming"] = "confirming"


@dataclass(frozen=True, slots=True)
class Fired:
    """The trigger has fired at `price`, and never will again."""

    price: Decimal
    at: datetime
    kind: Literal["fired"] = "fired"


@dataclass(frozen=True, slots=True)
class Missed:
    """The price was found beyond the level, and nobody had seen it cross."""

    price: Decimal
    at: datetime
    kind: Literal["missed"] = "missed"


OVER = (Fired, Missed)
"""The states in which nothing happens any more; named, because a union would be built anew for each
tick.
"""

TriggerState = Annotated[
    Unseen | Waiting | Confirming | Fired | Missed, Field(discriminator="kind")
]

_PREMARKET_ROLES = {
    PremarketPolicy.IGNORE: TickRole.IGNORED,
    PremarketPolicy.FIRE: TickRole.COUNTED,
    PremarketPolicy.WAIT: TickRole.WATCHED,
    PremarketPolicy.REBASE: TickRole.REBASES,
}


def tick_role(policy: PremarketPolicy, phase: MarketPhase, *, before_open: bool) -> TickRole:
    """What ticks are to a trigger in `phase`; it changes a few times a day, not with each tick.

    `before_open` tells the two ends of the extended hours apart: after the close nothing counts.
    """
    if phase is MarketPhase.REGULAR:
        return TickRole.COUNTED
    if phase is MarketPhase.EXTENDED and before_open:
        return _PREMARKET_ROLES[policy]
    return TickRole.IGNORED


def begin(trigger: Trigger) -> Unseen | Waiting:
    """The state in which a trigger is armed."""
    return _unwatched(trigger, trigger.price)


def resume(
    trigger: Trigger, state: Unseen | Waiting | Confirming | Fired | Missed
) -> Unseen | Waiting | Fired | Missed:
    """The state after nobody watched for a while: a restart, or a feed that was lost."""
    if isinstance(state, Fired | Missed):
        return state
    return _unwatched(trigger, state.level)


def next_day(
    trigger: Trigger, state: Unseen | Waiting | Confirming | Fired | Missed
) -> Unseen | Waiting | Fired | Missed:
    """The state as a new trading day begins: what premarket it rebased to was that of the last."""
    return state if isinstance(state, Fired | Missed) else begin(trigger)


def on_tick(
    trigger: Trigger,
    state: Unseen | Waiting | Confirming | Fired | Missed,
    price: GoodPrice,
    role: TickRole,
    now: datetime,
) -> tuple[Unseen | Waiting | Confirming | Fired | Missed, TriggerDecision]:
    """What a good tick with news of the trigger's source does to the watch."""
    if isinstance(state, OVER):
        return state, TriggerDecision.NOTHING
    if role is TickRole.IGNORED:
        return state, TriggerDecision.NOTHING
    if role is TickRole.REBASES:
        return Waiting(farther(trigger.when, state.level, price)), TriggerDecision.NOTHING
    if not is_beyond(trigger.when, price, threshold(trigger.when, state.level, trigger.breach_pct)):
        near = state if isinstance(state, Waiting) else Waiting(state.level)
        return near, TriggerDecision.NOTHING
    if role is TickRole.WATCHED:
        return state, TriggerDecision.NOTHING
    return _beyond(trigger, state, price, now)


def _unwatched(trigger: Trigger, level: Decimal) -> Unseen | Waiting:
    """A plan that fires on a missed crossing has nothing to miss."""
    return Waiting(level) if trigger.if_missed is IfMissed.FIRE else Unseen(level)


def _beyond(
    trigger: Trigger, state: Unseen | Waiting | Confirming, price: Decimal, now: datetime
) -> tuple[Confirming | Fired | Missed, TriggerDecision]:
    ticks, watched = 1, isinstance(state, Waiting)
    if isinstance(state, Confirming):
        ticks, watched = state.ticks + 1, state.watched
    if ticks < trigger.confirm_ticks:
        return Confirming(state.level, ticks, watched), TriggerDecision.NOTHING
    if watched:
        return Fired(price, now), TriggerDecision.FIRE
    return Missed(price, now), TriggerDecision.MISSED
