"""How fast a client may ask: IB warns, and hangs up on who doesn't listen.

Only what was asked within the last second counts, and a warning starts the count anew; so a short
burst costs one warning. Warnings are forgotten after a minute.
"""

from collections import deque

from backstay.gateway.times import SECOND_NS

LAST_WARNING = 3
"""With this one the connection ends."""
_MEMORY_NS = 60 * SECOND_NS


class Pacing:
    """One client's requests of the last second."""

    __slots__ = ("_asked_ns", "_most", "_warned_ns")

    def __init__(self, most: int) -> None:
        self._most = most
        self._asked_ns: deque[int] = deque()
        self._warned_ns: deque[int] = deque()

    def count(self, now_ns: int) -> int:
        """Count one request; how many warnings this makes, 0 if it was in order."""
        asked = self._asked_ns
        asked.append(now_ns)
        while asked[0] <= now_ns - SECOND_NS:
            asked.popleft()
        if len(asked) <= self._most:
            return 0
        asked.clear()
        self._warned_ns.append(now_ns)
        while self._warned_ns[0] <= now_ns - _MEMORY_NS:
            self._warned_ns.popleft()
        return len(self._warned_ns)
