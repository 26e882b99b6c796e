"""Broker time: the loop's clock, anchored to what the broker answers.

`now` never runs backwards and never says the same twice, because facts are ordered by it: where it
turns out to be ahead of the broker it runs a tenth slower until it isn't, and every further call in
the same instant is a microsecond later. How far off it may be at most is always told with it. Only
the first answer may set it back, if the guess that stood in for it was far ahead; that is told.

The error is counted from answers to our own questions alone. Stamps of what happened come from
clocks of other machines of the broker, which need not agree; one that is ahead of everything that
the bounds allow has the broker asked at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from backstay.broker.clock.bounds import (
    SECOND_NS,
    Known,
    Verdict,
    bounds_of,
    halving_wait_ns,
    learn,
)
from backstay.broker.doors.knowing import Time
from backstay.broker.doors.wire import EdgeError
from backstay.broker.news import StampNews
from backstay.broker.notices import Notice, Tell
from backstay.domain.edge.session import BrokerTime
from backstay.domain.incidents.kinds import IncidentKind

GOOD_ERROR_SECONDS = 0.01
"""With no more error than this, the broker is asked only now and then."""

BRISK_SECONDS = 0.3
"""How long to wait at least between two questions while the error is larger."""

CALM_SECONDS = 60.0

GOOD_ERROR_SECONDS_MAX = 0.5
"""More is never good, however long answers have taken: prints would be taken for late ones."""

ROUND_TRIPS_KEPT = 8
GUESS_OFF_SECONDS_MAX = 5.0
"""A guess that was further off is not approached but dropped."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECOND_NS = 1_000
_SLOWER_NUMERATOR, _SLOWER_DENOMINATOR = 9, 10

CurrentTime = Callable[[], Awaitable[datetime]]
"""Asks the broker for its time; raises EdgeError if it doesn't tell."""


class TimeUnknownError(EdgeError):
    """The broker has not told its time yet, and there is no guess to stand in for it."""


