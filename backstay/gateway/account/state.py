"""What of the accounts has to survive the process: few small rows, each with a name of its own.

A position is kept as it was at midnight, with the trades since. So a fill changes two rows, its own
and the cash, however much was traded before.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from backstay.gateway.values.contract import Contract


@dataclass(frozen=True, slots=True)
class CashState:
    """The cash of one account in one currency."""

    kind: ClassVar[str] = "cash"

    account: str
    currency: str
    balance: Decimal

    @property
    def row(self) -> str:
        """What the row is called."""
        return f"{self.account}/{self.currency}"


@dataclass(frozen=True, slots=True)
class HoldingState:
    """A position as it was at midnight, or when it was first opened today."""

    kind: ClassVar[str] = "holding"

    account: str
    contract: Contract
    quantity: Decimal
    cost: Decimal
    value: Decimal

    @property
    def row(self) -> str:
        """What the row is called."""
        return f"{self.account}/{self.contract.con_id}"


@dataclass(frozen=True, slots=True)
class TradeState:
    """One execution of today; `number` says when it was booked, a correction keeps it."""

    kind: ClassVar[str] = "trade"

    number: int
    account: str
    con_id: int
    exec_id: str
    quantity: Decimal
    price: Decimal
    commission: Decimal

    @property
    def row(self) -> str:
        """What the row is called."""
        return str(self.number)


@dataclass(frozen=True, slots=True)
class DayState:
    """The broker day for which profits are counted."""

    kind: ClassVar[str] = "day"

    day: date

    @property
    def row(self) -> str:
        """What the row is called."""
        return "day"


AccountRow = CashState | HoldingState | TradeState | DayState


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A row as it is now, or `None` where it is no more."""

    kind: str
    row: str
    now: AccountRow | None


@dataclass(frozen=True, slots=True)
class AccountsState:
    """All accounts."""

    day: date
    cash: tuple[CashState, ...] = ()
    holdings: tuple[HoldingState, ...] = ()
    trades: tuple[TradeState, ...] = ()
