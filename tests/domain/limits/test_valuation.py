"""What an order is worth, and how far its price may stray."""

from decimal import Decimal

import pytest

from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import Margin, Reference, Touch, TriggerPrice
from backstay.domain.limits.valuation import (
    Collar,
    collar_around,
    reference_price,
    unit_value,
    valued_at,
)
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit, Market, OrderTerms, Stop, StopLimit
from backstay.domain.sides import Side
from tests.domain.limits.samples import (
    CONTRACT,
    EURO_SHARE,
    FACTS,
    NOW,
    SHARE,
    key,
    order,
)

BUY, SELL = Side.BUY, Side.SELL
NO_BID = Touch(None, Decimal(100), NOW)
NO_ASK = Touch(Decimal(99), None, NOW)


@pytest.mark.parametrize(
    ("side", "reference", "price"),
    [
        (BUY, Touch(Decimal(99), Decimal(100), NOW), 100),
        (SELL, Touch(Decimal(99), Decimal(100), NOW), 99),
        (BUY, NO_BID, 100),
        (SELL, NO_BID, None),
        (BUY, NO_ASK, None),
        (SELL, NO_ASK, 99),
        (BUY, TriggerPrice(Decimal(190)), 190),
        (SELL, TriggerPrice(Decimal(190)), 190),
        (BUY, None, None),
    ],
)
@pytest.mark.req("S3.4")
def test_the_reference_is_the_worse_of_the_touch_or_the_trigger(
    side: Side, reference: Reference | None, price: int | None
) -> None:
    assert reference_price(order(key(), side=side), reference) == price


def limit(price: int) -> Limit:
    return Limit(Decimal(price))


def stop_limit(trigger: int, price: int) -> StopLimit:
    return StopLimit(Decimal(trigger), Decimal(price))


@pytest.mark.parametrize(
    ("side", "terms", "price"),
    [
        (BUY, Market(), 100),
        (SELL, Market(), 100),
        (BUY, limit(95), 95),
        (BUY, limit(105), 105),
        (SELL, limit(95), 100),
        (SELL, limit(105), 105),
        (BUY, Stop(Decimal(105)), 105),
        (BUY, Stop(Decimal(95)), 100),
        (SELL, Stop(Decimal(95)), 100),
        (SELL, Stop(Decimal(105)), 105),
        (BUY, stop_limit(103, 105), 105),
        (BUY, stop_limit(95, 97), 97),
        (SELL, stop_limit(95, 93), 100),
        (SELL, stop_limit(105, 103), 105),
        (SELL, stop_limit(101, 103), 103),
    ],
)
@pytest.mark.req("S0.4", "S3.4")
def test_an_order_is_valued_at_the_worst_price_that_it_can_trade_at(
    side: Side, terms: OrderTerms, price: int
) -> None:
    assert valued_at(order(key(), side=side, terms=terms), Decimal(100)) == price


@pytest.mark.parametrize(
    ("instrument", "value"), [(SHARE, "2.5"), (CONTRACT, "250"), (EURO_SHARE, "3.125")]
)
@pytest.mark.req("S0.4", "X.10")
def test_a_unit_is_worth_price_times_multiplier_in_the_base_currency(
    instrument: Instrument, value: str
) -> None:
    intent = order(key(), instrument=instrument)

    assert unit_value(intent, Decimal("2.50"), FACTS.rates) == Decimal(value)


@pytest.mark.req("X.10")
def test_a_unit_in_a_currency_without_a_rate_has_no_value() -> None:
    intent = order(key(), instrument=EURO_SHARE)

    assert unit_value(intent, Decimal(1), ExchangeRates("USD")) is None


@pytest.mark.parametrize(
    ("price", "held"), [("94.99", False), ("95", True), ("105", True), ("105.01", False)]
)
def test_a_collar_holds_its_ends(price: str, *, held: bool) -> None:
    assert collar_around(Decimal(100), Decimal(5)).holds(Decimal(price)) is held


def test_a_collar_reaches_as_far_up_as_down() -> None:
    collar = collar_around(Decimal(200), Decimal("2.50"))

    assert collar == Collar(Decimal(195), Decimal(205))
    assert str(collar) == "195 to 205"


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (2, 1)])
def test_a_collar_is_above_zero_and_not_upside_down(low: int, high: int) -> None:
    with pytest.raises(ValueError, match=rf"^a collar reaches from {low} to {high}$"):
        Collar(Decimal(low), Decimal(high))


def test_a_collar_may_be_one_price() -> None:
    assert Collar(Decimal(1), Decimal(1)).holds(Decimal(1))


def test_an_order_that_frees_margin_requires_none() -> None:
    assert Margin(Decimal(0), Decimal(-5)).required == 0
    with pytest.raises(
        ValueError, match=r"^an order requires -1 of margin; one that frees some: 0"
    ):
        Margin(Decimal(-1), Decimal(5))
