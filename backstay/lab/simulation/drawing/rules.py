"""The rules of a run: each fault that the mood enables, planned after its recipe.

Every rule ends before it is quiet. Where the mood is hard, one strikes often, or several do.
"""

from collections.abc import Iterator, Sequence

from backstay.domain.ids import trade_id
from backstay.gateway.faults.names import BY_NAME
from backstay.gateway.faults.plan import Plan, rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.settings import AccountSettings, Settings
from backstay.lab.simulation.drawing import cues
from backstay.lab.simulation.drawing.ideas import Idea
from backstay.lab.simulation.drawing.moments import Moment
from backstay.lab.simulation.drawing.mood import Mood
from backstay.lab.simulation.drawing.names import GATEWAY
from backstay.lab.simulation.drawing.recipes import RECIPES, Recipe
from backstay.lab.simulation.drawing.throws import falls
from backstay.lab.simulation.drawing.throws import moment as written
from backstay.lab.simulation.seeds import Die, die

_ACCOUNT: AccountSettings = Settings().accounts[0]
_OF_ONE_PURPOSE, _OF_ONE_KIND, _MANY = 2, 4, 100
"""How many orders of a purpose, or messages of a kind, a run has as a rule; and of all of them."""

_LAST_SECONDS = 1.0
"""Nothing begins by the clock so soon before it is quiet."""


def rules(
    seed: int, mood: Mood, moment: Moment, ideas: Sequence[Idea], turns: Sequence[float]
) -> Plan:
    """Everything that the gateway does wrong in a run."""
    found: list[Rule] = []
    for name in GATEWAY:
        if mood.has(name):
            thrown = die(seed, f"fault {name}")
            idea = thrown.choice(ideas)
            recipe = RECIPES[name]
            make = _by_clock if recipe.gentle is None else _on_occasion
            for keys in make(thrown, recipe, mood, moment, turns):
                details = recipe.details(thrown, idea)
                aim = _aim(thrown, name, recipe, idea)
                found.append(rule(name, **_within_reach(keys, aim, recipe), **aim, **details))
    return tuple(found)


def _by_clock(
    thrown: Die, recipe: Recipe, mood: Mood, moment: Moment, turns: Sequence[float]
) -> Iterator[dict[str, object]]:
    del recipe
    for _ in range(thrown.randint(1, 3 if mood.is_hard else 2)):
        at = cues.anywhen(thrown, moment)
        if turns and falls(thrown, 0.5):
            at = thrown.choice(turns) + thrown.uniform(-1.0, 0.3)
        latest = moment.quiet_at - _LAST_SECONDS
        yield {"at": written(min(max(at, 0.1), latest))}


def _on_occasion(
    thrown: Die, recipe: Recipe, mood: Mood, moment: Moment, turns: Sequence[float]
) -> Iterator[dict[str, object]]:
    del turns
    assert recipe.gentle is not None
    early = falls(thrown, 0.15 if recipe.spares_first else 0.4)
    late = thrown.uniform(2.0, max(3.0, 0.5 * moment.spans[0][1]))
    window = (written(0.0 if early else late), written(moment.quiet_at))
    if recipe.nth and falls(thrown, 0.45):
        for _ in range(thrown.randint(2, 4) if mood.is_hard else 1):
            yield {"nth": thrown.randint(1, recipe.nth), "between": window}
        return
    probability, count = recipe.hard if mood.is_hard else recipe.gentle
    yield {"probability": probability, "count": count, "between": window}


def _within_reach(
    keys: dict[str, object], aim: dict[str, object], recipe: Recipe
) -> dict[str, object]:
    """What is aimed at comes along a few times only."""
    nth = keys.get("nth")
    if not isinstance(nth, int) or not aim or recipe.nth >= _MANY:
        return keys
    return {**keys, "nth": 1 + nth % (_OF_ONE_PURPOSE if "reference" in aim else _OF_ONE_KIND)}


def _aim(thrown: Die, name: str, recipe: Recipe, idea: Idea) -> dict[str, object]:
    """At the orders of one purpose, at one kind of message, or at whatever comes."""
    aims = falls(thrown, 0.7 if recipe.spares_first else 0.3)
    picks, purpose = falls(thrown, 0.6), thrown.choice(recipe.aims or ("EN",))
    kind = thrown.choice(recipe.kinds or ("",))
    if aims and recipe.aims and BY_NAME[name].picks_reference:
        tag = trade_id(_ACCOUNT.name, idea.id)
        return {"reference": f"bs1:{tag}:0:{purpose}"}
    if recipe.kinds and picks:
        return {"kinds": [kind]}
    return {}
