"""From money to whole units: rounded down, cut to fit the caps, refused with the figures."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.exits import Target
from backstay.domain.plan.levels import StopLevels
from backstay.domain.plan.losses import Losses
from backstay.domain.plan.sizing import Sized, Unfit, sized, target_quantities
from backstay.domain.plan.stop import Protection
from backstay.domain.prices import PriceBand, PriceGrid
from tests.domain.plan.documents import EXPIRY, GONE, Document, option_trade, trade, trade_of
from tests.domain.plan.strategies import trade_documents

CENT = PriceGrid.uniform(Decimal("0.01"))
STOCK = Instrument(1, "AAPL", "SMART", "USD", Decimal(1), CENT, "US/Eastern")
OPTION = Instrument(
    2,
    "NVDA",
    "SMART",
    "USD",
    Decimal(100),
    CENT,
    "US/Eastern",
    OptionTerms(EXPIRY, Decimal(180), Right.CALL),
)
BASE = Decimal("190.00")

AT_MARKET = {"entry.order": "MKT", "entry.limit_offset": GONE}
OFFSET_3 = {"stop.price": GONE, "stop.offset": 3}


def fit(changes: Mapping[str, object], base: Decimal = BASE) -> Sized:
    """The good trade with changes, sized as a stock."""
    result = sized(trade_of(trade(changes)), STOCK, base)
    assert isinstance(result, Sized)
    return result


def said(changes: Mapping[str, object], base: Decimal = BASE) -> list[str]:
    """What is said of the good trade with changes, which can't be sized."""
    result = sized(trade_of(trade(changes)), STOCK, base)
    assert isinstance(result, Unfit)
    return [str(complaint) for complaint in result.complaints]


@pytest.mark.req("S0.4")
def test_a_trade_by_risk_is_shown_with_its_value_and_both_losses() -> None:
    assert fit(AT_MARKET) == Sized(
        quantity=Decimal(83),
        entry_price=Decimal("190.00"),
        stops=StopLevels(Decimal("187.00"), Decimal("183.26")),
        value=Decimal("15770.00"),
        losses=Losses(Decimal("249.00"), Decimal("559.42")),
        reduced_by=None,
    )


@pytest.mark.parametrize(
    ("size", "quantity", "reduced_by"),
    [
        ({"quantity": 100}, 100, None),
        ({"quantity": 100, "max_loss": 300}, 100, None),
        ({"quantity": 100, "max_disaster_loss": 674}, 100, None),
        ({"budget": 19000}, 100, None),
        ({"budget": Decimal("18999.99")}, 99, None),
        ({"budget": 190}, 1, None),
        ({"risk": 300}, 100, None),
        ({"risk": Decimal("299.99")}, 99, None),
        ({"risk": 3}, 1, None),
        ({"budget": 19000, "max_loss": 300}, 100, None),
        ({"budget": 19000, "max_loss": Decimal("299.99")}, 99, "size.max_loss"),
        ({"risk": 300, "max_loss": 150}, 50, "size.max_loss"),
        ({"risk": 300, "max_disaster_loss": 674}, 100, None),
        ({"risk": 300, "max_disaster_loss": Decimal("673.99")}, 99, "size.max_disaster_loss"),
        ({"risk": 300, "max_loss": 30, "max_disaster_loss": 674}, 10, "size.max_loss"),
        (
            {"risk": 300, "max_loss": 150, "max_disaster_loss": Decimal("67.4")},
            10,
            "size.max_disaster_loss",
        ),
    ],
)
def test_a_size_becomes_whole_units_and_is_cut_to_fit_its_caps(
    size: dict[str, object], quantity: int, reduced_by: str | None
) -> None:
    result = fit(AT_MARKET | {"size": size})
    assert result.quantity == quantity
    assert result.value == quantity * Decimal("190.00")
    assert result.losses == Losses(quantity * Decimal("3.00"), quantity * Decimal("6.74"))
    assert result.reduced_by == reduced_by


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        (
            {"quantity": 100, "max_loss": Decimal("299.99")},
            [
                (
                    "size.quantity: 100; the loss at the stop 187.00 is 300.00 "
                    "and size.max_loss 299.99 allows 99"
                )
            ],
        ),
        (
            {"quantity": 100, "max_loss": 1, "max_disaster_loss": 600},
            [
                (
                    "size.quantity: 100; the loss at the stop 187.00 is 300.00 "
                    "and size.max_loss 1 allows 0"
                ),
                (
                    "size.quantity: 100; the loss at the disaster stop 183.26 is 674.00 "
                    "and size.max_disaster_loss 600 allows 89"
                ),
            ],
        ),
        ({"budget": 189}, ["size.budget: 189; the cost of one share is 190.00"]),
        (
            {"risk": Decimal("2.99")},
            ["size.risk: 2.99; the loss at the stop 187.00 of one share is 3.00"],
        ),
        (
            {"risk": 300, "max_loss": 2},
            ["size.max_loss: 2; the loss at the stop 187.00 of one share is 3.00"],
        ),
        (
            {"budget": 19000, "max_disaster_loss": 5},
            [
                (
                    "size.max_disaster_loss: 5; "
                    "the loss at the disaster stop 183.26 of one share is 6.74"
                )
            ],
        ),
    ],
)
def test_a_size_that_comes_to_nothing_or_breaks_its_caps_is_refused_with_the_figures(
    size: dict[str, object], lines: list[str]
) -> None:
    assert said(AT_MARKET | {"size": size}) == lines


