"""Prices: every rounding has a direction, on every band, for both sides."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.prices import PriceBand, PriceGrid, percent_of
from backstay.domain.sides import Side

CENTS = PriceGrid.uniform(Decimal("0.01"))
# As for US stocks (finer below a dollar) and for an index option (coarser from three dollars on).
STOCK = PriceGrid(
    (PriceBand(Decimal(0), Decimal("0.0001")), PriceBand(Decimal(1), Decimal("0.01")))
)
OPTION = PriceGrid((PriceBand(Decimal(0), Decimal("0.05")), PriceBand(Decimal(3), Decimal("0.10"))))

grids = st.sampled_from([CENTS, STOCK, OPTION, PriceGrid.uniform(Decimal("0.03"))])
prices = (
    st.decimals("0", "1000", places=5)
    | st.decimals("0.9", "3.2", places=3)
    | st.decimals("0", "10", places=27)
)


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("value", "percent", "expected"),
    [("190", "0.5", "0.95"), ("-20", "10", "-2"), ("50", "0", "0"), ("3.333", "100", "3.333")],
)
def test_a_per_cent_is_a_hundredth(value: str, percent: str, expected: str) -> None:
    assert percent_of(Decimal(value), Decimal(percent)) == Decimal(expected)


@pytest.mark.parametrize(
    ("grid", "price", "increment"),
    [
        (CENTS, "0", "0.01"),
        (STOCK, "0", "0.0001"),
        (STOCK, "0.99999", "0.0001"),
        (STOCK, "1", "0.01"),
        (OPTION, "2.99", "0.05"),
        (OPTION, "3", "0.10"),
        (OPTION, "5000", "0.10"),
    ],
)
def test_a_price_has_the_increment_of_its_band(grid: PriceGrid, price: str, increment: str) -> None:
    assert grid.increment_at(Decimal(price)) == Decimal(increment)


@pytest.mark.parametrize(
    ("grid", "price", "floor", "ceiling", "below", "above"),
    [
        (CENTS, "190.005", "190.00", "190.01", "190.00", "190.01"),
        (CENTS, "190.00", "190.00", "190.00", "189.99", "190.01"),
        (CENTS, "0.004", "0.00", "0.01", "0.00", "0.01"),
        (STOCK, "0.99995", "0.9999", "1.00", "0.9999", "1.00"),
        (STOCK, "0.9999", "0.9999", "0.9999", "0.9998", "1.00"),
        (STOCK, "1", "1", "1", "0.9999", "1.01"),
        (STOCK, "1.001", "1.00", "1.01", "1.00", "1.01"),
        (STOCK, "1.01", "1.01", "1.01", "1.00", "1.02"),
        (OPTION, "2.96", "2.95", "3.00", "2.95", "3.00"),
        (OPTION, "3.00", "3.00", "3.00", "2.95", "3.10"),
        (OPTION, "3.05", "3.00", "3.10", "3.00", "3.10"),
    ],
)
def test_a_price_is_rounded_in_the_direction_asked_for(
    grid: PriceGrid, price: str, floor: str, ceiling: str, below: str, above: str
) -> None:
    rounded = Decimal(price)
    assert [
        grid.floor(rounded),
        grid.ceiling(rounded),
        grid.below(rounded),
        grid.above(rounded),
    ] == decimals(floor, ceiling, below, above)


def is_on_grid(grid: PriceGrid, price: Decimal) -> bool:
    """Counted out by hand: a whole number of increments of the price's own band."""
    increment = next(band.increment for band in grid.bands[::-1] if band.low_edge <= price)
    return price % increment == 0


@given(grids, prices)
@example(PriceGrid.uniform(Decimal("0.05")), Decimal("0.9999999999999999999999999999"))
@example(PriceGrid.uniform(Decimal("0.05")), Decimal("1.000000000000000000000000000001"))
def test_floor_and_ceiling_enclose_a_price_with_nothing_between(
    grid: PriceGrid, price: Decimal
) -> None:
    floor, ceiling = grid.floor(price), grid.ceiling(price)
    assert floor <= price <= ceiling
    assert is_on_grid(grid, floor)
    assert is_on_grid(grid, ceiling)
    assert (floor == ceiling) == is_on_grid(grid, price)
    if floor != ceiling:
        assert grid.above(floor) == ceiling


