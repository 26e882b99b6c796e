"""When the last entries in a symbol left.

An order's own departure does not count against it, so that it can be modified at once: of each
symbol the last entries of two keys are enough to name the last *other* one.
"""

from datetime import datetime

from backstay.domain.ids import IntentKey

_KEPT = 2


class RecentEntries:
    """The last departures by symbol, the latest last."""

    def __init__(self) -> None:
        self._by_symbol: dict[str, list[tuple[IntentKey, datetime]]] = {}

    def left(self, symbol: str, key: IntentKey, at: datetime) -> None:
        """An entry has left."""
        others = [each for each in self._by_symbol.get(symbol, ()) if each[0] != key]
        self._by_symbol[symbol] = [*others, (key, at)][-_KEPT:]

    def last_but(self, symbol: str, key: IntentKey) -> datetime | None:
        """When the last entry in the symbol left that is not the one named `key`."""
        for other, at in reversed(self._by_symbol.get(symbol, ())):
            if other != key:
                return at
        return None
