"""IB's trading hours: both forms, half days, nights, changing clocks, and where they end."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from backstay.domain.sessions import MarketPhase
from backstay.domain.sessions.calendar import Calendar, Session, phase, trading_day
from backstay.domain.sessions.trading_hours import read_calendar, zone_name

NEW_YORK = ZoneInfo("US/Eastern")
CHICAGO = ZoneInfo("US/Central")
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def spans(sessions: tuple[Session, ...]) -> list[tuple[str, str]]:
    return [(f"{each.opens_at:%m-%d %H:%M}", f"{each.closes_at:%m-%d %H:%M}") for each in sessions]


def read(hours: str, zone: ZoneInfo = NEW_YORK) -> Calendar:
    """One text for both, where only one matters."""
    return read_calendar(hours, hours, zone)


@pytest.mark.req("S1.12", "S0.5")
def test_a_week_of_a_stock_is_read_with_its_holiday_and_its_half_day() -> None:
    calendar = read_calendar(
        "20261125:0400-20261125:2000;20261126:CLOSED;20261127:0400-20261127:1700",
        "20261125:0930-20261125:1600;20261126:CLOSED;20261127:0930-20261127:1300",
        NEW_YORK,
    )
    assert calendar == Calendar(
        regular=(
            Session(utc("2026-11-25 14:30"), utc("2026-11-25 21:00")),
            Session(utc("2026-11-27 14:30"), utc("2026-11-27 18:00")),
        ),
        extended=(
            Session(utc("2026-11-25 09:00"), utc("2026-11-26 01:00")),
            Session(utc("2026-11-27 09:00"), utc("2026-11-27 22:00")),
        ),
        covers_from=utc("2026-11-25 05:00"),
        covers_until=utc("2026-11-28 05:00"),
    )


@pytest.mark.req("S0.5")
def test_the_same_local_hours_move_in_utc_when_the_clocks_change() -> None:
    calendar = read("20260306:0930-20260306:1600;20260309:0930-20260309:1600")
    assert spans(calendar.regular) == [
        ("03-06 14:30", "03-06 21:00"),
        ("03-09 13:30", "03-09 20:00"),
    ]
    assert calendar.covers_from == utc("2026-03-06 05:00")
    assert calendar.covers_until == utc("2026-03-10 04:00")


@pytest.mark.req("S0.5")
@pytest.mark.parametrize(
    ("hours", "opens", "closes"),
    [
        # 02:00 to 03:00 does not exist on this day; the clocks jump at 07:00 UTC.
        ("20260308:0230-20260308:0800", "03-08 07:30", "03-08 12:00"),
        ("20260308:0000-20260308:0230", "03-08 05:00", "03-08 06:30"),
        # 01:00 to 02:00 comes twice on this one, first at 05:00 UTC.
        ("20261101:0130-20261101:0800", "11-01 06:30", "11-01 13:00"),
        ("20261101:0000-20261101:0130", "11-01 04:00", "11-01 05:30"),
    ],
)
def test_where_a_local_time_is_missing_or_double_the_session_is_the_narrow_one(
    hours: str, opens: str, closes: str
) -> None:
    assert spans(read(hours).regular) == [(opens, closes)]


def test_the_older_form_has_one_day_and_several_sessions() -> None:
    calendar = read("20090507:0700-1830,1900-2330;20090508:CLOSED")
    assert spans(calendar.regular) == [
        ("05-07 11:00", "05-07 22:30"),
        ("05-07 23:00", "05-08 03:30"),
    ]
    assert calendar.covers_until == utc("2009-05-09 04:00")


def test_in_the_older_form_a_session_that_ends_before_it_begins_began_the_day_before() -> None:
    calendar = read("20130114:1700-1515,1530-1615;20130115:1700-1515,1530-1615", CHICAGO)
    assert spans(calendar.regular) == [
        ("01-13 23:00", "01-14 21:15"),
        ("01-14 21:30", "01-14 22:15"),
        ("01-14 23:00", "01-15 21:15"),
        ("01-15 21:30", "01-15 22:15"),
    ]
    assert calendar.covers_from == utc("2013-01-13 23:00")
    assert calendar.covers_until == utc("2013-01-15 22:15")


def test_a_session_of_a_whole_day_begins_at_the_same_time_the_day_before() -> None:
    assert spans(read("20180320:1700-1700").regular) == [("03-19 21:00", "03-20 21:00")]


def test_days_may_be_named_inside_a_list_of_sessions() -> None:
    hours = "20260323:0930-20260323:1200,20260323:1300-20260323:1600,1630-1700"
    assert spans(read(hours, HONG_KONG).regular) == [
        ("03-23 01:30", "03-23 04:00"),
        ("03-23 05:00", "03-23 08:00"),
        ("03-23 08:30", "03-23 09:00"),
    ]


def test_entries_may_come_unordered_repeated_spaced_and_with_a_last_semicolon() -> None:
    hours = "20260324:0930-20260324:1600; 20260323:0930-20260323:1600;20260324:0930-20260324:1600;;"
    assert spans(read(hours).regular) == [
        ("03-23 13:30", "03-23 20:00"),
        ("03-24 13:30", "03-24 20:00"),
    ]


@pytest.mark.parametrize("second", ["1200-1600", "1100-1600", "1000-1130,1130-1600"])
def test_sessions_that_touch_or_overlap_are_one(second: str) -> None:
    calendar = read(f"20260323:0930-1200,{second}")
    assert spans(calendar.regular) == [("03-23 13:30", "03-23 20:00")]


def test_a_session_within_another_one_does_not_shorten_it() -> None:
    assert spans(read("20260323:0930-1600,1000-1100").regular) == [("03-23 13:30", "03-23 20:00")]


def test_a_night_that_reaches_into_a_closed_day_is_open() -> None:
    hours = "20181214:1715-20181215:0100;20181215:CLOSED;20181216:CLOSED"
    calendar = read(hours, HONG_KONG)
    assert phase(calendar, utc("2018-12-14 16:59")) is MarketPhase.REGULAR
    assert phase(calendar, utc("2018-12-14 17:00")) is MarketPhase.CLOSED


OVERNIGHT = (
    "20260320:0830-20260320:1500;20260321:CLOSED;20260322:1915-20260323:0815;"
    "20260323:0830-20260323:1500"
)


@pytest.mark.req("S1.12")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-20 05:00", MarketPhase.CLOSED),
        ("2026-03-20 13:30", MarketPhase.REGULAR),
        ("2026-03-20 20:00", MarketPhase.CLOSED),
        ("2026-03-21 12:00", MarketPhase.CLOSED),
        ("2026-03-23 00:14", MarketPhase.CLOSED),
        ("2026-03-23 00:15", MarketPhase.EXTENDED),
        ("2026-03-23 13:15", MarketPhase.CLOSED),
        ("2026-03-23 13:30", MarketPhase.REGULAR),
        # Monday evening may already be open, on behalf of a Tuesday that is not listed.
        ("2026-03-23 20:00", MarketPhase.UNKNOWN),
    ],
)
def test_an_index_option_trades_at_night_before_its_day(now: str, expected: MarketPhase) -> None:
    liquid = "20260320:0830-20260320:1500;20260321:CLOSED;20260323:0830-20260323:1500"
    calendar = read_calendar(OVERNIGHT, liquid, CHICAGO)
    assert phase(calendar, utc(now)) is expected


@pytest.mark.req("S3.2")
def test_the_night_before_belongs_to_the_trading_day_before() -> None:
    liquid = "20260320:0830-20260320:1500;20260321:CLOSED;20260323:0830-20260323:1500"
    calendar = read_calendar(OVERNIGHT, liquid, CHICAGO)
    assert trading_day(calendar, utc("2026-03-23 01:00"), CHICAGO) == date(2026, 3, 20)
    assert trading_day(calendar, utc("2026-03-23 05:00"), CHICAGO) == date(2026, 3, 23)


@pytest.mark.parametrize(
    ("hours", "begin", "end"),
    [
        # Days without a night are covered from midnight to midnight.
        ("20260323:0930-20260323:1600", "03-23 04:00", "03-24 04:00"),
        ("20260323:CLOSED", "03-23 04:00", "03-24 04:00"),
        ("20260323:1800-20260324:0000", "03-23 04:00", "03-24 04:00"),
        # A weekend between named days is closed, a working day that nobody named is not known.
        ("20260320:0930-20260320:1600;20260323:CLOSED", "03-20 04:00", "03-24 04:00"),
        ("20260320:0930-20260320:1600;20260324:CLOSED", "03-20 04:00", "03-21 04:00"),
        ("20260323:CLOSED;20260325:CLOSED;20260326:CLOSED", "03-23 04:00", "03-24 04:00"),
        ("20260321:CLOSED;20260323:CLOSED", "03-21 04:00", "03-24 04:00"),
        # With nights, the list is covered from its first opening to its last closing.
        ("20260323:1700-20260324:1600", "03-23 21:00", "03-24 20:00"),
        ("20260322:CLOSED;20260323:1700-20260324:1600", "03-22 04:00", "03-24 20:00"),
        ("20260326:1700-20260327:1600;20260328:CLOSED", "03-26 21:00", "03-28 04:00"),
        (
            "20260326:1700-20260327:1600;20260328:CLOSED;20260329:CLOSED",
            "03-26 21:00",
            "03-29 04:00",
        ),
        (
            "20260323:1700-20260324:1600;20260326:1700-20260327:1600",
            "03-23 21:00",
            "03-24 20:00",
        ),
    ],
)
def test_a_text_covers_what_it_names_and_nothing_else(hours: str, begin: str, end: str) -> None:
    calendar = read(hours)
    assert f"{calendar.covers_from:%m-%d %H:%M}" == begin
    assert f"{calendar.covers_until:%m-%d %H:%M}" == end
    assert phase(calendar, calendar.covers_until) is MarketPhase.UNKNOWN


def test_what_lies_behind_a_gap_is_dropped() -> None:
    calendar = read("20260320:0930-20260320:1600;20260324:0930-20260324:1600")
    assert spans(calendar.regular) == [("03-20 13:30", "03-20 20:00")]


def test_only_what_both_texts_cover_is_covered() -> None:
    trading = "20260323:0400-20260323:2000;20260324:0400-20260324:2000"
    liquid = "20260324:0930-20260324:1600;20260325:0930-20260325:1600"
    calendar = read_calendar(trading, liquid, NEW_YORK)
    assert (calendar.covers_from, calendar.covers_until) == (
        utc("2026-03-24 04:00"),
        utc("2026-03-25 04:00"),
    )
    assert spans(calendar.regular) == [("03-24 13:30", "03-24 20:00")]
    assert spans(calendar.extended) == [("03-24 08:00", "03-25 00:00")]


NO_DAY = "names a day that does not exist"
EXPECTED = "expected something like 20260323:0930-20260323:1600 or 20260323:CLOSED"


def test_a_session_that_only_touches_what_is_covered_is_left_out() -> None:
    around = "20260323:1800-20260324:0000;20260324:CLOSED;20260325:0000-20260325:0600"
    calendar = read_calendar(around, "20260324:CLOSED", NEW_YORK)
    assert calendar.extended == ()


@pytest.mark.parametrize(
    ("trading", "liquid", "complaint"),
    [
        ("", "20260323:CLOSED", "trading hours: the text is empty"),
        ("20260323:CLOSED", " ; ", "liquid hours: the text is empty"),
        (
            "20260323:0400-20260323:2000",
            "20260323:0930-20260323:16:00",
            f"liquid hours: '20260323:0930-20260323:16:00' can't be read; {EXPECTED}",
        ),
        (
            "0930-1600",
            "20260323:CLOSED",
            f"trading hours: '0930-1600' can't be read; {EXPECTED}",
        ),
        (
            "20260323:closed",
            "20260323:CLOSED",
            f"trading hours: '20260323:closed' can't be read; {EXPECTED}",
        ),
        (
            "20260230:CLOSED",
            "20260323:CLOSED",
            f"trading hours: '20260230:CLOSED' {NO_DAY}: 20260230",
        ),
        (
            "20260230:0930-1600",
            "20260323:CLOSED",
            f"trading hours: '20260230:0930-1600' {NO_DAY}: 20260230",
        ),
        (
            "20260331:2000-20260431:0100",
            "20260323:CLOSED",
            f"trading hours: '20260331:2000-20260431:0100' {NO_DAY}: 20260431",
        ),
        (
            "20260323:0960-1600",
            "20260323:CLOSED",
            "trading hours: '20260323:0960-1600' names a time that does not exist: 0960",
        ),
        (
            "20260323:0930-2400",
            "20260323:CLOSED",
            "trading hours: '20260323:0930-2400' names a time that does not exist: 2400",
        ),
        (
            "20260323:1600-20260323:1600",
            "20260323:CLOSED",
            "trading hours: '20260323:1600-20260323:1600' closes before it opens",
        ),
        (
            "20260323:1700-0000",
            "20260323:CLOSED",
            "trading hours: '20260323:1700-0000' does not say at which midnight it closes",
        ),
        (
            "20261101:0110-20261101:0150",
            "20261101:CLOSED",
            "trading hours: '20261101:0110-20261101:0150' closes before it opens",
        ),
        (
            "20260323:CLOSED",
            "20260324:CLOSED",
            "the trading hours and the liquid hours have no day in common",
        ),
    ],
)
def test_a_text_that_cannot_be_read_names_the_part(
    trading: str, liquid: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match="hours") as refusal:
        read_calendar(trading, liquid, NEW_YORK)
    assert str(refusal.value) == complaint


@pytest.mark.parametrize(
    ("ib_name", "name"),
    [
        ("US/Eastern", "US/Eastern"),
        ("America/New_York", "America/New_York"),
        ("EST5EDT", "EST5EDT"),
        ("MET", "MET"),
        ("EST", "America/New_York"),
        ("EST (Eastern Standard Time)", "America/New_York"),
        ("JST (Japan Standard Time)", "JST"),
    ],
)
def test_a_zone_is_named_as_the_database_knows_it(ib_name: str, name: str) -> None:
    assert zone_name(ib_name) == name


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("ib_name", ["US/Eastern", "America/New_York", "EST5EDT", "EST"])
def test_every_name_of_new_york_has_its_summer(ib_name: str) -> None:
    calendar = read("20260706:0930-20260706:1600", ZoneInfo(zone_name(ib_name)))
    assert spans(calendar.regular) == [("07-06 13:30", "07-06 20:00")]