@given(grids, prices)
def test_above_and_below_are_neighbours(grid: PriceGrid, price: Decimal) -> None:
    above = grid.above(price)
    assert price < above
    assert is_on_grid(grid, above)
    assert grid.below(above) == grid.floor(price)
    if price > 0:
        below = grid.below(price)
        assert below < price
        assert grid.above(below) == grid.ceiling(price)


@pytest.mark.parametrize(
    ("grid", "price", "held"),
    [
        (CENTS, "190.00", True),
        (CENTS, "190.001", False),
        (CENTS, "0.01", True),
        (CENTS, "0", False),
        (STOCK, "0.5001", True),
        (STOCK, "1.0001", False),
        (OPTION, "3.05", False),
    ],
)
def test_only_prices_of_the_grid_above_zero_are_held(
    grid: PriceGrid, price: str, held: bool
) -> None:
    assert grid.holds(Decimal(price)) is held


def test_a_negative_price_is_not_held() -> None:
    assert not CENTS.holds(Decimal("-0.01"))


@pytest.mark.parametrize(("grid", "lowest"), [(CENTS, "0.01"), (STOCK, "0.0001")])
def test_the_lowest_price_is_one_increment(grid: PriceGrid, lowest: str) -> None:
    assert grid.lowest == Decimal(lowest)


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("side", "price", "losing", "saving"),
    [
        (Side.BUY, "190.004", "190.01", "190.00"),
        (Side.SELL, "190.004", "190.00", "190.01"),
        (Side.BUY, "190.00", "190.00", "190.00"),
        (Side.SELL, "190.00", "190.00", "190.00"),
        (Side.BUY, "0.004", "0.01", "0.01"),
        (Side.SELL, "0.004", "0.01", "0.01"),
        (Side.BUY, "0", "0.01", "0.01"),
        (Side.SELL, "0", "0.01", "0.01"),
    ],
)
def test_a_price_is_rounded_to_the_losing_or_the_saving_side(
    side: Side, price: str, losing: str, saving: str
) -> None:
    assert CENTS.to_losing_side(side, Decimal(price)) == Decimal(losing)
    assert CENTS.to_saving_side(side, Decimal(price)) == Decimal(saving)


@pytest.mark.req("S4.5")
@given(grids, prices, st.sampled_from(Side))
def test_the_losing_side_is_never_better_and_the_saving_side_never_worse(
    grid: PriceGrid, price: Decimal, side: Side
) -> None:
    losing, saving = grid.to_losing_side(side, price), grid.to_saving_side(side, price)
    assert grid.holds(losing)
    assert grid.holds(saving)
    if price >= grid.lowest:
        assert side.signed(losing) >= side.signed(price) >= side.signed(saving)
    else:
        assert losing == saving == grid.lowest


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("grid", "side", "price", "slippage", "limit"),
    [
        (CENTS, Side.SELL, "187.00", "0.935", "186.06"),
        (CENTS, Side.BUY, "187.00", "0.935", "187.94"),
        (CENTS, Side.SELL, "187.00", "0.94", "186.06"),
        (CENTS, Side.BUY, "187.00", "0.94", "187.94"),
        (CENTS, Side.SELL, "187.00", "0", "186.99"),
        (CENTS, Side.BUY, "187.00", "0", "187.01"),
        (CENTS, Side.SELL, "187.005", "0.001", "187.00"),
        (CENTS, Side.BUY, "187.005", "0.001", "187.01"),
        (CENTS, Side.SELL, "0.02", "0.01", "0.01"),
        (CENTS, Side.SELL, "0.02", "5", "0.01"),
        (CENTS, Side.SELL, "0.01", "0", "0.01"),
        (CENTS, Side.SELL, "0.004", "0", "0.01"),
        (OPTION, Side.SELL, "3.00", "0", "2.95"),
        (OPTION, Side.SELL, "3.10", "0.12", "2.95"),
        (OPTION, Side.BUY, "2.95", "0.01", "3.00"),
        (OPTION, Side.BUY, "2.95", "0.06", "3.10"),
        (STOCK, Side.BUY, "0.9999", "0", "1.00"),
    ],
)
def test_a_limit_gives_up_the_slippage_and_at_least_one_tick(
    grid: PriceGrid, side: Side, price: str, slippage: str, limit: str
) -> None:
    assert grid.beyond(side, Decimal(price), Decimal(slippage)) == Decimal(limit)