class BrokerClock(Time):
    """Broker time on the running loop. A guess of it stands in until the broker has answered."""

    def __init__(self, tell: Tell, guess: datetime | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._tell = tell
        self._guess_offset_ns = None if guess is None else _ns_of(guess) - self._loop_ns()
        self._known: Known | None = None
        self._round_trips: deque[int] = deque(maxlen=ROUND_TRIPS_KEPT)
        self._asked_last_ns = 0
        self._is_doubted = False
        self._shown_ns: int | None = None
        """What was shown last."""

        self._shown_at_ns = 0
        self._last: datetime | None = None
        """What was told last, in this read or before."""

        self._last_seconds = -1.0
        """When that was, on the loop's clock; below zero if nothing follows from it any more."""

    def now(self) -> datetime:
        """Broker time, as well as it is known; later with each call."""
        loop_seconds = self._loop.time()
        if self._last is not None and loop_seconds == self._last_seconds and self._shown_ns:
            # The same instant again, as in most loops everything within one turn is.
            self._shown_ns += _MICROSECOND_NS
            at = self._last + _MICROSECOND
        else:
            at = _EPOCH + self._show(_loop_ns_of(loop_seconds)) // _MICROSECOND_NS * _MICROSECOND
        self._last, self._last_seconds = at, loop_seconds
        return at

    def begin_read(self) -> None:
        """Bytes have been read, and are heard from now on."""
        self.now()

    def read_at(self) -> datetime:
        """When the bytes that are heard now were read; never before what was told in between."""
        return self._last or self.now()

    @property
    def known(self) -> BrokerTime | None:
        """Now, and how far off that may be to either side; None before the broker has answered."""
        if self._known is None:
            return None
        loop_ns = self._loop_ns()
        shown_ns = self._show(loop_ns)
        parts = [self._known.bounds, self._known.suspect]
        sides = [part.at(loop_ns) for part in parts if part is not None]
        error_ns = max(
            max(shown_ns - (loop_ns + side.low_ns), loop_ns + side.high_ns - shown_ns)
            for side in sides
        )
        at = _EPOCH + shown_ns // _MICROSECOND_NS * _MICROSECOND
        return BrokerTime(at, (error_ns + _MICROSECOND_NS) / SECOND_NS)

    def heard(self, news: StampNews) -> None:
        """Something carries this stamp: what that contradicts has to be asked for."""
        if self._known is not None:
            loop_ns = self._loop_ns()
            high_ns = self._known.bounds.at(loop_ns).high_ns
            self._is_doubted = self._is_doubted or _ns_of(news.at) > loop_ns + high_ns

    def answered(self, at: datetime, asked_at: float, heard_at: float) -> None:
        """The broker's answer to a question that was asked, and heard, at these loop times."""
        asked_ns, heard_ns = _loop_ns_of(asked_at), _loop_ns_of(heard_at)
        before = self._known
        answer = bounds_of(_ns_of(at), SECOND_NS, asked_ns - 1, heard_ns + 1)
        self._known, verdict = learn(before, answer)
        self._last_seconds = -1.0
        self._round_trips.append(heard_ns - asked_ns)
        self._asked_last_ns = asked_ns
        self._is_doubted = False
        if before is None:
            self._judge_guess(self._known.bounds.middle_ns)
        elif verdict is Verdict.STEPPED:
            step_ns = self._known.bounds.middle_ns - before.bounds.middle_ns
            way = "forward" if step_ns > 0 else "back"
            self._say(f"two answers in a row put it {_seconds(step_ns)} s {way}")

    def next_probe_in(self) -> float:
        """How many seconds to wait before the broker is asked again."""
        if self._known is None:
            return 0.0
        loop_ns, round_trip_ns = self._loop_ns(), min(self._round_trips)
        bounds = self._known.bounds.at(loop_ns)
        error_ns = (bounds.high_ns - bounds.low_ns) // 2
        good_ns = max(GOOD_ERROR_SECONDS * SECOND_NS, round_trip_ns)
        is_good = error_ns <= min(good_ns, GOOD_ERROR_SECONDS_MAX * SECOND_NS)
        is_doubted = self._is_doubted or self._known.suspect is not None
        pause = CALM_SECONDS if is_good and not is_doubted else BRISK_SECONDS
        from_ns = max(self._asked_last_ns + round(pause * SECOND_NS), loop_ns)
        wait_ns = 0 if is_doubted else halving_wait_ns(bounds, round_trip_ns, from_ns)
        return (from_ns - loop_ns + wait_ns) / SECOND_NS

    async def ask(self, current_time: CurrentTime) -> datetime:
        """Ask the broker for its time, and learn from the answer. EdgeError if there is none."""
        asked_at = self._loop.time()
        at = await current_time()
        self.answered(at, asked_at, self._loop.time())
        return at

    def _show(self, loop_ns: int) -> int:
        """What is shown at this time of the loop: the truth, unless that was passed already."""
        offset_ns = self._guess_offset_ns if self._known is None else self._known.bounds.middle_ns
        if offset_ns is None:
            raise TimeUnknownError("the broker has not told its time yet")
        shown_ns = loop_ns + offset_ns
        if self._shown_ns is not None:
            elapsed_ns = loop_ns - self._shown_at_ns
            slow_ns = elapsed_ns * _SLOWER_NUMERATOR // _SLOWER_DENOMINATOR
            slow_ns = max(slow_ns, _MICROSECOND_NS)
            shown_ns = max(shown_ns, self._shown_ns + slow_ns)
        self._shown_ns, self._shown_at_ns = shown_ns, loop_ns
        self._last_seconds = -1.0
        return shown_ns

    def _judge_guess(self, offset_ns: int) -> None:
        """Orders that were read by a date far ahead of the broker's would seem to be of later."""
        ahead_ns = 0 if self._guess_offset_ns is None else self._guess_offset_ns - offset_ns
        if abs(ahead_ns) > GUESS_OFF_SECONDS_MAX * SECOND_NS:
            self._shown_ns = None
            way = "ahead of" if ahead_ns > 0 else "behind"
            self._say(f"this machine's date was {_seconds(ahead_ns)} s {way} it; set it right")

    def _say(self, text: str) -> None:
        self._tell(Notice(IncidentKind.CLOCK_STEPPED, "the broker's clock", text, self.now()))

    def _loop_ns(self) -> int:
        return _loop_ns_of(self._loop.time())


def _loop_ns_of(seconds: float) -> int:
    return round(seconds * SECOND_NS)


def _ns_of(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND * _MICROSECOND_NS


def _seconds(span_ns: int) -> str:
    return f"{abs(span_ns) / SECOND_NS:.3f}"
