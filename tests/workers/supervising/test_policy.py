"""When a part is begun again, when it is given up, and when it counts as silent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.supervising.ends import End
from workers.supervising.policy import (
    DEATHS_MAX,
    MISS_SECONDS_MAX,
    PAUSES_SECONDS,
    SILENT_SECONDS_MAX,
    WITHIN_SECONDS,
    Again,
    Deaths,
    GivenUp,
    Silence,
    after_death,
    after_false_start,
    after_miss,
)


def after(*at: float) -> tuple[Deaths, Again | GivenUp]:
    deaths, next_step = after_death(Deaths(), at[0])
    for each in at[1:]:
        deaths, next_step = after_death(deaths, each)
    return deaths, next_step


@pytest.mark.parametrize(
    ("count", "next_step"),
    [
        (1, Again(0.2)),
        (2, Again(1.0)),
        (3, Again(3.0)),
        (4, Again(10.0)),
        (5, Again(30.0)),
        (6, GivenUp(6)),
    ],
)
def test_each_death_has_a_longer_pause_and_the_sixth_is_one_too_many(
    count: int, next_step: Again | GivenUp
) -> None:
    assert after(*map(float, range(count)))[1] == next_step


@pytest.mark.parametrize(
    ("sixth", "next_step"),
    [(WITHIN_SECONDS - 0.001, GivenUp(6)), (WITHIN_SECONDS, Again(30.0))],
)
def test_a_death_of_ten_minutes_ago_is_forgotten(sixth: float, next_step: Again | GivenUp) -> None:
    assert after(0.0, 1.0, 2.0, 3.0, 4.0, sixth)[1] == next_step


def test_after_a_long_good_life_the_pauses_begin_anew() -> None:
    assert after(0.0, 1.0, 2.0, 5000.0) == (Deaths((5000.0,)), Again(0.2))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_it_is_given_up_exactly_if_too_many_deaths_lie_within_ten_minutes(
    times: list[float],
) -> None:
    deaths = Deaths()
    for number, at in enumerate(ordered := sorted(times)):
        deaths, next_step = after_death(deaths, at)
        lately = sum(at - each < WITHIN_SECONDS for each in ordered[: number + 1])
        if lately > DEATHS_MAX:
            assert next_step == GivenUp(lately)
        else:
            assert next_step == Again(PAUSES_SECONDS[lately - 1])


def test_silence_is_too_long_after_twenty_seconds_of_several_questions() -> None:
    silence = Silence()
    for _ in range(4):
        silence = after_miss(silence, MISS_SECONDS_MAX)
        assert not silence.is_too_long
    assert after_miss(silence, SILENT_SECONDS_MAX - 16).is_too_long
    assert not after_miss(silence, SILENT_SECONDS_MAX - 16.001).is_too_long


def test_a_person_hears_of_a_silence_of_six_seconds_and_two_questions() -> None:
    assert Silence(6.0, 2).is_worth_telling
    assert not Silence(5.999, 2).is_worth_telling
    assert not Silence(6.0, 1).is_worth_telling
    assert not Silence().is_worth_telling


def test_a_machine_that_slept_has_not_been_silent_for_so_long() -> None:
    assert after_miss(Silence(), 30_000.0) == Silence(MISS_SECONDS_MAX, 1)


def test_few_questions_are_no_silence_however_long_they_take() -> None:
    assert not Silence(100.0, 4).is_too_long
    assert Silence(20.0, 5).is_too_long


def test_a_mischance_before_it_served_is_worth_two_more_tries_and_nothing_else_is_worth_any() -> (
    None
):
    mischance, fault = End(2, "panic: no port"), End(1, "Error: file is not a database (26)")
    steps = [after_false_start(number, mischance) for number in (1, 2, 3, 4)]
    assert steps == [Again(0.2), Again(1.0), None, None]
    assert after_false_start(1, fault) is None
