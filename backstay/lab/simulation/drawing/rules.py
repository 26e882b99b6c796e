"""The rules of a run: each fault that the mood enables, planned after its recipe.

Every rule ends before it is quiet. Where the mood is hard, one strikes often, or several do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backstay.domain.ids import trade_id
from backstay.gateway.faults.names import BY_NAME
from backstay.gateway.faults.plan import Plan, rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.settings import AccountSettings, Settings
from backstay.lab.simulation.drawing import cues
from backstay.lab.simulation.drawing.ideas import Idea
from backstay.lab.simulation.drawing.moments import Hour, Moment
from backstay.lab.simulation.drawing.mood import Mood
from backstay.lab.simulation.drawing.names import GATEWAY
from backstay.lab.simulation.drawing.recipes import RECIPES, Recipe
from backstay.lab.simulation.drawing.throws import falls, period
from backstay.lab.simulation.drawing.throws import moment as written
from backstay.lab.simulation.seeds import Die, die

_ACCOUNT: AccountSettings = Settings().accounts[0]
_ORDERS_AIMED_AT, _OF_ONE_KIND, _MANY = 4, 3, 100
"""Of one purpose there is mostly one order; of a kind there are some messages, and of all many."""

_CORRECTED, _LATE = "execution-corrected", "placement-acknowledged-late"
_LAST_SECONDS = 1.0
"""Nothing begins by the clock so soon before it is quiet."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the rules of a run have in common; `entered` is when there may be a position."""

    mood: Mood
    moment: Moment
    turns: Sequence[float]
    entered: float


def rules(
    seed: int, mood: Mood, moment: Moment, ideas: Sequence[Idea], turns: Sequence[float]
) -> Plan:
    """Everything that the gateway does wrong in a run."""
    frame = _Frame(mood, moment, turns, _entered(ideas[0], moment, turns))
    found: list[Rule] = []
    for name in GATEWAY:
        if mood.has(name):
            thrown = die(seed, f"fault {name}")
            idea = thrown.choice(ideas)
            recipe = RECIPES[name]
            make = _by_clock if recipe.gentle is None else _on_occasion
            for keys in make(thrown, recipe, frame):
                details = recipe.details(thrown, idea)
                aim = _aim(thrown, name, recipe, idea)
                found.append(rule(name, **_within_reach(keys, aim, recipe), **aim, **details))
    if mood.has(_CORRECTED) and mood.has(_LATE):
        found += _corrected_before_it_is_over(die(seed, "corrected early"), frame, ideas[0])
    return tuple(found)


def _corrected_before_it_is_over(thrown: Die, frame: _Frame, idea: Idea) -> Iterator[Rule]:
    """An entry fills, its stop is acknowledged late, and meanwhile an execution is corrected."""
    if not falls(thrown, 0.6):
        return
    window = (written(0.0), written(frame.moment.quiet_at))
    orders = f"bs1:{trade_id(_ACCOUNT.name, idea.id)}:0"
    less = str(-thrown.randint(1, max(1, idea.quantity // 10)))
    stands_after = period(thrown.uniform(3.0, 6.0))
    corrected_after = period(thrown.uniform(0.8, 1.5))
    yield rule(_LATE, nth=1, reference=f"{orders}:PR", delay=stands_after, between=window)
    yield rule(
        _CORRECTED,
        nth=1,
        reference=f"{orders}:EN",
        delay=corrected_after,
        quantity_by=less,
        between=window,
    )


def _entered(idea: Idea, moment: Moment, turns: Sequence[float]) -> float:
    if moment.hour is Hour.OPEN and moment.bell is not None:
        return moment.bell
    return turns[0] if idea.when is not None and turns else idea.asked_at + 0.3


def _by_clock(thrown: Die, recipe: Recipe, frame: _Frame) -> Iterator[dict[str, object]]:
    del recipe
    moment, turns = frame.moment, frame.turns
    for _ in range(thrown.randint(1, 3 if frame.mood.is_hard else 2)):
        at = cues.anywhen(thrown, moment)
        if turns and falls(thrown, 0.5):
            at = thrown.choice(turns) + thrown.uniform(-1.0, 0.3)
        latest = moment.quiet_at - _LAST_SECONDS
        yield {"at": written(min(max(at, 0.1), latest))}


def _on_occasion(thrown: Die, recipe: Recipe, frame: _Frame) -> Iterator[dict[str, object]]:
    moment = frame.moment
    assert recipe.gentle is not None
    is_early, late = falls(thrown, recipe.early), thrown.uniform(-0.2, 3.0)
    begins = 0.0 if is_early else min(frame.entered + late, moment.quiet_at - _LAST_SECONDS)
    window = (written(begins), written(moment.quiet_at))
    if recipe.nth and falls(thrown, 0.45):
        for _ in range(thrown.randint(2, 4) if frame.mood.is_hard else 1):
            yield {"nth": thrown.randint(1, recipe.nth), "between": window}
        return
    probability, count = recipe.hard if frame.mood.is_hard else recipe.gentle
    yield {"probability": probability, "count": count, "between": window}


def _within_reach(
    keys: dict[str, object], aim: dict[str, object], recipe: Recipe
) -> dict[str, object]:
    """What is aimed at comes along a few times only."""
    nth = keys.get("nth")
    if not isinstance(nth, int) or not aim or recipe.nth >= _MANY:
        return keys
    if "reference" in aim:
        return {**keys, "nth": 1 if nth % _ORDERS_AIMED_AT else 2}
    return {**keys, "nth": 1 + nth % _OF_ONE_KIND}


def _aim(thrown: Die, name: str, recipe: Recipe, idea: Idea) -> dict[str, object]:
    """At the orders of one purpose, at one kind of message, or at whatever comes."""
    aims = falls(thrown, recipe.aimed)
    picks, purpose = falls(thrown, 0.6), thrown.choice(recipe.aims or ("EN",))
    kind = thrown.choice(recipe.kinds or ("",))
    if aims and recipe.aims and BY_NAME[name].picks_reference:
        tag = trade_id(_ACCOUNT.name, idea.id)
        return {"reference": f"bs1:{tag}:0:{purpose}"}
    if recipe.kinds and picks:
        return {"kinds": [kind]}
    return {}
