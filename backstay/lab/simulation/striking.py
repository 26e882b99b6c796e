"""How each thing that goes wrong is done to the house.

Owns one way for each sort of strike. When it happens is decided elsewhere; that it had an effect is
told where somebody of the house has felt it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, assert_never

from backstay.lab.oracle import happenings
from backstay.lab.processes import Process
from backstay.lab.simulation.cues import Cues
from backstay.lab.simulation.marks import strike_mark
from backstay.lab.simulation.recorder import Recorder
from backstay.lab.simulation.scenario import (
    ClockStep,
    Crash,
    CutLines,
    EngineRestart,
    Evictions,
    GatewayRestart,
    LateTimers,
    LostReports,
    Rival,
    Role,
    SignalsTwice,
    Stall,
    Strike,
)
from backstay.lab.simulation.seeds import Die
from backstay.lab.simulation.staff import MachineClock, Staff
from backstay.lab.simulation.venue import Venue

CUT_OFF_AFTER_SECONDS = 0.5
LATE_TIMERS = "late timers"


class Engine(Protocol):
    """What can be done to the engine. Each trouble says when somebody has felt it."""

    def leave(self) -> None:
        """It is gone."""

    def come_back(self) -> None:
        """It is there again, with what it had written down."""

    def late_timers(self, late_by: Callable[[], float] | None) -> None:
        """From now on a timer comes up so much later than it should."""

    def lose_reports(self, count: int, call: str) -> None:
        """The next reports of a call, or of any, get lost."""

    def signals_twice(self, *, twice: bool) -> None:
        """Whether each signal arrives twice."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What can be struck."""

    staff: Staff
    venue: Venue
    engine: Engine
    clock: MachineClock


class Striking:
    """Does what goes wrong."""

    def __init__(self, targets: Targets, cues: Cues, die: Die, recorder: Recorder) -> None:
        self._staff = targets.staff
        self._venue = targets.venue
        self._engine = targets.engine
        self._clock = targets.clock
        self._cues = cues
        self._die = die
        self._felt = recorder.senses.had_effect
        self._happened = recorder.happened
        self.eviction_probability = 0.0
        self.crashes = 0

    def evicts(self) -> bool:
        """Whether a run is forgotten after this step."""
        return bool(self.eviction_probability) and self._die.random() < self.eviction_probability

    def whose(self, strike: Strike) -> Callable[[], Process | None] | None:
        """Whose steps count for it."""
        match strike:
            case Crash(role=role) | Stall(role=role):
                return lambda: self._staff.process(role)
            case Rival():
                return lambda: self._staff.process(Role.BROKER)
            case _:
                return None

    def strike(self, strike: Strike) -> None:
        """Do it; what is felt only later is told then."""
        match strike:
            case Crash() | Stall() | Rival():
                had_effect = self._strike_worker(strike)
            case EngineRestart() | LateTimers() | LostReports() | SignalsTwice():
                had_effect = self._strike_engine(strike)
            case ClockStep(seconds=seconds):
                self._clock.ahead += timedelta(seconds=seconds)
                had_effect = bool(self._staff.processes)
            case Evictions(lasts_seconds=lasts, probability=probability):
                self.eviction_probability = probability
                self._cues.later(lasts, self._evict_no_more)
                had_effect = False
            case CutLines():
                had_effect = self._cut()
            case GatewayRestart(down_seconds=seconds):
                had_effect = bool(self._staff.processes)
                self._venue.restart(seconds)
                self._happened(happenings.LinesCut())
            case _:
                assert_never(strike)
        if had_effect:
            self._felt(strike_mark(strike))

    def _strike_worker(self, strike: Crash | Stall | Rival) -> bool:
        match strike:
            case Crash(role=role, down_seconds=seconds):
                has_died = self._staff.crash(role, seconds)
                self.crashes += has_died
                return has_died
            case Stall(role=role, seconds=seconds):
                return self._staff.stall(role, seconds)
            case Rival(seconds=seconds, is_cut_off=is_cut_off):
                if is_cut_off:
                    self._cues.later(CUT_OFF_AFTER_SECONDS, self._cut)
                return self._staff.rival(seconds)
            case _:
                assert_never(strike)

    def _strike_engine(
        self, strike: EngineRestart | LateTimers | LostReports | SignalsTwice
    ) -> bool:
        engine = self._engine
        match strike:
            case EngineRestart(down_seconds=seconds):
                self._happened(happenings.EngineGone())
                engine.leave()
                self._cues.later(seconds, self._engine_back)
                return bool(self._staff.processes)
            case LateTimers(lasts_seconds=lasts, late_seconds=late):
                engine.late_timers(lambda: self._late(late))
                self._cues.later(lasts, lambda: engine.late_timers(None))
            case LostReports(count=count, call=call):
                engine.lose_reports(count, call)
            case SignalsTwice(lasts_seconds=lasts):
                engine.signals_twice(twice=True)
                self._cues.later(lasts, lambda: engine.signals_twice(twice=False))
            case _:
                assert_never(strike)
        return False

    def quiet(self) -> None:
        """Nothing goes wrong any more, and everybody is there."""
        self._evict_no_more()
        self._engine.late_timers(None)
        self._engine.signals_twice(twice=False)
        self._engine.lose_reports(0, "")
        self._engine_back()
        self._staff.thaw()

    def _late(self, seconds: float) -> float:
        self._felt(LATE_TIMERS)
        return self._die.random() * seconds

    def _cut(self) -> bool:
        if not self._venue.cut_lines():
            return False
        self._happened(happenings.LinesCut())
        return True

    def _engine_back(self) -> None:
        self._engine.come_back()
        self._happened(happenings.EngineBack())

    def _evict_no_more(self) -> None:
        self.eviction_probability = 0.0
