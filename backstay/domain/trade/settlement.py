"""What a trade has come to, once it is over."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.figures import total
from backstay.domain.lifecycle import TradeState
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.view import CommissionTotal
from backstay.domain.trade.standing import TradeStanding


@dataclass(frozen=True, slots=True)
class Settlement:
    """The orders of a trade and what they add up to, in the instrument's own currency.

    `left_over` is what of the position no order of the trade has closed: somebody else has, or
    nobody; then `profit` is that of what was closed. It is None where nobody could read at which
    price the entry has filled, or that it has. `naked_seconds` is quantity x seconds without an
    acknowledged stop.
    """

    account: str
    trade: str
    con_id: int
    state: TradeState
    orders: tuple[OrderSummary, ...]
    left_over: Decimal
    profit: Decimal | None
    commissions: tuple[CommissionTotal, ...]
    naked_seconds: Decimal
    at: datetime
    why: str = ""


def settlement_of(
    standing: TradeStanding, con_id: int, multiplier: Decimal, now: datetime
) -> Settlement:
    """What `standing` amounts to when nothing more comes.

    What was entered and not closed is not valued, nor what was closed and never entered: the profit
    is that of what was both.
    """
    entry = standing.entry
    orders = (*(() if entry is None else (entry,)), *standing.exits)
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for commission in (each for order in orders for each in order.commissions):
        totals[commission.currency] += commission.amount
    naked = standing.naked
    return Settlement(
        account=standing.account,
        trade=standing.trade,
        con_id=con_id,
        state=standing.lifecycle.state,
        orders=orders,
        left_over=standing.left,
        profit=_profit(standing, multiplier),
        commissions=tuple(
            CommissionTotal(currency, totals[currency]) for currency in sorted(totals)
        ),
        naked_seconds=Decimal(0) if naked is None else naked.unit_seconds,
        at=now,
        why=standing.why,
    )


def _profit(standing: TradeStanding, multiplier: Decimal) -> Decimal | None:
    """Of what was entered and closed."""
    entry = standing.entry
    if not standing.closed:
        return Decimal(0)
    if entry is None or entry.average_price is None:
        return None
    both = min(entry.filled, standing.closed)
    paid = _share(entry.value, both, entry.filled)
    got = _share(total(order.value for order in standing.exits), both, standing.closed)
    return standing.side.signed(got - paid) * multiplier


def _share(value: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """What of a value falls to a part; exactly all of it to the whole."""
    return value if part == whole else value * part / whole
