"""Bars of the past, made of the same minutes that quotes are made of.

Where somebody moved an instrument by hand, its record tells what was traded; where it stood still
nothing was. Everywhere else its track tells, however long ago.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from backstay.gateway.market import history
from backstay.gateway.market.grid import above, below
from backstay.gateway.market.history import Asked
from backstay.gateway.market.hours import (
    MINUTE_NS,
    STOCKS,
    Session,
    session,
    session_begun,
    session_on,
)
from backstay.gateway.market.mover import Mover
from backstay.gateway.market.track import Summary
from backstay.gateway.messages.data_replies import Bar
from backstay.gateway.times import SECOND_NS

_MINUTE = 60
_BEGINS_AT = 4 * 3600
"""The second of the day with which the stocks' extended hours, and so all minutes, begin."""
_DAY = timedelta(days=1)
_UNKNOWN = Decimal(-1)
_FINEST = Decimal("0.0001")


class Piece(NamedTuple):
    """What was traded from a second of a day on."""

    day: date
    second: int
    traded: Summary


Span = Callable[[date, int, int], Summary | None]
"""The trades of a day that is over, from one minute to before another."""


def bars(mover: Mover, asked: Asked, end_ns: int, span: Span) -> tuple[Bar, ...]:
    """What was asked for, up to `end_ns`, which isn't later than what the mover knows.

    `span` says what the mover's track does, and may know it from before.
    """
    last_day = session_begun(mover.instrument.calendar, end_ns).day
    since_ns = end_ns - asked.count * SECOND_NS if asked.unit == "S" else 0
    pieces = (
        piece
        for day in _days(asked.first_day(last_day), last_day)
        if (hours := session(mover.instrument.calendar, day)) is not None
        for piece in _pieces(mover, hours, asked, (since_ns, end_ns), span)
    )
    groups = groupby(pieces, lambda piece: _bucket(asked, piece))
    return tuple(_bar(mover, asked, list(group)) for _, group in groups)


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _DAY


def _bucket(asked: Asked, piece: Piece) -> tuple[int, int]:
    """Which bar a piece belongs to: bars begin at round times of the clock."""
    match asked.size_seconds:
        case history.MONTH:
            return piece.day.year, piece.day.month
        case history.WEEK:
            year, week, _ = piece.day.isocalendar()
            return year, week
        case seconds:
            return piece.day.toordinal(), piece.second // seconds


