"""Scenes: each comes up, fits whatever hour it is put into, and is drawn the same each time."""

from collections import Counter
from functools import lru_cache
from itertools import pairwise

import pytest

from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.gateway.faults.names import BY_NAME
from backstay.gateway.times import SECOND_NS
from backstay.lab.simulation.drawing import scenes
from backstay.lab.simulation.drawing.casts import Parts, Scene
from backstay.lab.simulation.drawing.draw import draw
from backstay.lab.simulation.drawing.ideas import ideas
from backstay.lab.simulation.drawing.moments import Hour, moment
from backstay.lab.simulation.drawing.mood import Weather, mood
from backstay.lab.simulation.drawing.plans import plan
from backstay.lab.simulation.marks import hand_mark, strike_mark
from backstay.lab.simulation.scenario import Act, Crash, Cue, Halt, Print
from backstay.lab.simulation.seeds import die

SEEDS = range(1_500)
OFTEN = 10
PLAYED = tuple(scene for scene, _ in (*scenes.SCENES, *scenes.SILENT))
NAMES = tuple(name for name, _ in PLAYED)


def scene_of(seed: int) -> Scene | None:
    when, feels = moment(seed), mood(seed)
    return scenes.scene(seed, when, ideas(seed, when, feels), feels)


@lru_cache(maxsize=1)
def found() -> dict[int, Scene]:
    drawn = {seed: scene_of(seed) for seed in SEEDS}
    return {seed: scene for seed, scene in drawn.items() if scene is not None}


@lru_cache(maxsize=1)
def seeds_of_hours() -> dict[Hour, int]:
    return {moment(seed).hour: seed for seed in reversed(SEEDS)}


def test_half_of_all_runs_have_a_scene_and_each_comes_up() -> None:
    counted = Counter(scene.name for scene in found().values())
    assert not {name: counted[name] for name in NAMES if counted[name] < OFTEN}
    assert 0.45 * len(SEEDS) < len(found()) < 0.65 * len(SEEDS)


def test_a_scene_is_the_same_whenever_it_is_drawn() -> None:
    for seed in range(200):
        assert scene_of(seed) == found().get(seed)


def test_where_nothing_goes_wrong_there_is_no_scene() -> None:
    assert not [seed for seed in found() if mood(seed).weather is Weather.CALM]


def test_a_run_has_all_that_its_scene_consists_of() -> None:
    for seed, scene in found().items():
        scenario = draw(seed)
        assert set(scene.rules) <= set(scenario.rules)
        assert set(scene.strikes) <= set(scenario.strikes)
        assert set(scene.hands) <= set(scenario.hands)
        halts = [move for move in scenario.moves if isinstance(move, Halt)]
        assert scene.halt is None or scene.halt in halts
        assert len(scenario.trades) == len(scene.ideas)


def test_what_a_scene_is_about_is_planned_by_nothing_else() -> None:
    for seed, scene in list(found().items())[:300]:
        about = {rule.name for rule in scene.rules}
        planned = [rule for rule in draw(seed).rules if rule.name in about]
        assert planned == [rule for rule in scene.rules if rule.name in about]


def test_only_what_is_named_is_left_of_a_scene() -> None:
    for seed, scene in list(found().items())[:200]:
        named = {strike_mark(strike) for strike in scene.strikes[:1]}
        named |= {rule.name for rule in scene.rules[:1]}
        named |= {hand_mark(hand) for hand in scene.hands[:1]}
        left = draw(seed, only=tuple(sorted(named)))
        marks = {strike_mark(strike) for strike in left.strikes}
        marks |= {rule.name for rule in left.rules} | {hand_mark(hand) for hand in left.hands}
        assert marks - {"cut lines"} <= named
        assert left.trades == draw(seed).trades


