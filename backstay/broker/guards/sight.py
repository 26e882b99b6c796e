"""What a guard sees of the market: its stop and its target are judged there, as long as it watches.

Where there is no data line, or the watch has ended, the stop stands where it stood, and a hand may
move it all the same: whoever guards again, and the stop at the broker, go on from there.
"""

from datetime import datetime
from decimal import Decimal

from backstay.broker.doors.market import Attendance, GuardedWatch, StopFired, StopMoved, Watch
from backstay.broker.doors.wire import Now
from backstay.domain.edge.guards import Guard, Target
from backstay.domain.ticks import guarding
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.trails import Trail


class Sight:
    """The watch of one guard."""

    def __init__(self, guard: Guard, watch: Watch, now: Now) -> None:
        self._guard = guard
        self._watch = watch
        self._now = now
        self._rules = guard.rules
        self._guarded = guard.guarded
        self._watched: GuardedWatch | None = None
        self._attendance: Attendance | None = None

    def begin(self, fired: StopFired, moved: StopMoved) -> bool:
        """Watch; False where no data line is left."""
        self._watched = self._watch.guard(self._guard.key, self._guard, fired, moved)
        return self._watched is not None

    def attend(self) -> None:
        """Have prices for a way out that goes on, and watch nothing."""
        side = self._guard.ladder.shield.side
        self._attendance = self._watch.attend(
            self._guard.key, self._guard.instrument, side, lambda: None
        )

    @property
    def guarded(self) -> Guarded:
        """Where the engine's stop stands."""
        return self._guarded if self._watched is None else self._watched.guarded

    @property
    def trail(self) -> Trail | None:
        """The trail that moves it, as short as it is by now."""
        return self._rules.trail if self._watched is None else self._watched.trail

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick came."""
        return None if self._watched is None else self._watched.last_tick_at

    def aim(self, target: Target | None) -> None:
        """Watch this target from now on."""
        if self._watched is not None:
            self._watched.aim(target)

    def move_stop(self, stop: Decimal) -> None:
        """Put the stop where the operator wants it."""
        if self._watched is not None:
            self._watched.move_stop(stop)
        else:
            self._stand(guarding.move_stop(self._rules, self._guarded, stop, None, self._now())[0])

    def break_even(self, entry_price: Decimal) -> None:
        """Put it at the entry's price, if that is tighter."""
        if self._watched is not None:
            self._watched.break_even(entry_price)
            return
        now = self._now()
        self._stand(guarding.break_even(self._rules, self._guarded, entry_price, None, now)[0])

    def tighten_trail(self, distance: Decimal) -> None:
        """Shorten the trail; ValueError where there is none, or it is not shorter."""
        if self._watched is not None:
            self._watched.tighten_trail(distance)
            return
        now = self._now()
        rules, guarded, _ = guarding.tighten_trail(self._rules, self._guarded, distance, None, now)
        self._rules = rules
        self._stand(guarded)

    def end(self) -> None:
        """No prices are needed any more."""
        if self._watched is not None:
            self._guarded, watched = self._watched.guarded, self._watched
            self._watched = None
            watched.end()
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None

    def _stand(self, guarded: Guarded) -> None:
        self._guarded = guarded
