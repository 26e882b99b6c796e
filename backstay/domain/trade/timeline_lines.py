"""The lines of a trade's timeline, and how lines by two clocks are put into one sequence.

What is written down is stamped by the engine, what happens at the broker by the broker's clock, and
the two need not agree. Each line keeps its own moment and says whose it is. Where it stands follows
from what must have come before it: an order leaves after its intent was written down, and whatever
the edge tells has happened before it is told. Within these bounds the clocks are compared by the
answer that came back fastest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from backstay.domain.ids import IntentKey

_SECOND = timedelta(seconds=1)
_FIRST = datetime.min.replace(tzinfo=UTC)


class Clock(StrEnum):
    """Whose moment it is."""

    ENGINE = "engine"
    BROKER = "broker"


class What(StrEnum):
    """What a line is about."""

    BEGUN = "begun"
    LEARNED = "learned"
    ADMITTED = "admitted"
    WRITTEN = "written"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    FILLED = "filled"
    CHANGED = "changed"
    ENDED = "ended"
    WAITS = "waits"
    GUARDED = "guarded"
    STOP = "stop"
    TARGET = "target"
    LEAVES = "leaves"
    FLAT = "flat"
    BY_HAND = "by hand"
    KILLED = "killed"
    REFUSED = "refused"
    ALERT = "alert"
    TROUBLE = "trouble"
    SETTLED = "settled"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that has happened. Without a moment, nobody knows it any more; one that is known
    `to_the_second` only is the broker's own stamp of a fill.
    """

    at: datetime | None
    clock: Clock
    what: What
    text: str
    key: IntentKey | None = None
    to_the_second: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """That the edge has told something at `told_at`, broker time, and the engine had it at `at`."""

    told_at: datetime
    at: datetime


def broker_ahead(heard: Iterable[Heard]) -> timedelta:
    """How far the broker's clock is ahead of the engine's, by the answer that came back fastest."""
    return max((each.told_at - each.at for each in heard), default=timedelta(0))


class Place(NamedTuple):
    """Where a line stands: on the engine's clock, and among those of one moment on the broker's."""

    at: datetime
    then: datetime


class Window(NamedTuple):
    """From when something was asked for until it was told, on the engine's clock."""

    after: datetime
    before: datetime


class Sheet:
    """Collects lines, each with its place."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead
        self._placed: list[tuple[Place, int, Line]] = []

    def engine(self, at: datetime, what: What, text: str, key: IntentKey | None = None) -> Place:
        """Something that the engine has written down; where it stands."""
        return self._put(Place(at, _FIRST), Line(at, Clock.ENGINE, what, text, key))

    def broker(
        self,
        at: datetime | None,
        what: What,
        text: str,
        key: IntentKey | None = None,
        *,
        within: Window,
        following: Place | None = None,
        told_at: datetime | None = None,
    ) -> Place:
        """Something that has happened at the broker or the edge; where it stands: `within` a span
        of the engine's, and behind the line that it is `following`.

        Where `told_at` is given, the moment is a stamp of the broker's, which has whole seconds: it
        can have been at the end of it, if not told before.
        """
        after, before = within
        to_the_second = at is not None and told_at is not None and not at.microsecond
        then = _FIRST if following is None else following.then
        place = after if following is None else max(after, following.at)
        if at is not None:
            latest = min(at + _SECOND, told_at) if to_the_second and told_at is not None else at
            then = max(latest, then)
            place = min(max(latest - self._ahead, place), max(before, place))
        return self._put(Place(place, then), Line(at, Clock.BROKER, what, text, key, to_the_second))

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of them, in their sequence."""
        return tuple(line for _, _, line in sorted(self._placed, key=lambda each: each[:2]))

    def _put(self, place: Place, line: Line) -> Place:
        self._placed.append((place, len(self._placed), line))
        return place
