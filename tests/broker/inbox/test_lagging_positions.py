"""What is held while positions and executions, which are told apart, disagree."""

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.sides import Side
from tests.broker.inbox.told import (
    CON_ID,
    ENTRY,
    STOP,
    Heard,
    fill,
    intent,
    order,
    position,
    status,
)

CHANGES = st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=5)


def based(held: int) -> Heard:
    return Heard().hear(position(held)).sync(CON_ID)


def execute(heard: Heard, number: int, change: int) -> None:
    side = Side.BUY if change > 0 else Side.SELL
    key = ENTRY if change > 0 else STOP
    heard.hear(fill(key, f"e.{number}.01", abs(change), side=side, perm_id=7 if change > 0 else 8))


@pytest.mark.req("X.1")
def test_what_was_just_bought_is_held_before_the_position_says_so() -> None:
    heard = based(0)
    heard.inbox.expect(intent(), 5)
    heard.hear(order(), fill())
    assert heard.inbox.position(CON_ID) == 100


def test_what_was_just_sold_is_held_no_more_though_the_position_still_says_so() -> None:
    heard = based(100).hear(fill(STOP, side=Side.SELL, quantity=60))
    assert heard.inbox.position(CON_ID) == 40
    assert heard.hear(position(40)).inbox.position(CON_ID) == 40


def test_a_position_that_is_ahead_of_its_executions_stands() -> None:
    heard = based(100).hear(position(0))
    assert heard.inbox.position(CON_ID) == 0
    # Somebody else has closed it. What is bought then is bought from there.
    heard.hear(fill(quantity=30))
    assert heard.inbox.position(CON_ID) == 0
    assert heard.hear(position(30)).inbox.position(CON_ID) == 30


def test_a_report_off_the_way_ends_what_was_left_before_it() -> None:
    heard = based(100).hear(fill(quantity=50), position(0))
    assert heard.hear(position(100)).inbox.position(CON_ID) == 100


def test_a_report_that_goes_back_after_it_has_caught_up_is_somebody_elses_doing() -> None:
    heard = based(0).hear(fill(quantity=60), position(60))
    assert heard.hear(position(0)).inbox.position(CON_ID) == 0


def test_a_report_between_two_fills_may_be_followed_by_no_earlier_one() -> None:
    heard = based(0)
    execute(heard, 1, 28)
    execute(heard, 2, 32)
    assert heard.hear(position(28)).inbox.position(CON_ID) == 60
    assert heard.hear(position(0)).inbox.position(CON_ID) == 0


def test_a_report_that_may_be_an_early_one_leaves_later_ones_to_lag() -> None:
    heard = based(0)
    for number, change in enumerate((50, -50, 50), 1):
        execute(heard, number, change)
    assert heard.hear(position(50)).inbox.position(CON_ID) == 50
    assert heard.hear(position(0)).inbox.position(CON_ID) == 50


def test_a_contract_that_a_complete_answer_leaves_out_is_flat_at_once() -> None:
    heard = based(100).hear(fill(quantity=50)).answer("positions", contracts=())
    assert heard.inbox.position(CON_ID) == 0


@pytest.mark.parametrize(("seconds", "held"), [(4.999, 100), (5.0, 0)])
def test_a_report_does_not_lag_for_ever(seconds: float, held: int) -> None:
    heard = based(0).hear(fill())
    heard.seconds += seconds
    assert heard.inbox.position(CON_ID) == held


@settings(max_examples=200, deadline=None)
@given(st.integers(-3, 3), CHANGES, st.data())
def test_however_far_positions_lag_the_executions_are_held(
    start: int, changes: list[int], data: st.DataObject
) -> None:
    heard, told = based(start), 0
    truth = list(accumulate(changes, initial=start))
    for number, change in enumerate(changes, 1):
        execute(heard, number, change)
        assert heard.inbox.position(CON_ID) == truth[number]
        for later in sorted(data.draw(st.sets(st.integers(told, number)))):
            heard.hear(position(truth[later]))
            told = later
            assert heard.inbox.position(CON_ID) == truth[number]


@settings(max_examples=200, deadline=None)
@given(st.integers(-3, 3), st.lists(st.integers(1, 3), min_size=1, max_size=5), st.data())
def test_however_far_executions_lag_the_positions_are_held(
    start: int, changes: list[int], data: st.DataObject
) -> None:
    heard, executed = based(start), 0
    truth = list(accumulate(changes, initial=start))
    for number in range(1, len(truth)):
        heard.hear(position(truth[number]))
        assert heard.inbox.position(CON_ID) == truth[number]
        for each in range(executed, data.draw(st.integers(executed, number))):
            execute(heard, each + 1, changes[each])
            executed = each + 1
            assert heard.inbox.position(CON_ID) == truth[number]


@pytest.mark.req("I8")
def test_a_position_ahead_of_its_executions_is_untold_until_they_come() -> None:
    heard = based(7)
    heard.inbox.expect(intent(), 5)
    heard.hear(position(107))
    assert heard.inbox.untold(CON_ID) == 100
    assert heard.hear(fill(quantity=60)).inbox.untold(CON_ID) == 40
    assert heard.hear(fill(exec_id="e.2.01", quantity=40)).inbox.untold(CON_ID) == 0


def test_a_position_that_lags_leaves_nothing_untold() -> None:
    heard = based(0).hear(fill())
    assert heard.inbox.untold(CON_ID) == 0
    heard.seconds += 5.0
    assert heard.inbox.untold(CON_ID) == -100


def test_nothing_is_untold_before_it_is_known_what_was_held_before() -> None:
    assert Heard().hear(position(100)).inbox.untold(CON_ID) == 0


def test_what_an_order_that_is_over_claims_to_have_filled_is_not_untold() -> None:
    heard = based(0)
    heard.inbox.expect(intent(), 5)
    heard.hear(order(), position(130), status("Filled", filled=100))
    assert heard.inbox.untold(CON_ID) == 30
    assert heard.hear(position(60)).inbox.untold(CON_ID) == 0


def test_what_a_person_was_told_of_is_not_untold() -> None:
    heard = based(0).hear(position(50))
    assert heard.inbox.untold(CON_ID) == 50
    heard.seconds += 2.0
    heard.inbox.settle()
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION]
    assert heard.inbox.untold(CON_ID) == 0
    assert heard.hear(position(80)).inbox.untold(CON_ID) == 30
