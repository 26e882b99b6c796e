"""What an order would do to an account: the answer to a what-if, and the refusal for margin.

The order is taken as filled whole, at the price that its type has: the limit, else the stop, else
what the market asks or bids. A sale with a limit below the bid counts at the bid, where it would
trade. Other working orders are not counted.
"""

from decimal import Decimal

from backstay.gateway.account.books import Books, multiplier_of
from backstay.gateway.account.commissions import order_commission
from backstay.gateway.account.ledger import cash_flow
from backstay.gateway.account.margin import requirement
from backstay.gateway.account.marks import Prices, mark
from backstay.gateway.account.money import ZERO, shown
from backstay.gateway.account.standing import Standing
from backstay.gateway.market.words import Instrument
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview

REFUSAL = (
    "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION "
    "YOUR EQUITY WITH LOAN VALUE [{equity} {currency}] MUST EXCEED THE INITIAL MARGIN "
    "[{margin} {currency}]"
)


def preview_of(
    books: Books, standing: Standing, prices: Prices, instrument: Instrument, order: Order
) -> MarginPreview:
    """The margin and equity of the account before and after the order."""
    contract = instrument.contract
    traded = order.quantity if order.action == "BUY" else -order.quantity
    price = reference_price(prices, instrument, order)
    commission = order_commission(contract, order.quantity, price)
    quantity = books.position(contract).quantity + traded
    others = [each for each in books.exposures() if each.contract.con_id != contract.con_id]
    after = requirement(
        (*others, *([books.exposure(contract, quantity, price)] if quantity else ()))
    )
    paid = commission
    if instrument.is_option:
        paid -= cash_flow(traded, price, multiplier_of(contract))
    before = standing.required
    return MarginPreview(
        init_before=shown(before.initial),
        maint_before=shown(before.maintenance),
        equity_before=shown(standing.loan_equity),
        init_change=shown(after.initial) - shown(before.initial),
        maint_change=shown(after.maintenance) - shown(before.maintenance),
        equity_change=shown(standing.loan_equity - paid) - shown(standing.loan_equity),
        init_after=shown(after.initial),
        maint_after=shown(after.maintenance),
        equity_after=shown(standing.loan_equity - paid),
        commission=commission,
        commission_currency=contract.currency,
    )


def refusal_of(
    books: Books, preview: MarginPreview, contract_held: Decimal, order: Order
) -> str | None:
    """IB's text if the account can't carry the order.

    An order is refused if it leaves less equity than initial margin, and makes that worse. What
    closes a position and needs no more margin is never refused.
    """
    equity, margin = preview.equity_after or ZERO, preview.init_after or ZERO
    rise, gain = preview.init_change or ZERO, preview.equity_change or ZERO
    traded = order.quantity if order.action == "BUY" else -order.quantity
    closes = abs(contract_held + traded) <= abs(contract_held)
    if equity >= margin or gain >= rise or (closes and rise <= 0):
        return None
    return REFUSAL.format(equity=equity, margin=margin, currency=books.currency)


def reference_price(prices: Prices, instrument: Instrument, order: Order) -> Decimal:
    """The price at which the order is taken to be filled."""
    quote = prices.quote(instrument.con_id)
    is_sale = order.action == "SELL"
    met = quote.bid if is_sale else quote.ask
    if "LMT" in order.order_type and order.limit_price:
        return max(order.limit_price, met or ZERO) if is_sale else order.limit_price
    if "STP" in order.order_type and order.aux_price:
        return order.aux_price
    return met or mark(quote) or ZERO
