"""How many entries there have been, and how fast.

Owns the log of admitted entries that the daily limit and the rate are counted on. An entry counts
once, from its approval, and is not taken back when the order never leaves: whoever admits and gives
back in a loop is the runaway that the two bounds are there for.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backstay.domain.ids import IntentKey

REMEMBERED = timedelta(days=1)
"""How long an entry of an earlier trading day is kept, for the rate across the change of days."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """That the order named `key` was admitted: when, in which symbol, on which trading day."""

    at: datetime
    key: IntentKey
    symbol: str
    trading_day: date


@dataclass(frozen=True, slots=True)
class EntryLog:
    """The admitted entries that still count for something, in the order of their times."""

    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        keys = {entry.key for entry in self.entries}
        if list(self.entries) != sorted(self.entries) or len(keys) != len(self.entries):
            raise ValueError("entries stand in the order of their times, each key once")

    def with_entry(self, entry: Entry) -> "EntryLog":
        """The log with one more entry, unless its order was admitted before."""
        if self.knows(entry.key):
            return self
        kept = [known for known in self.entries if _still_counts(known, entry)]
        return EntryLog(tuple(sorted([*kept, entry])))

    def count_on(self, trading_day: date) -> int:
        """How many entries were admitted on `trading_day`."""
        return sum(entry.trading_day == trading_day for entry in self.entries)

    def count_with(self, key: IntentKey, trading_day: date) -> int:
        """How many there would be on `trading_day` if the order named `key` were admitted, too."""
        return self.count_on(trading_day) + (not self.knows(key))

    def last_at(self, symbol: str, besides: IntentKey) -> datetime | None:
        """When the last entry in `symbol` was admitted, the order `besides` apart."""
        times = [
            entry.at for entry in self.entries if entry.symbol == symbol and entry.key != besides
        ]
        return max(times, default=None)

    def knows(self, key: IntentKey) -> bool:
        """Whether the order named `key` was admitted, as far back as the log reaches."""
        return any(entry.key == key for entry in self.entries)


def _still_counts(known: Entry, newest: Entry) -> bool:
    return known.trading_day == newest.trading_day or newest.at - known.at < REMEMBERED
