"""What a day's trades add up to: last, volume, and open, high, low of regular hours."""

from collections.abc import Callable
from decimal import Decimal

from backstay.gateway.market.track import Summary

_ZERO = Decimal(0)


class Tally:
    """The running figures of one trading day."""

    __slots__ = (
        "close", "high", "last", "last_size", "last_time_ns", "low", "open", "regular_last",
        "traded", "volume",
    )  # fmt: skip

    def __init__(self) -> None:
        self.last: Decimal | None = None
        self.last_size = _ZERO
        self.last_time_ns = 0
        self.volume = _ZERO
        self.open: Decimal | None = None
        self.high: Decimal | None = None
        self.low: Decimal | None = None
        self.close: Decimal | None = None
        self.regular_last: Decimal | None = None
        self.traded = False

    def following(self) -> "Tally":
        """The next day's, before anything has been traded."""
        following = Tally()
        following.close = self.last if self.regular_last is None else self.regular_last
        following.last = self.last
        following.last_size = self.last_size
        following.last_time_ns = self.last_time_ns
        return following

    def reprice(self, repriced: Callable[[Decimal | None], Decimal | None]) -> None:
        """The same trades in other prices; how much was traded stays."""
        self.last, self.close = repriced(self.last), repriced(self.close)
        self.open, self.regular_last = repriced(self.open), repriced(self.regular_last)
        self.high, self.low = repriced(self.high), repriced(self.low)

    def trade(self, price: Decimal, size: Decimal, time_ns: int, *, regular: bool) -> None:
        """Count a trade."""
        self.traded = True
        self.last = price
        self.last_size = size
        self.last_time_ns = time_ns
        self.volume += size
        if regular:
            self._span(price, price, price, price)

    def summary(self, summary: Summary, *, regular: bool) -> None:
        """Count the trades of a minute; when and how much was traded last is not known by it."""
        self.traded = True
        self.last = summary.close
        self.volume += summary.volume
        if regular:
            self._span(summary.open, summary.high, summary.low, summary.close)

    def _span(self, first: Decimal, high: Decimal, low: Decimal, last: Decimal) -> None:
        if self.open is None or self.high is None or self.low is None:
            self.open, self.high, self.low = first, high, low
        else:
            self.high = max(self.high, high)
            self.low = min(self.low, low)
        self.regular_last = last
