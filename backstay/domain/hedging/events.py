"""What can happen to an emergency hedge, and what it can ask for.

Events may come late, twice or backwards: what the broker says of an order carries a revision, the
number of facts it rests on, and an older one is ignored. Commands are values; whoever carries one
out may do so twice, because each names the key or the exact quantity it is about.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """What the broker's facts about an order amount to: whether it is over, what it has filled.

    An order that was refused, or never reached the broker, is over with nothing filled.
    """

    key: IntentKey
    over: bool
    filled: Decimal
    revision: int
    kind: Literal["order seen"] = "order seen"


@dataclass(frozen=True, slots=True)
class FillsRead:
    """A complete answer to what an order has filled, asked for after it was over."""

    key: IntentKey
    filled: Decimal
    revision: int
    kind: Literal["fills read"] = "fills read"


@dataclass(frozen=True, slots=True)
class CancelRefused:
    """The broker says that it can't cancel; that proves neither life nor death."""

    key: IntentKey
    kind: Literal["cancel refused"] = "cancel refused"


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but time; asked for by `due`."""

    kind: Literal["time passed"] = "time passed"


HedgeEvent = Annotated[
    OrderSeen | FillsRead | CancelRefused | TimePassed, Field(discriminator="kind")
]


@dataclass(frozen=True, slots=True)
class SendHedge:
    """Hedge `quantity` at market under this key, as the order of this level."""

    key: IntentKey
    level: int
    quantity: Decimal
    kind: Literal["send hedge"] = "send hedge"


@dataclass(frozen=True, slots=True)
class CancelHedge:
    """Cancel whatever lives under this key."""

    key: IntentKey
    kind: Literal["cancel hedge"] = "cancel hedge"


@dataclass(frozen=True, slots=True)
class AskBroker:
    """Ask the broker what has become of this order."""

    key: IntentKey
    kind: Literal["ask broker"] = "ask broker"


@dataclass(frozen=True, slots=True)
class ReadFills:
    """Ask, completely, what this order has filled."""

    key: IntentKey
    kind: Literal["read fills"] = "read fills"


@dataclass(frozen=True, slots=True)
class Escalate:
    """Raise this incident, with the exact quantity that is unhedged now."""

    incident: IncidentKind
    unhedged_quantity: Decimal
    kind: Literal["escalate"] = "escalate"


@dataclass(frozen=True, slots=True)
class CallOff:
    """Tell the person who was called that late fills have covered everything."""

    kind: Literal["call off"] = "call off"


@dataclass(frozen=True, slots=True)
class UndoSurplus:
    """Trade back so much more of what has filled and covers nothing."""

    quantity: Decimal
    kind: Literal["undo surplus"] = "undo surplus"


HedgeCommand = Annotated[
    SendHedge | CancelHedge | AskBroker | ReadFills | Escalate | CallOff | UndoSurplus,
    Field(discriminator="kind"),
]
