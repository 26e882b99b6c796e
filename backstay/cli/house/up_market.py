"""Whether American stocks are traded at some time, and when next, by the exchanges' calendar."""

from datetime import datetime

from backstay.gateway.market.holidays import next_trading_day
from backstay.gateway.market.hours import STOCKS, phase_at, session, session_on
from backstay.gateway.market.words import Phase
from backstay.gateway.times import broker_day, from_ns, to_ns


def market(now: datetime) -> tuple[bool, str]:
    """Whether regular hours run, and that in words."""
    now_ns = to_ns(now)
    today = session(STOCKS, broker_day(now_ns))
    phase = phase_at(STOCKS, now_ns)
    if phase is Phase.REGULAR and today is not None:
        return True, f"open until {_time(today.regular_closes_ns)}"
    word = "extended hours" if phase is Phase.EXTENDED else "closed"
    return False, f"{word}; regular hours begin {_time(_opens_ns(now_ns))}"


def next_regular_open(now: datetime) -> datetime:
    """When regular hours begin next."""
    return from_ns(_opens_ns(to_ns(now)))


def _opens_ns(now_ns: int) -> int:
    day = broker_day(now_ns)
    today = session(STOCKS, day)
    if today is not None and today.regular_opens_ns > now_ns:
        return today.regular_opens_ns
    return session_on(STOCKS, next_trading_day(day)).regular_opens_ns


def _time(time_ns: int) -> str:
    return f"{from_ns(time_ns):%a %Y-%m-%d %H:%M} UTC"