@pytest.mark.parametrize(("name", "play"), PLAYED, ids=NAMES)
def test_a_scene_fits_every_hour(name: str, play: scenes.Play) -> None:
    for hour, seed in seeds_of_hours().items():
        when, feels = moment(seed), mood(seed)
        for throw in range(12):
            thrown = die(throw, f"{name} {hour}")
            cast = scenes.cast(thrown, name, ideas(seed, when, feels)[0], when)
            parts = play(cast)
            assert all(_can_be_told(cue.after_seconds, when.quiet_at) for cue in _cues(parts))
            assert min(point.at for point in parts.points) == 0
            for each in parts.ideas or (cast.idea,):
                assert isinstance(read_toml(plan(seed, each, when)), TradePlan)
            for rule in parts.rules:
                assert rule.name in BY_NAME
                ends = rule.between[1] if rule.between else rule.at
                assert ends is not None
                assert ends.ns <= when.quiet_at * SECOND_NS + 1_000_000


def _can_be_told(second: float, quiet_at: float) -> bool:
    return 0 <= second <= quiet_at


def _cues(parts: Parts) -> list[Cue]:
    return [each.cue for each in (*parts.strikes, *parts.hands)]


def test_the_price_of_a_scene_goes_forward_in_its_first_watch() -> None:
    for scene in found().values():
        _, ends = scene.moment.spans[0]
        assert all(one.at <= other.at for one, other in pairwise(scene.points))
        assert scene.points[0].at == 0
        assert scene.points[-1].at <= ends


def test_a_scene_takes_its_time_where_no_bell_ends_it() -> None:
    lasted = {
        seed: scene.moment
        for seed, scene in found().items()
        if scene.name in {"trail then crash", "halted"}
    }
    longer = {seed: when for seed, when in lasted.items() if when != moment(seed)}
    assert {found()[seed].name for seed in longer} == {"trail then crash", "halted"}
    for seed, when in longer.items():
        assert moment(seed).quiet_at < when.quiet_at == draw(seed).quiet_at_seconds
        assert when.bell is None


def test_any_other_scene_leaves_the_hour_as_it_is_unless_it_is_about_one() -> None:
    moved = {scene.name for seed, scene in found().items() if scene.moment != moment(seed)}
    assert moved == {"trail then crash", "halted", "sent before the night", "exit unread"}


def test_nobody_is_there_again_before_the_next_day_where_a_scene_is_about_that() -> None:
    nights = [scene for scene in found().values() if scene.name == "sent before the night"]
    for scene in nights:
        assert scene.moment.ends_on_another_day
        (crash,) = (each for each in scene.strikes if isinstance(each, Crash))
        _, evening = scene.moment.spans[0]
        assert evening < crash.down_seconds < scene.moment.spans[-1][0]


def test_a_session_has_the_time_to_give_up_where_a_scene_is_about_that() -> None:
    days = [scene.moment for scene in found().values() if scene.name == "exit unread"]
    assert {when.hour for when in days} == {Hour.DAY}
    assert all(when.quiet_at >= 45 for when in days)


def test_where_a_price_stays_nothing_is_shown_but_that() -> None:
    staying = {
        seed: scene
        for seed, scene in found().items()
        if scene.points[-1].units == scene.points[-2].units
        and scene.points[-1].at > scene.moment.spans[0][1] - 0.7
        and not scene.moment.is_held_over
    }
    assert {scene.name for scene in staying.values()} >= {
        "trail then crash",
        "stop moved then crash",
        "stop vanishes",
        "watch lost",
        "time exit passed",
    }
    seen = 0
    for seed, scene in staying.items():
        lead = scene.ideas[0]
        shown = [
            move
            for move in draw(seed).moves
            if isinstance(move, Print) and move.symbol == lead.symbol
        ]
        last = [move.price for move in shown if move.seconds >= scene.points[-2].at + 0.2]
        assert set(last) <= {lead.level(scene.points[-1].units)}
        seen += len(last)
    assert seen > OFTEN


def test_a_person_asks_of_the_trade_that_a_scene_is_about() -> None:
    for scene in found().values():
        acts = [hand for hand in scene.hands if isinstance(hand, Act)]
        assert all(act.trade < len(scene.ideas) for act in acts)


def test_most_scenes_have_a_crash() -> None:
    crashed = [
        scene for scene in found().values() if any(isinstance(one, Crash) for one in scene.strikes)
    ]
    assert len(crashed) > 0.5 * len(found())


def test_both_sides_are_about_as_frequent() -> None:
    short = sum(scene.ideas[0].side.value == "sell" for scene in found().values())
    assert 0.35 * len(found()) < short < 0.6 * len(found())
