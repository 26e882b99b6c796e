"""Scenarios drawn from seeds: always the same, always playable, and of every kind often enough."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from statistics import median

import pytest

from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.timing import overdue
from backstay.domain.plan.trade import TradePlan
from backstay.gateway.faults.rules import Rule
from backstay.gateway.profile import NAMES, parse
from backstay.gateway.times import SECOND_NS
from backstay.lab.simulation.drawing.draw import draw
from backstay.lab.simulation.drawing.ideas import ideas
from backstay.lab.simulation.drawing.moments import Hour, moment
from backstay.lab.simulation.drawing.mood import mood
from backstay.lab.simulation.drawing.names import GATEWAY, STRIKES
from backstay.lab.simulation.drawing.recipes import RECIPES
from backstay.lab.simulation.drawing.scenes import scene
from backstay.lab.simulation.drawing.stories import STORIES, story
from backstay.lab.simulation.marks import AWAY, FAULTS, NIGHT, hand_mark, move_mark, strike_mark
from backstay.lab.simulation.scenario import SCENARIO, Crash, Print, Scenario

SEEDS = range(2_000)
OFTEN = 20
"""In 2,000 seeds; so that a thousand show each about ten times."""

STORY_SECONDS_MAX = 25
DRAW_SECONDS_MAX = 0.003

_DIGEST = """
from hashlib import sha256
from backstay.lab.simulation.drawing.draw import draw
from backstay.lab.simulation.scenario import SCENARIO
print(sha256(b"".join(SCENARIO.dump_json(draw(seed)) for seed in range(60))).hexdigest())
"""


@lru_cache(maxsize=1)
def drawn() -> tuple[Scenario, ...]:
    return tuple(draw(seed) for seed in SEEDS)


def plans(scenario: Scenario) -> Iterator[TradePlan]:
    for asked in scenario.trades:
        plan = read_toml(asked.plan)
        assert isinstance(plan, TradePlan)
        yield plan


def marks(scenario: Scenario) -> Iterator[str]:
    yield from {rule.name for rule in scenario.rules}
    yield from {strike_mark(strike) for strike in scenario.strikes}
    yield from {hand_mark(hand) for hand in scenario.hands}
    yield from {mark for move in scenario.moves if (mark := move_mark(move))}
    yield from [AWAY] * bool(scenario.away)
    yield from [NIGHT] * scenario.nightly_restart


def test_a_seed_is_the_same_scenario_in_every_process() -> None:
    def begun(scatter: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONHASHSEED": scatter}
        return subprocess.Popen(
            [sys.executable, "-c", _DIGEST], stdout=subprocess.PIPE, env=environment
        )

    told = [process.communicate()[0] for process in [begun("1"), begun("2")]]
    assert told[0] == told[1] != b""


def test_two_seeds_are_two_scenarios() -> None:
    assert len({SCENARIO.dump_json(replace(each, seed=0)) for each in drawn()[:200]}) == 200


def test_every_scenario_can_be_written_down_and_read_again() -> None:
    for scenario in drawn()[:300]:
        read = SCENARIO.validate_json(SCENARIO.dump_json(scenario))
        assert read == scenario
        assert list(map(_kinds, read.rules)) == list(map(_kinds, scenario.rules))


def _kinds(rule: Rule) -> list[type]:
    return [type(value) for _, value in rule.parameters]


def test_every_plan_can_be_read_and_is_in_time() -> None:
    for scenario in drawn():
        ids = [plan.id for plan in plans(scenario)]
        assert len(set(ids)) == len(ids)
        assert not any(overdue(plan, scenario.begins) for plan in plans(scenario))


def test_an_entry_with_little_to_be_had_stays_short_of_its_nearest_target() -> None:
    # Of a cheap share half a unit is no more than the offset of the limit.
    (plan,) = plans(draw(4421))
    point = [each.price for each in plan.entry.named_points(plan.side)]
    assert point == [Decimal("11.56"), Decimal("11.53")]
    assert plan.targets[0].price == Decimal("11.52")


def test_every_fault_of_the_gateway_has_a_recipe() -> None:
    assert tuple(RECIPES) == GATEWAY


def test_the_gateway_does_nothing_wrong_once_it_is_quiet() -> None:
    for scenario in drawn():
        quiet_ns = scenario.quiet_at_seconds * SECOND_NS
        for rule in scenario.rules:
            last = rule.between[1] if rule.between else rule.at
            assert last is not None
            assert last.from_start
            assert last.ns <= quiet_ns + 1_000_000


def test_nothing_waits_for_a_time_after_it_is_quiet() -> None:
    for scenario in drawn():
        for one in (*scenario.strikes, *scenario.hands):
            assert 0 <= one.cue.after_seconds <= scenario.quiet_at_seconds


def test_nobody_believes_more_than_the_gateway_keeps() -> None:
    for scenario in drawn():
        kept, believed = parse(scenario.profile), parse(scenario.believed)
        assert all(getattr(kept, name) or not getattr(believed, name) for name in NAMES)


def test_every_symbol_of_a_trade_has_a_price_from_the_beginning() -> None:
    for scenario in drawn():
        first = {
            move.symbol for move in scenario.moves if isinstance(move, Print) and not move.seconds
        }
        assert len(first) == len({plan.instrument.identity for plan in plans(scenario)})


def test_the_market_goes_forward_through_prices_that_can_be_traded() -> None:
    for scenario in drawn():
        assert all(one.seconds <= other.seconds for one, other in pairwise(scenario.moves))
        prints = [move for move in scenario.moves if isinstance(move, Print)]
        assert all(move.price * 100 == (move.price * 100).to_integral_value() for move in prints)
        assert all(move.price > move.spread / 2 for move in prints)
        assert min(move.bid_size for move in prints) > 0


def test_watches_follow_each_other_and_the_last_one_ends_when_it_is_quiet() -> None:
    for seed in SEEDS:
        when, feels = moment(seed), mood(seed)
        played = scene(seed, when, ideas(seed, when, feels), feels)
        # A scene takes its time, or is about another hour.
        when = when if played is None else played.moment
        edges = [second for span in when.spans for second in span]
        assert edges == sorted(edges)
        assert edges[-1] == drawn()[seed].quiet_at_seconds


def test_every_kind_of_trouble_and_of_deed_comes_up_often_enough() -> None:
    counted = Counter(mark for scenario in drawn() for mark in marks(scenario))
    assert not {mark: counted[mark] for mark in FAULTS if counted[mark] < OFTEN}


def test_every_profile_comes_up_often_enough() -> None:
    single = [f"pessimistic,+{name}" for name in NAMES] + [f"optimistic,-{name}" for name in NAMES]
    counted = Counter(scenario.profile for scenario in drawn())
    rare = {
        text: counted[text]
        for text in ("pessimistic", "optimistic", *single)
        if counted[text] < OFTEN
    }
    assert not rare
    assert sum(scenario.believed != scenario.profile for scenario in drawn()) > 300


def test_every_hour_comes_up_and_most_runs_lie_in_the_middle_of_a_day() -> None:
    counted = Counter(moment(seed).hour for seed in SEEDS)
    assert set(counted) == set(Hour)
    assert counted[Hour.DAY] > len(SEEDS) / 2


def test_every_way_of_a_plan_comes_up() -> None:
    ways: Counter[str] = Counter()
    for scenario in drawn():
        for plan in plans(scenario):
            ways.update(_ways(plan))
    rare = {way: ways[way] for way in _WAYS if ways[way] < OFTEN}
    assert not rare


_WAYS = (
    *("buy", "sell", "LMT", "MKT", "at once", "above", "below", "skip", "fire", "ask"),
    *("quantity", "risk", "budget", "price", "offset", "atr", "broker", "virtual", "trail"),
    *("target", "break even", "time exit", "soon over", "queue", "option", "premarket fire"),
    *("premarket wait", "premarket rebase", "at the market"),
)


def _ways(plan: TradePlan) -> Iterator[str]:
    yield plan.side.value
    yield plan.entry.order.value
    yield plan.stop.protection.value
    yield plan.entry.if_closed.value
    trigger = plan.entry.trigger
    yield "at once" if trigger is None else trigger.when.value
    if trigger is not None:
        yield trigger.if_missed.value
        if trigger.premarket is not None:
            yield f"premarket {trigger.premarket.value}"
    for table, names in ((plan.size, ("quantity", "risk", "budget")), (plan.stop, _STOP_WAYS)):
        yield from (name for name in names if getattr(table, name) is not None)
    if plan.stop.ladder.limit_seconds == 0:
        yield "at the market"
    yield from ["trail"] * (plan.stop.trail is not None)
    yield from ["target"] * bool(plan.targets)
    yield from ["break even"] * any(target.then for target in plan.targets)
    yield from ["time exit"] * (plan.time_exit is not None)
    yield from ["soon over"] * (plan.entry.expires is not None)
    yield from ["option"] * plan.instrument.is_option


_STOP_WAYS = ("price", "offset", "atr")


def test_most_runs_are_short_and_most_have_a_crash() -> None:
    assert median(scenario.quiet_at_seconds for scenario in drawn()) < 30
    crashed = sum(any(isinstance(one, Crash) for one in each.strikes) for each in drawn())
    assert crashed > 0.75 * len(SEEDS)


def test_only_what_is_named_goes_wrong() -> None:
    only = ("tick-zero", "broker crash", "kill: freeze")
    for seed in range(60):
        whole, part = draw(seed), draw(seed, only=only)
        assert set(marks(part)) - {AWAY, NIGHT} <= set(only)
        assert {rule.name for rule in part.rules} == {"tick-zero"}
        assert part.trades == whole.trades
        assert [move for move in whole.moves if isinstance(move, Print)] == list(part.moves)


def test_what_is_struck_alone_is_struck_as_it_is_among_others() -> None:
    seen = 0
    for scenario in drawn()[:60]:
        for name in {rule.name for rule in scenario.rules} - _IN_PAIRS:
            alone = draw(scenario.seed, only=(name,))
            assert alone.rules == tuple(rule for rule in scenario.rules if rule.name == name)
            seen += 1
    assert seen > 100


_IN_PAIRS = {"execution-corrected", "placement-acknowledged-late"}


def test_a_fault_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="tick-zerro is nothing that can go wrong"):
        draw(1, only=("tick-zerro",))


def test_another_profile_changes_nothing_else() -> None:
    for scenario in drawn()[:100]:
        other = draw(scenario.seed, profile="optimistic")
        assert replace(other, profile=scenario.profile, believed=scenario.believed) == scenario


def test_every_strike_has_a_name() -> None:
    kinds = {strike.kind for scenario in drawn() for strike in scenario.strikes}
    assert kinds == set(STRIKES)


@pytest.mark.parametrize("name", STORIES)
def test_in_a_story_nothing_goes_wrong(name: str) -> None:
    told = story(name)
    assert [plan.id for plan in plans(told)] == [name]
    assert told.quiet_at_seconds <= STORY_SECONDS_MAX
    assert (told.strikes, told.rules, told.away) == ((), (), ())


def test_a_story_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of breakout"):
        story("nothing")


def test_drawing_costs_next_to_nothing() -> None:
    costs = []
    for batch in range(0, 250, 50):
        before = time.process_time()
        for seed in range(batch, batch + 50):
            draw(seed)
        costs.append((time.process_time() - before) / 50)
    assert min(costs) < DRAW_SECONDS_MAX
