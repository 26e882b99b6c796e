"""Days that are over, in short, for whoever asks again: bars of days and longer are made of them.

A day that is over doesn't change, unless somebody moves its instrument's whole path: then what was
kept of it is forgotten. It knows of no track, and answers as if nothing were kept.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import date

from backstay.gateway.market.track import Summary

DAYS_MAX = 1000
"""For each instrument; two years of regular and of whole hours are as many."""
INSTRUMENTS_MAX = 32

Stretch = tuple[date, int, int]
"""A day, its first minute that counts, and the first that doesn't any more."""


class KeptDays:
    """The days of those instruments that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, dict[Stretch, Summary | None]] = OrderedDict()

    def span(
        self, con_id: int, stretch: Stretch, look: Callable[[date, int, int], Summary | None]
    ) -> Summary | None:
        """What `look` says of an instrument's day, asked only where it isn't known."""
        days = self._kept.setdefault(con_id, {})
        self._kept.move_to_end(con_id)
        if len(self._kept) > INSTRUMENTS_MAX:
            self._kept.popitem(last=False)
        if stretch not in days:
            if len(days) == DAYS_MAX:
                del days[next(iter(days))]
            days[stretch] = look(*stretch)
        return days[stretch]

    def forget(self, con_id: int) -> None:
        """An instrument's days have changed."""
        self._kept.pop(con_id, None)

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._kept))
