"""Broker time is New York's, to the nanosecond inside and to the second in words."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.times import broker_day, from_ns, local, stamp, to_ns

OPEN_NS = to_ns(datetime(2026, 11, 23, 14, 30, tzinfo=UTC))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_survives_the_way_there_and_back(instant: datetime) -> None:
    assert from_ns(to_ns(instant)) == instant


def test_the_exchange_opens_at_half_past_nine() -> None:
    assert local(OPEN_NS).strftime("%H:%M") == "09:30"
    assert stamp(OPEN_NS) == "20261123 09:30:00 US/Eastern"


def test_the_brokers_day_ends_at_midnight_in_new_york() -> None:
    midnight_ns = to_ns(datetime(2026, 11, 24, 5, 0, tzinfo=UTC))
    assert broker_day(midnight_ns - 1) == date(2026, 11, 23)
    assert broker_day(midnight_ns) == date(2026, 11, 24)
