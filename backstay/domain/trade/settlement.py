"""What a trade has come to, once it is over."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.lifecycle import TradeState
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.view import CommissionTotal


@dataclass(frozen=True, slots=True)
class Settlement:
    """The orders of a trade and what they add up to, in the instrument's own currency.

    `left_over` is what of the position no order of the trade has closed: somebody else has, or
    nobody; then `profit` is that of what was closed. `naked_seconds` is quantity x seconds without
    an acknowledged stop.
    """

    account: str
    trade: str
    con_id: int
    state: TradeState
    orders: tuple[OrderSummary, ...]
    left_over: Decimal
    profit: Decimal
    commissions: tuple[CommissionTotal, ...]
    naked_seconds: Decimal
    at: datetime
    why: str = ""
