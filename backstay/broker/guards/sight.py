"""What a guard sees of the market: its stop and its target are judged there, as long as it watches.

Where there is no data line, or the watch has ended, the stop stands where it stood, and a hand may
move it all the same: whoever guards again, and the stop at the broker, go on from there.
"""

from datetime import datetime
from decimal import Decimal
from typing import assert_never

from backstay.broker.doors.market import Attendance, GuardedWatch, StopFired, StopMoved, Watch
from backstay.broker.doors.wire import Now
from backstay.domain.edge.guards import (
    BreakEven,
    Guard,
    MoveStop,
    StopChange,
    Target,
    TightenTrail,
)
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

    def rest(self, *, is_resting: bool) -> None:
        """Let no price decide on anything, or see the one that stands anew."""
        if self._watched is not None:
            self._watched.rest(is_resting=is_resting)

    def change(self, change: StopChange, *, again: bool) -> None:
        """The operator's stop, or trail; ValueError for one that can't be so. What was made before
        is made again wherever the price is by now.
        """
        objection = "" if again or self._watched is None else self._watched.objection_to(change)
        if objection:
            raise ValueError(objection)
        match change:
            case MoveStop(stop):
                self._move_stop(stop)
            case BreakEven(entry_price):
                self.break_even(entry_price)
            case TightenTrail(distance):
                self._tighten_trail(distance)
            case _:
                assert_never(change)

    def _move_stop(self, stop: Decimal) -> None:
        if self._watched is not None:
            self._watched.move_stop(stop)
        else:
            now = self._now()
            self._guarded, _ = guarding.move_stop(self._rules, self._guarded, stop, None, now)

    def break_even(self, entry_price: Decimal) -> None:
        """Put it at the entry's price, if that is tighter."""
        if self._watched is not None:
            self._watched.break_even(entry_price)
            return
        now = self._now()
        self._guarded, _ = guarding.break_even(self._rules, self._guarded, entry_price, None, now)

    def _tighten_trail(self, distance: Decimal) -> None:
        if self._watched is not None:
            self._watched.tighten_trail(distance)
            return
        now = self._now()
        self._rules, self._guarded, _ = guarding.tighten_trail(
            self._rules, self._guarded, distance, None, now
        )

    def end(self) -> None:
        """No prices are needed any more."""
        if self._watched is not None:
            self._guarded, watched = self._watched.guarded, self._watched
            self._watched = None
            watched.end()
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None
