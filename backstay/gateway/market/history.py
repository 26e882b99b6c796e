"""What a request for bars of the past asks: IB's words for durations and sizes, made sense of."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from backstay.gateway.market.holidays import last_trading_day

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
WEEK, MONTH = 7 * _DAY, 30 * _DAY
SIZES_SECONDS: dict[str, int] = {
    **{f"{count} secs": count for count in (1, 5, 10, 15, 30)},
    "1 min": _MINUTE,
    **{f"{count} mins": count * _MINUTE for count in (2, 3, 5, 10, 15, 20, 30)},
    "1 hour": _HOUR,
    **{f"{count} hours": count * _HOUR for count in (2, 3, 4, 8)},
    "1 day": _DAY,
    "1 week": WEEK,
    "1 month": MONTH,
}
_OTHER_WORDS = {"1 sec": "1 secs", "1W": "1 week", "1M": "1 month", "1 mins": "1 min"}
TRADES = ("TRADES", "ADJUSTED_LAST")
PRICES = ("MIDPOINT", "BID", "ASK")
_DURATION = re.compile(r"([1-9][0-9]{0,5}) ([SDWMY])")
_LONGEST_DAYS = (
    # Up to bars of so many seconds, history of so many days is asked for at once.
    (_MINUTE - 1, 1),
    (5 * _MINUTE - 1, 31),
    (_DAY - 1, 366),
    (31 * _DAY, 800),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Bars of which size and kind, over how many of which unit."""

    count: int
    unit: str
    size_seconds: int
    what: str
    use_rth: bool

    @property
    def is_of_days(self) -> bool:
        """Whether a bar is a day or longer."""
        return self.size_seconds >= _DAY

    def first_day(self, last_day: date) -> date:
        """The first day that may have bars, if the last one is a trading day."""
        match self.unit:
            case "S":
                return last_day - timedelta(days=self.count // _DAY + 1)
            case "D":
                day = last_day
                for _ in range(self.count - 1):
                    day = last_trading_day(day)
                return day
            case _:
                return last_day - timedelta(days=_days(self.count, self.unit) - 1)


def asked(duration: str, bar_size: str, what: str, *, use_rth: bool) -> Asked:
    """Read a request; a ValueError says what is wrong with it."""
    size_seconds = SIZES_SECONDS.get(_OTHER_WORDS.get(bar_size, bar_size))
    if size_seconds is None:
        raise ValueError(f'bar size "{bar_size}"; expected one of {", ".join(SIZES_SECONDS)}')
    if what not in TRADES + PRICES:
        raise ValueError(f'bars of "{what}"; expected one of {", ".join(TRADES + PRICES)}')
    found = _DURATION.fullmatch(duration)
    if not found:
        raise ValueError(f'duration "{duration}"; expected a count and one of S, D, W, M, Y')
    count, unit = int(found[1]), found[2]
    longest = next(days for upto, days in _LONGEST_DAYS if size_seconds <= upto)
    if _days(count, unit) > longest:
        raise ValueError(
            f'duration "{duration}" for bars of {bar_size}; expected {longest} days at the most'
        )
    return Asked(count, unit, size_seconds, what, use_rth)


def _days(count: int, unit: str) -> int:
    match unit:
        case "S":
            return -(-count // _DAY)
        case "D":
            return count
        case "W":
            return 7 * count
        case "M":
            return 31 * count
        case _:
            return 366 * count
