"""The lines of a trade's timeline, and how lines by two clocks are put into one sequence.

What is written down is stamped by the engine, what happens at the broker by the broker's clock, and
the two need not agree. Each line keeps its own moment and says whose it is; all are shown by the
broker's clock, and none before the line above it. Where a line stands follows from what must have
come before it as well: an order leaves after its intent was written down, and whatever the edge
tells has happened before it is told. Within these bounds the clocks are compared.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from backstay.domain.ids import IntentKey

_SECOND = timedelta(microseconds=999_999)
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
    """One thing that has happened, `at` by its own clock and `shown_at` by the broker's. Without a
    moment, nobody knows it any more; one that is known `to_the_second` only is the broker's own
    stamp of a fill.
    """

    at: datetime | None
    clock: Clock
    what: What
    text: str
    key: IntentKey | None = None
    to_the_second: bool = False
    shown_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The edge was asked for something at `asked`, has told it at `told_at`, broker time, and the
    engine had it at `at`.
    """

    asked: datetime
    told_at: datetime
    at: datetime


class _Span(NamedTuple):
    """From the first to the last of some answers that agree, and by how much the broker's clock is
    ahead of the engine's by them: at least and at most.
    """

    first: datetime
    last: datetime
    least: timedelta
    most: timedelta


class Clocks:
    """Compares the two clocks, by answers in the sequence in which they came back.

    An answer was told after it was asked for and before it was there, which bounds the difference,
    and the fastest one bounds it best. Where two can't both be right, a clock was set in between:
    the broker's is further ahead from there on. What would set it back is an answer that was known
    long before it was asked for, and tells nothing of clocks.
    """

    def __init__(self, heard: Iterable[Heard]) -> None:
        spans: list[_Span] = []
        for each in sorted(heard, key=lambda each: each.at):
            least, most = each.told_at - each.at, each.told_at - each.asked
            if not spans or least > spans[-1].most:
                spans.append(_Span(each.at, each.at, least, most))
            elif most >= spans[-1].least:
                span = spans[-1]
                bounds = max(least, span.least), min(most, span.most)
                spans[-1] = _Span(span.first, each.at, *bounds)
        self._spans = spans

    @property
    def ahead(self) -> timedelta:
        """How far the broker's clock was ahead of the engine's at last."""
        return self._spans[-1].least if self._spans else timedelta(0)

    def by_broker(self, at: datetime) -> datetime:
        """A moment of the engine's by the broker's clock, as the nearest answers have it."""
        for span, after in pairwise(self._spans):
            if at <= span.last + (after.first - span.last) / 2:
                return at + span.least
        return at + self.ahead


class Place(NamedTuple):
    """Where a line stands, by the broker's clock; of one moment, what has no stamp of the broker's
    comes first.
    """

    at: datetime
    then: datetime


ANYWHERE = Place(_FIRST, _FIRST)
"""Behind nothing."""


class Window(NamedTuple):
    """From when something was asked for until it was told, on the engine's clock; without an end as
    long as what was asked for runs.
    """

    after: datetime
    before: datetime | None


class Sheet:
    """Collects lines, each with its place."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._placed: list[tuple[Place, int, Line]] = []

    def engine(self, at: datetime, what: What, text: str, key: IntentKey | None = None) -> Place:
        """Something that the engine has written down; where it stands."""
        place = self._clocks.by_broker(at)
        line = Line(at, Clock.ENGINE, what, text, key, shown_at=place)
        return self._put(Place(place, _FIRST), line)

    def broker(
        self,
        at: datetime | None,
        what: What,
        text: str,
        key: IntentKey | None = None,
        *,
        within: Window,
        following: Place | None = None,
        by: datetime | None = None,
    ) -> Place:
        """Something that has happened at the broker or the edge; where it stands: `within` a span
        of the engine's, and behind the line that it is `following`.

        Where it is known `by` when it had happened, a moment that is not known is that, and else
        where it was asked for; and one that is known is a stamp of the broker's, which has whole
        seconds: it can have been at the end of it.
        """
        after = self._clocks.by_broker(within.after)
        to_the_second = at is not None and by is not None and not at.microsecond
        least = Place(after, _FIRST) if following is None else following
        if at is not None:
            latest = min(at + _SECOND, by) if to_the_second and by is not None else at
            then = max(latest, least.then)
            place = max(latest, least.at)
            if within.before is not None:
                place = min(place, max(self._clocks.by_broker(within.before), least.at))
        else:
            then, place = least.then, max(by or after, least.at)
        shown_at = None if at is None else place
        line = Line(at, Clock.BROKER, what, text, key, to_the_second, shown_at)
        return self._put(Place(place, then), line)

    def last_of(self, keys: Collection[IntentKey]) -> Place | None:
        """Where the last line of these orders stands; None where there is none."""
        places = [place for place, _, line in self._placed if line.key in keys]
        return max(places, default=None)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of them, in their sequence."""
        return tuple(line for _, _, line in sorted(self._placed, key=lambda each: each[:2]))

    def _put(self, place: Place, line: Line) -> Place:
        self._placed.append((place, len(self._placed), line))
        return place
