"""What an option's prices imply is told from the model, a step along its vega."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.front.greeks import model_tick, option_ticks
from backstay.gateway.market.words import Greeks, Quote
from backstay.gateway.messages.data_replies import TickOption
from backstay.gateway.messages.replies import Reply
from tests.gateway.front.doubles import MODEL, START_NS

D = Decimal
NOTHING = Quote(START_NS)


def ticks(model: Greeks, before: Quote, after: Quote) -> list[Reply]:
    return [make(5, *parts) for make, parts in option_ticks(model, before, after)]


def told(field: int, volatility: str, price: str) -> TickOption:
    return TickOption(
        5, field, D(volatility), D("0.5"), D(price), D(0), D("0.03"), D("0.2"), D("-0.1"), D(190)
    )


def test_each_price_has_the_volatility_that_explains_it() -> None:
    quote = Quote(START_NS, bid=D("3.9"), ask=D("4.2"), last=D(4))
    assert ticks(MODEL, NOTHING, quote) == [
        told(10, "0.245", "3.9"),
        told(11, "0.26", "4.2"),
        told(12, "0.25", "4"),
    ]


def test_the_model_has_its_own_price_and_volatility() -> None:
    make, parts = model_tick(MODEL)
    assert make(5, *parts) == told(13, "0.25", "4")


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        (Quote(0, bid=D(3)), Quote(0, bid=D(4)), [10]),
        (Quote(0, ask=D(3)), Quote(0, ask=D(4)), [11]),
        (Quote(0, last=D(3)), Quote(0, last=D(4)), [12]),
        (Quote(0, bid=D(4)), Quote(0, bid=D(4), bid_size=D(1)), []),
        (Quote(0, bid=D(4)), Quote(0), []),
    ],
)
def test_only_a_price_that_has_changed_is_computed(
    before: Quote, after: Quote, fields: list[int]
) -> None:
    drafts = option_ticks(MODEL, before, after)
    assert [parts[0] for _, parts in drafts] == fields


@pytest.mark.parametrize(
    ("model", "price"),
    [(replace(MODEL, vega=0.00009), "4"), (MODEL, "-1"), (replace(MODEL, price=9.0), "4")],
    ids=["no vega", "no volatility left", "exactly none left"],
)
def test_what_cant_be_computed_is_told_in_ibs_words(model: Greeks, price: str) -> None:
    unknown = ticks(model, NOTHING, Quote(START_NS, last=D(price)))[0]
    assert unknown == TickOption(5, 12, D(-1), D(-2), D(price), D(0), D(-2), D(-2), D(-2), D(190))


def test_the_least_vega_still_counts() -> None:
    least = ticks(replace(MODEL, vega=0.0001), NOTHING, Quote(START_NS, last=D(4)))[0]
    assert isinstance(least, TickOption)
    assert least.implied_volatility == D("0.25")
