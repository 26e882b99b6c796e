"""The sessions of an instrument, and what can be asked of them.

Owns the answers to "is it open, until when, and when again". All instants are UTC; a time zone is
only needed to say which day it is. Where the calendar does not reach there is no answer: a market
is never guessed open, and never guessed closed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise

from backstay.domain.checks import check_utc

_INSTANT = timedelta(microseconds=1)


class MarketPhase(StrEnum):
    """What trading is possible right now, as far as the broker's calendar says."""

    REGULAR = "regular"
    """Regular hours: market orders execute, plain stops are awake."""

    EXTENDED = "extended"
    """Before the open or after the close: only limit orders marked for it execute."""

    CLOSED = "closed"
    """No trading; what is sent now waits for a later session."""

    UNKNOWN = "unknown"
    """The calendar does not cover this moment; nothing may be inferred."""


def _check_span(what: str, begin: datetime, end: datetime) -> None:
    check_utc(what, begin)
    check_utc(what, end)
    if begin >= end:
        raise ValueError(f"{what} begins before it ends, not from {begin} until {end}")


@dataclass(frozen=True, slots=True)
class Session:
    """From its opening up to, and without, its closing."""

    opens_at: datetime
    closes_at: datetime

    def __post_init__(self) -> None:
        _check_span("a session", self.opens_at, self.closes_at)

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies within the session."""
        return self.opens_at <= moment < self.closes_at


@dataclass(frozen=True, slots=True)
class Calendar:
    """The sessions between two instants: regular hours, and all hours in which anything trades."""

    regular: tuple[Session, ...]
    extended: tuple[Session, ...]
    covers_from: datetime
    covers_until: datetime

    def __post_init__(self) -> None:
        _check_span("a calendar", self.covers_from, self.covers_until)
        for sessions in (self.regular, self.extended):
            if any(earlier.closes_at >= later.opens_at for earlier, later in pairwise(sessions)):
                raise ValueError("the sessions of a calendar are apart, and in order")

    def covers(self, moment: datetime) -> bool:
        """Whether the calendar says anything about this moment."""
        return self.covers_from <= moment < self.covers_until


def phase(calendar: Calendar, now: datetime) -> MarketPhase:
    """What trading is possible now."""
    if not calendar.covers(now):
        return MarketPhase.UNKNOWN
    if any(session.holds(now) for session in calendar.regular):
        return MarketPhase.REGULAR
    if any(session.holds(now) for session in calendar.extended):
        return MarketPhase.EXTENDED
    return MarketPhase.CLOSED


def changes_at(calendar: Calendar, now: datetime) -> datetime | None:
    """The first instant after now at which another phase may begin; None if none is known."""
    edges = [calendar.covers_from, calendar.covers_until]
    for session in (*calendar.regular, *calendar.extended):
        edges += (session.opens_at, session.closes_at)
    return min((edge for edge in edges if edge > now), default=None)


def closes_at(calendar: Calendar, now: datetime) -> datetime | None:
    """When the regular session that runs now ends; None if none does."""
    if not calendar.covers(now):
        return None
    return next((each.closes_at for each in calendar.regular if each.holds(now)), None)


def next_open(calendar: Calendar, now: datetime) -> datetime | None:
    """When regular hours begin after now; None if the calendar does not reach so far."""
    if not calendar.covers(now):
        return None
    return next((each.opens_at for each in calendar.regular if each.opens_at > now), None)


def trading_day(calendar: Calendar, now: datetime, zone: tzinfo) -> date | None:
    """The trading day that `now` belongs to: the last day with regular hours that has begun.

    It begins at midnight in the zone of the exchange and lasts until the next one begins, so that
    a weekend and a holiday belong to the trading day before them.
    """
    if not calendar.covers(now):
        return None
    today = now.astimezone(zone).date()
    days = [(each.closes_at - _INSTANT).astimezone(zone).date() for each in calendar.regular]
    return max((day for day in days if day <= today), default=None)
