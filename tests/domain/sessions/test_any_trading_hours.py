"""Any list of days, and any text: read like a clock on the wall, or refused with words."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.sessions import MarketPhase
from backstay.domain.sessions.calendar import Calendar, phase
from backstay.domain.sessions.trading_hours import read_calendar

NEW_YORK = ZoneInfo("US/Eastern")


def read(hours: str, zone: ZoneInfo = NEW_YORK) -> Calendar:
    """One text for both, where only one matters."""
    return read_calendar(hours, hours, zone)


def read_or_refuse(hours: str) -> Calendar | str:
    """What is read, or the words of the refusal; anything else that is raised is a fault."""
    try:
        return read(hours)
    except ValueError as refusal:
        return str(refusal)


FIRST_DAY = date(2026, 3, 2)
HALF_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
MINUTES = st.integers(1, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def weeks(draw: st.DrawFn) -> tuple[str, Callable[[datetime], bool]]:
    """Two weeks of days, as IB would write them, and the naive answer to whether it is open."""
    parts, opened = [], []
    for count in range(14):
        day = FIRST_DAY + timedelta(days=count)
        hours = draw(st.none() | st.lists(st.sampled_from(HALF_HOURS), min_size=2, max_size=2))
        if hours is None or hours[0] == hours[1]:
            parts.append(f"{day:%Y%m%d}:CLOSED")
            continue
        begin, end = sorted(hours)
        parts.append(f"{day:%Y%m%d}:{begin:%H%M}-{day:%Y%m%d}:{end:%H%M}")
        opened.append((datetime.combine(day, begin), datetime.combine(day, end)))
    text = ";".join(draw(st.permutations(parts)))
    return text, lambda local: any(begin <= local < end for begin, end in opened)


@pytest.mark.req("S0.5")
@given(weeks(), st.sampled_from(["Asia/Hong_Kong", "Asia/Kolkata", "UTC"]), MINUTES)
def test_any_list_of_days_reads_as_a_clock_on_the_wall_says(
    week: tuple[str, Callable[[datetime], bool]], zone_text: str, offset: timedelta
) -> None:
    text, is_open = week
    zone = ZoneInfo(zone_text)
    calendar = read(text, zone)
    local = datetime.combine(FIRST_DAY, time.min) - timedelta(days=2) + offset
    found = phase(calendar, local.replace(tzinfo=zone))
    if local < datetime.combine(FIRST_DAY, time.min) or local >= datetime(2026, 3, 16):  # noqa: DTZ001
        assert found is MarketPhase.UNKNOWN
    else:
        assert found is (MarketPhase.REGULAR if is_open(local) else MarketPhase.CLOSED)


@pytest.mark.req("S0.5")
@given(weeks(), MINUTES)
def test_over_a_change_of_clocks_nothing_opens_that_the_wall_does_not_show(
    week: tuple[str, Callable[[datetime], bool]], offset: timedelta
) -> None:
    text, is_open = week
    calendar = read_or_refuse(text)
    if isinstance(calendar, str):
        assert calendar.endswith(" closes before it opens")
        return
    now = datetime(2026, 2, 28, tzinfo=UTC) + offset
    if phase(calendar, now) is MarketPhase.REGULAR:
        assert is_open(now.astimezone(NEW_YORK).replace(tzinfo=None))


ALPHABET = "0123456789:;,-CLOSED "


@given(st.text(alphabet=ALPHABET, max_size=60) | st.text(max_size=30))
def test_any_text_is_read_or_refused_with_words(text: str) -> None:
    calendar = read_or_refuse(text)
    if isinstance(calendar, str):
        assert calendar.startswith("trading hours: ")
    else:
        assert calendar.covers_from < calendar.covers_until


@given(
    st.lists(
        st.tuples(st.integers(1, 31), st.integers(0, 2459), st.integers(0, 2459)),
        min_size=1,
        max_size=6,
    )
)
def test_any_list_in_the_older_form_is_read_or_refused_with_words(
    days: list[tuple[int, int, int]],
) -> None:
    text = ";".join(f"202603{day:02}:{opens:04}-{closes:04}" for day, opens, closes in days)
    calendar = read_or_refuse(text)
    if isinstance(calendar, str):
        assert calendar.startswith("trading hours: '202603")
    else:
        assert calendar.covers_from < calendar.covers_until
        assert calendar.regular
