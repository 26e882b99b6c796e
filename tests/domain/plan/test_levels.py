"""The prices that a plan means: on the grid, and rounded the way that keeps a promise."""

from decimal import Decimal

import pytest

from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.levels import StopLevels, entry_price, stop_levels
from backstay.domain.plan.losses import Losses, losses_of_one
from backstay.domain.prices import PriceBand, PriceGrid
from backstay.domain.sides import Side
from tests.domain.plan.documents import GONE, trade, trade_of

CENT = PriceGrid.uniform(Decimal("0.01"))
NICKEL = PriceGrid((PriceBand(Decimal(0), Decimal("0.05")), PriceBand(Decimal(3), Decimal("0.10"))))
BASE = Decimal("190.00")
AT_MARKET = {"entry.order": "MKT", "entry.limit_offset": GONE}


@pytest.mark.parametrize(
    ("changes", "side", "price"),
    [
        (AT_MARKET, Side.BUY, "190.003"),
        ({}, Side.BUY, "190.05"),
        ({}, Side.SELL, "189.96"),
        ({"entry.limit_offset": 0}, Side.BUY, "190.00"),
        ({"entry.limit_offset": 0}, Side.SELL, "190.01"),
        ({"entry.limit_offset": GONE, "entry.limit": Decimal("188.506")}, Side.BUY, "188.50"),
        ({"entry.limit_offset": GONE, "entry.limit": Decimal("188.506")}, Side.SELL, "188.51"),
    ],
)
def test_the_price_to_reckon_with_is_the_limit_on_the_grid_or_the_market(
    changes: dict[str, object], side: Side, price: str
) -> None:
    entry = trade_of(trade(changes)).entry
    assert entry_price(entry, side, Decimal("190.003"), CENT) == Decimal(price)


@pytest.mark.parametrize(
    ("offset", "price"),
    [
        ("190.00", "a limit of 0.00 is below the lowest price 0.01"),
        ("200.00", "a limit of -10.00 is below the lowest price 0.01"),
        ("189.995", "a limit of 0.005 is below the lowest price 0.01"),
        ("189.99", None),
    ],
)
def test_a_limit_below_the_grid_is_refused(offset: str, price: str | None) -> None:
    entry = trade_of(trade({"entry.limit_offset": Decimal(offset), "target": GONE})).entry
    result = entry_price(entry, Side.SELL, BASE, CENT)
    if price is None:
        assert result == Decimal("0.01")
    else:
        assert result == Complaint(("entry", "limit_offset"), price)


@pytest.mark.req("X.1")
@pytest.mark.parametrize(
    ("stop", "side", "entry", "grid", "levels"),
    [
        ({"price": 187}, Side.BUY, "190", CENT, ("187", "183.26")),
        ({"price": 193}, Side.SELL, "190", CENT, ("193", "196.86")),
        ({"offset": 3}, Side.BUY, "190", CENT, ("187", "183.26")),
        ({"offset": 3}, Side.SELL, "190", CENT, ("193", "196.86")),
        ({"atr": Decimal("1.5")}, Side.BUY, "190", CENT, ("187", "183.26")),
        ({"atr": Decimal("1.5")}, Side.SELL, "190", CENT, ("193", "196.86")),
        # off the grid, the stop comes nearer and the disaster stop goes farther
        ({"price": Decimal("187.001")}, Side.BUY, "190", CENT, ("187.01", "183.26")),
        ({"price": Decimal("192.999")}, Side.SELL, "190", CENT, ("192.99", "196.85")),
        ({"offset": Decimal("0.12")}, Side.BUY, "2.00", NICKEL, ("1.90", "1.85")),
        ({"offset": Decimal("0.12")}, Side.SELL, "2.95", NICKEL, ("3.00", "3.10")),
        ({"price": Decimal("0.05")}, Side.BUY, "2.00", NICKEL, ("0.05", "0.05")),
        ({"price": Decimal("0.01")}, Side.BUY, "2.00", NICKEL, ("0.05", "0.05")),
        ({"price": 187, "disaster_pct": 50}, Side.BUY, "190", CENT, ("187", "93.50")),
        ({"price": 187, "protection": "virtual"}, Side.BUY, "190", CENT, ("187", None)),
    ],
)
def test_both_stops_stand_on_the_grid_and_keep_what_they_promise(
    stop: dict[str, object],
    side: Side,
    entry: str,
    grid: PriceGrid,
    levels: tuple[str, str | None],
) -> None:
    plan = trade_of(trade({"entry": {"order": "MKT"}, "target": GONE, "stop": stop}))
    disaster = None if levels[1] is None else Decimal(levels[1])
    assert stop_levels(plan.stop, side, Decimal(entry), grid, Decimal(2)) == StopLevels(
        Decimal(levels[0]), disaster
    )


