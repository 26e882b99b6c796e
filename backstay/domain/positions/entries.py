"""What can change a position, or the money in it.

Owns the facts that the books are made of. An *execution* is one fill report of the broker; it
belongs to the trade whose order it filled, or to nobody here (foreign: placed by hand or by another
program). An *adjustment* is a change that came without a report: a close by hand that only the
position shows, an expiry, a delivery. A *revaluation* moves the cost to the broker's price and no
quantity. A *withdrawal* says that one of these does not count, or counts after all.

What was told is never erased. A later version under the same name replaces an earlier one, and an
execution with a quantity of zero says that it never happened.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_not_below_zero, check_number, check_utc
from backstay.domain.orders.executions import execution_id_parts
from backstay.domain.sides import Side


class Cause(StrEnum):
    """Why a position changed without an execution."""

    ADOPTED = "adopted"
    """A person has said that a position found at the broker is theirs."""

    BY_HAND = "by hand"
    """Somebody closed it, and only the broker's position shows it."""

    EXPIRED = "expired"
    ASSIGNED = "assigned"
    EXERCISED = "exercised"

    DELIVERED = "delivered"
    """What the assignment or exercise of an option brought or took, at its strike."""


def _check_amounts(name: str, quantity: Decimal, price: Decimal) -> None:
    check_not_below_zero(f"{name}: the quantity", quantity)
    check_not_below_zero(f"{name}: the price", price)


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill report; `trade` is None for an order that is not ours."""

    exec_id: str
    con_id: int
    trade: str | None
    side: Side
    quantity: Decimal
    price: Decimal
    at: datetime
    kind: Literal["execution"] = "execution"

    def __post_init__(self) -> None:
        _check_amounts(self.exec_id, self.quantity, self.price)
        check_utc(self.exec_id, self.at)

    @property
    def name(self) -> str:
        """What all versions of this execution have in common."""
        return execution_id_parts(self.exec_id)[0]

    @property
    def version(self) -> int:
        """The number of the correction; the highest counts."""
        return execution_id_parts(self.exec_id)[1]

    @property
    def change(self) -> Decimal:
        """What it does to the position."""
        return self.side.signed(self.quantity)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of position without a fill report. An `estimated` price is not the broker's word."""

    name: str
    con_id: int
    trade: str | None
    side: Side
    quantity: Decimal
    price: Decimal
    at: datetime
    cause: Cause
    estimated: bool
    version: int = 1
    kind: Literal["adjustment"] = "adjustment"

    def __post_init__(self) -> None:
        _check_amounts(self.name, self.quantity, self.price)
        check_utc(self.name, self.at)

    @property
    def change(self) -> Decimal:
        """What it does to the position."""
        return self.side.signed(self.quantity)


@dataclass(frozen=True, slots=True)
class Revaluation:
    """The open position is worth `amount` more at cost than was booked (less, if negative)."""

    name: str
    con_id: int
    amount: Decimal
    at: datetime
    version: int = 1
    kind: Literal["revaluation"] = "revaluation"

    def __post_init__(self) -> None:
        check_number(f"{self.name}: the amount", self.amount)
        check_utc(self.name, self.at)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The entry called `of` does not count while this `stands`: the broker does not bear it out."""

    of: str
    con_id: int
    stands: bool
    at: datetime
    version: int = 1
    kind: Literal["withdrawal"] = "withdrawal"

    def __post_init__(self) -> None:
        check_utc(self.name, self.at)

    @property
    def name(self) -> str:
        """What all withdrawals of one entry have in common."""
        return f"withdrawal of {self.of}"


Bookable = Execution | Adjustment | Revaluation
Entry = Annotated[Bookable | Withdrawal, Field(discriminator="kind")]
