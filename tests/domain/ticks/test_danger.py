"""The trade in most danger first."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.ticks.danger import BATCH_WINDOW_MAX, Watched, most_in_danger_first, room
from backstay.domain.ticks.levels import Crossing

LONG, SHORT = Crossing.BELOW, Crossing.ABOVE


def watched(name: str, price: str | None, stop: str = "100", crossing: Crossing = LONG) -> Watched:
    return Watched(name, crossing, Decimal(stop), None if price is None else Decimal(price))


def names(watches: list[Watched]) -> list[str]:
    return [each.name for each in most_in_danger_first(watches)]


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (watched("a", "105"), "0.05"),
        (watched("a", "100"), "0"),
        (watched("a", "98"), "-0.02"),
        (watched("a", "95", crossing=SHORT), "0.05"),
        (watched("a", "100", crossing=SHORT), "0"),
        (watched("a", "102", crossing=SHORT), "-0.02"),
        (watched("a", "210", stop="200"), "0.05"),
        (watched("a", None), "0"),
    ],
)
def test_room_is_the_distance_to_the_stop_as_a_share_of_it(each: Watched, expected: str) -> None:
    assert room(each) == Decimal(expected)


def test_a_penny_stock_can_be_in_danger() -> None:
    assert room(watched("a", "0.03", stop="0.02")) == Decimal("0.5")


@pytest.mark.req("S2.1")
def test_the_trade_in_most_danger_comes_first() -> None:
    watches = [
        watched("comfortable", "120"),
        watched("unknown", None),
        watched("close", "100.5"),
        watched("deep", "90"),
        watched("passed", "99"),
    ]
    assert names(watches) == ["deep", "passed", "unknown", "close", "comfortable"]


@pytest.mark.req("S2.1")
def test_long_and_short_trades_are_in_one_order() -> None:
    watches = [
        watched("short far", "90", crossing=SHORT),
        watched("long near", "104"),
        watched("short near", "97", crossing=SHORT),
        watched("long far", "108"),
    ]
    assert names(watches) == ["short near", "long near", "long far", "short far"]


@pytest.mark.req("S2.1")
def test_danger_is_relative_to_the_price_level() -> None:
    watches = [watched("a dear one", "1010", stop="1000"), watched("a cheap one", "10.5", "10")]
    assert names(watches) == ["a dear one", "a cheap one"]


@given(order=st.permutations(["a", "b", "c", "d"]))
def test_equal_danger_is_ordered_by_name_and_never_by_chance(order: list[str]) -> None:
    assert names([watched(name, "101") for name in order]) == ["a", "b", "c", "d"]


def test_nothing_is_in_danger_where_nothing_is_watched() -> None:
    assert most_in_danger_first([]) == ()


@pytest.mark.req("S2.1")
def test_no_tick_waits_for_others_longer_than_two_hundred_milliseconds() -> None:
    assert timedelta(milliseconds=200) == BATCH_WINDOW_MAX


@pytest.mark.parametrize("stop", ["0", "-1"])
def test_a_stop_in_danger_is_a_price(stop: str) -> None:
    with pytest.raises(ValueError, match=f"the stop of a is {stop}; it must be a number above 0"):
        watched("a", "100", stop)


def test_a_watched_stop_survives_as_json() -> None:
    adapter = TypeAdapter(Watched)
    each = watched("a", None)
    assert adapter.validate_json(adapter.dump_json(each)) == each
