"""What a person does: steers a trade at a bad moment, hands in again, kills, or acts in TWS."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from backstay.domain.limits.kill import KillMode
from backstay.lab.simulation.drawing import cues
from backstay.lab.simulation.drawing.ideas import Idea
from backstay.lab.simulation.drawing.moments import Moment
from backstay.lab.simulation.drawing.mood import Mood
from backstay.lab.simulation.drawing.names import SIGNALS_TWICE
from backstay.lab.simulation.drawing.throws import falls, pick, to_cents
from backstay.lab.simulation.scenario import Act, ByHand, Cue, Deed, Hand, Kill
from backstay.lab.simulation.seeds import Die, die

_DEEDS = (
    (Deed.CANCEL, 14.0),
    (Deed.CLOSE, 22.0),
    (Deed.ENTER, 8.0),
    (Deed.BREAK_EVEN, 9.0),
    (Deed.MOVE_STOP, 18.0),
    (Deed.TIGHTEN_TRAIL, 9.0),
    (Deed.SUBMIT_AGAIN, 8.0),
    (Deed.SUBMIT_CHANGED, 6.0),
    (Deed.CANCEL_WORKFLOW, 6.0),
)
_ACTS = ((0, 48.0), (1, 27.0), (2, 15.0), (4, 10.0))
_KILLS, _KILLS_TOLD_TWICE, _IN_TWS = 0.11, 0.5, 0.09
_TIMES = ((1, 80.0), (2, 16.0), (3, 4.0))
_PURPOSES = (("PR", 50.0), ("EN", 20.0), ("XS", 15.0), ("XT", 8.0), ("XM", 7.0))


def hands(
    seed: int, mood: Mood, ideas: Sequence[Idea], moment: Moment, turns: Sequence[float]
) -> tuple[Hand, ...]:
    """Everything that a person does in a run."""
    return (
        *_entered_anyway(die(seed, "entered anyway"), ideas),
        *_acts(die(seed, "acts"), ideas, moment, turns),
        *_kills(die(seed, "kills"), mood, moment, turns),
        *_in_tws(die(seed, "in tws"), ideas, moment, turns),
    )


def _entered_anyway(thrown: Die, ideas: Sequence[Idea]) -> Iterator[Act]:
    """Who is asked about a price that nobody saw being passed, says yes now and then."""
    for idea in ideas:
        if idea.is_passed and falls(thrown, 0.6):
            cue = cues.plain(idea.asked_at + thrown.uniform(1.0, 4.0))
            yield Act(cue, idea.number, Deed.ENTER)


def _acts(
    thrown: Die, ideas: Sequence[Idea], moment: Moment, turns: Sequence[float]
) -> Iterator[Act]:
    for _ in range(pick(thrown, _ACTS)):
        idea = thrown.choice(ideas)
        deed = pick(thrown, _DEEDS)
        cue = _while_it_lives(thrown, idea, cues.mixed(thrown, moment, turns))
        yield Act(cue, idea.number, deed, _amount(thrown, idea, deed), pick(thrown, _TIMES))


def _while_it_lives(thrown: Die, idea: Idea, cue: Cue) -> Cue:
    """Nothing can be asked of a trade that was not handed in."""
    soon = idea.asked_at + thrown.uniform(0.0, 0.5)
    if cue.after_seconds >= soon:
        return cue
    return Cue(round(soon, 3), cue.sight, cue.word, cue.nth, cue.delay_seconds, steps=cue.steps)


def _amount(thrown: Die, idea: Idea, deed: Deed) -> Decimal | None:
    """Where a stop is moved to, or how near a trail comes; a hand can slip."""
    near, slips = thrown.uniform(-1.0, -0.2), falls(thrown, 0.15)
    if deed is Deed.MOVE_STOP:
        if slips:
            return thrown.choice((idea.level(8), idea.level(-8), idea.stop + Decimal("0.005")))
        return idea.level(near)
    if deed is Deed.TIGHTEN_TRAIL:
        widest = float(idea.unit if idea.trail is None else idea.trail.distance)
        return to_cents(widest * (2.0 if slips else -0.7 * near + 0.1))
    return None


def _kills(thrown: Die, mood: Mood, moment: Moment, turns: Sequence[float]) -> Iterator[Kill]:
    again = falls(thrown, 0.3)
    # A kill is what most signals are about.
    if not falls(thrown, _KILLS_TOLD_TWICE if mood.has(SIGNALS_TWICE) else _KILLS):
        return
    mode = thrown.choice((KillMode.FREEZE, KillMode.FLATTEN))
    yield Kill(cues.mixed(thrown, moment, turns), mode, pick(thrown, _TIMES))
    if again:
        other = thrown.choice((KillMode.FREEZE, KillMode.FLATTEN))
        yield Kill(cues.mixed(thrown, moment, turns), other)


def _in_tws(
    thrown: Die, ideas: Sequence[Idea], moment: Moment, turns: Sequence[float]
) -> Iterator[ByHand]:
    if not falls(thrown, _IN_TWS):
        return
    for _ in range(thrown.randint(1, 2)):
        symbol, cue = thrown.choice(ideas).symbol, cues.mixed(thrown, moment, turns)
        if falls(thrown, 0.45):
            yield ByHand(cue, symbol, "close")
        else:
            yield ByHand(cue, symbol, "cancel", pick(thrown, _PURPOSES))