@pytest.mark.req("S4.5")
@given(grids, prices.filter(bool), st.decimals("0", "20", places=4), st.sampled_from(Side))
def test_a_limit_beyond_is_on_the_grid_at_least_a_tick_away_and_no_further_than_it_must(
    grid: PriceGrid, price: Decimal, slippage: Decimal, side: Side
) -> None:
    limit = grid.beyond(side, price, slippage)
    assert grid.holds(limit)
    if side is Side.BUY:
        assert limit >= max(price + slippage, grid.above(price))
        nearer = grid.below(limit)
        assert nearer < price + slippage or nearer < grid.above(price)
    elif limit > grid.lowest:
        assert limit <= min(price - slippage, grid.below(price))
        nearer = grid.above(limit)
        assert nearer > price - slippage or nearer > grid.below(price)


@pytest.mark.parametrize("price", ["0", "-1"])
def test_nothing_is_sold_beyond_a_price_of_nothing(price: str) -> None:
    with pytest.raises(ValueError, match=rf"^no price of the grid is below {price}$"):
        CENTS.beyond(Side.SELL, Decimal(price), Decimal(0))


def test_a_negative_price_has_no_place_on_the_grid() -> None:
    with pytest.raises(ValueError, match=r"^the price -0.01 is below 0$"):
        CENTS.floor(Decimal("-0.01"))


def bands(*pairs: tuple[str, str]) -> tuple[PriceBand, ...]:
    return tuple(PriceBand(Decimal(edge), Decimal(increment)) for edge, increment in pairs)


@pytest.mark.parametrize(
    ("pairs", "complaint"),
    [
        ((), "a price grid needs a first band that starts at 0"),
        ((("1", "0.01"),), "a price grid needs a first band that starts at 0"),
        ((("0", "0.01"), ("0", "0.05")), "the bands of a price grid must rise"),
        ((("0", "0.01"), ("3", "0.05"), ("1", "0.1")), "the bands of a price grid must rise"),
        (
            (("0", "0.01"), ("1", "0.03")),
            "a price band must start on a multiple of its own increment",
        ),
        (
            (("0", "0.03"), ("1", "0.01")),
            "a price band must end on a multiple of its own increment",
        ),
    ],
)
def test_a_grid_with_holes_or_overlaps_is_refused(
    pairs: tuple[tuple[str, str], ...], complaint: str
) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        PriceGrid(bands(*pairs))


@pytest.mark.parametrize(
    ("edge", "increment", "complaint"),
    [
        ("-1", "0.01", "the low edge of a price band is -1; it must be a number not below 0"),
        ("0", "0", "the increment of a price band is 0; it must be a number above 0"),
        ("0", "-0.01", "the increment of a price band is -0.01; it must be a number above 0"),
    ],
)
def test_a_band_refuses_what_makes_no_sense(edge: str, increment: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        PriceBand(Decimal(edge), Decimal(increment))


@pytest.mark.parametrize("grid", [CENTS, STOCK, OPTION])
def test_a_grid_survives_json(grid: PriceGrid) -> None:
    adapter = TypeAdapter(PriceGrid)
    assert adapter.validate_json(adapter.dump_json(grid)) == grid
