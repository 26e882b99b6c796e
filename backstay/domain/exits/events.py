"""What can happen to a ladder, and what it can ask for.

Events may come late, twice or backwards: what the broker says of an order carries a revision, which
grows with what it rests on, and an older one is ignored. Commands are values; whoever carries one
out may do so twice, because each names the key it is about.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.exits.market import MarketNow
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import OrderIntent, OrderTerms
from backstay.domain.orders.outcome import RejectionClass


class Alarm(StrEnum):
    """What a person is told while a ladder runs; each once for each order it is about."""

    HALTED = "trading is halted; the exit goes at resumption"
    MARKET_CLOSED = "the market is closed; the exit goes when it opens"
    NO_TOUCH = "nobody quotes our side; the exit rests at a floor"
    NOT_ANSWERED = "an order was sent and the broker does not say what became of it"
    CANCEL_NOT_CONFIRMED = "a cancel is not confirmed; the next order waits for it"
    RESHAPE_NOT_CONFIRMED = "a modification is not confirmed; the order is cancelled instead"
    FILLS_NOT_READ = "the broker does not answer what an order has filled"
    MARKET_NOT_FILLED = "a market order is not filled"
    EXIT_REFUSED = "the broker refused an exit; the stop goes back and the exit is tried again"
    FROZEN = "the trade has used all its exit orders; the stop stands and a person decides"
    UNPROTECTED = "open quantity has no live exit, and the broker refuses the stop"
    OVERCOMMITTED = "live exits could fill more than is open; all are cancelled"
    OVERFILLED = "exits have filled more than was open; the position has turned"
    REPROTECTED = "open quantity was found without a live exit; the stop goes back first"
    FRACTION = "less than one is left, which no order can be for; close it in TWS"

    @property
    def incident(self) -> IncidentKind:
        """As what a person is told of it, with the severity that has."""
        return _INCIDENTS[self]


_INCIDENTS = {
    Alarm.HALTED: IncidentKind.EXIT_WAITS,
    Alarm.MARKET_CLOSED: IncidentKind.EXIT_WAITS,
    Alarm.NO_TOUCH: IncidentKind.EXIT_WAITS,
    Alarm.NOT_ANSWERED: IncidentKind.ORDER_UNKNOWN,
    Alarm.CANCEL_NOT_CONFIRMED: IncidentKind.EXIT_UNRESOLVED,
    Alarm.RESHAPE_NOT_CONFIRMED: IncidentKind.EXIT_UNRESOLVED,
    Alarm.FILLS_NOT_READ: IncidentKind.EXIT_UNRESOLVED,
    Alarm.MARKET_NOT_FILLED: IncidentKind.EXIT_NOT_FILLED,
    Alarm.EXIT_REFUSED: IncidentKind.EXIT_UNRESOLVED,
    Alarm.FROZEN: IncidentKind.EXITS_EXHAUSTED,
    Alarm.UNPROTECTED: IncidentKind.NAKED_POSITION,
    Alarm.OVERCOMMITTED: IncidentKind.PROTECTION_MISMATCH,
    Alarm.OVERFILLED: IncidentKind.ORDER_OVERFILLED,
    Alarm.REPROTECTED: IncidentKind.NAKED_POSITION,
    Alarm.FRACTION: IncidentKind.FRACTIONAL_REMAINDER,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the broker's facts about an order amount to: whether it is over, what it has filled."""

    key: IntentKey
    over: bool
    filled: Decimal
    revision: int
    at: datetime
    kind: Literal["seen"] = "seen"


@dataclass(frozen=True, slots=True)
class Refused:
    """The broker has refused a new order: nothing of it is alive."""

    key: IntentKey
    rejection: RejectionClass
    at: datetime
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Absent:
    """Complete answers, under the rules for absence, prove that the broker never had the order."""

    key: IntentKey
    at: datetime
    kind: Literal["absent"] = "absent"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A submission came to nothing that can be told: sent or not, read or not."""

    key: IntentKey
    kind: Literal["unanswered"] = "unanswered"


@dataclass(frozen=True, slots=True)
class CancelRefused:
    """The broker says that it can't cancel; that proves neither life nor death."""

    key: IntentKey
    kind: Literal["cancel refused"] = "cancel refused"


@dataclass(frozen=True, slots=True)
class Reshaped:
    """The broker shows the order with these terms, for this quantity in all; it confirms the
    modification that asked for them, and no other one.
    """

    key: IntentKey
    terms: OrderTerms
    quantity: Decimal
    at: datetime
    kind: Literal["reshaped"] = "reshaped"


@dataclass(frozen=True, slots=True)
class ReshapeRefused:
    """The broker has refused a modification; the order stands as it was."""

    key: IntentKey
    kind: Literal["reshape refused"] = "reshape refused"


@dataclass(frozen=True, slots=True)
class FillsRead:
    """A complete answer to what an order has filled, asked for after it was over. As the answer
    of a revision that is news, it also says that the order is over.
    """

    key: IntentKey
    filled: Decimal
    revision: int
    at: datetime
    kind: Literal["fills read"] = "fills read"


@dataclass(frozen=True, slots=True)
class Resized:
    """The tranche is now of this quantity, including what the ladder has filled: an entry filled
    late, or somebody closed a part by hand.
    """

    quantity: Decimal
    kind: Literal["resized"] = "resized"


@dataclass(frozen=True, slots=True)
class MarketMoved:
    """The session, the halt or the touch have changed."""

    market: MarketNow
    kind: Literal["market moved"] = "market moved"


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but time; asked for by `due`."""

    kind: Literal["time passed"] = "time passed"


LadderEvent = Annotated[
    Seen
    | Refused
    | Absent
    | Unanswered
    | CancelRefused
    | Reshaped
    | ReshapeRefused
    | FillsRead
    | Resized
    | MarketMoved
    | TimePassed,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Send:
    """Submit this order, idempotently by its key."""

    intent: OrderIntent
    kind: Literal["send"] = "send"


@dataclass(frozen=True, slots=True)
class Reshape:
    """Modify the live order of this key to what `intent` says."""

    intent: OrderIntent
    kind: Literal["reshape"] = "reshape"


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel whatever lives under this key."""

    key: IntentKey
    kind: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class ReadFills:
    """Ask, completely, what this order has filled."""

    key: IntentKey
    kind: Literal["read fills"] = "read fills"


@dataclass(frozen=True, slots=True)
class AskBroker:
    """Ask the broker what has become of this order."""

    key: IntentKey
    kind: Literal["ask broker"] = "ask broker"


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell a person, with the quantity that it is about."""

    alarm: Alarm
    quantity: Decimal
    key: IntentKey | None = None
    kind: Literal["tell"] = "tell"


LadderCommand = Annotated[
    Send | Reshape | Cancel | ReadFills | AskBroker | Tell, Field(discriminator="kind")
]
