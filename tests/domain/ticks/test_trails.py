"""Where the stop stands: what the price, the plan and the operator do to it."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.prices import PriceBand, PriceGrid
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import (
    Resting,
    StopLevel,
    Trail,
    Trailing,
    follow,
    move,
    tighten,
    tighten_trail,
)
from tests.domain.ticks.samples import good

CENTS = PriceGrid.uniform(Decimal("0.01"))
NICKELS = PriceGrid.uniform(Decimal("0.05"))

LONG = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.50"))
SHORT = replace(LONG, crossing=Crossing.ABOVE)
LONG_RESTING, SHORT_RESTING = Resting(Decimal(97)), Resting(Decimal(103))
LONG_TRAILING = Trailing(Decimal("100.50"), Decimal("102.00"))
SHORT_TRAILING = Trailing(Decimal("99.50"), Decimal("98.00"))


def followed(
    trail: Trail, level: Resting | Trailing, prices: list[str], grid: PriceGrid = CENTS
) -> Resting | Trailing:
    for price in prices:
        level = follow(trail, level, good(price), grid)
    return level


@pytest.mark.req("S0.6")
@pytest.mark.parametrize(
    ("trail", "resting", "price", "activates"),
    [
        (LONG, LONG_RESTING, "100.99", False),
        (LONG, LONG_RESTING, "101.00", True),
        (LONG, LONG_RESTING, "101.01", True),
        (LONG, LONG_RESTING, "99.00", False),
        (SHORT, SHORT_RESTING, "99.01", False),
        (SHORT, SHORT_RESTING, "99.00", True),
        (SHORT, SHORT_RESTING, "98.99", True),
        (SHORT, SHORT_RESTING, "101.00", False),
        (replace(LONG, activate_pct=Decimal(0)), LONG_RESTING, "100.00", True),
        (replace(LONG, activate_pct=Decimal(0)), LONG_RESTING, "99.99", False),
    ],
)
def test_a_trail_activates_once_the_price_has_moved_so_far_past_its_anchor(
    trail: Trail, resting: Resting, price: str, activates: bool
) -> None:
    once = follow(trail, resting, good(price), CENTS)
    assert once == (Resting(resting.stop, Decimal(price)) if activates else resting)
    assert isinstance(follow(trail, once, good(price), CENTS), Trailing) is activates


@pytest.mark.parametrize(
    ("trail", "resting", "prices", "expected"),
    [
        (LONG, LONG_RESTING, ["101.00", "100.99"], LONG_RESTING),
        (
            LONG,
            LONG_RESTING,
            ["101.00", "102.00"],
            Trailing(Decimal("99.50"), Decimal("101.00"), Decimal("102.00")),
        ),
        (
            LONG,
            LONG_RESTING,
            ["102.00", "101.00"],
            Trailing(Decimal("99.50"), Decimal("101.00"), Decimal("101.00")),
        ),
        (SHORT, SHORT_RESTING, ["99.00", "99.01"], SHORT_RESTING),
        (
            SHORT,
            SHORT_RESTING,
            ["99.00", "98.00"],
            Trailing(Decimal("100.50"), Decimal("99.00"), Decimal("98.00")),
        ),
    ],
)
def test_two_ticks_in_a_row_activate_a_trail_at_what_they_agree_on(
    trail: Trail, resting: Resting, prices: list[str], expected: Resting | Trailing
) -> None:
    assert followed(trail, resting, prices) == expected


@pytest.mark.parametrize(
    ("trail", "trailing", "prices", "expected"),
    [
        (LONG, LONG_TRAILING, ["102.00"], LONG_TRAILING),
        (LONG, LONG_TRAILING, ["101.00"], LONG_TRAILING),
        (LONG, LONG_TRAILING, ["102.01"], replace(LONG_TRAILING, candidate=Decimal("102.01"))),
        (LONG, LONG_TRAILING, ["150.00", "102.00"], LONG_TRAILING),
        (
            LONG,
            LONG_TRAILING,
            ["150.00", "102.01"],
            Trailing(Decimal("100.51"), Decimal("102.01"), Decimal("102.01")),
        ),
        (
            LONG,
            LONG_TRAILING,
            ["103.00", "104.00", "105.00"],
            Trailing(Decimal("102.50"), Decimal("104.00"), Decimal("105.00")),
        ),
        (SHORT, SHORT_TRAILING, ["98.00"], SHORT_TRAILING),
        (SHORT, SHORT_TRAILING, ["50.00", "98.00"], SHORT_TRAILING),
        (
            SHORT,
            SHORT_TRAILING,
            ["97.00", "96.00"],
            Trailing(Decimal("98.50"), Decimal("97.00"), Decimal("96.00")),
        ),
    ],
)
def test_a_trail_follows_what_two_ticks_in_a_row_agree_on(
    trail: Trail, trailing: Trailing, prices: list[str], expected: Trailing
) -> None:
    assert followed(trail, trailing, prices) == expected


@pytest.mark.parametrize(("trail", "level"), [(LONG, LONG_RESTING), (LONG, LONG_TRAILING)])
def test_a_price_that_changes_nothing_makes_no_new_value(
    trail: Trail, level: Resting | Trailing
) -> None:
    assert follow(trail, level, good("100.50"), CENTS) is level


@pytest.mark.parametrize(
    ("trail", "resting", "grid", "stop"),
    [
        (replace(LONG, distance=Decimal("1.504")), LONG_RESTING, CENTS, "99.49"),
        (replace(LONG, distance=Decimal("1.54")), LONG_RESTING, NICKELS, "99.45"),
        (replace(SHORT, distance=Decimal("1.504")), SHORT_RESTING, CENTS, "100.51"),
        (replace(SHORT, distance=Decimal("1.54")), SHORT_RESTING, NICKELS, "100.55"),
    ],
)
def test_a_trailing_stop_is_rounded_away_from_the_price(
    trail: Trail, resting: Resting, grid: PriceGrid, stop: str
) -> None:
    price = "101" if trail.crossing is Crossing.BELOW else "99"
    assert followed(trail, resting, [price, price], grid).stop == Decimal(stop)


@pytest.mark.parametrize(
    ("distance", "stop"),
    [("100.98", "0.02"), ("100.99", "0.01"), ("100.991", "0.005"), ("500", "0.005")],
)
def test_a_trail_with_no_price_of_the_grid_at_its_distance_leaves_the_stop(
    distance: str, stop: str
) -> None:
    trail = replace(LONG, distance=Decimal(distance))
    level = followed(trail, Resting(Decimal("0.005")), ["101", "101"])
    assert level == Trailing(Decimal(stop), Decimal(101), Decimal(101))


def test_activation_never_loosens_a_stop_that_is_tighter_already() -> None:
    level = followed(LONG, Resting(Decimal("99.90")), ["101", "101"])
    assert level == Trailing(Decimal("99.90"), Decimal(101), Decimal(101))


@pytest.mark.parametrize(
    ("crossing", "level", "stop", "expected"),
    [
        (Crossing.BELOW, LONG_RESTING, "100", "100"),
        (Crossing.BELOW, LONG_RESTING, "97", "97"),
        (Crossing.BELOW, LONG_RESTING, "96", "97"),
        (Crossing.BELOW, LONG_TRAILING, "100", "100.50"),
        (Crossing.ABOVE, SHORT_RESTING, "100", "100"),
        (Crossing.ABOVE, SHORT_RESTING, "104", "103"),
        (Crossing.ABOVE, SHORT_TRAILING, "100", "99.50"),
    ],
)
def test_a_stop_is_tightened_and_never_loosened_by_a_move_of_the_plan(
    crossing: Crossing, level: Resting | Trailing, stop: str, expected: str
) -> None:
    assert tighten(crossing, level, Decimal(stop)) == replace(level, stop=Decimal(expected))


@pytest.mark.parametrize("stop", ["95", "101"])
@pytest.mark.parametrize("level", [LONG_RESTING, LONG_TRAILING])
def test_the_operator_puts_the_stop_where_he_wants_it(level: Resting | Trailing, stop: str) -> None:
    assert move(level, Decimal(stop)) == replace(level, stop=Decimal(stop))


def test_a_loosened_stop_is_taken_up_again_by_the_next_best_price_only() -> None:
    loosened = move(LONG_TRAILING, Decimal(95))
    assert followed(LONG, loosened, ["102.00", "101.00", "102.00"]).stop == Decimal(95)
    assert followed(LONG, loosened, ["102.10", "102.10"]).stop == Decimal("100.60")


@pytest.mark.parametrize(
    ("trail", "level", "stop"),
    [
        (LONG, LONG_TRAILING, "101.50"),
        (SHORT, SHORT_TRAILING, "98.50"),
        (LONG, Trailing(Decimal("101.80"), Decimal(102)), "101.80"),
        (LONG, LONG_RESTING, "97"),
    ],
)
def test_a_tightened_trail_moves_the_stop_at_once(
    trail: Trail, level: Resting | Trailing, stop: str
) -> None:
    tighter, moved = tighten_trail(trail, level, Decimal("0.50"), CENTS)
    assert tighter == replace(trail, distance=Decimal("0.50"))
    assert moved == replace(level, stop=Decimal(stop))


@pytest.mark.parametrize("distance", ["1.50", "1.51"])
def test_a_trail_is_not_tightened_by_a_distance_that_is_not_shorter(distance: str) -> None:
    with pytest.raises(ValueError, match=f"a trail at 1.50 is not tightened by {distance}"):
        tighten_trail(LONG, LONG_TRAILING, Decimal(distance), CENTS)


@pytest.mark.parametrize("stop", ["0", "-1"])
@pytest.mark.parametrize("level", [LONG_RESTING, LONG_TRAILING])
def test_a_stop_is_a_price(level: Resting | Trailing, stop: str) -> None:
    with pytest.raises(ValueError, match=f"the stop is {stop}; it must be a number above 0"):
        move(level, Decimal(stop))


@pytest.mark.parametrize("anchor", ["0", "-1"])
def test_an_anchor_is_a_price(anchor: str) -> None:
    with pytest.raises(ValueError, match=f"the anchor of a trail is {anchor}; it must be a"):
        replace(LONG, anchor=Decimal(anchor))


def test_an_anchor_can_be_the_price_of_a_penny_stock() -> None:
    assert replace(LONG, anchor=Decimal("0.01")).anchor == Decimal("0.01")


def test_a_trail_can_not_activate_on_a_loss() -> None:
    with pytest.raises(ValueError, match=r"activates a trail is -0\.01; it must be a number"):
        replace(LONG, activate_pct=Decimal("-0.01"))


@pytest.mark.parametrize("distance", ["0", "-0.01"])
def test_a_trail_needs_room(distance: str) -> None:
    with pytest.raises(ValueError, match=f"the distance of a trail is {distance}; it must be"):
        replace(LONG, distance=Decimal(distance))


BANDS = PriceGrid(
    (PriceBand(Decimal(0), Decimal("0.01")), PriceBand(Decimal(100), Decimal("0.05")))
)
PRICES = st.lists(st.decimals("95", "105", places=2), max_size=40)
TRAILS = st.builds(
    Trail,
    st.just(Crossing.BELOW),
    st.just(Decimal(100)),
    st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
    st.decimals("0.01", "3", places=3),
)


@pytest.mark.req("S0.6")
@given(trail=TRAILS, prices=PRICES)
def test_a_trail_never_loosens_the_stop_and_never_comes_closer_than_its_distance(
    trail: Trail, prices: list[Decimal]
) -> None:
    level: Resting | Trailing = LONG_RESTING
    for price in prices:
        before, level = level, follow(trail, level, good(price), BANDS)
        assert level.stop >= before.stop
        if isinstance(level, Trailing):
            assert level.stop in (LONG_RESTING.stop, BANDS.floor(level.best - trail.distance))


@given(trail=TRAILS, prices=PRICES)
def test_the_best_price_is_the_best_that_two_ticks_in_a_row_agree_on(
    trail: Trail, prices: list[Decimal]
) -> None:
    level: Resting | Trailing = LONG_RESTING
    for price in prices:
        level = follow(trail, level, good(price), CENTS)
    activation = 100 + trail.activate_pct
    agreed = [min(pair) for pair in pairwise(prices)]
    reached = [price for price in agreed if price >= activation]
    assert isinstance(level, Trailing) is bool(reached)
    if isinstance(level, Trailing):
        assert level.best == max(reached)


@given(trail=TRAILS, prices=PRICES)
def test_a_long_trail_mirrors_a_short_one(trail: Trail, prices: list[Decimal]) -> None:
    image = replace(trail, crossing=Crossing.ABOVE)
    long: Resting | Trailing = LONG_RESTING
    short: Resting | Trailing = SHORT_RESTING
    for price in prices:
        long = follow(trail, long, good(price), CENTS)
        short = follow(image, short, good(200 - price), CENTS)
        assert type(long) is type(short)
        assert short.stop == 200 - long.stop


@pytest.mark.parametrize("level", [LONG_RESTING, LONG_TRAILING])
def test_each_level_survives_as_json(level: Resting | Trailing) -> None:
    adapter: TypeAdapter[Resting | Trailing] = TypeAdapter(StopLevel)
    assert adapter.validate_json(adapter.dump_json(level)) == level
