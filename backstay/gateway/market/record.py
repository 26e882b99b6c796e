"""What was traded by hand, minute by minute: bars of the past tell it instead of the track."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from backstay.gateway.market.hours import MINUTE_NS
from backstay.gateway.market.track import Summary

_MINUTES_KEPT = 2000


class Record:
    """The minutes with such trades; the oldest are forgotten."""

    def __init__(self) -> None:
        self._minutes: dict[int, tuple[int, Summary]] = {}

    def trade(self, price: Decimal, size: Decimal, time_ns: int) -> None:
        """Note a trade."""
        minute = time_ns // MINUTE_NS
        known = self._minutes.get(minute)
        if known is None:
            if len(self._minutes) == _MINUTES_KEPT:
                del self._minutes[next(iter(self._minutes))]
            self._minutes[minute] = time_ns, Summary(price, price, price, price, size, 1)
            return
        first_ns, so_far = known
        high, low = max(so_far.high, price), min(so_far.low, price)
        volume, trades = so_far.volume + size, so_far.trades + 1
        self._minutes[minute] = first_ns, Summary(so_far.open, high, low, price, volume, trades)

    def reprice(self, repriced: Callable[[Decimal], Decimal]) -> None:
        """The same trades in other prices."""
        for minute, (first_ns, so_far) in self._minutes.items():
            self._minutes[minute] = (
                first_ns,
                replace(
                    so_far,
                    open=repriced(so_far.open),
                    high=repriced(so_far.high),
                    low=repriced(so_far.low),
                    close=repriced(so_far.close),
                ),
            )

    def minute(self, time_ns: int) -> tuple[int, Summary] | None:
        """When trades began in the minute that an instant belongs to, and what they were."""
        return self._minutes.get(time_ns // MINUTE_NS)

    def touches(self, since_ns: int, until_ns: int) -> bool:
        """Whether there were any from the minute of `since_ns` until before that of `until_ns`."""
        first, after = since_ns // MINUTE_NS, until_ns // MINUTE_NS
        if not self._minutes or after <= next(iter(self._minutes)):
            return False
        return any(first <= minute < after for minute in self._minutes)
