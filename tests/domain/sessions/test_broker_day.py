"""The broker's day, its nightly restart and its weekly login."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.sessions.broker_day import (
    Absence,
    PlannedAbsence,
    RestartWindow,
    Weekday,
    broker_day,
    day_span,
    is_same_broker_day,
    planned_absence,
)

NEW_YORK = ZoneInfo("America/New_York")
INSTANT = timedelta(microseconds=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.req("S4.3", "S0.5")
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at(24, 5) - INSTANT, date(2026, 11, 23)),
        (at(24, 5), date(2026, 11, 24)),
        (at(7, 4, month=7) - INSTANT, date(2026, 7, 6)),
        (at(7, 4, month=7), date(2026, 7, 7)),
    ],
)
def test_the_broker_has_its_own_midnight(moment: datetime, day: date) -> None:
    assert broker_day(moment, NEW_YORK) == day


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("zone", [None, NEW_YORK])
def test_a_day_is_only_told_of_a_time_in_utc(zone: ZoneInfo | None) -> None:
    with pytest.raises(ValueError, match=r"^the broker's day: the time .* is not in UTC$"):
        broker_day(at(24, 5).replace(tzinfo=zone), NEW_YORK)


@pytest.mark.req("S4.3")
def test_what_was_sent_before_the_brokers_midnight_was_sent_on_another_day() -> None:
    assert is_same_broker_day(at(24, 5), at(25, 5) - INSTANT, NEW_YORK)
    assert not is_same_broker_day(at(24, 5) - INSTANT, at(24, 5), NEW_YORK)
    assert not is_same_broker_day(at(24, 12), at(24, 12) + timedelta(days=7), NEW_YORK)


@given(
    moment=st.integers(0, 366 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    minutes=st.integers(-2000, 2000),
)
def test_a_day_holds_what_is_on_the_same_day(moment: datetime, minutes: int) -> None:
    span = day_span(moment, NEW_YORK)
    for other in (moment + timedelta(minutes=minutes), span.begins, span.ends - INSTANT):
        assert span.holds(other) == is_same_broker_day(moment, other, NEW_YORK)
    assert not is_same_broker_day(moment, span.begins - INSTANT, NEW_YORK)
    assert not is_same_broker_day(moment, span.ends, NEW_YORK)


NIGHTLY = RestartWindow(Absence.NIGHTLY_RESTART, time(23, 45), length_minutes=30)
WEEKLY = RestartWindow(Absence.WEEKLY_LOGIN, time(1, 0), 180, Weekday.SUNDAY)


@pytest.mark.req("X.3")
@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(24, 4, 45) - INSTANT, None),
        (at(24, 4, 45), at(24, 5, 15)),
        (at(24, 5, 15) - INSTANT, at(24, 5, 15)),
        (at(24, 5, 15), None),
        (at(8, 3, 45, month=7), at(8, 4, 15, month=7)),
        (at(8, 4, 45, month=7), None),
    ],
)
def test_the_nightly_restart_stands_over_midnight_in_the_brokers_zone(
    now: datetime, until: datetime | None
) -> None:
    expected = until and PlannedAbsence(Absence.NIGHTLY_RESTART, until)
    assert planned_absence((NIGHTLY,), now, NEW_YORK) == expected


@pytest.mark.req("X.3")
@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(22, 6) - INSTANT, None),
        (at(22, 6), at(22, 9)),
        (at(22, 9) - INSTANT, at(22, 9)),
        (at(22, 9), None),
        (at(23, 7), None),
        (at(21, 7), None),
    ],
)
def test_the_weekly_login_stands_on_its_day_only(now: datetime, until: datetime | None) -> None:
    expected = until and PlannedAbsence(Absence.WEEKLY_LOGIN, until)
    assert planned_absence((WEEKLY,), now, NEW_YORK) == expected


@pytest.mark.req("X.3")
def test_a_window_of_one_weekday_reaches_into_the_next_day() -> None:
    late = RestartWindow(Absence.WEEKLY_LOGIN, time(23, 0), 120, Weekday.SATURDAY)
    expected = PlannedAbsence(Absence.WEEKLY_LOGIN, at(22, 6))
    assert planned_absence((late,), at(22, 5, 30), NEW_YORK) == expected
    assert planned_absence((late,), at(23, 5, 30), NEW_YORK) is None


@pytest.mark.req("X.3")
def test_of_several_windows_the_one_that_stands_longest_counts() -> None:
    long = RestartWindow(Absence.WEEKLY_LOGIN, time(23, 0), 240, Weekday.SATURDAY)
    for windows in ((NIGHTLY, long), (long, NIGHTLY)):
        assert planned_absence(windows, at(22, 5), NEW_YORK) == PlannedAbsence(
            Absence.WEEKLY_LOGIN, at(22, 8)
        )


@pytest.mark.req("X.3")
def test_a_window_is_found_where_the_local_day_is_ahead_of_utc() -> None:
    sydney = ZoneInfo("Australia/Sydney")
    early = RestartWindow(Absence.WEEKLY_LOGIN, time(1, 0), 60, Weekday.SUNDAY)
    expected = PlannedAbsence(Absence.WEEKLY_LOGIN, at(21, 15))
    assert planned_absence((early,), at(21, 14, 30), sydney) == expected


@pytest.mark.req("X.3")
def test_without_windows_every_silence_is_a_surprise() -> None:
    assert planned_absence((), at(24, 5), NEW_YORK) is None


@pytest.mark.req("X.3", "S0.5")
def test_a_window_lasts_as_long_on_the_night_in_which_the_clocks_change() -> None:
    over_the_change = RestartWindow(Absence.NIGHTLY_RESTART, time(1, 45), 60)
    assert planned_absence((over_the_change,), at(8, 7, month=3), NEW_YORK) == PlannedAbsence(
        Absence.NIGHTLY_RESTART, at(8, 7, 45, month=3)
    )


@pytest.mark.parametrize("minutes", [1, 1440])
def test_a_window_lasts_from_a_minute_to_a_day(minutes: int) -> None:
    assert RestartWindow(Absence.NIGHTLY_RESTART, time(1), minutes).length_minutes == minutes


@pytest.mark.parametrize("minutes", [0, 1441])
def test_a_window_of_another_length_is_refused(minutes: int) -> None:
    complaint = f"^the nightly restart lasts {minutes} minutes; it is 1 to 1440$"
    with pytest.raises(ValueError, match=complaint):
        RestartWindow(Absence.NIGHTLY_RESTART, time(1), minutes)


def test_a_window_starts_at_a_local_time() -> None:
    with pytest.raises(
        ValueError, match=r"^the weekly login starts at a local time, without a zone$"
    ):
        RestartWindow(Absence.WEEKLY_LOGIN, time(1, tzinfo=UTC), 60)


def test_the_weekdays_are_numbered_as_python_does() -> None:
    assert [date(2026, 11, 23 + day).weekday() for day in range(7)] == list(Weekday)


def test_windows_and_absences_survive_json() -> None:
    windows = TypeAdapter(tuple[RestartWindow, ...])
    assert windows.validate_json(windows.dump_json((NIGHTLY, WEEKLY))) == (NIGHTLY, WEEKLY)
    absences = TypeAdapter(PlannedAbsence)
    absence = PlannedAbsence(Absence.NIGHTLY_RESTART, at(24, 5))
    assert absences.validate_json(absences.dump_json(absence)) == absence
