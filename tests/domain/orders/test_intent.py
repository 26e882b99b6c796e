"""One order we mean to have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OcaGroup,
    OrderIntent,
    OrderTerms,
    Stop,
    StopLimit,
    TimeInForce,
    TriggerMethod,
    prices_of,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.sides import Side
from tests.domain.orders.told import through_json

KEY = IntentKey("T7K2M9QX", 0, Purpose.PROTECT, 1)
PARENT = IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 1)
STRANGER = IntentKey("T7K2M9QY", 0, Purpose.ENTRY, 1)
TOMORROW = datetime(2026, 3, 3, 21, 0, tzinfo=UTC)
IN_NEW_YORK = TOMORROW.astimezone(timezone(timedelta(hours=-5)))
BY_THE_WALL_CLOCK = IN_NEW_YORK.replace(tzinfo=None)

INTENT = OrderIntent(
    key=KEY,
    account="DU1234567",
    instrument=Instrument(
        con_id=265598,
        symbol="AAPL",
        exchange="SMART",
        currency="USD",
        multiplier=Decimal(1),
        grid=PriceGrid.uniform(Decimal("0.01")),
        time_zone="America/New_York",
    ),
    side=Side.SELL,
    quantity=Decimal(100),
    terms=Stop(Decimal("187.00")),
    time_in_force=TimeInForce.GOOD_TILL_CANCELLED,
)


@pytest.mark.parametrize(
    ("terms", "prices"),
    [
        (Market(), ()),
        (Limit(Decimal(10)), (Decimal(10),)),
        (Stop(Decimal(9)), (Decimal(9),)),
        (StopLimit(Decimal(9), Decimal(8)), (Decimal(9), Decimal(8))),
    ],
)
def test_terms_name_their_prices_trigger_first(
    terms: OrderTerms, prices: tuple[Decimal, ...]
) -> None:
    assert prices_of(terms) == prices


@pytest.mark.parametrize("price", [Decimal("0.01"), Decimal("187.00")])
@pytest.mark.parametrize("kind", ["limit", "stop", "trigger", "limit of a stop"])
def test_terms_with_prices_above_zero_are_accepted(kind: str, price: Decimal) -> None:
    assert replace(INTENT, terms=_terms(kind, price)).quantity == 100


@pytest.mark.parametrize("price", ["0", "-0.01", "NaN", "Infinity"])
@pytest.mark.parametrize("kind", ["limit", "stop", "trigger", "limit of a stop"])
def test_every_price_of_an_intent_is_above_zero(kind: str, price: str) -> None:
    told = f"^bs1:T7K2M9QX:0:PR:1: a price is {price}; it must be a number above 0$"
    with pytest.raises(ValueError, match=told):
        replace(INTENT, terms=_terms(kind, Decimal(price)))


def _terms(kind: str, price: Decimal) -> OrderTerms:
    terms: dict[str, OrderTerms] = {
        "limit": Limit(price),
        "stop": Stop(price),
        "trigger": StopLimit(price, Decimal(1)),
        "limit of a stop": StopLimit(Decimal(1), price),
    }
    return terms[kind]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"quantity": Decimal(0)}, "the quantity is 0; it must be a number above 0"),
        ({"quantity": Decimal(-1)}, "the quantity is -1; it must be a number above 0"),
        ({"time_in_force": TimeInForce.GOOD_TILL_DATE}, "a date belongs to GTD, and GTD needs one"),
        ({"quantity": Decimal("NaN")}, "the quantity is NaN; it must be a number above 0"),
        ({"quantity": Decimal("Infinity")}, "the quantity is Infinity; it must be a number above"),
        ({"good_till": TOMORROW}, "a date belongs to GTD, and GTD needs one"),
        (
            {"time_in_force": TimeInForce.GOOD_TILL_DATE, "good_till": BY_THE_WALL_CLOCK},
            "the time 2026-03-03 16:00:00 is not in UTC",
        ),
        (
            {"time_in_force": TimeInForce.GOOD_TILL_DATE, "good_till": IN_NEW_YORK},
            "the time 2026-03-03 16:00:00-05:00 is not in UTC",
        ),
        ({"parent": STRANGER}, "the parent bs1:T7K2M9QY:0:EN:1 belongs to another trade"),
    ],
)
def test_an_intent_that_could_not_be_sent_is_refused_by_its_key(
    change: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=f"^bs1:T7K2M9QX:0:PR:1: {complaint}"):
        replace(INTENT, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"time_in_force": TimeInForce.GOOD_TILL_DATE, "good_till": TOMORROW},
        {"parent": PARENT},
        {"quantity": Decimal("0.5")},
        {"terms": Market(), "time_in_force": TimeInForce.DAY},
        {"terms": StopLimit(Decimal(187), Decimal("186.50"))},
        {"oca": OcaGroup("bs1:T7K2M9QX:0:1", 1), "trigger_method": TriggerMethod.DOUBLE_BID_ASK},
        {"outside_regular_hours": True},
    ],
)
def test_an_intent_survives_json(change: dict[str, Any]) -> None:
    intent = replace(INTENT, **change)
    again = through_json(TypeAdapter(OrderIntent), intent)
    assert again == intent
    assert type(again.terms) is type(intent.terms)


@pytest.mark.req("I8")
def test_a_group_without_a_name_would_be_none() -> None:
    with pytest.raises(ValueError, match=r"^an OCA group needs a name$"):
        OcaGroup("", 2)


def test_an_intent_asks_for_nothing_that_was_not_said() -> None:
    assert INTENT.good_till is None
    assert not INTENT.outside_regular_hours
    assert INTENT.trigger_method is TriggerMethod.DEFAULT
    assert INTENT.oca is None
    assert INTENT.parent is None


@pytest.mark.req("S4.2")
def test_an_intent_carries_its_key_to_the_broker() -> None:
    assert INTENT.order_ref == "bs1:T7K2M9QX:0:PR:1"


@pytest.mark.parametrize(("side", "signed"), [(Side.BUY, 100), (Side.SELL, -100)])
def test_filling_an_intent_moves_the_position_by_its_side(side: Side, signed: int) -> None:
    assert replace(INTENT, side=side).signed_quantity == signed


@pytest.mark.parametrize(
    ("word", "terms"),
    [
        ('{"kind": "MKT"}', Market()),
        ('{"kind": "LMT", "price": "10.00"}', Limit(Decimal("10.00"))),
        ('{"kind": "STP", "trigger": "9"}', Stop(Decimal(9))),
        (
            '{"kind": "STP LMT", "trigger": "9", "price": "8"}',
            StopLimit(Decimal(9), Decimal(8)),
        ),
    ],
)
def test_terms_are_told_apart_by_ibs_words(word: str, terms: OrderTerms) -> None:
    adapter: TypeAdapter[OrderTerms] = TypeAdapter(OrderTerms)
    assert adapter.validate_json(word) == terms
