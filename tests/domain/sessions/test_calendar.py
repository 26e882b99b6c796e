"""A calendar: phases to the instant, openings, closings and trading days."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.sessions import MarketPhase
from backstay.domain.sessions.calendar import (
    Calendar,
    Session,
    changes_at,
    closes_at,
    next_open,
    phase,
    trading_day,
)

NEW_YORK = ZoneInfo("America/New_York")
INSTANT = timedelta(microseconds=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


# Wednesday; Thanksgiving is closed; Friday is a half day. New York is five hours behind.
WEEK = Calendar(
    regular=(
        Session(at(25, 14, 30), at(25, 21)),
        Session(at(27, 14, 30), at(27, 18)),
    ),
    extended=(
        Session(at(25, 9), at(26, 1)),
        Session(at(27, 9), at(27, 22)),
    ),
    covers_from=at(25, 5),
    covers_until=at(28, 5),
)


@pytest.mark.req("S0.5", "S1.12")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(25, 5) - INSTANT, MarketPhase.UNKNOWN),
        (at(25, 5), MarketPhase.CLOSED),
        (at(25, 9) - INSTANT, MarketPhase.CLOSED),
        (at(25, 9), MarketPhase.EXTENDED),
        (at(25, 14, 30) - INSTANT, MarketPhase.EXTENDED),
        (at(25, 14, 30), MarketPhase.REGULAR),
        (at(25, 21) - INSTANT, MarketPhase.REGULAR),
        (at(25, 21), MarketPhase.EXTENDED),
        (at(26, 1) - INSTANT, MarketPhase.EXTENDED),
        (at(26, 1), MarketPhase.CLOSED),
        (at(26, 15), MarketPhase.CLOSED),
        (at(27, 18) - INSTANT, MarketPhase.REGULAR),
        (at(27, 18), MarketPhase.EXTENDED),
        (at(27, 22), MarketPhase.CLOSED),
        (at(28, 5) - INSTANT, MarketPhase.CLOSED),
        (at(28, 5), MarketPhase.UNKNOWN),
    ],
)
def test_each_instant_has_its_phase(now: datetime, expected: MarketPhase) -> None:
    assert phase(WEEK, now) is expected


@pytest.mark.req("S0.5")
@given(st.integers(0, 6 * 24 * 60))
def test_a_phase_holds_until_it_may_change(minutes: int) -> None:
    now = at(24, 0) + timedelta(minutes=minutes)
    until = changes_at(WEEK, now)
    if until is None:
        assert now >= WEEK.covers_until
        return
    assert now < until
    assert phase(WEEK, until - INSTANT) == phase(WEEK, now)
    assert changes_at(WEEK, until - INSTANT) == until
    assert changes_at(WEEK, until) != until


def test_a_phase_does_not_depend_on_the_zone_in_which_now_is_given() -> None:
    assert phase(WEEK, at(27, 18).astimezone(NEW_YORK)) is MarketPhase.EXTENDED


@pytest.mark.req("S1.12", "I8")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(25, 5) - INSTANT, None),
        (at(25, 14, 30) - INSTANT, None),
        (at(25, 14, 30), at(25, 21)),
        (at(25, 21) - INSTANT, at(25, 21)),
        (at(25, 21), None),
        (at(27, 17, 59), at(27, 18)),
        (at(28, 5), None),
    ],
)
def test_a_running_session_says_when_it_closes(now: datetime, expected: datetime | None) -> None:
    assert closes_at(WEEK, now) == expected


@pytest.mark.req("S1.12")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(25, 5) - INSTANT, None),
        (at(25, 5), at(25, 14, 30)),
        (at(25, 14, 30) - INSTANT, at(25, 14, 30)),
        (at(25, 14, 30), at(27, 14, 30)),
        (at(26, 15), at(27, 14, 30)),
        (at(27, 14, 30), None),
        (at(28, 5), None),
    ],
)
def test_the_next_opening_is_told_as_far_as_the_calendar_reaches(
    now: datetime, expected: datetime | None
) -> None:
    assert next_open(WEEK, now) == expected


def test_outside_its_reach_a_calendar_is_silent_even_about_what_it_lists() -> None:
    early = Calendar(WEEK.regular, WEEK.extended, at(25, 16), at(27, 16))
    assert closes_at(early, at(25, 15)) is None
    assert next_open(early, at(25, 15)) is None
    assert trading_day(early, at(25, 15), NEW_YORK) is None
    assert phase(early, at(27, 17)) is MarketPhase.UNKNOWN


@pytest.mark.req("S3.2", "S0.5")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(25, 5) - INSTANT, None),
        (at(25, 5), date(2026, 11, 25)),
        (at(26, 5) - INSTANT, date(2026, 11, 25)),
        (at(26, 20), date(2026, 11, 25)),
        (at(27, 5) - INSTANT, date(2026, 11, 25)),
        (at(27, 5), date(2026, 11, 27)),
        (at(28, 5) - INSTANT, date(2026, 11, 27)),
        (at(28, 5), None),
    ],
)
def test_a_trading_day_lasts_from_its_midnight_to_that_of_the_next(
    now: datetime, expected: date | None
) -> None:
    assert trading_day(WEEK, now, NEW_YORK) == expected


def test_before_the_first_listed_session_day_the_trading_day_is_not_known() -> None:
    holiday_first = Calendar(WEEK.regular[1:], WEEK.extended[1:], at(26, 5), at(28, 5))
    assert trading_day(holiday_first, at(26, 15), NEW_YORK) is None


def test_a_session_that_ends_at_midnight_belongs_to_the_day_that_ends() -> None:
    late = Calendar((Session(at(25, 20), at(26, 5)),), (), at(25, 5), at(26, 6))
    assert trading_day(late, at(25, 12), NEW_YORK) == date(2026, 11, 25)
    assert trading_day(late, at(26, 5), NEW_YORK) == date(2026, 11, 25)


@pytest.mark.req("S0.5")
def test_times_that_are_not_utc_or_run_backwards_are_refused() -> None:
    plus_one = timezone(timedelta(hours=1))
    for wrong in (at(25, 15).astimezone(plus_one), datetime(2026, 11, 25, 15)):  # noqa: DTZ001
        with pytest.raises(ValueError, match=r"^a session: the time 2026-11-25 1.* is not in UTC$"):
            Session(wrong, at(25, 21))
        with pytest.raises(ValueError, match=r"^a session: the time 2026-11-25 1.* is not in UTC$"):
            Session(at(25, 9), wrong)
    with pytest.raises(ValueError, match=r"^a session begins before it ends, not from "):
        Session(at(25, 9), at(25, 9))
    with pytest.raises(ValueError, match=r"^a calendar begins before it ends, not from "):
        Calendar((), (), at(25, 9), at(25, 9))


@pytest.mark.parametrize("second", [Session(at(25, 12), at(25, 13)), Session(at(25, 8), at(25, 9))])
@pytest.mark.parametrize("regular", [True, False])
def test_sessions_that_touch_or_stand_out_of_order_are_refused(
    second: Session, regular: bool
) -> None:
    both = (Session(at(25, 10), at(25, 12)), second)
    with pytest.raises(ValueError, match=r"^the sessions of a calendar are apart, and in order$"):
        Calendar(both if regular else (), () if regular else both, at(25, 0), at(26, 0))


def test_a_calendar_survives_json() -> None:
    adapter = TypeAdapter(Calendar)
    assert adapter.validate_json(adapter.dump_json(WEEK)) == WEEK
