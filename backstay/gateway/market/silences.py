"""When an instrument didn't follow its track: then what the track says didn't happen."""

from collections import deque

_KEPT_MAX = 256


class Silences:
    """Stretches of broker time, the last of which may still go on; old ones are forgotten.

    One covers its first instant, and not the one that ends it.
    """

    def __init__(self) -> None:
        self._ended: deque[tuple[int, int]] = deque(maxlen=_KEPT_MAX)
        self._since_ns: int | None = None

    def begin(self, time_ns: int) -> None:
        """Silent from now on, if it isn't already."""
        if self._since_ns is None:
            self._since_ns = time_ns

    def end(self, time_ns: int) -> None:
        """Silent no more."""
        if self._since_ns is not None:
            self._ended.append((self._since_ns, time_ns))
            self._since_ns = None

    def cover(self, time_ns: int) -> bool:
        """Whether that instant lies in one."""
        if self._since_ns is not None and self._since_ns <= time_ns:
            return True
        return any(since <= time_ns < until for since, until in self._ended)

    def touch(self, since_ns: int, until_ns: int) -> bool:
        """Whether any of the time from `since_ns` until before `until_ns` lies in one."""
        if self._since_ns is not None and self._since_ns < until_ns:
            return True
        return any(since < until_ns and since_ns < until for since, until in self._ended)
