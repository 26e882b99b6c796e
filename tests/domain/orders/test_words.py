"""How an order reads, wherever it is shown."""

from decimal import Decimal

import pytest

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.intent import Limit, Market, OrderTerms, Stop, StopLimit
from backstay.domain.orders.words import name_of, terms_text


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (Market(), "MKT"),
        (Limit(Decimal("189.50")), "LMT 189.50"),
        (Stop(Decimal("1E+2")), "STP 100"),
        (StopLimit(Decimal("462.56"), Decimal("439.43")), "STP 462.56 LMT 439.43"),
    ],
)
def test_terms_are_the_broker_s_words_each_before_its_price(terms: OrderTerms, text: str) -> None:
    assert terms_text(terms) == text


@pytest.mark.parametrize(("leg", "name"), [(0, "XS:2"), (1, "1:XS:2"), (10, "10:XS:2")])
def test_a_leg_is_named_where_it_is_not_the_first(leg: int, name: str) -> None:
    assert name_of(IntentKey("W00VMR9G", leg, Purpose.EXIT_STOP, 2)) == name
