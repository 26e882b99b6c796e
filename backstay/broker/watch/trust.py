"""Whether the data of one instrument is confirmed good.

Joins what the feeds report with what the ticks themselves say, and keeps the domain's gate by it.
"""

from dataclasses import replace
from datetime import datetime

from backstay.domain.ticks import feeds
from backstay.domain.ticks.feeds import Confirmed, Doubted, FeedReport
from backstay.domain.ticks.quotes import Feed


class Trust:
    """The gate of one instrument."""

    __slots__ = ("_state",)

    def __init__(self, now: datetime) -> None:
        self._state: Doubted | Confirmed = feeds.begin(now)

    @property
    def is_live(self) -> bool:
        """Whether the data is confirmed good."""
        return isinstance(self._state, Confirmed)

    def on_report(self, report: FeedReport | None, feed: Feed, now: datetime) -> None:
        """Take a report in; the worse of what it and the ticks say of their kind counts."""
        if report is None:
            self._state = feeds.begin(now)
            return
        if feed is not Feed.REAL_TIME:
            report = replace(report, feed=feed)
        self._state, _ = feeds.on_report(self._state, report, now)

    def on_interrupted(self, now: datetime) -> None:
        """Ticks may have been missed: whatever was confirmed has to be confirmed again."""
        self._state = feeds.begin(now)

    def on_good_tick(self, happened_at: datetime, now: datetime) -> None:
        """Take a good tick in."""
        self._state, _ = feeds.on_good_tick(self._state, happened_at, now)
