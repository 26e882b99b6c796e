"""Which order comes next, and at what price: always on the losing side, by at least one tick."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.rungs import (
    following_price,
    following_rung,
    is_beyond,
    joined,
    last_rung,
    limit_price,
    limit_rung,
    modified,
    shield_of,
)
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OrderIntent,
    Stop,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from tests.domain.exits.armed import (
    OPTION,
    PAIR,
    STOCK,
    exit_key,
    limit_order,
    market_order,
    rules,
    stop_intent,
    stop_key,
)

BUY, SELL = Side.BUY, Side.SELL
REGULAR, EXTENDED = MarketPhase.REGULAR, MarketPhase.EXTENDED
CLOSED, UNKNOWN = MarketPhase.CLOSED, MarketPhase.UNKNOWN


def armed(
    instrument: Instrument = STOCK,
    side: Side = SELL,
    trigger: str = "190.00",
    slippage_pct: str = "0.5",
    floor_pct: str = "50",
) -> LadderRules:
    ladder = rules(instrument=instrument, side=side, trigger=trigger)
    return replace(ladder, slippage_pct=Decimal(slippage_pct), floor_pct=Decimal(floor_pct))


def quoted(touch: str | None = None, fair: str | None = None) -> MarketNow:
    touched, valued = (Decimal(price) if price else None for price in (touch, fair))
    return MarketNow(REGULAR, touch=touched, fair=valued)


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("instrument", "side", "trigger", "slippage_pct", "price"),
    [
        (STOCK, SELL, "190.00", "0.5", "189.05"),
        (STOCK, BUY, "190.00", "0.5", "190.95"),
        (STOCK, SELL, "190.03", "0.5", "189.07"),  # 189.07985: rounded further down
        (STOCK, BUY, "190.03", "0.5", "190.99"),  # 190.98015: rounded further up
        (STOCK, SELL, "190.00", "0", "189.99"),
        (STOCK, BUY, "190.00", "0", "190.01"),
        (STOCK, SELL, "190.005", "0", "190.00"),
        (STOCK, BUY, "190.005", "0", "190.01"),
        (STOCK, SELL, "1.00", "0.5", "0.99"),  # less than a tick of slippage is a tick
        (STOCK, SELL, "0.01", "0.5", "0.01"),  # there is no lower price
        (OPTION, SELL, "5.00", "0.5", "4.95"),
        (OPTION, BUY, "5.00", "0.5", "5.05"),
        (OPTION, SELL, "5.00", "10", "4.50"),
        (OPTION, BUY, "5.00", "10", "5.50"),
        (OPTION, SELL, "5.00", "11", "4.45"),
        (OPTION, BUY, "5.00", "11", "5.55"),
    ],
)
def test_the_limit_gives_up_the_slippage_from_the_trigger(
    instrument: Instrument, side: Side, trigger: str, slippage_pct: str, price: str
) -> None:
    ladder = armed(instrument, side, trigger, slippage_pct)
    assert limit_price(ladder) == Decimal(price)


@given(
    side=st.sampled_from(Side),
    instrument=st.sampled_from((STOCK, OPTION)),
    cents=st.integers(1, 100_000),
    slippage_pct=st.integers(0, 99),
)
def test_the_limit_is_on_the_grid_and_loses_at_least_a_tick_where_there_is_one(
    side: Side, instrument: Instrument, cents: int, slippage_pct: int
) -> None:
    trigger = Decimal(cents) / 100
    ladder = replace(
        rules(instrument=instrument, side=side, trigger=str(trigger)),
        slippage_pct=Decimal(slippage_pct),
    )
    price, tick = limit_price(ladder), instrument.grid.lowest
    lost = side.signed(price - trigger)
    assert instrument.grid.holds(price)
    assert lost > 0 or price == tick
    assert lost < trigger * slippage_pct / 100 + 2 * tick
    assert lost >= trigger * slippage_pct / 100 or price == tick


@pytest.mark.parametrize(
    ("side", "touch", "beyond"),
    [
        (SELL, "189.06", False),
        (SELL, "189.05", False),
        (SELL, "189.04", True),
        (BUY, "189.04", False),
        (BUY, "189.05", False),
        (BUY, "189.06", True),
    ],
)
def test_a_touch_is_beyond_a_limit_only_where_the_order_would_rest(
    side: Side, touch: str, beyond: bool
) -> None:
    assert is_beyond(side, Decimal(touch), Decimal("189.05")) is beyond


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("instrument", "side", "market", "price"),
    [
        (STOCK, SELL, quoted("189.90", "191"), "188.95"),  # 188.9505
        (STOCK, BUY, quoted("190.10", "189"), "191.06"),  # 191.0505
        (STOCK, SELL, quoted(None, "188.00"), "187.06"),
        (STOCK, BUY, quoted(None, "188.00"), "188.94"),
        (STOCK, SELL, quoted(), "189.05"),
        (STOCK, BUY, quoted(), "190.95"),
        (OPTION, SELL, quoted("4.00", "5.00"), "3.95"),
        (OPTION, BUY, quoted("4.00", "5.00"), "4.05"),
        (OPTION, SELL, quoted(None, "3.00"), "1.50"),
        (OPTION, BUY, quoted(None, "3.00"), "4.50"),
        (OPTION, SELL, quoted(None, "0.05"), "0.05"),
        (OPTION, SELL, quoted(), "95.00"),
        (OPTION, BUY, quoted(), "285.00"),
    ],
)
def test_a_limit_that_follows_is_measured_from_the_touch_else_from_the_fairest_price(
    instrument: Instrument, side: Side, market: MarketNow, price: str
) -> None:
    assert following_price(armed(instrument, side), market) == Decimal(price)


def test_the_floor_of_an_option_is_as_deep_as_the_rules_say() -> None:
    shallow = armed(OPTION, trigger="5.00", floor_pct="20")
    assert following_price(shallow, quoted(None, "3.00")) == Decimal("2.40")
    assert following_price(shallow, quoted()) == Decimal("4.00")


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("side", "touch", "price"),
    [
        (SELL, "189.90", "189.05"),
        (SELL, "189.05", "189.05"),
        (SELL, "189.04", None),
        (SELL, None, "189.05"),
        (BUY, "190.10", "190.95"),
        (BUY, "190.95", "190.95"),
        (BUY, "190.96", None),
        (BUY, None, "190.95"),
    ],
)
def test_there_is_a_limit_unless_the_touch_is_already_beyond_it(
    side: Side, touch: str | None, price: str | None
) -> None:
    order = limit_rung(armed(side=side), exit_key(3), Decimal(7), quoted(touch))
    assert order == (limit_order(price, 7, 3, side=side) if price else None)


def test_without_patience_there_is_no_limit() -> None:
    impatient = rules(limit_seconds="0")
    assert limit_rung(impatient, exit_key(), Decimal(2), quoted("189.90")) is None


@pytest.mark.parametrize(
    ("instrument", "phase", "outside"),
    [
        (STOCK, REGULAR, True),
        (STOCK, EXTENDED, True),
        (STOCK, UNKNOWN, True),
        (OPTION, REGULAR, False),
        (OPTION, EXTENDED, True),
        (OPTION, UNKNOWN, False),
    ],
)
def test_a_limit_is_for_all_hours_where_the_instrument_has_them(
    instrument: Instrument, phase: MarketPhase, outside: bool
) -> None:
    market = MarketNow(phase, touch=Decimal("4.97"))
    wanted = limit_order("4.95", instrument=instrument, outside=outside)
    ladder = armed(instrument, trigger="5.00", slippage_pct="1")
    assert limit_rung(ladder, exit_key(), Decimal(2), market) == wanted


@pytest.mark.req("S4.5", "I8")
@pytest.mark.parametrize(
    ("phase", "halted", "shuns_market", "is_market"),
    [
        (REGULAR, False, False, True),
        (REGULAR, False, True, False),
        (REGULAR, True, False, False),
        (EXTENDED, False, False, False),
        (CLOSED, False, False, False),
        (UNKNOWN, False, False, False),
    ],
)
def test_the_last_rung_is_a_market_order_only_where_one_trades_at_once(
    phase: MarketPhase, halted: bool, shuns_market: bool, is_market: bool
) -> None:
    market = MarketNow(phase, halted, touch=Decimal("189.90"))
    order = last_rung(rules(), exit_key(2), Decimal(2), market, shuns_market=shuns_market)
    assert order == (market_order() if is_market else limit_order("188.95", generation=2))


@pytest.mark.req("S4.5")
@pytest.mark.parametrize("instrument", [STOCK, OPTION])
@pytest.mark.parametrize("touch", ["4.90", None])
def test_only_an_option_that_nobody_bids_for_rests_at_a_floor(
    instrument: Instrument, touch: str | None
) -> None:
    ladder = armed(instrument, trigger="5.00")
    order = last_rung(ladder, exit_key(2), Decimal(2), quoted(touch), shuns_market=False)
    rests = instrument is OPTION and touch is None
    floor = limit_order("2.50", generation=2, instrument=OPTION, outside=False)
    assert order == (floor if rests else market_order(instrument=instrument))


def test_a_rung_that_follows_is_a_limit_also_where_market_orders_trade() -> None:
    order = following_rung(rules(), exit_key(2), Decimal(2), quoted("189.90"))
    assert order == limit_order("188.95", generation=2)


def test_an_exit_has_nothing_of_the_stop_but_account_instrument_and_side() -> None:
    shield = replace(
        rules().shield,
        trigger_method=TriggerMethod.MIDPOINT,
        outside_regular_hours=True,
        oca=PAIR,
    )
    ladder = replace(rules(), shield=shield)
    order = last_rung(ladder, exit_key(2), Decimal(3), quoted("189.90"), shuns_market=False)
    assert order == OrderIntent(
        exit_key(2), "DU1234567", STOCK, SELL, Decimal(3), Market(), TimeInForce.DAY
    )
    assert following_rung(ladder, exit_key(2), Decimal(3), quoted("189.90")) == OrderIntent(
        exit_key(2),
        "DU1234567",
        STOCK,
        SELL,
        Decimal(3),
        Limit(Decimal("188.95")),
        TimeInForce.GOOD_TILL_CANCELLED,
        outside_regular_hours=True,
    )


def test_the_stop_that_goes_back_stands_alone() -> None:
    ladder = replace(rules(), shield=replace(rules().shield, oca=PAIR))
    assert ladder.shield.parent is not None
    assert shield_of(ladder, stop_key(5), Decimal(1)) == OrderIntent(
        stop_key(5),
        "DU1234567",
        STOCK,
        SELL,
        Decimal(1),
        Stop(Decimal("185.00")),
        TimeInForce.GOOD_TILL_CANCELLED,
        trigger_method=TriggerMethod.LAST,
    )


def test_a_modified_order_keeps_its_group_and_its_parent() -> None:
    stop = stop_intent(oca=PAIR)
    wanted = limit_order()
    kept = modified(stop, wanted)
    assert kept == replace(wanted, oca=PAIR, parent=stop.parent)
    assert kept.parent is not None
    assert modified(limit_order(), replace(wanted, oca=PAIR, parent=stop.parent)) == limit_order()


def test_an_order_joins_a_group_and_stays_what_it_is() -> None:
    assert joined(limit_order(), PAIR) == limit_order(oca=PAIR)
    assert joined(limit_order(oca=PAIR), None) == limit_order()
