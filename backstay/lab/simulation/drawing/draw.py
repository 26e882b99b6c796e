"""A whole scenario from one seed."""

from collections.abc import Collection

from backstay.lab.simulation.drawing import profiles
from backstay.lab.simulation.drawing.hands import hands
from backstay.lab.simulation.drawing.ideas import ideas
from backstay.lab.simulation.drawing.market import market
from backstay.lab.simulation.drawing.moments import moment
from backstay.lab.simulation.drawing.mood import mood
from backstay.lab.simulation.drawing.plans import plan
from backstay.lab.simulation.drawing.rules import rules
from backstay.lab.simulation.drawing.strikes import strikes
from backstay.lab.simulation.scenario import Cue, Scenario, TradeAsked


def draw(seed: int, profile: str | None = None, only: Collection[str] | None = None) -> Scenario:
    """The scenario of a seed; under one `profile` of the gateway, or with these faults `only`."""
    when = moment(seed)
    feels = mood(seed, only)
    thought = ideas(seed, when, feels)
    traded = market(seed, thought, when)
    kept = profiles.gateway(seed) if profile is None else profile
    return Scenario(
        seed=seed,
        begins=when.begins,
        profile=kept,
        believed=profiles.believed(seed, kept),
        trades=tuple(TradeAsked(Cue(idea.asked_at), plan(seed, idea, when)) for idea in thought),
        hands=hands(seed, thought, when, traded.turns),
        moves=traded.moves,
        strikes=strikes(seed, feels, when, traded.turns),
        rules=rules(seed, feels, when, thought, traded.turns),
        quiet_at_seconds=when.quiet_at,
        away=when.away,
        nightly_restart=when.nightly_restart,
    )
