"""How IB writes the hours of an instrument.

Owns the reading of `tradingHours` and `liquidHours` in the time zone of the exchange. IB names
days and sessions, separated by semicolons:

    20260323:0400-20260323:2000;20260324:CLOSED         each end with its own day
    20130114:1700-1515,1530-1615;20130115:CLOSED        older: several sessions a day, and one that
                                                        ends before it begins began the day before

Entries come unordered and repeated, and a session that reaches into a closed day is held. What a
text leaves out is not covered: the calendar ends at the first working day that is not named, and
where sessions cross midnight it does not reach past the last one, because the evening belongs to a
day that is not listed any more. A weekend between named days is closed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from backstay.domain.sessions.calendar import Calendar, Session

_CLOSED = re.compile(r"(2[0-9]{7}):CLOSED")
_SEGMENT = re.compile(
    r"(?:(?P<day>2[0-9]{7}):)?(?P<opens>[0-9]{4})-(?:(?P<last_day>2[0-9]{7}):)?(?P<closes>[0-9]{4})"
)
_DAY = timedelta(days=1)
_SATURDAY = 5

# IB writes the winter abbreviation and means the zone with its summers; the time zone database
# knows the same letters as a fixed offset, an hour off for two thirds of the year.
_MEANT = {"EST": "America/New_York"}


def zone_name(ib_name: str) -> str:
    """The name in the time zone database of what IB calls a time zone."""
    name = ib_name.partition(" (")[0].strip()
    return _MEANT.get(name, name)


def read_calendar(trading_hours: str, liquid_hours: str, zone: tzinfo) -> Calendar:
    """The calendar that both texts agree to cover. A text that can't be read is a ValueError."""
    extended = _read("trading hours", trading_hours, zone)
    regular = _read("liquid hours", liquid_hours, zone)
    begin = max(extended.begin, regular.begin)
    end = min(extended.end, regular.end)
    if begin >= end:
        raise ValueError("the trading hours and the liquid hours have no day in common")
    return Calendar(
        regular=_within(regular.sessions, begin, end),
        extended=_within(extended.sessions, begin, end),
        covers_from=begin,
        covers_until=end,
    )


@dataclass(frozen=True, slots=True)
class _Hours:
    """One text: its sessions, apart and in order, and the instants that it covers."""

    sessions: tuple[Session, ...]
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Entry:
    """The local days that one entry names, first to last, and its session if it has one."""

    first_day: date
    last_day: date
    session: Session | None = None


def _within(sessions: tuple[Session, ...], begin: datetime, end: datetime) -> tuple[Session, ...]:
    return tuple(each for each in sessions if each.closes_at > begin and each.opens_at < end)


def _read(name: str, text: str, zone: tzinfo) -> _Hours:
    try:
        entries = [entry for part in _parts(text) for entry in _entries(part, zone)]
    except ValueError as complaint:
        raise ValueError(f"{name}: {complaint}") from None
    if not entries:
        raise ValueError(f"{name}: the text is empty")
    entries = _gapless(sorted(entries, key=lambda entry: (entry.first_day, entry.last_day)))
    return _Hours(
        sessions=_joined([entry.session for entry in entries if entry.session]),
        begin=_begin(entries[0], zone),
        end=_end(entries, zone),
    )


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(";") if part.strip())


def _entries(part: str, zone: tzinfo) -> Iterator[_Entry]:
    """What one part between semicolons names: a closed day, or sessions separated by commas."""
    if closed := _CLOSED.fullmatch(part):
        day = _day(closed[1], part)
        yield _Entry(day, day)
        return
    label = ""
    for segment in part.split(","):
        found = _SEGMENT.fullmatch(segment)
        label = (found and found["day"]) or label
        if not found or not label:
            raise ValueError(
                f"{part!r} can't be read; expected something like"
                " 20260323:0930-20260323:1600 or 20260323:CLOSED"
            )
        opens = datetime.combine(_day(label, part), _time(found["opens"], part))
        last_day = _day(found["last_day"] or label, part)
        closes = datetime.combine(last_day, _time(found["closes"], part))
        if not found["last_day"] and closes.time() == time.min:
            raise ValueError(f"{part!r} does not say at which midnight it closes")
        if not found["last_day"] and closes <= opens:
            opens -= _DAY
        yield _entry(part, opens, closes, zone)


def _entry(part: str, opens: datetime, closes: datetime, zone: tzinfo) -> _Entry:
    opens_at, closes_at = _later(opens, zone), _earlier(closes, zone)
    if opens_at >= closes_at:
        raise ValueError(f"{part!r} closes before it opens")
    # A session that ends at midnight has no part of the day that begins then.
    last_day = (closes - timedelta.resolution).date()
    return _Entry(opens.date(), last_day, Session(opens_at, closes_at))


def _day(digits: str, part: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise ValueError(f"{part!r} names a day that does not exist: {digits}") from None


def _time(digits: str, part: str) -> time:
    try:
        return time(int(digits[:2]), int(digits[2:]))
    except ValueError:
        raise ValueError(f"{part!r} names a time that does not exist: {digits}") from None


def _later(local: datetime, zone: tzinfo) -> datetime:
    """The instant of a local time; where the clocks change, the later of its two readings.

    Sessions open at the later reading and close at the earlier one: on a night in which a local
    time comes twice or not at all, nothing trades on the strength of a guess.
    """
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _earlier(local: datetime, zone: tzinfo) -> datetime:
    return min(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _gapless(entries: list[_Entry]) -> list[_Entry]:
    """The entries, in order, up to the first working day that none of them names."""
    reached = entries[0].last_day
    for position, entry in enumerate(entries):
        missing = reached + _DAY
        while missing < entry.first_day and missing.weekday() >= _SATURDAY:
            missing += _DAY
        if missing < entry.first_day:
            return entries[:position]
        reached = max(reached, entry.last_day)
    return entries


def _joined(sessions: list[Session]) -> tuple[Session, ...]:
    """The sessions in order; those that overlap or touch are one."""
    joined: list[Session] = []
    for session in sorted(sessions, key=lambda each: each.opens_at):
        if joined and session.opens_at <= joined[-1].closes_at:
            last = joined.pop()
            joined.append(Session(last.opens_at, max(last.closes_at, session.closes_at)))
        else:
            joined.append(session)
    return tuple(joined)


def _begin(first: _Entry, zone: tzinfo) -> datetime:
    """The day before a session that crosses midnight is not listed; its own day is."""
    if first.session and first.first_day != first.last_day:
        return first.session.opens_at
    return _later(datetime.combine(first.first_day, time.min), zone)


def _end(entries: list[_Entry], zone: tzinfo) -> datetime:
    """The midnight after the last day, where no evening can belong to a day that is not listed."""
    last_day = max(entry.last_day for entry in entries)
    if all(entry.first_day == entry.last_day for entry in entries):
        return _earlier(datetime.combine(last_day + _DAY, time.min), zone)
    last_close = max(entry.session.closes_at for entry in entries if entry.session)
    return max(last_close, _earlier(datetime.combine(last_day, time.min), zone))
