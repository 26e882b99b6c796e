"""Stops and targets stand on their side of every price that the plan names for its entry."""

from decimal import Decimal

import pytest

from backstay.domain.sides import Side
from tests.domain.plan.documents import GONE, complaints_of, trade, trade_of

SHORT = {"side": "sell", "stop.price": 193, "target.0.price": 185}
"""Mirrors the good buy at its trigger of 190."""
OFFSET_STOP = {"stop.price": GONE, "stop.offset": 3}
AT_LIMIT = {"entry.limit_offset": GONE, "entry.limit": Decimal("190.05")}


@pytest.mark.req("S1.3")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"stop.price": Decimal("193.00")},
            "stop.price: 193.00 is above the entry trigger 190.00; a buy needs a stop below it",
        ),
        (
            {"stop.price": Decimal("190.00")},
            "stop.price: 190.00 is at the entry trigger 190.00; a buy needs a stop below it",
        ),
        ({"stop.price": Decimal("189.99")}, None),
        (
            SHORT | {"stop.price": Decimal("187.00")},
            "stop.price: 187.00 is below the entry trigger 190.00; a sell needs a stop above it",
        ),
        (
            SHORT | {"stop.price": Decimal("190.00")},
            "stop.price: 190.00 is at the entry trigger 190.00; a sell needs a stop above it",
        ),
        (SHORT | {"stop.price": Decimal("190.01")}, None),
        (
            AT_LIMIT | {"entry.limit": 186},
            "stop.price: 187.00 is above the entry limit 186; a buy needs a stop below it",
        ),
        (
            SHORT | AT_LIMIT | {"entry.limit": 194},
            "stop.price: 193 is below the entry limit 194; a sell needs a stop above it",
        ),
        (OFFSET_STOP | {"stop.offset": Decimal("189.99")}, None),
        (
            OFFSET_STOP | {"stop.offset": Decimal("190.00")},
            (
                "stop.offset: 190.00 leaves nothing of the entry trigger 190.00; "
                "a buy needs it shorter"
            ),
        ),
        (SHORT | OFFSET_STOP | {"stop.offset": 500}, None),
        (
            {"stop.trail": {"activate_pct": 1, "distance": 190}},
            (
                "stop.trail.distance: 190 leaves nothing of the entry trigger 190.00; "
                "a buy needs it shorter"
            ),
        ),
        (SHORT | {"stop.trail": {"activate_pct": 1, "distance": 500}}, None),
        (
            {"target.0.price": Decimal("190.00")},
            (
                "target[0].price: 190.00 is at the entry trigger 190.00; "
                "a buy needs a target above it"
            ),
        ),
        (
            {"target.0.price": Decimal("190.01")},
            (
                "target[0].price: 190.01 is below the entry limit 190.05; "
                "a buy needs a target above it"
            ),
        ),
        ({"target.0.price": Decimal("190.06")}, None),
        (
            AT_LIMIT | {"target.0.price": Decimal("190.02")},
            (
                "target[0].price: 190.02 is below the entry limit 190.05; "
                "a buy needs a target above it"
            ),
        ),
        (
            SHORT | {"target.0.price": Decimal("191.00")},
            (
                "target[0].price: 191.00 is above the entry trigger 190.00; "
                "a sell needs a target below it"
            ),
        ),
        (SHORT | {"target.0": {"offset": Decimal("189.94"), "fraction": 1}}, None),
        (
            SHORT | {"target.0": {"offset": Decimal("189.95"), "fraction": 1}},
            (
                "target[0].offset: 189.95 leaves nothing of the entry limit 189.95; "
                "a sell needs it shorter"
            ),
        ),
        (
            SHORT | {"target.0": {"offset": 190, "fraction": 1}},
            (
                "target[0].offset: 190 leaves nothing of the entry trigger 190.00; "
                "a sell needs it shorter"
            ),
        ),
        ({"target.0": {"offset": 500, "fraction": 1}}, None),
        (SHORT | {"entry.limit_offset": Decimal("4.99")}, None),
        (
            SHORT | {"entry.limit_offset": 5},
            ("target[0].price: 185 is at the entry limit 185.00; a sell needs a target below it"),
        ),
        (
            SHORT | {"entry.limit_offset": 190},
            ("entry.limit_offset: 190 takes the limit of a sell to 0.00; it must stay above 0"),
        ),
        ({"entry.limit_offset": Decimal("4.99")}, None),
        (
            {"entry.limit_offset": 5},
            ("target[0].price: 195.00 is at the entry limit 195.00; a buy needs a target above it"),
        ),
    ],
)
def test_stops_and_targets_stand_on_their_side_of_the_entry(
    changes: dict[str, object], said: str | None
) -> None:
    document = trade(changes)
    if said is None:
        assert trade_of(document).id == "aapl-breakout-0312"
    else:
        assert complaints_of(document) == [said]


def test_a_price_that_is_wrong_for_trigger_and_limit_is_told_once() -> None:
    assert complaints_of(trade(AT_LIMIT | {"stop.price": 200})) == [
        "stop.price: 200 is above the entry trigger 190.00; a buy needs a stop below it"
    ]


def test_an_entry_at_once_without_a_limit_leaves_the_sides_to_the_market() -> None:
    document = trade(
        {"entry": {"order": "MKT"}, "stop.price": 500, "target.0.price": Decimal("0.01")}
    )
    assert list(trade_of(document).entry.named_points(Side.BUY)) == []
