"""What the operator allows: defaults, and bounds that bound something."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.instruments import Instrument
from backstay.domain.limits.settings import LimitSettings, TradingMode
from tests.domain.limits.samples import CONTRACT, SETTINGS, SHARE


@pytest.mark.req("S1.15", "S3.4")
def test_the_defaults_are_the_documented_ones() -> None:
    settings = LimitSettings("DU1", "USD", Decimal(1), Decimal(2))

    assert settings.trading is TradingMode.DISABLED
    assert settings.live_armed is False
    assert settings.option_position_max == 10
    assert settings.order_value_max == 50_000
    assert settings.entry_interval_seconds_min == 1
    assert settings.entries_per_day_max == 100
    assert settings.open_trades_max == 100
    assert settings.margin_pct_max == 90
    assert settings.share_collar_pct == 5
    assert settings.option_collar_pct == 25
    assert settings.approval_seconds_max == 60
    assert settings.waiting_approval_seconds_max == 24 * 60 * 60
    assert settings.blocked_symbols == ()


BOUNDS = [
    "exposure_max",
    "share_position_max",
    "option_position_max",
    "order_value_max",
    "share_collar_pct",
    "option_collar_pct",
    "margin_pct_max",
    "entry_interval_seconds_min",
    "entries_per_day_max",
    "open_trades_max",
    "approval_seconds_max",
    "waiting_approval_seconds_max",
]


def bounded(name: str, bound: Decimal) -> LimitSettings:
    changes: dict[str, Any] = {name: bound}
    return replace(SETTINGS, **changes)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("useless", ["0", "-1", "Infinity", "NaN"])
def test_a_bound_that_bounds_nothing_is_refused(name: str, useless: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} of DU1234567 is {useless}; a bound is above 0"):
        bounded(name, Decimal(useless))


@pytest.mark.parametrize("name", BOUNDS)
def test_the_smallest_bound_is_above_zero(name: str) -> None:
    changed = bounded(name, Decimal("0.01"))

    assert getattr(changed, name) == Decimal("0.01")


@pytest.mark.parametrize("name", ["share_collar_pct", "option_collar_pct", "margin_pct_max"])
def test_a_percentage_stays_below_the_whole(name: str) -> None:
    assert getattr(bounded(name, Decimal("99.99")), name) == Decimal("99.99")

    with pytest.raises(ValueError, match=rf"^{name} of DU1234567 is 100; it is below 100$"):
        bounded(name, Decimal(100))


@pytest.mark.parametrize(
    ("instrument", "position_max", "collar_pct"), [(SHARE, 1000, 5), (CONTRACT, 10, 25)]
)
@pytest.mark.req("S3.4")
def test_shares_and_options_have_bounds_of_their_own(
    instrument: Instrument, position_max: int, collar_pct: int
) -> None:
    assert SETTINGS.position_max(instrument) == position_max
    assert SETTINGS.collar_pct(instrument) == collar_pct


@pytest.mark.parametrize(
    ("symbol", "blocked"), [("GME", True), ("gme", True), ("AMC", True), ("GM", False)]
)
@pytest.mark.req("S3.4")
def test_a_symbol_is_blocked_in_whatever_case_it_comes(symbol: str, *, blocked: bool) -> None:
    settings = replace(SETTINGS, blocked_symbols=("GME", "AMC"))

    assert settings.blocks(symbol) is blocked


def test_a_restricted_list_is_written_in_capitals() -> None:
    with pytest.raises(ValueError, match=r"^blocked symbols are written in capitals, unlike gme$"):
        replace(SETTINGS, blocked_symbols=("AMC", "gme"))
