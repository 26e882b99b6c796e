"""Intents of every shape, for tests that try many."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OcaGroup,
    OrderIntent,
    Stop,
    StopLimit,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.sides import Side

GRID = PriceGrid.uniform(Decimal("0.01"))
STOCK = Instrument(265598, "AAPL", "SMART", "USD", Decimal(1), GRID, "America/New_York")
OPTION = Instrument(
    700001,
    "AAPL",
    "SMART",
    "USD",
    Decimal(100),
    GRID,
    "America/New_York",
    OptionTerms(date(2026, 12, 18), Decimal("102.5"), Right.PUT),
)
KEY = IntentKey("0123ABCD", 0, Purpose.ENTRY, 1)

prices = st.decimals(Decimal("0.0001"), Decimal(99_999), places=4)
quantities = st.decimals(Decimal("0.0001"), Decimal(1_000_000), places=4) | st.integers(
    1, 100_000
).map(Decimal)
terms = st.one_of(
    st.just(Market()),
    st.builds(Limit, prices),
    st.builds(Stop, prices),
    st.builds(StopLimit, prices, prices),
)
keys = st.builds(
    IntentKey,
    st.just("0123ABCD"),
    st.integers(0, 99),
    st.sampled_from(Purpose),
    st.integers(1, 9999),
)
names = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


@st.composite
def intents(draw: st.DrawFn) -> OrderIntent:
    time_in_force = draw(st.sampled_from(TimeInForce))
    dated = time_in_force is TimeInForce.GOOD_TILL_DATE
    return OrderIntent(
        key=draw(keys),
        account=draw(names),
        instrument=draw(st.sampled_from([STOCK, OPTION])),
        side=draw(st.sampled_from(Side)),
        quantity=draw(quantities),
        terms=draw(terms),
        time_in_force=time_in_force,
        good_till=draw(moments) if dated else None,
        outside_regular_hours=draw(st.booleans()),
        trigger_method=draw(st.sampled_from(TriggerMethod)),
        oca=draw(st.none() | st.builds(OcaGroup, names, st.sampled_from([1, 2, 3]))),
        parent=draw(st.none() | keys),
    )


def intent(**changes: Any) -> OrderIntent:
    """A plain limit order, but for what is changed."""
    plain: dict[str, Any] = {
        "key": KEY,
        "account": "DU100001",
        "instrument": STOCK,
        "side": Side.BUY,
        "quantity": Decimal(100),
        "terms": Limit(Decimal("100.3")),
        "time_in_force": TimeInForce.DAY,
    }
    return OrderIntent(**plain | changes)
