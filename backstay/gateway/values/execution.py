"""What was traded, and what it cost."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """An execution's side, in IB's words."""

    BOUGHT = "BOT"
    SOLD = "SLD"


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill report. A correction has the same `exec_id` up to its last part, which counts on."""

    exec_id: str
    time_ns: int
    account: str
    exchange: str
    side: Side
    shares: Decimal
    price: Decimal
    perm_id: int
    client_id: int
    order_id: int
    cum_quantity: Decimal
    average_price: Decimal
    order_ref: str = ""
    liquidation: int = 0
    ev_rule: str = ""
    ev_multiplier: Decimal = Decimal(0)
    model_code: str = ""
    last_liquidity: int = 1
    pending_price_revision: bool = False


@dataclass(frozen=True, slots=True)
class Commission:
    """What one execution cost; realised P&L only where the execution closed something."""

    exec_id: str
    amount: Decimal
    currency: str
    realized_pnl: Decimal | None = None
    bond_yield: Decimal | None = None
    yield_redemption_date: int = 0
