"""What a ladder is given: rules that make sense, and a market that says what it takes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.exits.market import MarketNow
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.sessions import MarketPhase
from tests.domain.exits.armed import TRADE, exit_key, rules, stop_intent, stop_key

NOT_RUNNING = [purpose for purpose in Purpose if not purpose.is_exit]
NOT_PROTECTING = [purpose for purpose in Purpose if purpose is not Purpose.PROTECT]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"trigger": Decimal(0)}, "the trigger of bs1:T7K2M9QX:0:XS:1 is 0"),
        ({"trigger": Decimal(-1)}, "the trigger of bs1:T7K2M9QX:0:XS:1 is -1"),
        ({"slippage_pct": Decimal("-0.1")}, "a slippage and a floor are from 0 to below 100 %"),
        ({"slippage_pct": Decimal(100)}, "a slippage and a floor are from 0 to below 100 %"),
        ({"floor_pct": Decimal("-0.1")}, "a slippage and a floor are from 0 to below 100 %"),
        ({"floor_pct": Decimal(100)}, "a slippage and a floor are from 0 to below 100 %"),
        ({"limit_seconds": Decimal("-0.1")}, "the limit rests -0.1 s"),
    ],
)
def test_rules_outside_of_what_makes_sense_are_refused(
    changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(rules(), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"trigger": Decimal("0.01")},
        {"slippage_pct": Decimal(0)},
        {"slippage_pct": Decimal("99.9")},
        {"floor_pct": Decimal(0)},
        {"floor_pct": Decimal("99.9")},
        {"limit_seconds": Decimal(0)},
    ],
)
def test_rules_at_the_edge_of_what_makes_sense_stand(changes: dict[str, Any]) -> None:
    changed = replace(rules(), **changes)
    assert all(getattr(changed, name) == value for name, value in changes.items())


@pytest.mark.parametrize("purpose", NOT_RUNNING)
def test_the_first_key_is_that_of_an_exit(purpose: Purpose) -> None:
    key = IntentKey(TRADE, 0, purpose, 1)
    with pytest.raises(ValueError, match=f"{key} is not the key of an exit"):
        replace(rules(), first_key=key)


@pytest.mark.parametrize("purpose", NOT_PROTECTING)
def test_the_shield_has_the_key_of_a_protective_stop(purpose: Purpose) -> None:
    key = IntentKey(TRADE, 0, purpose, 1)
    with pytest.raises(ValueError, match=f"{key} is not the key of a protective stop"):
        replace(rules(), shield=replace(stop_intent(), key=key))


def test_by_default_the_ladder_slips_half_a_percent_and_rests_two_seconds() -> None:
    ladder = rules()
    assert (ladder.slippage_pct, ladder.floor_pct) == (Decimal("0.5"), Decimal(50))
    assert ladder.patience == timedelta(seconds=2)
    assert (ladder.first_key, ladder.shield.key) == (exit_key(1), stop_key(2))


def test_patience_keeps_parts_of_a_second() -> None:
    assert rules(limit_seconds="1.25").patience == timedelta(milliseconds=1250)


@pytest.mark.parametrize(
    ("phase", "halted", "is_shut", "takes_market_orders"),
    [
        (MarketPhase.REGULAR, False, False, True),
        (MarketPhase.REGULAR, True, True, False),
        (MarketPhase.EXTENDED, False, False, False),
        (MarketPhase.EXTENDED, True, True, False),
        (MarketPhase.CLOSED, False, True, False),
        (MarketPhase.CLOSED, True, True, False),
        (MarketPhase.UNKNOWN, False, False, False),
        (MarketPhase.UNKNOWN, True, True, False),
    ],
)
def test_a_market_is_shut_or_takes_limits_or_takes_all(
    phase: MarketPhase, halted: bool, is_shut: bool, takes_market_orders: bool
) -> None:
    market = MarketNow(phase, halted)
    assert (market.is_shut, market.takes_market_orders) == (is_shut, takes_market_orders)


@pytest.mark.parametrize("name", ["touch", "fair"])
@pytest.mark.parametrize("price", ["0", "-1"])
def test_what_ib_says_where_nobody_quotes_is_no_price(name: str, price: str) -> None:
    quoted: dict[str, Any] = {name: Decimal(price)}
    with pytest.raises(ValueError, match=f"{price} is no price; where nobody quotes there is none"):
        MarketNow(MarketPhase.REGULAR, **quoted)


def test_one_tick_is_a_price() -> None:
    market = MarketNow(MarketPhase.REGULAR, touch=Decimal("0.01"), fair=Decimal("0.01"))
    assert (market.touch, market.fair) == (Decimal("0.01"), Decimal("0.01"))
