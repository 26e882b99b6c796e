"""Whether a fault strikes: exactly as planned, the same for the same seed, each rule by itself."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.times import SECOND_NS
from tests.gateway.faults.worlds import START_NS, World

NAME = "status-missing"
SUBJECT = "order 5"


def struck(world: World, occasions: int, every_seconds: float = 0) -> list[int]:
    """The ordinals, from 1, of the occasions that were struck."""
    found = []
    for ordinal in range(1, occasions + 1):
        if world.faults.strikes(NAME, SUBJECT):
            found.append(ordinal)
        world.pass_time(every_seconds)
    return found


def hours(world: World, name: str, until_seconds: int) -> list[float]:
    """When a fault strikes by itself, in seconds from the start."""
    found: list[float] = []

    def note(_: Rule) -> None:
        found.append((world.agenda.now_ns - START_NS) / SECOND_NS)

    world.faults.begin(name, note)
    world.pass_time(until_seconds)
    return found


def test_what_is_not_planned_never_strikes() -> None:
    world = World(rule("status-delayed"))
    assert struck(world, 100) == []
    assert not World().faults.any_planned
    assert world.faults.plans(NAME, "status-delayed")
    assert not world.faults.plans(NAME)


def test_without_a_when_every_occasion_is_struck() -> None:
    assert struck(World(rule(NAME)), 5) == [1, 2, 3, 4, 5]


def test_nth_strikes_that_occasion_and_no_other() -> None:
    assert struck(World(rule(NAME, nth=3)), 10) == [3]


def test_count_is_how_often_it_strikes_at_all() -> None:
    assert struck(World(rule(NAME, count=2)), 10) == [1, 2]


@pytest.mark.parametrize(("probability", "expected"), [(0, 0), (1, 1000)])
def test_never_and_always_are_exact(probability: int, expected: int) -> None:
    assert len(struck(World(rule(NAME, probability=probability)), 1000)) == expected


def test_a_probability_is_met_over_many_occasions() -> None:
    share = Fraction(len(struck(World(rule(NAME, probability=0.3)), 10_000)), 10_000)
    assert abs(share - Fraction(3, 10)) < Fraction(2, 100)


def test_at_strikes_the_first_occasion_from_then_on() -> None:
    assert struck(World(rule(NAME, at="+3s")), 10, every_seconds=1) == [4]


def test_at_with_a_count_strikes_as_many_from_then_on() -> None:
    assert struck(World(rule(NAME, at="+3s", count=3)), 10, every_seconds=1) == [4, 5, 6]


def test_every_strikes_one_occasion_after_each_hour() -> None:
    assert struck(World(rule(NAME, every="3s")), 14, every_seconds=1) == [4, 7, 10, 13]


def test_hours_without_an_occasion_are_not_made_up_for() -> None:
    world = World(rule(NAME, every="3s"))
    world.pass_time(10)
    assert struck(world, 5, every_seconds=0.5) == [1, 5]


def test_between_holds_from_its_first_instant_to_just_before_its_last() -> None:
    world = World(rule(NAME, between=["+2s", "+4s"]))
    assert struck(world, 10, every_seconds=0.5) == [5, 6, 7, 8]


def test_an_occasion_outside_its_window_is_not_counted() -> None:
    world = World(rule(NAME, nth=2, between=["2027-01-15T08:00:03Z", "+6s"]))
    assert struck(world, 10, every_seconds=1) == [5]


def test_every_begins_with_its_window() -> None:
    world = World(rule(NAME, every="2s", between=["+3s", "+8s"]))
    assert struck(world, 12, every_seconds=1) == [6, 8]


def test_a_rule_for_kinds_sees_no_others() -> None:
    world = World(rule(NAME, nth=2, kinds=["Filled", "Cancelled"]))
    kinds = ["Filled", "Submitted", "Submitted", "Cancelled", "Filled"]
    told = [world.faults.strikes(NAME, SUBJECT, kind) is not None for kind in kinds]
    assert told == [False, False, False, True, False]


def test_a_rule_for_one_client_sees_no_other() -> None:
    world = World(rule(NAME, nth=2, client=3))
    told = [world.faults.strikes(NAME, SUBJECT, "", who) is not None for who in (3, 4, None, 3)]
    assert told == [False, False, False, True]


def test_an_occasion_that_does_not_fit_a_rule_is_none_for_it() -> None:
    world = World(rule("freeze-quantity", above=10), rule("freeze-quantity", above=5, nth=2))
    fitting = [
        world.faults.strikes("freeze-quantity", SUBJECT, fits=lambda each: each.whole("above") < 7)
        for _ in range(2)
    ]
    assert [each.whole("above") if each else None for each in fitting] == [None, 5]


def test_the_first_of_the_rules_that_strike_says_how() -> None:
    world = World(
        rule("status-delayed", nth=2, delay="1s"), rule("status-delayed", count=3, delay="9s")
    )
    delays = [world.faults.strikes("status-delayed", SUBJECT) for _ in range(4)]
    assert [each.ns("delay") // SECOND_NS if each else None for each in delays] == [9, 1, 9, None]
    assert world.faults.counts["status-delayed"] == 3


def test_each_strike_is_told_and_counted() -> None:
    world = World(rule(NAME, nth=2), rule("stream-dead", at="+1s"))
    struck(world, 3)
    hours(world, "stream-dead", 5)
    assert world.struck == [(NAME, SUBJECT), ("stream-dead", "the clock")]
    assert dict(world.faults.counts) == {NAME: 1, "stream-dead": 1}


def test_nobody_needs_to_listen() -> None:
    faults = Faults((rule(NAME),), Agenda(START_NS), Chance(1))
    assert faults.strikes(NAME, SUBJECT) == rule(NAME)


def test_by_itself_it_strikes_at_its_time_once() -> None:
    assert hours(World(rule("stream-dead", at="+30s")), "stream-dead", 100) == [30]
    later = World(rule("stream-dead", at="2027-01-15T08:00:40Z"))
    assert hours(later, "stream-dead", 100) == [40]


def test_by_itself_it_strikes_every_so_often_as_often_as_planned() -> None:
    often = rule("stream-dead", every="10s", count=3)
    assert hours(World(often), "stream-dead", 100) == [10, 20, 30]
    window = rule("stream-dead", every="10s", between=["+5s", "+35s"])
    assert hours(World(window), "stream-dead", 100) == [15, 25]


def test_by_itself_it_strikes_at_random_within_its_window() -> None:
    found = hours(World(rule("stream-dead", between=["+10s", "+20s"], count=20)), "stream-dead", 60)
    assert len(set(found)) == 20
    assert min(found) >= 10
    assert max(found) < 20
    once = World(rule("stream-dead", between=["+10s", "+20s"]))
    assert len(hours(once, "stream-dead", 60)) == 1


def test_a_window_that_turns_out_to_be_none_holds_nothing() -> None:
    none = rule("stream-dead", between=["+10s", "2027-01-15T08:00:05Z"], count=3)
    assert hours(World(none), "stream-dead", 60) == []


def test_an_hour_can_pass_without_a_strike() -> None:
    rarely = rule("stream-dead", every="1s", probability=0.5)
    found = hours(World(rarely), "stream-dead", 400)
    assert 150 < len(found) < 250
    assert hours(World(rule("stream-dead", at="+1s", probability=0)), "stream-dead", 9) == []


def test_what_strikes_by_itself_waits_for_no_occasion() -> None:
    world = World(rule("half-open", at="+5s"))
    world.pass_time(10)
    assert world.faults.strikes("half-open", SUBJECT) is None


def test_what_can_strike_by_itself_waits_for_an_occasion_of_the_kind_that_a_rule_picks() -> None:
    world = World(rule("half-open", at="+5s", kinds=["placeOrder"]))
    assert hours(world, "half-open", 10) == []
    assert world.faults.strikes("half-open", SUBJECT, "reqPositions") is None
    assert world.faults.strikes("half-open", SUBJECT, "placeOrder") is not None
    assert world.faults.strikes("half-open", SUBJECT, "placeOrder") is None


SOME = st.lists(
    st.sampled_from(
        (
            rule(NAME, probability=0.5),
            rule(NAME, nth=4),
            rule(NAME, every="2s"),
            rule("status-delayed", probability=0.4),
            rule("tick-nan", probability=0.6, count=5),
        )
    ),
    max_size=5,
)


@given(SOME, st.integers(0, 99))
def test_the_same_seed_gives_the_same_strikes(plan: list[Rule], seed: int) -> None:
    def run() -> list[tuple[str, str]]:
        world = World(*plan, seed=seed)
        for ordinal in range(30):
            for name in (NAME, "status-delayed", "tick-nan"):
                world.faults.strikes(name, f"occasion {ordinal}")
            world.pass_time(1)
        return world.struck

    assert run() == run()


def test_another_seed_gives_others() -> None:
    plan = rule(NAME, probability=0.5)
    assert struck(World(plan, seed=1), 100) != struck(World(plan, seed=2), 100)


@given(SOME, st.integers(0, 99))
def test_a_rule_more_changes_no_strike_of_another(others: list[Rule], seed: int) -> None:
    mine = rule(NAME, probability=0.3)
    alone = struck(World(mine, seed=seed), 60)
    before = [each for each in others if each.name != NAME]
    world = World(*before, mine, *others, seed=seed)
    found = []
    for ordinal in range(1, 61):
        world.faults.strikes("status-delayed", SUBJECT)
        if world.faults.strikes(NAME, SUBJECT) is mine:
            found.append(ordinal)
    assert found == alone


def test_dice_for_how_are_not_dice_for_whether() -> None:
    plan = rule(NAME, probability=0.5)
    plain, distracted = World(plan), World(plan)
    distracted.faults.dice(NAME).random()
    assert struck(plain, 50) == struck(distracted, 50)
