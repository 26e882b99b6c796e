"""What befalls the workers, their machine, the engine and the lines.

Each kind throws a die of its own. How often one strikes follows from the mood of the run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from backstay.lab.simulation.drawing import cues
from backstay.lab.simulation.drawing.moments import Moment
from backstay.lab.simulation.drawing.mood import Mood
from backstay.lab.simulation.drawing.names import CRASH, CUT_LINES, STRIKES
from backstay.lab.simulation.drawing.throws import falls, mostly_short, pick, seconds
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
from backstay.lab.simulation.seeds import Die, die

_ROLES = ((Role.BROKER, 58.0), (Role.TRADES, 42.0))
NEED_CUT_LINES = ("ids-roll-back", "client-id-lingers")
"""Faults that strike only where a connection ends."""
_REPORTS = (("", 40.0), ("arm", 20.0), ("guard", 20.0), ("walk", 10.0), ("settle", 10.0))
_HOUR = 3600.0

_Turns = Sequence[float]
_Maker = Callable[[Die, Moment, _Turns], Iterator[Strike]]


def strikes(seed: int, mood: Mood, moment: Moment, turns: Sequence[float]) -> tuple[Strike, ...]:
    """All that a run is struck by, kind by kind."""
    found: list[Strike] = []
    for name in STRIKES:
        if mood.has(name):
            thrown = die(seed, f"strike {name}")
            for _ in range(_count(thrown, name, mood)):
                found += _MAKERS[name](thrown, moment, turns)
    if any(mood.has(name) for name in NEED_CUT_LINES) and not mood.has(CUT_LINES):
        thrown = die(seed, "lines to be cut")
        for _ in range(2 if mood.is_hard else 1):
            found += _cut_lines(thrown, moment, turns)
    return tuple(found)


def _count(thrown: Die, name: str, mood: Mood) -> int:
    if name == CRASH:
        return pick(thrown, ((2, 40.0), (3, 30.0), (4, 18.0), (6, 12.0)))
    return thrown.randint(1, 3 if mood.is_hard else 2)


def _crash(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    """One worker; now and then both of them, as when the power fails, or one twice in a row."""
    cue = cues.mixed(thrown, moment, turns, cues.OFTEN_TIMED)
    role, down = pick(thrown, _ROLES), mostly_short(thrown, 0.05, 6.0)
    fails, again_soon = falls(thrown, 0.08), falls(thrown, 0.08)
    yield Crash(cue, role, down)
    if fails:
        yield Crash(cue, next(other for other, _ in _ROLES if other is not role), down)
    elif again_soon and not cue.word:
        again = cues.plain(min(cue.after_seconds + down + thrown.random(), moment.quiet_at))
        again = replace(again, steps=thrown.randint(0, 60))
        yield Crash(again, role, mostly_short(thrown, 0.05, 3.0))


def _stall(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    cue, role = cues.mixed(thrown, moment, turns), pick(thrown, _ROLES)
    longest = pick(thrown, ((1.0, 40.0), (5.0, 40.0), (14.0, 15.0), (60.0, 5.0)))
    yield Stall(cue, role, mostly_short(thrown, 0.1, longest))


def _rival(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    cue = cues.mixed(thrown, moment, turns)
    yield Rival(cue, mostly_short(thrown, 0.8, 12.0), falls(thrown, 0.6))


def _clock_step(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    """A step, and sometimes the same way back."""
    cue = cues.decisive(thrown, moment, turns)
    widest = pick(thrown, ((5.0, 30.0), (90.0, 30.0), (_HOUR, 40.0)))
    step = widest if falls(thrown, 0.5) else seconds(thrown, 0.2, widest)
    step *= thrown.choice((1.0, -1.0))
    yield ClockStep(cue, step)
    if falls(thrown, 0.4):
        back_at = min(cue.after_seconds + seconds(thrown, 0.5, 6.0), moment.quiet_at)
        yield ClockStep(cues.plain(back_at), -step)


def _engine_restart(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    yield EngineRestart(cues.mixed(thrown, moment, turns), mostly_short(thrown, 0.2, 8.0))


def _late_timers(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    del turns
    cue = cues.plain(cues.anywhen(thrown, moment) * 0.5)
    yield LateTimers(cue, seconds(thrown, 5.0, 20.0), mostly_short(thrown, 0.2, 6.0))


def _lost_reports(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    cue = cues.mixed(thrown, moment, turns)
    yield LostReports(cue, thrown.randint(1, 3), pick(thrown, _REPORTS))


def _signals_twice(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    del turns
    yield SignalsTwice(cues.plain(thrown.random()), moment.quiet_at)


def _evictions(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    del moment, turns
    probability = round(pick(thrown, ((0.05, 40.0), (0.2, 40.0), (0.6, 20.0))), 3)
    yield Evictions(cues.plain(thrown.random() * 3), seconds(thrown, 8, 30), probability)


def _cut_lines(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    yield CutLines(cues.mixed(thrown, moment, turns))


def _gateway_restart(thrown: Die, moment: Moment, turns: _Turns) -> Iterator[Strike]:
    yield GatewayRestart(cues.mixed(thrown, moment, turns), mostly_short(thrown, 0.2, 6.0))


_MAKERS: dict[str, _Maker] = dict(
    zip(
        STRIKES,
        (
            _crash,
            _stall,
            _rival,
            _clock_step,
            _engine_restart,
            _late_timers,
            _lost_reports,
            _signals_twice,
            _evictions,
            _cut_lines,
            _gateway_restart,
        ),
        strict=True,
    )
)
