"""Prices imply a volatility, and the volatility gives the price back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.front.greeks import Terms, implied, option_ticks, value
from backstay.gateway.market.words import Quote
from backstay.gateway.messages.data_replies import TickOption
from tests.gateway.front.doubles import CALL, FULL, START_NS

AT_THE_MONEY = Terms(is_call=True, spot=100.0, strike=100.0, years=1.0)


def test_a_known_option_has_its_known_greeks() -> None:
    price = value(AT_THE_MONEY, 0.2)
    assert price == pytest.approx(9.925, abs=0.001)
    greeks = implied(AT_THE_MONEY, price)
    assert greeks is not None
    assert greeks.volatility == pytest.approx(0.2, abs=1e-9)
    assert greeks.delta == pytest.approx(0.6179, abs=0.0001)
    assert greeks.gamma == pytest.approx(0.01907, abs=0.00001)
    assert greeks.vega == pytest.approx(0.3814, abs=0.0001)
    assert greeks.theta == pytest.approx(-0.01613, abs=0.00001)


@given(
    is_call=st.booleans(),
    strike=st.floats(90, 110),
    years=st.floats(0.25, 2),
    volatility=st.floats(0.2, 2),
)
def test_the_implied_volatility_gives_the_price_back(
    is_call: bool,
    strike: float,
    years: float,
    volatility: float,
) -> None:
    terms = Terms(is_call, 100.0, strike, years)
    price = value(terms, volatility)
    greeks = implied(terms, price)
    assert greeks is not None
    assert value(terms, greeks.volatility) == pytest.approx(price, abs=1e-6)
    assert 0 < (greeks.delta if is_call else -greeks.delta) < 1


@pytest.mark.parametrize(
    ("terms", "price"),
    [
        (AT_THE_MONEY, 101.0),
        (AT_THE_MONEY._replace(spot=150.0), 40.0),
        (AT_THE_MONEY._replace(years=0.0), 5.0),
        (AT_THE_MONEY._replace(spot=0.0), 5.0),
        (AT_THE_MONEY._replace(strike=0.0), 5.0),
    ],
)
def test_a_price_that_no_volatility_explains_implies_nothing(terms: Terms, price: float) -> None:
    assert implied(terms, price) is None


def test_what_cant_be_computed_is_told_in_ibs_words() -> None:
    after = Quote(START_NS, last=Decimal(500))
    ((make, parts),) = option_ticks(CALL.contract, FULL, Quote(START_NS), after)
    none, far = Decimal(-1), Decimal(-2)
    assert make(5, *parts) == TickOption(
        5, 12, none, far, Decimal(500), Decimal(0), far, far, far, Decimal(190)
    )


@pytest.mark.parametrize(
    ("under", "spot"),
    [
        (FULL, "190"),
        (Quote(0, bid=Decimal(188), ask=Decimal(190), close=Decimal(5)), "189"),
        (Quote(0, bid=Decimal(188), close=Decimal(187)), "187"),
    ],
)
def test_the_underlying_counts_at_its_last_price_else_its_middle_else_its_close(
    under: Quote, spot: str
) -> None:
    after = Quote(START_NS, last=Decimal(5))
    ((make, parts),) = option_ticks(CALL.contract, under, Quote(START_NS), after)
    tick = make(5, *parts)
    assert isinstance(tick, TickOption)
    assert tick.under_price == Decimal(spot)
