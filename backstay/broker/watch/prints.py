"""What a trade is, told three times over and counted once.

The broker tells a trade as a last price without a stamp (tick type 4), as the second in which it
happened (45), and, on a line that asked for generic 233, as real-time volume (48) with a stamp in
milliseconds and the day's total. If two of them counted, one trade would confirm a stop that asks
for two.

Owns the choice: **48 is the print**, from its first on. Until then, or on a line that brings none,
4 is, stamped with the last second heard; one without any stamp could be of yesterday and is no
print. A print that comes twice is one: the same price at the same total, or, at one instant, a
total that doesn't grow.
"""

from datetime import UTC, datetime
from math import nan

from backstay.broker.watch.reading import Reader
from backstay.domain.ticks.quotes import RawTick, TickField

_LAST = TickField.LAST
_PARTS_MIN = 4
"""Price, size, milliseconds, total volume; the average price and one more flag follow."""

_SECOND_MS = 1000
_SAME_TRADE_MS_MAX = 3 * _SECOND_MS
"""So far apart the stamps of one trade can be, one of them being of whole seconds."""

_STAMP_DIGITS_MAX = 14


class Prints:
    """The prints of one instrument, as raw ticks; None is no news."""

    __slots__ = ("_is_streamed", "_price", "_reader", "_second", "_stamp_ms", "_total")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._is_streamed = False
        self._second: datetime | None = None
        self._price = b""
        self._stamp_ms = 0
        self._total = b""

    def on_second(self, letters: bytes) -> None:
        """45: the second of the last trade. It comes before the price and only when it is new."""
        self._second = _instant(int(letters) * _SECOND_MS) if _is_stamp(letters) else None

    def on_last(self, letters: bytes) -> RawTick | None:
        """4: a print only as long as no 48 has come. A price that is repeated is no trade."""
        if self._is_streamed or self._second is None:
            return None
        stamp_ms = _milliseconds(self._second)
        if letters == self._price and stamp_ms == self._stamp_ms:
            return None
        self._price, self._stamp_ms = letters, stamp_ms
        return RawTick(_LAST, self._reader.price(letters), self._second)

    def on_volume(self, letters: bytes, now: datetime) -> RawTick | None:
        """48: the print. One that can't be read is a print of which nothing is known."""
        parts = letters.split(b";")
        if len(parts) < _PARTS_MIN or not _is_stamp(parts[2]):
            return RawTick(_LAST, None, now)
        price, stamp_ms, total = parts[0], int(parts[2]), parts[3]
        is_repeated = self._is_repeated(price, stamp_ms, total)
        self._is_streamed = True
        if stamp_ms >= self._stamp_ms:
            self._price, self._stamp_ms, self._total = price, stamp_ms, total
        if is_repeated:
            return None
        return RawTick(_LAST, self._reader.price(price), _instant(stamp_ms))

    def _is_repeated(self, price: bytes, stamp_ms: int, total: bytes) -> bool:
        if not self._is_streamed:
            # The first 48 may be of the trade whose 4 has just been counted.
            is_recent = stamp_ms - self._stamp_ms < _SAME_TRADE_MS_MAX
            return is_recent and self._reader.price(price) == self._reader.price(self._price)
        if total == self._total:
            return price == self._price
        return stamp_ms == self._stamp_ms and _volume(total) <= _volume(self._total)


def _volume(letters: bytes) -> float:
    """What is not a number compares with nothing, so nothing is taken for a repetition of it."""
    try:
        return float(letters)
    except ValueError:
        return nan


def _is_stamp(letters: bytes) -> bool:
    return letters.isdigit() and len(letters) <= _STAMP_DIGITS_MAX


def _instant(stamp_ms: int) -> datetime:
    return datetime.fromtimestamp(stamp_ms / _SECOND_MS, UTC)


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * _SECOND_MS