def test_an_option_is_counted_in_contracts_of_its_multiplier() -> None:
    plan = trade_of(option_trade({"size": {"budget": 3000}}))
    result = sized(plan, OPTION, Decimal("6.40"))
    assert isinstance(result, Sized)
    assert result.quantity == 4
    assert result.value == Decimal("2600.00")
    assert result.losses == Losses(Decimal("600.00"), Decimal("640.00"))
    dear = sized(trade_of(option_trade({"size": {"budget": 649}})), OPTION, Decimal("6.40"))
    assert dear == Unfit(
        (Complaint(("size", "budget"), "649; the cost of one contract is 650.00"),)
    )


@pytest.mark.parametrize(
    ("changes", "base", "lines"),
    [
        (
            AT_MARKET | {"entry.trigger": GONE},
            "187.00",
            ["stop.price: 187.00 is at the entry price 187.00; a buy needs a stop below it"],
        ),
        (
            AT_MARKET | {"entry.trigger": GONE, "stop.price": 180},
            "195.00",
            [
                (
                    "target[0].price: 195.00 is at the entry price 195.00; "
                    "a buy needs a target above it"
                )
            ],
        ),
        (
            AT_MARKET | {"entry.trigger": GONE} | OFFSET_3 | {"target": GONE},
            "3.00",
            ["stop.offset: 3 leaves nothing of the entry price 3.00; a buy needs it shorter"],
        ),
    ],
)
def test_a_plan_that_the_market_has_outrun_is_refused_by_the_price_it_has_now(
    changes: dict[str, object], base: str, lines: list[str]
) -> None:
    assert said(changes, Decimal(base)) == lines


@pytest.mark.parametrize("base", ["0", "-1"])
def test_nothing_is_sized_without_a_price(base: str) -> None:
    with pytest.raises(ValueError, match=f"the price to size at is {base}; it must be above 0"):
        sized(trade_of(trade()), STOCK, Decimal(base))


def test_a_limit_that_the_plan_names_below_the_grid_is_refused() -> None:
    plan = option_trade({"entry.limit": Decimal("0.004"), "stop.offset": Decimal("0.001")})
    assert sized(trade_of(plan), OPTION, BASE) == Unfit(
        (Complaint(("entry", "limit"), "a limit of 0.004 is below the lowest price 0.01"),)
    )


def test_a_stop_by_the_average_true_range_needs_one() -> None:
    changes = AT_MARKET | {"stop": {"atr": Decimal("1.5")}}
    assert said(changes) == ["stop.atr: 1.5; no average true range is known"]
    result = sized(trade_of(trade(changes)), STOCK, BASE, Decimal(2))
    assert isinstance(result, Sized)
    assert result.stops == StopLevels(Decimal("187.00"), Decimal("183.26"))


AMOUNTS = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)
PRICES = st.integers(1000, 50_000).map(lambda cents: Decimal(cents) / 100)
OFFSETS = st.integers(1, 999).map(lambda cents: Decimal(cents) / 100)
SIDES = st.sampled_from(["buy", "sell"])
CAPS = st.none() | AMOUNTS


