"""When the last entries left: of a symbol what left from here, of a contract what others have sent.

An order's own departure does not count against it, so that it can be modified at once: of each
symbol the last entries of two keys are enough to name the last *other* one. An entry that a process
which is gone has sent left before it was first shown here, and nobody knows how long before.
"""

from datetime import datetime

from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument

_KEPT = 2


class RecentEntries:
    """The last departures, the latest last."""

    def __init__(self) -> None:
        self._by_symbol: dict[str, list[tuple[IntentKey, datetime]]] = {}
        self._found: dict[int, dict[IntentKey, datetime]] = {}

    def left(self, symbol: str, key: IntentKey, at: datetime) -> None:
        """An entry has left."""
        others = [each for each in self._by_symbol.get(symbol, ()) if each[0] != key]
        self._by_symbol[symbol] = [*others, (key, at)][-_KEPT:]

    def found(self, con_id: int, key: IntentKey, at: datetime) -> None:
        """An entry is shown that did not leave from here; what counts is when that was first."""
        self._found.setdefault(con_id, {}).setdefault(key, at)

    def last_but(self, instrument: Instrument, key: IntentKey) -> datetime | None:
        """When the last entry in the symbol left, as far as is known, that is not named `key`."""
        left = (at for other, at in self._by_symbol.get(instrument.symbol, ()) if other != key)
        found = self._found.get(instrument.con_id)
        if found is None:
            return max(left, default=None)
        others = (at for other, at in found.items() if other != key)
        return max((*left, *others), default=None)
