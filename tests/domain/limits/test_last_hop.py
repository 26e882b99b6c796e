"""The last hop: whether an approved order may leave now, in this market and this account."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from backstay.domain.ids import Purpose
from backstay.domain.limits.codes import RefusalCode as Code
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.departure import price_collar
from backstay.domain.limits.facts import AccountKind, LastHopFacts, LiveOrder, Touch, TriggerPrice
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.limits.last_hop import recheck
from backstay.domain.limits.question import at_last_hop
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OrderIntent,
)
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Flaw
from tests.domain.limits.hops import (
    EPOCH_2,
    HOLDING,
    LIMITED,
    approval,
    hop,
    reducing_order,
)
from tests.domain.limits.samples import (
    ENTRY,
    EXIT,
    FACTS,
    HEDGE,
    LAST_HOP,
    NOW,
    OTHER_TRADE,
    SETTINGS,
    SHIELD,
    TOUCH,
    approved,
    key,
    later,
)


def mode(trading: TradingMode, *, armed: bool) -> LimitSettings:
    return replace(SETTINGS, trading=trading, live_armed=armed)


LIVE_ACCOUNT = replace(HOLDING, account_kind=AccountKind.LIVE)


@pytest.mark.parametrize(
    ("facts", "settings", "reason"),
    [
        (HOLDING, mode(TradingMode.DISABLED, armed=True), "trading_disabled"),
        (LIVE_ACCOUNT, mode(TradingMode.PAPER, armed=True), "live_not_armed"),
        (LIVE_ACCOUNT, mode(TradingMode.LIVE, armed=False), "live_not_armed"),
        (LIVE_ACCOUNT, mode(TradingMode.LIVE, armed=True), ""),
        (HOLDING, mode(TradingMode.LIVE, armed=True), "account_mode"),
        (HOLDING, replace(SETTINGS, blocked_symbols=("AAPL",)), "symbol_blocked"),
    ],
)
@pytest.mark.req("S1.15", "S3.4")
def test_what_has_been_forbidden_since_stops_entries_and_nothing_else(
    facts: LastHopFacts, settings: LimitSettings, reason: str
) -> None:
    assert hop(ENTRY, facts, settings=settings).partition(":")[0] == reason
    for intent in (HEDGE, SHIELD, EXIT):
        assert hop(intent, facts, settings=settings) == ""


CLEAR_3 = KillState(3)
FREEZE_2, FREEZE_3 = KillState(2, KillMode.FREEZE), KillState(3, KillMode.FREEZE)
FLATTEN_2, FLATTEN_3 = KillState(2, KillMode.FLATTEN), KillState(3, KillMode.FLATTEN)
OLD = "killed: approved in epoch 2; the kill state of epoch"
UNREADABLE = "killed: approved in epoch 2; the kill state can't be read"


@pytest.mark.parametrize(
    ("kill", "entry", "hedge"),
    [
        (EPOCH_2, "", ""),
        (KillState(1), "", ""),
        (CLEAR_3, f"{OLD} 3 is clear", f"{OLD} 3 is clear"),
        (FREEZE_2, f"{OLD} 2 is freeze", ""),
        (FREEZE_3, f"{OLD} 3 is freeze", ""),
        (FLATTEN_2, f"{OLD} 2 is flatten", f"{OLD} 2 is flatten"),
        (FLATTEN_3, f"{OLD} 3 is flatten", f"{OLD} 3 is flatten"),
        (None, UNREADABLE, UNREADABLE),
    ],
)
@pytest.mark.req("S3.2", "S3.6", "I5")
def test_a_kill_reaches_what_was_approved_before_it(
    kill: KillState | None, entry: str, hedge: str
) -> None:
    facts = replace(HOLDING, kill=kill)

    assert hop(ENTRY, facts) == entry
    assert hop(HEDGE, facts) == hedge
    assert hop(SHIELD, facts) == ""
    assert hop(EXIT, facts) == ""


@pytest.mark.parametrize("intent", [ENTRY, HEDGE], ids=["ENTRY", "HEDGE"])
@pytest.mark.req("S3.4", "S4.3")
def test_an_approval_is_worth_something_until_it_expires(intent: OrderIntent) -> None:
    fresh = replace(HOLDING, touch=replace(TOUCH, heard_at=later(60)))

    assert hop(intent, fresh, now=later(60)) == ""
    assert hop(intent, fresh, now=later(60.000001)) == (
        "approval_expired: approved 60.000001 s ago, valid until 2026-11-23 15:01:00+00:00"
    )


@reducing_order
@pytest.mark.req("X.1")
def test_the_approval_of_an_exit_does_not_expire(intent: OrderIntent) -> None:
    assert hop(intent, now=later(10_000_000)) == ""


REGULAR, EXTENDED = MarketPhase.REGULAR, MarketPhase.EXTENDED
CLOSED, UNKNOWN = MarketPhase.CLOSED, MarketPhase.UNKNOWN
EVER = (REGULAR, EXTENDED, CLOSED, UNKNOWN)
AT_MARKET = replace(EXIT, terms=Market())
LATE = replace(LIMITED, outside_regular_hours=True)


@pytest.mark.parametrize("phase", MarketPhase)
@pytest.mark.parametrize(
    ("intent", "phases"),
    [
        (ENTRY, (REGULAR,)),
        (LIMITED, (REGULAR,)),
        (LATE, (REGULAR, EXTENDED)),
        (HEDGE, (REGULAR,)),
        (replace(HEDGE, terms=Limit(Decimal(100))), EVER),
        (AT_MARKET, (REGULAR,)),
        (EXIT, EVER),
        (SHIELD, EVER),
    ],
)
@pytest.mark.req("S1.12", "S4.5", "I8")
def test_an_order_leaves_into_a_phase_that_takes_it(
    intent: OrderIntent, phases: tuple[MarketPhase, ...], phase: MarketPhase
) -> None:
    refusal = (
        f"session_closed: the market's phase is {phase}; this order leaves in {' or '.join(phases)}"
    )

    assert hop(intent, replace(HOLDING, phase=phase)) == ("" if phase in phases else refusal)


@pytest.mark.parametrize(
    ("touch", "reason"),
    [
        (None, "no_reference: the price to buy AAPL at is not known"),
        (replace(TOUCH, ask=None), "no_reference: the price to buy AAPL at is not known"),
        (replace(TOUCH, bid=None), ""),
        (replace(TOUCH, flaw=Flaw.CROSSED), "stale_data: the quote of AAPL is crossed"),
        (
            replace(TOUCH, heard_at=later(-10)),
            "stale_data: AAPL was heard of 10 s ago; less than 10 s",
        ),
        (replace(TOUCH, heard_at=later(-9.999999)), ""),
        (replace(TOUCH, ask=Decimal("105.00")), ""),
        (replace(TOUCH, ask=Decimal("105.01")), "price_collar: outside 95 to 105: 105.01"),
        (replace(TOUCH, ask=Decimal("95.00")), ""),
        (replace(TOUCH, ask=Decimal("94.99")), "price_collar: outside 95 to 105: 94.99"),
    ],
)
@pytest.mark.req("S3.4", "S3.7", "I6")
def test_an_entry_needs_a_living_market_inside_its_collar(touch: Touch | None, reason: str) -> None:
    facts = replace(HOLDING, touch=touch)

    assert hop(ENTRY, facts) == reason
    for intent in (HEDGE, SHIELD, EXIT):
        assert hop(intent, facts) == ""


@pytest.mark.req("S3.4")
def test_without_a_market_the_collar_is_asked_about_the_order_alone() -> None:
    facts = replace(HOLDING, touch=None)
    dear = replace(LIMITED, terms=Limit(Decimal(106)))
    fair, unfair = (
        price_collar(at_last_hop(approval(LIMITED), sent, facts, SETTINGS, NOW))
        for sent in (LIMITED, dear)
    )

    assert fair.passed
    assert not unfair.passed


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ("95.00", ""),
        ("105.00", ""),
        ("94.99", "price_collar: outside 95 to 105: 94.99"),
        ("105.01", "price_collar: outside 95 to 105: 105.01"),
    ],
)
@pytest.mark.req("S3.4")
def test_the_price_of_an_entry_moves_inside_its_collar(price: str, reason: str) -> None:
    assert hop(LIMITED, sent=replace(LIMITED, terms=Limit(Decimal(price)))) == reason


@pytest.mark.req("S3.4")
def test_every_price_outside_the_collar_is_named() -> None:
    facts = replace(HOLDING, touch=replace(TOUCH, ask=Decimal(106)))
    sent = replace(LIMITED, terms=Limit(Decimal(107)))

    assert hop(LIMITED, facts, sent) == "price_collar: outside 95 to 105: 107, 106"


@pytest.mark.req("S3.4")
def test_an_exit_leaves_at_any_price() -> None:
    assert hop(EXIT, sent=replace(EXIT, terms=Limit(Decimal(1)))) == ""


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (None, ""),
        (later(-1), ""),
        (later(-0.999999), "rate: the last entry in AAPL was 0.999999 s ago; at least 1 s"),
    ],
)
@pytest.mark.req("S3.4", "S3.6")
def test_entries_of_one_symbol_leave_one_a_second_and_exits_at_once(
    last: datetime | None, reason: str
) -> None:
    facts = replace(HOLDING, last_entry_at=last)

    assert hop(ENTRY, facts) == reason
    for intent in (HEDGE, SHIELD, EXIT):
        assert hop(intent, facts) == ""


def live(quantity: int, *, trade: str = OTHER_TRADE) -> LiveOrder:
    return LiveOrder(key(Purpose.PROTECT, 9, trade), Side.SELL, Decimal(quantity))


@reducing_order
@pytest.mark.parametrize(
    ("position", "others", "reason"),
    [
        (100, (), ""),
        (130, (live(30),), ""),
        (99, (), "exceeds_position: live exits could close 100 of AAPL; at most 99"),
        (129, (live(30),), "exceeds_position: live exits could close 130 of AAPL; at most 129"),
        (-100, (), "exceeds_position: live exits could close 100 of AAPL; at most 0"),
    ],
)
@pytest.mark.req("S3.4", "I8")
def test_live_exits_of_all_trades_never_exceed_the_position(
    intent: OrderIntent, position: int, others: tuple[LiveOrder, ...], reason: str
) -> None:
    facts = replace(HOLDING, position=Decimal(position), live_orders=others)

    assert hop(intent, facts) == reason


@pytest.mark.req("S3.4", "I8")
def test_a_refused_exit_carries_its_figures() -> None:
    refusal = recheck(approval(EXIT), EXIT, replace(HOLDING, position=Decimal(99)), SETTINGS, NOW)

    assert refusal is not None
    assert (refusal.measured, refusal.bound) == (Decimal(100), Decimal(99))


@pytest.mark.parametrize(
    ("intent", "generation", "reason"),
    [
        (EXIT, 10, ""),
        (EXIT, 11, "too_many_generations: bs1:T7K2M9QX:0:XS:11 is generation 11; at most 10"),
        (SHIELD, 100, ""),
        (SHIELD, 101, "too_many_generations: bs1:T7K2M9QX:0:PR:101 is generation 101; at most 100"),
    ],
)
@pytest.mark.req("S3.6")
def test_exits_do_not_run_away(intent: OrderIntent, generation: int, reason: str) -> None:
    sent = replace(intent, key=replace(intent.key, generation=generation))

    assert hop(intent, sent=sent) == reason


@pytest.mark.req("S1.2", "S3.4")
def test_an_entry_that_waited_leaves_at_its_trigger_and_not_far_beyond() -> None:
    facts = replace(FACTS, reference=TriggerPrice(Decimal(200)), phase=CLOSED)
    waiting = approved(ENTRY, facts=facts)
    hours_later = later(6 * 3600)

    def at(ask: str) -> Refused | None:
        touch = Touch(None, Decimal(ask), hours_later)
        return recheck(waiting, ENTRY, replace(LAST_HOP, touch=touch), SETTINGS, hours_later)

    assert waiting.collar == Collar(Decimal(190), Decimal(210))
    assert at("210") is None
    assert at("210.01") == Refused(
        ENTRY.key,
        Code.PRICE_COLLAR,
        "price_collar: outside 190 to 210: 210.01",
        hours_later,
    )
