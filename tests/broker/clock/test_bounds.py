"""Bounds: what an answer says, what two say together, and when best to ask again."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.clock.bounds import (
    DRIFT_PPM,
    SECOND_NS,
    Bounds,
    Known,
    Verdict,
    bounds_of,
    halving_wait_ns,
    learn,
)

S = SECOND_NS


def test_an_answer_bounds_the_offset_by_its_question_and_its_arrival() -> None:
    bounds = bounds_of(1000 * S, S, asked_ns=10 * S, heard_ns=12 * S)
    drift_ns = 2 * S * DRIFT_PPM // 1_000_000
    assert bounds == Bounds(988 * S - drift_ns, 991 * S + drift_ns, 12 * S)


def test_bounds_drift_apart_with_age() -> None:
    later = Bounds(5, 7, 0).at(10 * S)
    assert later == Bounds(5 - 1_000_000, 7 + 1_000_000, 10 * S)
    assert later.middle_ns == 6


def test_even_the_shortest_time_adds_some_drift() -> None:
    assert Bounds(5, 7, 0).at(1) == Bounds(4, 8, 1)


def test_two_bounds_meet_in_what_both_allow_as_of_the_later_one() -> None:
    older, newer = Bounds(0, 100 * S, 0), Bounds(50 * S, 200 * S, S)
    expected = Bounds(50 * S, 100 * S + 100_000, S)
    assert older.meet(newer) == expected
    assert newer.meet(older) == expected


def test_bounds_that_only_touch_still_meet_and_a_gap_contradicts() -> None:
    assert Bounds(0, 10, 0).meet(Bounds(10, 20, 0)) == Bounds(10, 10, 0)
    assert Bounds(0, 10, 0).meet(Bounds(11, 20, 0)) is None


OLD, STEP, WIDE = Bounds(0, 10, 0), Bounds(100, 110, 0), Bounds(5, 105, 0)
OTHER = Bounds(500, 510, 0)


@pytest.mark.parametrize(
    ("known", "answer", "then", "verdict"),
    [
        (None, OLD, Known(OLD), Verdict.FIRST),
        (Known(OLD), Bounds(5, 20, 0), Known(Bounds(5, 10, 0)), Verdict.AGREED),
        (Known(OLD), STEP, Known(OLD, STEP), Verdict.SUSPECT),
        (Known(OLD, STEP), Bounds(3, 20, 0), Known(Bounds(3, 10, 0)), Verdict.AGREED),
        (Known(OLD, STEP), Bounds(105, 120, 0), Known(Bounds(105, 110, 0)), Verdict.STEPPED),
        (Known(OLD, STEP), OTHER, Known(OLD, OTHER), Verdict.SUSPECT),
        (
            Known(OLD, STEP),
            WIDE,
            Known(Bounds(5, 10, 0), Bounds(100, 105, 0)),
            Verdict.AGREED,
        ),
    ],
)
def test_what_is_known_after_one_more_answer(
    known: Known | None, answer: Bounds, then: Known, verdict: Verdict
) -> None:
    assert learn(known, answer) == (then, verdict)


@given(
    st.integers(1_700_000_000 * S, 1_900_000_000 * S),
    st.integers(-DRIFT_PPM, DRIFT_PPM),
    st.lists(st.tuples(*[st.integers(0, 3 * S)] * 3), min_size=1, max_size=40),
)
def test_the_true_offset_is_always_between_the_bounds(
    start_ns: int, ppm: int, questions: list[tuple[int, int, int]]
) -> None:
    def broker_ns(ours_ns: int) -> Fraction:
        return start_ns + ours_ns * (1 + Fraction(ppm, 1_000_000))

    known: Known | None = None
    now_ns = 0
    for pause_ns, there_ns, back_ns in questions:
        asked_ns = now_ns + pause_ns
        stamp_ns = broker_ns(asked_ns + there_ns) // S * S
        now_ns = asked_ns + there_ns + back_ns
        known, verdict = learn(known, bounds_of(int(stamp_ns), S, asked_ns, now_ns))
        assert verdict in (Verdict.FIRST, Verdict.AGREED)
        for later_ns in (now_ns, now_ns + 3600 * S):
            bounds = known.bounds.at(later_ns)
            assert bounds.low_ns <= broker_ns(later_ns) - later_ns <= bounds.high_ns


@given(
    st.integers(-(10**18), 10**18),
    st.integers(0, S),
    st.integers(0, S),
    st.integers(0, 10**15),
)
def test_a_halving_question_arrives_as_the_second_begins_at_the_middle(
    low_ns: int, width_ns: int, round_trip_ns: int, from_ns: int
) -> None:
    bounds = Bounds(low_ns, low_ns + width_ns, from_ns)
    wait_ns = halving_wait_ns(bounds, round_trip_ns, from_ns)
    assert 0 <= wait_ns < S
    arrives_ns = from_ns + wait_ns + round_trip_ns // 2
    assert (arrives_ns + bounds.middle_ns) % S == 0
