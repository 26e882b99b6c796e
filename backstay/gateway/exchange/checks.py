"""What is wrong with an order by itself: accepted, refused, or accepted with a warning."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from backstay.gateway.exchange import remarks
from backstay.gateway.exchange.deadlines import instant_ns
from backstay.gateway.exchange.hours import works_outside
from backstay.gateway.exchange.remarks import Remark
from backstay.gateway.exchange.triggers import METHODS, is_stop
from backstay.gateway.market.grid import is_on_grid
from backstay.gateway.market.words import Instrument
from backstay.gateway.messages.replies import PriceStep
from backstay.gateway.values.order import Order

ORDER_TYPES = ("MKT", "LMT", "STP", "STP LMT")
TIFS = ("DAY", "GTC", "IOC", "GTD")
FREEZE_QUANTITIES = {"STK": Decimal(500_000), "OPT": Decimal(5_000)}
"""The most that one order may be for."""

PRICE_MAX = Decimal(10_000_000)
"""Nothing costs more; beyond it, or where it is no number at all, a price is off every tick."""

_LIMITED = ("LMT", "STP LMT")


def found(instruments: Sequence[Instrument]) -> Instrument | Remark:
    """The one instrument that a contract means."""
    if not instruments:
        return remarks.NO_DEFINITION
    if len(instruments) > 1:
        return remarks.AMBIGUOUS
    return instruments[0]


def refusal(
    instrument: Instrument, order: Order, accounts: Collection[str], now_ns: int
) -> Remark | None:
    """Why the order can't be taken as it is, whatever else there is; IB's first reason."""
    return (
        _of_request(instrument, order, accounts)
        or _of_wishes(order)
        or _of_size(instrument, order)
        or _of_price(instrument, order)
        or _of_time(order, now_ns)
    )


def warnings(instrument: Instrument, order: Order) -> Iterator[Remark]:
    """What IB says of an order that it takes; `order` is as the client worded it."""
    if not order.tif:
        yield remarks.TIF_PRESET
    if order.outside_rth and not works_outside(order) and not instrument.is_option:
        yield remarks.OUTSIDE_IGNORED


def conforms(price: Decimal, steps: Sequence[PriceStep]) -> bool:
    """Whether the price is one of the instrument's; nothing at or below zero is."""
    if not price.is_finite() or not 0 < price <= PRICE_MAX:
        return False
    return is_on_grid(steps, price)


def _of_request(instrument: Instrument, order: Order, accounts: Collection[str]) -> Remark | None:
    if not order.account and len(accounts) > 1:
        return remarks.NO_ACCOUNT
    if order.account and order.account not in accounts:
        return remarks.unknown_account(order.account)
    if order.action not in {"BUY", "SELL"}:
        return remarks.invalid(f"Invalid order action '{order.action}'.")
    if order.order_type not in ORDER_TYPES:
        return remarks.BAD_ORDER_TYPE
    if order.tif and order.tif not in TIFS:
        return remarks.TIF_INCOMPATIBLE
    if is_stop(order) and order.trigger_method not in METHODS:
        return remarks.invalid(f"Invalid trigger method {order.trigger_method}.")
    return None if instrument.is_tradable else remarks.NOT_AVAILABLE


def _of_wishes(order: Order) -> Remark | None:
    """What would decide when or whether it trades, and isn't known here: never trade without it."""
    wishes = {
        "conditions": order.conditions,
        "algoStrategy": order.algo_strategy,
        "hedgeType": order.hedge_type,
        "adjustedOrderType": order.adjustment.order_type not in {"", "None"},
        "allOrNone": order.all_or_none,
        "minQty": order.min_quantity,
    }
    name = next((name for name, wished in wishes.items() if wished), None)
    return None if name is None else remarks.invalid(f"{name} is not supported.")


def _of_size(instrument: Instrument, order: Order) -> Remark | None:
    if not order.quantity.is_finite() or order.quantity <= 0:
        return remarks.NO_SIZE
    quantity_max = FREEZE_QUANTITIES[instrument.contract.sec_type]
    if order.quantity > quantity_max:
        return remarks.above_freeze(quantity_max)
    return remarks.FRACTIONAL if order.quantity % 1 else None


def _of_price(instrument: Instrument, order: Order) -> Remark | None:
    stop = order.aux_price
    if is_stop(order) and (stop is None or stop.is_nan() or stop <= 0):
        return remarks.BAD_STOP_PRICE
    prices = [order.limit_price] if order.order_type in _LIMITED else []
    prices += [order.aux_price] if is_stop(order) else []
    if all(price is not None and conforms(price, instrument.steps) for price in prices):
        return None
    return remarks.OFF_TICK


def _of_time(order: Order, now_ns: int) -> Remark | None:
    if order.good_after_time and instant_ns(order.good_after_time) is None:
        return remarks.BAD_TIME
    if order.tif != "GTD":
        return None
    until_ns = instant_ns(order.good_till_date)
    if until_ns is None:
        return remarks.BAD_TIME
    return remarks.TIME_PASSED if until_ns <= now_ns else None
