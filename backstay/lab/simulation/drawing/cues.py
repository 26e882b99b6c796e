"""When something is to happen: into the midst of it, or just when something is decided."""

from collections.abc import Sequence
from enum import StrEnum

from backstay.lab.simulation.drawing.moments import Moment
from backstay.lab.simulation.drawing.throws import falls, pick
from backstay.lab.simulation.scenario import Cue, Sight
from backstay.lab.simulation.seeds import Die


class Kind(StrEnum):
    """What decides about a moment."""

    SIGHTED = "sighted"
    DECISIVE = "decisive"
    ANYWHEN = "anywhen"


Kinds = tuple[tuple[Kind, float], ...]
MOSTLY_SEEN: Kinds = ((Kind.SIGHTED, 60.0), (Kind.DECISIVE, 30.0), (Kind.ANYWHEN, 10.0))
OFTEN_TIMED: Kinds = ((Kind.SIGHTED, 48.0), (Kind.DECISIVE, 40.0), (Kind.ANYWHEN, 12.0))

_SIGHTS = (
    (Sight.ORDER_READ, 20.0),
    (Sight.CANCEL_READ, 9.0),
    (Sight.EXECUTION, 17.0),
    (Sight.STOP_STANDS, 8.0),
    (Sight.ORDER_OVER, 9.0),
    (Sight.CALL_TAKEN, 14.0),
    (Sight.CALL_ANSWERED, 14.0),
    (Sight.WORKFLOW_STARTED, 9.0),
)
_PURPOSES = (("", 40.0), ("EN", 20.0), ("PR", 15.0), ("XS", 15.0), ("XT", 6.0), ("XM", 4.0))
_CALLS = (
    ("", 20.0),
    ("prospect", 5.0),
    ("admit", 10.0),
    ("arm", 15.0),
    ("guard", 20.0),
    ("walk", 12.0),
    ("amend_guard", 3.0),
    ("amend_arm", 3.0),
    ("split_off", 5.0),
    ("release", 2.0),
    ("cancel", 2.0),
    ("settle", 6.0),
    ("alert", 3.0),
)
_WORKFLOWS = (("Trade", 60.0), ("Exit", 40.0))
_NTHS = ((1, 68.0), (2, 20.0), (3, 8.0), (5, 4.0))
_DELAYS = ((0.0, 40.0), (0.02, 30.0), (0.2, 30.0))
_STEPS = ((0, 25.0), (12, 40.0), (60, 35.0))


def plain(at: float) -> Cue:
    """A time."""
    return Cue(round(max(0.0, at), 3))


def sighted(die: Die, moment: Moment) -> Cue:
    """The sight of something, and a few steps on from there."""
    sight = pick(die, _SIGHTS)
    word = _word(die, sight)
    nth = pick(die, _NTHS)
    after = _after(die, moment)
    delay = round(die.uniform(0, pick(die, _DELAYS)), 4)
    return Cue(after, sight, word, nth, delay, die.randint(0, pick(die, _STEPS)))


def decisive(die: Die, moment: Moment, turns: Sequence[float]) -> Cue:
    """About the time at which the market decides something; else any time."""
    early, steps = die.uniform(-0.1, 0.5), die.randint(0, pick(die, _STEPS))
    at = die.choice(turns) + early if turns else anywhen(die, moment)
    return Cue(round(min(max(0.0, at), moment.quiet_at), 3), steps=steps)


def mixed(die: Die, moment: Moment, turns: Sequence[float], kinds: Kinds = MOSTLY_SEEN) -> Cue:
    """One kind or another."""
    match pick(die, kinds):
        case Kind.SIGHTED:
            return sighted(die, moment)
        case Kind.DECISIVE:
            return decisive(die, moment, turns)
        case Kind.ANYWHEN:
            return plain(anywhen(die, moment))


def anywhen(die: Die, moment: Moment) -> float:
    """Any time in which somebody watches, but for the last moments before it is quiet."""
    start, end = die.choice(moment.spans)
    return start + die.random() * max(0.1, end - start - 1.0)


def _after(die: Die, moment: Moment) -> float:
    """Mostly from the beginning on; where a night lies between, from any watch on."""
    start, end = die.choice(moment.spans)
    late = falls(die, 0.25)
    return round(start + (die.uniform(0.2, 0.7) * (end - start) if late else 0.0), 3)


def _word(die: Die, sight: Sight) -> str:
    match sight:
        case Sight.ORDER_READ | Sight.EXECUTION | Sight.ORDER_OVER:
            return pick(die, _PURPOSES)
        case Sight.CALL_TAKEN | Sight.CALL_ANSWERED:
            return pick(die, _CALLS)
        case Sight.WORKFLOW_STARTED:
            return pick(die, _WORKFLOWS)
        case _:
            return ""