@pytest.mark.parametrize(
    ("stop", "side", "entry", "path", "text"),
    [
        (
            {"offset": Decimal("0.004")},
            Side.BUY,
            "190",
            "offset",
            "0.004 puts it at 190.00, which is at the entry price 190; a buy needs a stop below it",
        ),
        (
            {"offset": Decimal("0.004")},
            Side.SELL,
            "190",
            "offset",
            (
                "0.004 puts it at 190.00, which is at the entry price 190; "
                "a sell needs a stop above it"
            ),
        ),
        (
            {"price": Decimal("189.991")},
            Side.BUY,
            "190",
            "price",
            (
                "189.991 puts it at 190.00, which is at the entry price 190; "
                "a buy needs a stop below it"
            ),
        ),
        ({"offset": 3}, Side.BUY, "3", "offset", "3 puts it at 0; a stop must stay above 0"),
        ({"atr": 2}, Side.BUY, "3", "atr", "2 puts it at -1; a stop must stay above 0"),
    ],
)
def test_a_stop_that_the_grid_or_the_price_leaves_no_room_for_is_refused(
    stop: dict[str, object], side: Side, entry: str, path: str, text: str
) -> None:
    plan = trade_of(trade({"entry": {"order": "MKT"}, "target": GONE, "stop": stop}))
    levels = stop_levels(plan.stop, side, Decimal(entry), CENT, Decimal(2))
    assert levels == Complaint(("stop", path), text)


@pytest.mark.parametrize(
    ("side", "stops", "multiplier", "losses"),
    [
        (Side.BUY, ("187.00", "183.26"), "1", ("3.00", "6.74")),
        (Side.SELL, ("193.00", "196.86"), "1", ("3.00", "6.86")),
        (Side.BUY, ("187.00", "183.26"), "100", ("300.00", "674.00")),
        (Side.BUY, ("187.00", None), "1", ("3.00", None)),
    ],
)
def test_one_unit_loses_the_way_to_each_stop(
    side: Side, stops: tuple[str, str | None], multiplier: str, losses: tuple[str, str | None]
) -> None:
    levels = StopLevels(*(None if price is None else Decimal(price) for price in stops))  # type: ignore[arg-type]
    expected = Losses(*(None if loss is None else Decimal(loss) for loss in losses))  # type: ignore[arg-type]
    assert losses_of_one(side, BASE, levels, Decimal(multiplier)) == expected


def test_losses_grow_with_the_quantity() -> None:
    assert Losses(Decimal(3), Decimal(7)).times(Decimal(10)) == Losses(Decimal(30), Decimal(70))
    assert Losses(Decimal(3), None).times(Decimal(10)) == Losses(Decimal(30), None)


@pytest.mark.parametrize(
    ("at_stop", "at_disaster", "text"),
    [
        (0, None, "the loss at the stop is 0; it must be above 0"),
        (3, 2, "the loss at the disaster stop is 2, less than 3 at the stop"),
    ],
)
def test_losses_that_are_none_can_not_be_built(
    at_stop: int, at_disaster: int | None, text: str
) -> None:
    disaster = None if at_disaster is None else Decimal(at_disaster)
    with pytest.raises(ValueError, match=text):
        Losses(Decimal(at_stop), disaster)


def test_two_stops_at_one_price_lose_the_same() -> None:
    assert Losses(Decimal(3), Decimal(3)).at_disaster == 3
