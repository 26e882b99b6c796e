"""What the broker says of a contract, as the domain's values."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backstay.broker.contracts.building import next_midnight, resolved
from backstay.broker.translation.contracts import Listing
from backstay.domain.prices import PriceBand, PriceGrid
from tests.broker.contracts.listings import OPTION, OPTION_QUERY, QUERY, STOCK

BANDS = (PriceBand(Decimal(0), Decimal("0.01")), PriceBand(Decimal(3), Decimal("0.05")))


def test_an_option_is_read_whole() -> None:
    answer = resolved(OPTION_QUERY, OPTION, BANDS)
    assert answer.underlying_con_id == 1
    option = answer.instrument
    assert (option.con_id, option.exchange, option.multiplier) == (2, "SMART", Decimal(100))
    assert option.grid == PriceGrid(BANDS)
    opening = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert answer.calendar.regular[0].opens_at == opening
    assert answer.calendar.covers_until == datetime(2026, 11, 25, 5, tzinfo=UTC)


def test_a_contract_without_a_rule_has_its_least_increment_everywhere() -> None:
    grid = resolved(QUERY, STOCK, ()).instrument.grid
    assert grid == PriceGrid.uniform(Decimal("0.0001"))


def test_a_stock_has_no_underlying_whatever_the_broker_says() -> None:
    assert resolved(QUERY, replace(STOCK, under_con_id=5), ()).underlying_con_id is None


@pytest.mark.parametrize(
    ("listing", "bands", "complaint"),
    [
        (replace(STOCK, time_zone_id="Mars"), (), "'Mars' is no time zone"),
        (replace(STOCK, liquid_hours=""), (), "liquid hours: the text is empty"),
        (replace(STOCK, trading_hours="soon"), (), "trading hours: 'soon' can't be read"),
        (replace(STOCK, min_tick=Decimal(0)), (), "the increment of a price band"),
        (replace(STOCK, multiplier=Decimal(0)), (), "the multiplier of ABC"),
        (STOCK, BANDS[1:], "a price grid needs a first band that starts at 0"),
    ],
)
def test_what_cannot_be_understood_is_not_known(
    listing: Listing, bands: tuple[PriceBand, ...], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        resolved(QUERY, listing, bands)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 24, 4, 59, tzinfo=UTC), datetime(2026, 11, 24, 5, tzinfo=UTC)),
        (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), datetime(2026, 11, 25, 5, tzinfo=UTC)),
        (datetime(2026, 11, 1, 5, 0, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ],
)
def test_the_day_changes_at_the_midnight_of_the_exchange(now: datetime, midnight: datetime) -> None:
    assert next_midnight("America/New_York", now) == midnight
