"""How far a trade has come; it only ever comes further.

Everything that moves a trade's state lives here, in one table. It refuses to know why things happen
and whose orders they were: events arrive as facts, their quantities already counted once each by
whoever folds the orders.

The invariant: a move never lowers the rank, and an event that the table does not take is refused,
recorded and counted, *but the quantity that it carries is booked all the same*. So a late fill can
be refused as news and is never lost as a position. A fill booked after the end is told apart in the
answer, because nobody manages it any more.

A trade with hedge legs is `hedge_first`: its risk goes out only against filled hedge, and it is in
place only once what is exposed is covered. A trade without (one leg, or a combination sent as one
order) has only its risk leg and skips those states.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, assert_never

from pydantic import Field

from backstay.domain.checks import check_utc

REFUSALS_KEPT = 20


class TradeState(StrEnum):
    """The states of a trade in their sequence, then the four ends."""

    CREATED = "created"
    VALIDATED = "validated"
    HEDGE_SUBMITTED = "hedge submitted"
    HEDGE_PARTIAL = "hedge partial"
    HEDGE_FILLED = "hedge filled"
    RISK_SUBMITTED = "risk submitted"
    RISK_PARTIAL = "risk partial"
    RISK_FILLED = "risk filled"
    HEDGED = "hedged"
    """No filled risk is without its hedge."""
    COMPLETED = "completed"
    """All that the plan still wants is in place and guarded, be it less than was asked for."""
    CLOSED = "closed"
    """There was a position; it is flat and settled."""
    CANCELLED = "cancelled"
    """Over without ever a position, by the plan or by a person."""
    REJECTED = "rejected"
    """Over without ever a position, refused by us or by the broker."""
    ESCALATED = "escalated"
    """Handed to a person, with whatever position there is."""

    @property
    def rank(self) -> int:
        """How far the state is along the way; the four ends are equally far."""
        return _RANKS[self]

    @property
    def is_over(self) -> bool:
        """Whether no event leads out of the state."""
        return not TRANSITIONS[self]


class Happened(StrEnum):
    """What can happen to a trade."""

    VALIDATED = "validated"
    HEDGE_SUBMITTED = "hedge submitted"
    HEDGE_PARTLY_FILLED = "hedge partly filled"
    HEDGE_FILLED = "hedge filled"
    HEDGE_CORRECTED = "hedge corrected"
    RISK_SUBMITTED = "risk submitted"
    RISK_PARTLY_FILLED = "risk partly filled"
    RISK_FILLED = "risk filled"
    RISK_CORRECTED = "risk corrected"
    HEDGED = "hedged"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    ESCALATED = "escalated"


class Guard(StrEnum):
    """What must hold of the trade besides its state."""

    NOTHING = "nothing more"
    HEDGE_FIRST = "hedge first"
    NO_HEDGE = "no hedge"
    NOTHING_FILLED = "nothing filled"


class Transition(NamedTuple):
    """Where an event leads, if its guard holds; the state itself where it only books."""

    to: TradeState
    guard: Guard = Guard.NOTHING


TRANSITIONS: Mapping[TradeState, Mapping[Happened, Transition]] = {
    TradeState.CREATED: {
        Happened.VALIDATED: Transition(TradeState.VALIDATED),
        Happened.CANCELLED: Transition(TradeState.CANCELLED, Guard.NOTHING_FILLED),
        Happened.REJECTED: Transition(TradeState.REJECTED, Guard.NOTHING_FILLED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    # A fill may be heard of before the submission that it answers.
    TradeState.VALIDATED: {
        Happened.HEDGE_SUBMITTED: Transition(TradeState.HEDGE_SUBMITTED, Guard.HEDGE_FIRST),
        Happened.HEDGE_PARTLY_FILLED: Transition(TradeState.HEDGE_PARTIAL, Guard.HEDGE_FIRST),
        Happened.HEDGE_FILLED: Transition(TradeState.HEDGE_FILLED, Guard.HEDGE_FIRST),
        Happened.RISK_SUBMITTED: Transition(TradeState.RISK_SUBMITTED, Guard.NO_HEDGE),
        Happened.RISK_PARTLY_FILLED: Transition(TradeState.RISK_PARTIAL, Guard.NO_HEDGE),
        Happened.RISK_FILLED: Transition(TradeState.RISK_FILLED, Guard.NO_HEDGE),
        Happened.CANCELLED: Transition(TradeState.CANCELLED, Guard.NOTHING_FILLED),
        Happened.REJECTED: Transition(TradeState.REJECTED, Guard.NOTHING_FILLED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    TradeState.HEDGE_SUBMITTED: {
        Happened.HEDGE_PARTLY_FILLED: Transition(TradeState.HEDGE_PARTIAL),
        Happened.HEDGE_FILLED: Transition(TradeState.HEDGE_FILLED),
        Happened.CANCELLED: Transition(TradeState.CANCELLED, Guard.NOTHING_FILLED),
        Happened.REJECTED: Transition(TradeState.REJECTED, Guard.NOTHING_FILLED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    # What is hedged in part can carry as much risk: the rest may have been cancelled.
    TradeState.HEDGE_PARTIAL: {
        Happened.HEDGE_PARTLY_FILLED: Transition(TradeState.HEDGE_PARTIAL),
        Happened.HEDGE_FILLED: Transition(TradeState.HEDGE_FILLED),
        Happened.HEDGE_CORRECTED: Transition(TradeState.HEDGE_PARTIAL),
        Happened.RISK_SUBMITTED: Transition(TradeState.RISK_SUBMITTED),
        Happened.RISK_PARTLY_FILLED: Transition(TradeState.RISK_PARTIAL),
        Happened.RISK_FILLED: Transition(TradeState.RISK_FILLED),
        Happened.CLOSED: Transition(TradeState.CLOSED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    TradeState.HEDGE_FILLED: {
        Happened.HEDGE_CORRECTED: Transition(TradeState.HEDGE_FILLED),
        Happened.RISK_SUBMITTED: Transition(TradeState.RISK_SUBMITTED),
        Happened.RISK_PARTLY_FILLED: Transition(TradeState.RISK_PARTIAL),
        Happened.RISK_FILLED: Transition(TradeState.RISK_FILLED),
        Happened.CLOSED: Transition(TradeState.CLOSED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    # Without a hedge there is nothing to close yet; with one there is nothing to cancel any more.
    TradeState.RISK_SUBMITTED: {
        Happened.HEDGE_CORRECTED: Transition(TradeState.RISK_SUBMITTED, Guard.HEDGE_FIRST),
        Happened.RISK_PARTLY_FILLED: Transition(TradeState.RISK_PARTIAL),
        Happened.RISK_FILLED: Transition(TradeState.RISK_FILLED),
        Happened.CLOSED: Transition(TradeState.CLOSED, Guard.HEDGE_FIRST),
        Happened.CANCELLED: Transition(TradeState.CANCELLED, Guard.NOTHING_FILLED),
        Happened.REJECTED: Transition(TradeState.REJECTED, Guard.NOTHING_FILLED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    TradeState.RISK_PARTIAL: {
        Happened.HEDGE_CORRECTED: Transition(TradeState.RISK_PARTIAL, Guard.HEDGE_FIRST),
        Happened.RISK_PARTLY_FILLED: Transition(TradeState.RISK_PARTIAL),
        Happened.RISK_FILLED: Transition(TradeState.RISK_FILLED),
        Happened.RISK_CORRECTED: Transition(TradeState.RISK_PARTIAL),
        Happened.HEDGED: Transition(TradeState.HEDGED, Guard.HEDGE_FIRST),
        Happened.COMPLETED: Transition(TradeState.COMPLETED, Guard.NO_HEDGE),
        Happened.CLOSED: Transition(TradeState.CLOSED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    TradeState.RISK_FILLED: {
        Happened.HEDGE_CORRECTED: Transition(TradeState.RISK_FILLED, Guard.HEDGE_FIRST),
        Happened.RISK_CORRECTED: Transition(TradeState.RISK_FILLED),
        Happened.HEDGED: Transition(TradeState.HEDGED, Guard.HEDGE_FIRST),
        Happened.COMPLETED: Transition(TradeState.COMPLETED, Guard.NO_HEDGE),
        Happened.CLOSED: Transition(TradeState.CLOSED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    TradeState.HEDGED: {
        Happened.HEDGE_CORRECTED: Transition(TradeState.HEDGED),
        Happened.RISK_CORRECTED: Transition(TradeState.HEDGED),
        Happened.COMPLETED: Transition(TradeState.COMPLETED),
        Happened.CLOSED: Transition(TradeState.CLOSED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    TradeState.COMPLETED: {
        Happened.HEDGE_CORRECTED: Transition(TradeState.COMPLETED, Guard.HEDGE_FIRST),
        Happened.RISK_CORRECTED: Transition(TradeState.COMPLETED),
        Happened.CLOSED: Transition(TradeState.CLOSED),
        Happened.ESCALATED: Transition(TradeState.ESCALATED),
    },
    TradeState.CLOSED: {},
    TradeState.CANCELLED: {},
    TradeState.REJECTED: {},
    TradeState.ESCALATED: {},
}

_RANKS = {
    TradeState.CREATED: 0,
    TradeState.VALIDATED: 1,
    TradeState.HEDGE_SUBMITTED: 2,
    TradeState.HEDGE_PARTIAL: 3,
    TradeState.HEDGE_FILLED: 4,
    TradeState.RISK_SUBMITTED: 5,
    TradeState.RISK_PARTIAL: 6,
    TradeState.RISK_FILLED: 7,
    TradeState.HEDGED: 8,
    TradeState.COMPLETED: 9,
    TradeState.CLOSED: 10,
    TradeState.CANCELLED: 10,
    TradeState.REJECTED: 10,
    TradeState.ESCALATED: 10,
}

_HEDGE_QUANTITIES = frozenset(
    {Happened.HEDGE_PARTLY_FILLED, Happened.HEDGE_FILLED, Happened.HEDGE_CORRECTED}
)
_RISK_QUANTITIES = frozenset(
    {Happened.RISK_PARTLY_FILLED, Happened.RISK_FILLED, Happened.RISK_CORRECTED}
)
_CORRECTIONS = frozenset({Happened.HEDGE_CORRECTED, Happened.RISK_CORRECTED})

# The state that an event announces, wherever it is taken. A correction announces none.
_ANNOUNCED = {
    happened: transition.to
    for taken in TRANSITIONS.values()
    for happened, transition in taken.items()
    if happened not in _CORRECTIONS
}


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """One thing that happened, with the quantity that it adds to what is filled.

    A fill adds; it can be the last one and add nothing, where less is wanted than before. A
    correction adds or takes away. Nothing else carries a quantity.
    """

    happened: Happened
    at: datetime
    quantity: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        check_utc(self.happened, self.at)
        if not _carries(self.happened, self.quantity):
            raise ValueError(f"{self.happened}: it can't carry a quantity of {self.quantity}")


class RefusalReason(StrEnum):
    """Why an event did not move a trade."""

    BACKWARD = "backward"
    """It announces a state that the trade has left behind."""
    DUPLICATE = "duplicate"
    """It announces the state that the trade is in."""
    AFTER_END = "after the end"
    """The trade is over."""
    IMPOSSIBLE = "impossible"
    """Nothing leads there from here: somebody has skipped a step or knows less than we do."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that was refused, and in which state."""

    event: LifecycleEvent
    state: TradeState
    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How far a trade has come, what its legs have filled, and the last events it refused."""

    hedge_first: bool
    state: TradeState = TradeState.CREATED
    hedge_filled: Decimal = Decimal(0)
    risk_filled: Decimal = Decimal(0)
    refusals: tuple[Refusal, ...] = ()
    refusals_count: int = 0

    def __post_init__(self) -> None:
        if len(self.refusals) != min(self.refusals_count, REFUSALS_KEPT):
            raise ValueError(
                f"{len(self.refusals)} refusals are kept of {self.refusals_count};"
                f" it is all of them up to {REFUSALS_KEPT}"
            )


@dataclass(frozen=True, slots=True)
class Moved:
    """The trade has come further."""

    lifecycle: Lifecycle
    left: TradeState
    kind: Literal["moved"] = "moved"


@dataclass(frozen=True, slots=True)
class Stayed:
    """The event belongs to the state that the trade is in; only its quantity is news."""

    lifecycle: Lifecycle
    kind: Literal["stayed"] = "stayed"


@dataclass(frozen=True, slots=True)
class Refused:
    """The state is what it was; the quantity is booked all the same."""

    lifecycle: Lifecycle
    refusal: Refusal
    kind: Literal["refused"] = "refused"

    @property
    def reason(self) -> RefusalReason:
        """Why the event did not move the trade."""
        return self.refusal.reason

    @property
    def booked(self) -> Decimal:
        """The quantity that came with it: a position, whatever the state says."""
        return self.refusal.event.quantity

    @property
    def quantity_after_end(self) -> Decimal:
        """The part of it that nobody manages any more, because the trade was over."""
        return self.booked if self.refusal.state.is_over else Decimal(0)


Applied = Annotated[Moved | Stayed | Refused, Field(discriminator="kind")]


def apply(lifecycle: Lifecycle, event: LifecycleEvent) -> Moved | Stayed | Refused:
    """What `event` makes of a trade: its quantity is booked in each of the three answers."""
    booked = _booked(lifecycle, event)
    transition = TRANSITIONS[lifecycle.state].get(event.happened)
    if transition is None or not _holds(transition.guard, lifecycle):
        refusal = Refusal(event, lifecycle.state, _reason(lifecycle.state, event.happened))
        return Refused(_recorded(booked, refusal), refusal)
    if transition.to is lifecycle.state:
        return Stayed(booked)
    return Moved(replace(booked, state=transition.to), left=lifecycle.state)


def _carries(happened: Happened, quantity: Decimal) -> bool:
    """Whether an event of this sort can come with this quantity."""
    if not quantity.is_finite():
        return False
    match happened:
        case Happened.HEDGE_PARTLY_FILLED | Happened.RISK_PARTLY_FILLED:
            return quantity > 0
        case Happened.HEDGE_FILLED | Happened.RISK_FILLED:
            return quantity >= 0
        case Happened.HEDGE_CORRECTED | Happened.RISK_CORRECTED:
            return quantity != 0
        case _:
            return quantity == 0


def _booked(lifecycle: Lifecycle, event: LifecycleEvent) -> Lifecycle:
    if event.happened in _HEDGE_QUANTITIES:
        return replace(lifecycle, hedge_filled=lifecycle.hedge_filled + event.quantity)
    if event.happened in _RISK_QUANTITIES:
        return replace(lifecycle, risk_filled=lifecycle.risk_filled + event.quantity)
    return lifecycle


def _holds(guard: Guard, lifecycle: Lifecycle) -> bool:
    match guard:
        case Guard.NOTHING:
            return True
        case Guard.HEDGE_FIRST:
            return lifecycle.hedge_first
        case Guard.NO_HEDGE:
            return not lifecycle.hedge_first
        case Guard.NOTHING_FILLED:
            return not lifecycle.hedge_filled and not lifecycle.risk_filled
        case _:
            assert_never(guard)


def _reason(state: TradeState, happened: Happened) -> RefusalReason:
    announced = _ANNOUNCED.get(happened)
    if announced is state:
        return RefusalReason.DUPLICATE
    if state.is_over:
        return RefusalReason.AFTER_END
    if announced is not None and announced.rank < state.rank:
        return RefusalReason.BACKWARD
    return RefusalReason.IMPOSSIBLE


def _recorded(lifecycle: Lifecycle, refusal: Refusal) -> Lifecycle:
    return replace(
        lifecycle,
        refusals=(*lifecycle.refusals, refusal)[-REFUSALS_KEPT:],
        refusals_count=lifecycle.refusals_count + 1,
    )
