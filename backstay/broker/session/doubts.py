"""When the broker is asked again about orders, although all goes on.

Soon, if something was missed or is unexplained; what several readings have not explained in a row
is asked for as seldom as if there were nothing.
"""

from collections.abc import Callable, Collection, Hashable

DOUBT_SECONDS = 5.0
"""How long after a reading one may be asked for because something is unexplained."""

READ_SECONDS = 60.0
"""How often orders and executions are read although nothing is unexplained."""

BRISK_READINGS = 12
"""How often the same is asked for that soon: for a minute."""

Unexplained = Callable[[], Collection[Hashable]]


class Doubts:
    """What was unexplained at the last readings."""

    def __init__(self) -> None:
        self._last: frozenset[Hashable] = frozenset()
        self._in_vain = 0

    def is_due(self, seconds: float, unexplained: Unexplained, *, has_missed: bool) -> bool:
        """Whether to read, so many seconds after the last reading."""
        if seconds < DOUBT_SECONDS or seconds >= READ_SECONDS:
            return seconds >= READ_SECONDS
        if has_missed:
            return True
        now = unexplained()
        is_new = not self._last.issuperset(now)
        return is_new or (bool(now) and self._in_vain < BRISK_READINGS)

    def was_read(self, unexplained: Collection[Hashable]) -> None:
        """A reading is over, and has left these unexplained."""
        left = frozenset(unexplained)
        self._in_vain = self._in_vain + 1 if left and left <= self._last else 0
        self._last = left
