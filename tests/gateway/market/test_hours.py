"""Sessions and phases across changes of the clocks, half days and holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.market import hours
from backstay.gateway.market.hours import INDEX, OPTIONS, STOCKS
from backstay.gateway.market.words import Phase
from backstay.gateway.times import from_ns, to_ns


def utc(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("calendar", "day", "edges"),
    [
        (STOCKS, "2026-11-23", "09:00 14:30 21:00 01:00"),
        (STOCKS, "2026-11-27", "09:00 14:30 18:00 22:00"),
        (OPTIONS, "2026-11-23", "14:30 14:30 21:00 21:00"),
        (OPTIONS, "2026-11-27", "14:30 14:30 18:00 18:00"),
        (INDEX, "2026-11-23", "14:30 14:30 21:15 21:15"),
        (INDEX, "2026-11-27", "14:30 14:30 18:15 18:15"),
        # The clocks of New York change on 2026-03-08 and on 2026-11-01, both Sundays.
        (STOCKS, "2026-03-06", "09:00 14:30 21:00 01:00"),
        (STOCKS, "2026-03-09", "08:00 13:30 20:00 00:00"),
        (STOCKS, "2026-10-30", "08:00 13:30 20:00 00:00"),
        (STOCKS, "2026-11-02", "09:00 14:30 21:00 01:00"),
        (OPTIONS, "2028-07-03", "13:30 13:30 17:00 17:00"),
    ],
)
def test_a_session_in_universal_time(calendar: str, day: str, edges: str) -> None:
    found = hours.session_on(calendar, date.fromisoformat(day))
    told = (
        found.opens_ns,
        found.regular_opens_ns,
        found.regular_closes_ns,
        found.closes_ns,
    )
    assert " ".join(f"{from_ns(edge):%H:%M}" for edge in told) == edges


@pytest.mark.parametrize(
    ("calendar", "instant", "phase"),
    [
        (STOCKS, "2026-11-23T08:59:59.999999", Phase.CLOSED),
        (STOCKS, "2026-11-23T09:00", Phase.EXTENDED),
        (STOCKS, "2026-11-23T14:29:59.999999", Phase.EXTENDED),
        (STOCKS, "2026-11-23T14:30", Phase.REGULAR),
        (STOCKS, "2026-11-23T20:59:59.999999", Phase.REGULAR),
        (STOCKS, "2026-11-23T21:00", Phase.EXTENDED),
        (STOCKS, "2026-11-24T00:59:59.999999", Phase.EXTENDED),
        (STOCKS, "2026-11-24T01:00", Phase.CLOSED),
        (STOCKS, "2026-11-26T16:00", Phase.CLOSED),
        (STOCKS, "2026-11-27T18:00", Phase.EXTENDED),
        (STOCKS, "2026-11-28T16:00", Phase.CLOSED),
        (OPTIONS, "2026-11-23T14:00", Phase.CLOSED),
        (OPTIONS, "2026-11-23T21:00", Phase.CLOSED),
        (INDEX, "2026-11-23T21:00", Phase.REGULAR),
        (INDEX, "2026-11-23T21:15", Phase.CLOSED),
    ],
)
def test_the_phase_of_an_instant(calendar: str, instant: str, phase: Phase) -> None:
    assert hours.phase_at(calendar, utc(instant)) is phase


@pytest.mark.parametrize(
    ("calendar", "instant", "next_change"),
    [
        (STOCKS, "2026-11-23T08:00", "2026-11-23T09:00"),
        (STOCKS, "2026-11-23T09:00", "2026-11-23T14:30"),
        (STOCKS, "2026-11-25T21:00", "2026-11-26T01:00"),
        (STOCKS, "2026-11-26T01:00", "2026-11-27T09:00"),
        (STOCKS, "2026-11-27T22:00", "2026-11-30T09:00"),
        (OPTIONS, "2026-11-27T18:00", "2026-11-30T14:30"),
    ],
)
def test_the_next_change_of_phase(calendar: str, instant: str, next_change: str) -> None:
    assert hours.next_change_ns(calendar, utc(instant)) == utc(next_change)


@given(
    calendar=st.sampled_from(list(hours.HOURS)),
    instant=st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)),  # noqa: DTZ001
)
def test_the_phase_is_one_until_the_next_change_and_another_from_it_on(
    calendar: str, instant: datetime
) -> None:
    now_ns = to_ns(instant.replace(tzinfo=UTC))
    change_ns = hours.next_change_ns(calendar, now_ns)
    before = hours.phase_at(calendar, now_ns)
    assert change_ns > now_ns
    assert hours.phase_at(calendar, change_ns - 1000) is before
    assert hours.phase_at(calendar, change_ns) is not before
    assert change_ns - now_ns < timedelta(days=5) / timedelta(microseconds=1) * 1000


def test_the_whole_hours_of_a_week_with_a_holiday_and_a_half_day_as_ib_writes_them() -> None:
    assert hours.trading_hours(STOCKS, date(2026, 11, 25), 4) == (
        "20261125:0400-20261125:2000;20261126:CLOSED;20261127:0400-20261127:1700;20261128:CLOSED"
    )


def test_the_regular_hours_of_that_week_as_ib_writes_them() -> None:
    first = date(2026, 11, 26)
    assert hours.liquid_hours(STOCKS, first, 2) == "20261126:CLOSED;20261127:0930-20261127:1300"
    assert hours.liquid_hours(INDEX, first, 2) == "20261126:CLOSED;20261127:0930-20261127:1315"


def test_the_last_session_to_begin_is_the_running_one_or_one_before() -> None:
    assert hours.session_begun(STOCKS, utc("2026-11-23T09:00")).day == date(2026, 11, 23)
    assert hours.session_begun(STOCKS, utc("2026-11-23T08:59")).day == date(2026, 11, 20)
    assert hours.session_begun(OPTIONS, utc("2026-11-23T14:29")).day == date(2026, 11, 20)


def test_a_day_without_trading_has_no_session() -> None:
    assert hours.session(STOCKS, date(2026, 11, 26)) is None
    with pytest.raises(ValueError, match="2026-11-26 is no trading day"):
        hours.session_on(STOCKS, date(2026, 11, 26))
