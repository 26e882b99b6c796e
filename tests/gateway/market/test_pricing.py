"""What options are worth, and how their quotes come of it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.market.pricing import RATE, Terms, greeks, worth
from tests.gateway.market.scene import AAPL, MINUTE_NS, MONDAY, Scene, new_york

NOW = new_york("2026-11-18T16:00")
THIRTY_DAYS = Terms(is_put=False, strike=100.0, expiry="20261218", volatility=0.25)
YEARS = 30 / 365

spots = st.floats(50, 200)


def test_a_price_that_can_be_looked_up() -> None:
    call = Terms(is_put=False, strike=100.0, expiry="20271118", volatility=0.2)
    # With a rate of 4 %, a year and 20 %: 9.9251 for the call and 6.0040 for the put.
    assert worth(call, 100.0, NOW) == pytest.approx(9.9251, abs=1e-4)
    assert worth(replace(call, is_put=True), 100.0, NOW) == pytest.approx(6.0040, abs=1e-4)


@given(spots)
def test_call_and_put_keep_parity(spot: float) -> None:
    put = replace(THIRTY_DAYS, is_put=True)
    forward = spot - 100.0 * 2.718281828459045 ** (-RATE * YEARS)
    difference = worth(THIRTY_DAYS, spot, NOW) - worth(put, spot, NOW)
    assert difference == pytest.approx(forward, abs=1e-6)


@given(spots, st.booleans())
def test_the_greeks_are_the_slopes_of_the_price(spot: float, put: bool) -> None:
    terms = replace(THIRTY_DAYS, is_put=put)
    found = greeks(terms, spot, NOW)
    assert found is not None
    step = spot * 1e-4
    up, here, down = (worth(terms, spot + move, NOW) for move in (step, 0, -step))
    assert found.delta == pytest.approx((up - down) / (2 * step), abs=1e-4)
    assert found.gamma == pytest.approx((up - 2 * here + down) / step**2, abs=1e-3)
    livelier = worth(replace(terms, volatility=0.2501), spot, NOW)
    assert found.vega == pytest.approx((livelier - here) * 100, abs=1e-3)
    later = worth(terms, spot, NOW + MINUTE_NS)
    assert found.theta == pytest.approx((later - here) * 1440, abs=1e-2)


def test_from_its_expiry_on_an_option_is_worth_what_it_is_in_the_money() -> None:
    expiry_ns = new_york("2026-12-18T16:00")
    assert worth(THIRTY_DAYS, 103.0, expiry_ns) == 3.0
    assert worth(THIRTY_DAYS, 97.0, expiry_ns) == 0.0
    assert worth(replace(THIRTY_DAYS, is_put=True), 97.0, expiry_ns) == 3.0
    assert greeks(THIRTY_DAYS, 103.0, expiry_ns) is None


def test_the_market_knows_the_greeks_of_options_only() -> None:
    scene = Scene()
    found = scene.market.greeks(scene.option("AAPL  261218C00195000").con_id)
    assert found is not None
    assert 0.3 < found.delta < 0.7
    assert found.implied_volatility == 0.25
    assert scene.market.greeks(AAPL) is None


def test_an_option_far_out_of_the_money_has_no_bid() -> None:
    scene = Scene()
    quote = scene.market.quote(scene.option("AAPL  261127C00300000").con_id)
    assert (quote.bid, quote.bid_size) == (None, Decimal(0))
    assert quote.ask == Decimal("0.01")


def test_an_option_of_the_index_keeps_its_coarser_grid() -> None:
    quote = Scene().market.quote(Scene().option("SPXW  261218P05600000").con_id)
    assert quote.bid is not None
    assert quote.bid > 3
    assert quote.bid % Decimal("0.10") == 0


def test_an_option_trades_in_its_own_hours_only() -> None:
    scene = Scene(
        f"{MONDAY}T17:00",
    )
    option = scene.option("AAPL  261218C00195000").con_id
    quote = scene.market.quote(option)
    assert quote.volume > 0
    assert new_york(f"{MONDAY}T15:59") <= quote.time_ns < new_york(f"{MONDAY}T16:00")
    scene.until("2026-11-24T09:29")
    assert scene.market.quote(option) == quote
