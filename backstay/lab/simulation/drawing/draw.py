"""A whole scenario from one seed."""

from collections.abc import Collection
from dataclasses import replace

from backstay.lab.simulation.drawing import profiles
from backstay.lab.simulation.drawing.hands import hands
from backstay.lab.simulation.drawing.ideas import ideas
from backstay.lab.simulation.drawing.market import market
from backstay.lab.simulation.drawing.moments import moment
from backstay.lab.simulation.drawing.mood import mood
from backstay.lab.simulation.drawing.names import CUT_LINES
from backstay.lab.simulation.drawing.plans import plan
from backstay.lab.simulation.drawing.rules import rules
from backstay.lab.simulation.drawing.scenes import has_a_person, lessened, scene, without
from backstay.lab.simulation.drawing.strikes import NEED_CUT_LINES, strikes
from backstay.lab.simulation.marks import hand_mark, move_mark, strike_mark
from backstay.lab.simulation.scenario import Cue, Scenario, TradeAsked


def draw(seed: int, profile: str | None = None, only: Collection[str] | None = None) -> Scenario:
    """The scenario of a seed; under one `profile` of the gateway, or with these faults `only`."""
    when = moment(seed)
    whole = mood(seed)
    feels = whole if only is None else mood(seed, only)
    thought = ideas(seed, when, whole)
    played = scene(seed, when, thought, whole)
    if played is not None:
        thought, when = played.ideas, played.moment
        whole = lessened(seed, whole, played)
        feels = whole if only is None else without(feels, played)
    is_asked = played is None or has_a_person(seed)
    traded = market(seed, thought, when, played)
    asked = hands(seed, whole, thought, when, traded.turns) if is_asked else ()
    kept = profiles.gateway(seed) if profile is None else profile
    scenario = Scenario(
        seed=seed,
        begins=when.begins,
        profile=kept,
        believed=profiles.believed(seed, kept),
        trades=tuple(TradeAsked(Cue(idea.asked_at), plan(seed, idea, when)) for idea in thought),
        hands=(*asked, *(played.hands if played else ())),
        moves=traded.moves,
        strikes=(*strikes(seed, feels, when, traded.turns), *(played.strikes if played else ())),
        rules=(*rules(seed, feels, when, thought, traded.turns), *(played.rules if played else ())),
        quiet_at_seconds=when.quiet_at,
        away=when.away,
        nightly_restart=when.nightly_restart,
    )
    return scenario if only is None else _with_nothing_but(scenario, only)


def _with_nothing_but(scenario: Scenario, only: Collection[str]) -> Scenario:
    """What its parts are counted as decides; prices and nights stay as they are."""
    needed = (CUT_LINES,) if any(name in only for name in NEED_CUT_LINES) else ()
    return replace(
        scenario,
        rules=tuple(rule for rule in scenario.rules if rule.name in only),
        hands=tuple(hand for hand in scenario.hands if hand_mark(hand) in only),
        moves=tuple(move for move in scenario.moves if (move_mark(move) or "") in ("", *only)),
        strikes=tuple(
            strike
            for strike in scenario.strikes
            if strike.kind in (*only, *needed) or strike_mark(strike) in only
        ),
    )
