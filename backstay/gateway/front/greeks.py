"""What an option's prices imply, told from the market's model of it.

The model stands for its own price; what bid, ask and last imply is a step away from it along its
vega. It is for clients that want to see such ticks: nothing in the gateway trades on it.
"""

from decimal import Decimal

from backstay.gateway.front.ticks import Draft
from backstay.gateway.market.words import Greeks, Quote
from backstay.gateway.messages.data_replies import TickOption

BID, ASK, LAST, MODEL = 10, 11, 12, 13
_VEGA_LEAST = 1e-4
_NO_NUMBER, _NO_GREEK = Decimal(-1), Decimal(-2)
"""IB's words for what can't be computed."""
_NO_DIVIDEND = Decimal(0)


def option_ticks(model: Greeks, before: Quote, after: Quote) -> tuple[Draft, ...]:
    """The computation for each price that has changed."""
    return tuple(
        _computed(model, field, now)
        for field, then, now in (
            (BID, before.bid, after.bid),
            (ASK, before.ask, after.ask),
            (LAST, before.last, after.last),
        )
        if now is not None and now != then
    )


def model_tick(model: Greeks) -> Draft:
    """The model itself."""
    return _told(model, MODEL, model.implied_volatility, _rounded(model.price))


def _computed(model: Greeks, field: int, price: Decimal) -> Draft:
    volatility = -1.0
    if model.vega >= _VEGA_LEAST:  # which is for a hundredth
        distance = float(price) - model.price
        volatility = model.implied_volatility + distance / model.vega / 100
    if volatility > 0:
        return _told(model, field, volatility, price)
    unknown = (_NO_NUMBER, _NO_GREEK, price, _NO_DIVIDEND, _NO_GREEK, _NO_GREEK, _NO_GREEK)
    return TickOption, (field, *unknown, _rounded(model.under_price))


def _told(model: Greeks, field: int, volatility: float, price: Decimal) -> Draft:
    return TickOption, (
        field,
        _rounded(volatility),
        _rounded(model.delta),
        price,
        _NO_DIVIDEND,
        _rounded(model.gamma),
        _rounded(model.vega),
        _rounded(model.theta),
        _rounded(model.under_price),
    )


def _rounded(number: float) -> Decimal:
    return Decimal(f"{number:.8f}")
