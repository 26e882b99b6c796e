"""One order we mean to have at the broker.

Owns the complete description of an order, enough to be sent, compared with what is there, and sent
again under the same key after a crash. It knows nothing of what became of it: that is `view`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, Literal, assert_never

from pydantic import Field

from backstay.domain.checks import check_above_zero, check_utc
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.sides import Side


class TimeInForce(StrEnum):
    """How long the broker keeps an order, in IB's words."""

    DAY = "DAY"
    GOOD_TILL_CANCELLED = "GTC"
    IMMEDIATE_OR_CANCEL = "IOC"
    GOOD_TILL_DATE = "GTD"


class TriggerMethod(IntEnum):
    """What IB watches to trigger a stop, with IB's numbers."""

    DEFAULT = 0
    DOUBLE_BID_ASK = 1
    LAST = 2
    DOUBLE_LAST = 3
    BID_ASK = 4
    LAST_OR_BID_ASK = 7
    MIDPOINT = 8


@dataclass(frozen=True, slots=True)
class Market:
    """At whatever price there is."""

    kind: Literal["MKT"] = "MKT"


@dataclass(frozen=True, slots=True)
class Limit:
    """At `price` or better."""

    price: Decimal
    kind: Literal["LMT"] = "LMT"


@dataclass(frozen=True, slots=True)
class Stop:
    """A market order once `trigger` is reached; it sleeps outside regular hours."""

    trigger: Decimal
    kind: Literal["STP"] = "STP"


@dataclass(frozen=True, slots=True)
class StopLimit:
    """A limit order at `price` once `trigger` is reached."""

    trigger: Decimal
    price: Decimal
    kind: Literal["STP LMT"] = "STP LMT"


OrderTerms = Annotated[Market | Limit | Stop | StopLimit, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class OcaGroup:
    """Membership in a one-cancels-all group; a name is used for one generation and never again."""

    name: str
    type: Literal[1, 2, 3]

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("an OCA group needs a name")


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """One order we mean to have: what, how much, on what terms, and for how long."""

    key: IntentKey
    account: str
    instrument: Instrument
    side: Side
    quantity: Decimal
    terms: OrderTerms
    time_in_force: TimeInForce
    good_till: datetime | None = None
    outside_regular_hours: bool = False
    trigger_method: TriggerMethod = TriggerMethod.DEFAULT
    oca: OcaGroup | None = None
    parent: IntentKey | None = None

    def __post_init__(self) -> None:
        check_above_zero(f"{self.key}: the quantity", self.quantity)
        for price in prices_of(self.terms):
            check_above_zero(f"{self.key}: a price", price)
        if (self.time_in_force is TimeInForce.GOOD_TILL_DATE) != (self.good_till is not None):
            raise ValueError(f"{self.key}: a date belongs to GTD, and GTD needs one")
        if self.good_till is not None:
            check_utc(str(self.key), self.good_till)
        if self.parent is not None and self.parent.trade != self.key.trade:
            raise ValueError(f"{self.key}: the parent {self.parent} belongs to another trade")

    @property
    def order_ref(self) -> str:
        """The reference that the order carries at the broker."""
        return self.key.order_ref

    @property
    def signed_quantity(self) -> Decimal:
        """What filling the whole order does to the position."""
        return self.side.signed(self.quantity)


def prices_of(terms: Market | Limit | Stop | StopLimit) -> tuple[Decimal, ...]:
    """Every price that `terms` names."""
    match terms:
        case Market():
            return ()
        case Limit(price):
            return (price,)
        case Stop(trigger):
            return (trigger,)
        case StopLimit(trigger, price):
            return (trigger, price)
        case _:
            assert_never(terms)
