"""Which instruments have a line: guarded first, and nothing is taken without need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.doors.market import Rank
from backstay.broker.feeds.plan import Demand, lines

GUARDED, ARMED, WANTED = Rank.GUARDED, Rank.ARMED, Rank.WANTED

DEMANDS = st.lists(
    st.builds(
        Demand,
        con_id=st.integers(1, 20),
        rank=st.one_of(st.none(), st.sampled_from(Rank)),
        since=st.integers(0, 5),
        has_line=st.booleans(),
    ),
    unique_by=lambda demand: demand.con_id,
)


@pytest.mark.parametrize(
    ("new", "old", "is_given"),
    [
        (GUARDED, GUARDED, False),
        (GUARDED, ARMED, True),
        (GUARDED, WANTED, True),
        (GUARDED, None, True),
        (ARMED, GUARDED, False),
        (ARMED, ARMED, False),
        (ARMED, WANTED, False),
        (ARMED, None, True),
        (WANTED, GUARDED, False),
        (WANTED, ARMED, False),
        (WANTED, WANTED, False),
        (WANTED, None, True),
    ],
)
@pytest.mark.req("X.9")
def test_only_what_is_guarded_takes_a_line_that_somebody_wants(
    new: Rank, old: Rank | None, *, is_given: bool
) -> None:
    demands = (Demand(1, old, 1, has_line=True), Demand(2, new, 2, has_line=False))
    assert lines(demands, 1) == ((2,) if is_given else (1,))


def test_a_line_that_is_free_goes_to_the_best_rank_and_then_to_who_came_first() -> None:
    waiting = [
        Demand(1, WANTED, 1, has_line=False),
        Demand(2, ARMED, 4, has_line=False),
        Demand(3, ARMED, 3, has_line=False),
        Demand(4, GUARDED, 9, has_line=False),
    ]
    assert lines(waiting, 4) == (4, 3, 2, 1)


@pytest.mark.parametrize("budget", [0, -1])
def test_without_a_budget_nobody_has_a_line(budget: int) -> None:
    assert lines((Demand(1, GUARDED, 1, has_line=True),), budget) == ()


@given(DEMANDS, st.integers(0, 8))
@pytest.mark.req("X.9")
def test_whoever_asks_in_whatever_order_the_plan_is_the_same_and_fair(
    demands: list[Demand], budget: int
) -> None:
    chosen = lines(demands, budget)
    assert lines(reversed(demands), budget) == chosen
    assert len(chosen) == min(budget, len(demands))
    ranks = {demand.con_id: demand.rank for demand in demands}
    left_out = [demand for demand in demands if demand.con_id not in chosen]
    if any(demand.rank is GUARDED for demand in left_out):
        assert all(ranks[con_id] is GUARDED for con_id in chosen)
    if any(demand.rank is not None for demand in left_out):
        assert all(ranks[con_id] is not None for con_id in chosen)
    taken = [each for each in left_out if each.has_line and each.rank not in {None, GUARDED}]
    if taken:
        given_away = [each for each in demands if each.con_id in chosen and not each.has_line]
        assert all(each.rank is GUARDED for each in given_away)


@given(DEMANDS, st.integers(0, 8))
def test_a_plan_that_is_carried_out_stands(demands: list[Demand], budget: int) -> None:
    chosen = lines(demands, budget)
    after = [Demand(each.con_id, each.rank, each.since, each.con_id in chosen) for each in demands]
    assert set(lines(after, budget)) == set(chosen)