@given(SIDES, PRICES, OFFSETS, st.sampled_from(["budget", "risk"]), AMOUNTS, CAPS, CAPS)
def test_a_size_never_exceeds_what_was_given_and_one_more_unit_would(
    side: str,
    base: Decimal,
    offset: Decimal,
    way: str,
    amount: Decimal,
    max_loss: Decimal | None,
    max_disaster_loss: Decimal | None,
) -> None:
    caps = {"max_loss": max_loss, "max_disaster_loss": max_disaster_loss}
    size = {way: amount} | {key: cap for key, cap in caps.items() if cap is not None}
    plan = trade(
        {"side": side, "entry": {"order": "MKT"}, "stop": {"offset": offset}, "target": GONE}
        | {"size": size}
    )
    result = sized(trade_of(plan), STOCK, base)
    if isinstance(result, Unfit):
        one = sized(trade_of(plan | {"size": {"quantity": 1}}), STOCK, base)
        assert isinstance(one, Sized)
        assert _exceeds(one, size)
        return
    assert not _exceeds(result, size)
    more = sized(trade_of(plan | {"size": {"quantity": int(result.quantity) + 1}}), STOCK, base)
    assert isinstance(more, Sized)
    assert _exceeds(more, size)


GRIDS = st.sampled_from(
    [
        PriceGrid.uniform(Decimal("0.01")),
        PriceGrid.uniform(Decimal(5)),
        PriceGrid((PriceBand(Decimal(0), Decimal("0.05")), PriceBand(Decimal(3), Decimal("0.10")))),
    ]
)


@given(trade_documents(), AMOUNTS, CAPS, GRIDS)
@settings(max_examples=50)
def test_a_plan_is_sized_or_refused_at_any_price(
    document: Document, base: Decimal, average_true_range: Decimal | None, grid: PriceGrid
) -> None:
    plan = trade_of(document)
    result = sized(plan, replace(STOCK, grid=grid), base, average_true_range)
    if isinstance(result, Unfit):
        assert result.complaints
        return
    closing = plan.side.opposite
    assert result.quantity >= 1
    assert result.quantity == result.quantity.to_integral_value()
    assert result.value == result.quantity * result.entry_price
    assert plan.side.signed(result.entry_price - result.stops.stop) > 0
    assert grid.holds(result.stops.stop)
    if result.stops.disaster is None:
        assert plan.stop.protection is Protection.VIRTUAL
    else:
        assert grid.holds(result.stops.disaster)
        assert closing.signed(result.stops.disaster - result.stops.stop) >= 0


@given(PRICES, OFFSETS, AMOUNTS)
def test_a_buy_and_a_sell_at_one_distance_risk_the_same(
    base: Decimal, offset: Decimal, risk: Decimal
) -> None:
    plan = trade(
        {"entry": {"order": "MKT"}, "target": GONE, "stop": {"offset": offset}}
        | {"size": {"risk": risk}}
    )
    bought, sold = (sized(trade_of(plan | {"side": side}), STOCK, base) for side in ("buy", "sell"))
    if isinstance(bought, Unfit):
        assert bought == sold or "loss at the stop" in str(sold)
        return
    assert isinstance(sold, Sized)
    assert (sold.quantity, sold.losses.at_stop) == (bought.quantity, bought.losses.at_stop)
    assert base - bought.stops.stop == sold.stops.stop - base


@given(
    st.integers(0, 10_000),
    st.lists(st.integers(1, 25), max_size=4).filter(lambda percents: sum(percents) <= 100),
)
def test_targets_never_take_more_than_there_is_and_miss_their_fraction_by_less_than_one(
    quantity: int, percents: list[int]
) -> None:
    targets = [Target(offset=Decimal(1), fraction=Decimal(percent) / 100) for percent in percents]
    units = target_quantities(Decimal(quantity), targets)
    assert sum(units) <= quantity
    for unit, target in zip(units, targets, strict=True):
        assert unit == int(unit)
        assert abs(unit - target.fraction * quantity) < 1


@pytest.mark.parametrize(
    ("quantity", "fractions", "units"),
    [
        (83, ("0.5",), (41,)),
        (83, ("0.5", "0.5"), (41, 42)),
        (10, ("0.33", "0.33", "0.34"), (3, 3, 4)),
        (1, ("0.5", "0.5"), (0, 1)),
        (100, ("1",), (100,)),
        (100, (), ()),
    ],
)
def test_targets_take_whole_units_and_the_last_of_the_whole_takes_the_rest(
    quantity: int, fractions: tuple[str, ...], units: tuple[int, ...]
) -> None:
    targets = [Target(offset=Decimal(1), fraction=Decimal(fraction)) for fraction in fractions]
    assert target_quantities(Decimal(quantity), targets) == units


def _exceeds(result: Sized, size: dict[str, Decimal]) -> bool:
    used = {
        "budget": result.value,
        "risk": result.losses.at_stop,
        "max_loss": result.losses.at_stop,
        "max_disaster_loss": result.losses.at_disaster,
    }
    return any((used[key] or 0) > amount for key, amount in size.items())