def _pieces(
    mover: Mover, hours: Session, asked: Asked, span_ns: tuple[int, int], span: Span
) -> Iterator[Piece]:
    opens_ns, closes_ns = hours.opens_ns, hours.closes_ns
    if asked.use_rth:
        opens_ns, closes_ns = hours.regular_opens_ns, hours.regular_closes_ns
    since_ns, end_ns = span_ns
    begins_ns = session_on(STOCKS, hours.day).opens_ns
    is_whole = asked.is_of_days and since_ns <= opens_ns and closes_ns <= end_ns
    if is_whole and not _is_marked(mover, opens_ns, closes_ns):
        edges = ((edge_ns - begins_ns) // MINUTE_NS for edge_ns in (opens_ns, closes_ns))
        if traded := span(hours.day, *edges):
            yield Piece(hours.day, _BEGINS_AT, traded)
        return
    for starts_ns in range(opens_ns, min(closes_ns, end_ns + 1), MINUTE_NS):
        if starts_ns + MINUTE_NS <= since_ns:
            continue
        minute = (starts_ns - begins_ns) // MINUTE_NS
        if _is_whole(mover, asked, starts_ns, span_ns):
            traded = mover.track.summary(hours.day, minute)
            if traded is not None:
                yield Piece(hours.day, _BEGINS_AT + minute * _MINUTE, traded)
        else:
            yield from _parts(mover, (hours.day, minute), starts_ns, span_ns)


def _is_marked(mover: Mover, since_ns: int, until_ns: int) -> bool:
    """Whether anybody has moved it by hand in some minutes."""
    return mover.silences.touch(since_ns, until_ns) or mover.record.touches(since_ns, until_ns)


def _is_whole(mover: Mover, asked: Asked, starts_ns: int, span_ns: tuple[int, int]) -> bool:
    """Whether a minute counts as the track has it, and needn't be looked at step by step."""
    since_ns, end_ns = span_ns
    ends_ns = starts_ns + MINUTE_NS
    if asked.size_seconds < _MINUTE or since_ns > starts_ns or end_ns < ends_ns - 1:
        return False
    if mover.record.minute(starts_ns) is not None:
        return False
    return not mover.silences.touch(starts_ns, ends_ns)


def _parts(
    mover: Mover, place: tuple[date, int], starts_ns: int, span_ns: tuple[int, int]
) -> Iterator[Piece]:
    """A minute's steps, and between them what was traded by hand."""
    day, minute = place
    recorded = mover.record.minute(starts_ns)
    if recorded is None:
        yield from _steps(mover, place, starts_ns, span_ns)
        return
    first_ns, traded = recorded
    since_ns, end_ns = span_ns
    yield from _steps(mover, place, starts_ns, (since_ns, first_ns))
    if since_ns <= first_ns <= end_ns:
        second = _BEGINS_AT + minute * _MINUTE + (first_ns - starts_ns) // SECOND_NS
        yield Piece(day, second, traded)
    yield from _steps(mover, place, starts_ns, (max(since_ns, first_ns + 1), end_ns))


def _steps(
    mover: Mover, place: tuple[date, int], starts_ns: int, span_ns: tuple[int, int]
) -> Iterator[Piece]:
    day, minute = place
    since_ns, end_ns = span_ns
    step_ns = mover.step_ns
    is_touched = mover.silences.touch(starts_ns, starts_ns + MINUTE_NS)
    for step, (price, size) in mover.track.trades(day, minute):
        at_ns = starts_ns + step * step_ns
        if since_ns <= at_ns <= end_ns and not (is_touched and mover.silences.cover(at_ns)):
            second = _BEGINS_AT + minute * _MINUTE + step * step_ns // SECOND_NS
            yield Piece(day, second, Summary(price, price, price, price, size, 1))


def _bar(mover: Mover, asked: Asked, pieces: list[Piece]) -> Bar:
    traded = [piece.traded for piece in pieces]
    first, last = traded[0].open, traded[-1].close
    high, low = max(each.high for each in traded), min(each.low for each in traded)
    when = _date(mover, asked, pieces)
    if asked.what in history.PRICES:
        first, high, low, last = (
            _shifted(mover, asked.what, price) for price in (first, high, low, last)
        )
        return Bar(when, first, high, low, last, _UNKNOWN, _UNKNOWN, -1)
    volume = sum((each.volume for each in traded), Decimal(0))
    trades = sum(each.trades for each in traded)
    return Bar(when, first, high, low, last, volume, _average(traded), trades)


def _average(traded: Iterable[Summary]) -> Decimal:
    """By volume; by trades, where a figure has no volume."""
    total, weights = Decimal(0), Decimal(0)
    for each in traded:
        weight = each.volume or Decimal(each.trades)
        total += weight * (each.open + each.high + each.low + each.close) / 4
        weights += weight
    return (total / weights).quantize(_FINEST)


def _date(mover: Mover, asked: Asked, pieces: list[Piece]) -> str:
    """A day's bar is dated by it, a longer one by its last; a shorter one by its first second."""
    if asked.is_of_days:
        return f"{pieces[-1].day:%Y%m%d}"
    day, second, _ = pieces[0]
    hours = session_on(mover.instrument.calendar, day)
    opens_ns = hours.regular_opens_ns if asked.use_rth else hours.opens_ns
    begins_ns = session_on(STOCKS, day).opens_ns - _BEGINS_AT * SECOND_NS
    starts_ns = begins_ns + second // asked.size_seconds * asked.size_seconds * SECOND_NS
    return str(max(starts_ns, opens_ns) // SECOND_NS)


def _shifted(mover: Mover, what: str, price: Decimal) -> Decimal:
    """Bids lie a step below what is traded in the middle, asks a step above."""
    steps = mover.instrument.steps
    match what:
        case "BID":
            return below(steps, price)
        case "ASK":
            return above(steps, price)
        case _:
            return price
