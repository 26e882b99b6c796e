"""In which circumstances each order of a guard was asked for.

An order that has been asked for is looked up by the circumstances of then, whatever the day; what
is asked for on a later day than the guard was written down on, by those of its own. A guard is held
for days, and the broker believes an absence only on the day of the order.
"""

from collections.abc import Callable
from decimal import Decimal

from backstay.broker.rooms import Rooms
from backstay.domain.edge.asked import Asked
from backstay.domain.ids import IntentKey

Differs = Callable[[Decimal, Decimal], None]
"""Told the position of before and that of now, where they differ over night."""


class Asking:
    """The circumstances of one guard's orders."""

    def __init__(self, asked: Asked, con_id: int, rooms: Rooms, differs: Differs) -> None:
        self._first = self._latest = asked
        self._con_id = con_id
        self._rooms = rooms
        self._differs = differs
        self._by_key: dict[IntentKey, Asked] = {}

    def now(self) -> Asked:
        """The circumstances of what is asked for now; an exit never closes more than there is."""
        position = self._rooms.inbox.position(self._con_id)
        latest = self._latest.on_the_day_of(self._rooms.now(), position, self._rooms.zone)
        if latest is not self._latest:
            if position != self._latest.position:
                self._differs(self._latest.position, position)
            self._latest = latest
        return latest

    def about(self, key: IntentKey) -> Asked:
        """Those of this order: as it was asked for, or as it is asked for now."""
        known = self._by_key.get(key)
        if known is None:
            has_left = self._rooms.inbox.knows(key)
            known = self._by_key[key] = self._first if has_left else self.now()
        return known
