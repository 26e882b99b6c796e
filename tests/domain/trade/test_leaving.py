"""How a way out is named, what it came to, and how it and its trade read."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.market import MarketFacts
from backstay.domain.edge.walking import Walk, Walked, WayOut
from backstay.domain.exits import events
from backstay.domain.exits.events import Alarm, Cancel, LadderCommand, TimePassed
from backstay.domain.exits.ladder import Ladder, Told
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.steps import begin, decide
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.facts import AccountKind, Touch
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit, Market, OrderTerms, Stop, StopLimit
from backstay.domain.orders.words import order_text
from backstay.domain.protection.naked import NakedTime, newest
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.trade import attributes
from backstay.domain.trade.leaving import ExitStart, outcome_of
from backstay.domain.trade.pages import (
    command_text,
    ladder_page,
    leave_summary,
    page,
    walk_summary,
)
from backstay.domain.trade.progress import after_report, led_by, with_exits
from backstay.domain.trade.standing import Doing
from backstay.domain.trade.terms import Terms
from tests.domain.trade.samples import NOW, agreed, an_order, at, report
from tests.domain.trade.test_progress import ALL, GUARDED, ORDER, WAITING, exit_of

DEAL = agreed(an_order())
FIRST = DEAL.first
RULES: LadderRules = FIRST.ladder
WAY_OUT = WayOut(
    rules=RULES,
    quantity=ALL,
    exit=DEAL.approval(FIRST.first_exit.key),
    protection=DEAL.approval(FIRST.stop.key),
    asked=DEAL.prospect.asked,
)
REGULAR = MarketNow(MarketPhase.REGULAR)
SHIELD = Member(FIRST.stop, Role.SHIELD, NOW, None, Standing.WORKING, revision=1)
NAKED = NakedTime(Decimal(3), Decimal(0), NOW)


def ladder_of(*members: Member) -> Ladder:
    """A ladder for everything."""
    return Ladder(RULES, ALL, members, REGULAR, NOW)


def over(intent: Any, filled: int) -> Member:
    """An order that is over, with all its fills."""
    done = Standing.OVER
    return Member(intent, Role.LIMIT, NOW, None, done, Decimal(filled), 1, fills_read=True)


def test_a_way_out_is_named_by_its_first_exit() -> None:
    assert WAY_OUT.key == FIRST.first_exit.key
    assert WAY_OUT.instrument.symbol == "AAPL"
    assert leave_summary(WAY_OUT) == "leave 100 AAPL"


def test_a_way_out_without_quantity_or_approvals_is_none() -> None:
    with pytest.raises(ValueError, match="the quantity to leave"):
        replace(WAY_OUT, quantity=Decimal(0))
    with pytest.raises(ValueError, match="does not approve the exit"):
        replace(WAY_OUT, exit=DEAL.approval(FIRST.by_hand.key))
    with pytest.raises(ValueError, match="does not approve a protective stop"):
        replace(WAY_OUT, protection=WAY_OUT.exit)


def test_a_way_out_is_a_workflow_by_its_leg_and_the_generation_that_it_begins_with() -> None:
    trade = ORDER.trade
    assert ExitStart("DU1", Walk(WAY_OUT)).workflow_id == f"exit:{trade}:0:1"
    begun = ladder_of(SHIELD)
    assert ExitStart("DU1", Walk(WAY_OUT, begun)).workflow_id == f"exit:{trade}:0:1"
    done = ladder_of(over(FIRST.first_exit, 100))
    assert ExitStart("DU1", Walk(WAY_OUT, done)).workflow_id == f"exit:{trade}:0:2"


def test_what_was_walked_says_what_it_came_to() -> None:
    ladder = ladder_of(over(FIRST.first_exit, 100))
    orders = (exit_of(100),)
    walked = Walked(WAY_OUT.key, ladder, at(3), Decimal(0), orders, NAKED)
    outcome = outcome_of(walked)
    assert (outcome.key, outcome.ladder, outcome.orders) == (WAY_OUT.key, ladder, orders)
    assert (outcome.position, outcome.naked, outcome.at) == (Decimal(0), NAKED, at(3))
    with pytest.raises(ValueError, match="a walk"):
        replace(walked, at=at(3).replace(tzinfo=None))


@pytest.mark.parametrize("value", [Walk(WAY_OUT), Walk(WAY_OUT, ladder_of(SHIELD), (), NAKED)])
def test_a_walk_survives_the_journey_as_json(value: Walk) -> None:
    adapter = TypeAdapter(Walk)
    assert adapter.validate_json(adapter.dump_json(value)) == value


def test_market_facts_survive_the_journey_as_json() -> None:
    facts = MarketFacts(
        NOW,
        AccountKind.PAPER,
        MarketPhase.REGULAR,
        date(2026, 11, 23),
        ExchangeRates("USD"),
        Touch(Decimal("99.98"), Decimal("100.02"), NOW),
        Decimal(0),
    )
    adapter = TypeAdapter(MarketFacts)
    for value in (facts, replace(facts, touch=None, trading_day=None)):
        assert adapter.validate_json(adapter.dump_json(value)) == value


def test_the_newest_measure_is_the_one_that_reaches_furthest() -> None:
    later = NakedTime(Decimal(1), Decimal(0), at(1))
    more = NakedTime(Decimal(5), Decimal(0), at(1))
    assert newest() is None
    assert newest(None, None) is None
    assert newest(None, NAKED) is NAKED
    assert newest(later, NAKED) is later
    assert newest(NAKED, later, more) is more


TERMS: tuple[tuple[OrderTerms, str], ...] = (
    (Market(), "sell 100 MKT"),
    (Limit(Decimal("97.50")), "sell 100 LMT 97.50"),
    (Stop(Decimal("96.00")), "sell 100 STP 96.00"),
    (StopLimit(Decimal("96.00"), Decimal("91.20")), "sell 100 STP 96.00 LMT 91.20"),
)


@pytest.mark.parametrize(("terms", "text"), TERMS)
def test_an_order_reads_as_a_trader_would_say_it(terms: OrderTerms, text: str) -> None:
    assert order_text(replace(FIRST.first_exit, terms=terms)) == text


KEY = FIRST.first_exit.key
COMMANDS: tuple[tuple[LadderCommand, str], ...] = (
    (events.Send(FIRST.first_exit), "send XS:1 sell 100 LMT 97.51"),
    (events.Reshape(FIRST.first_exit), "modify XS:1 to sell 100 LMT 97.51"),
    (events.Cancel(KEY), "cancel XS:1"),
    (events.AskBroker(KEY), "ask about XS:1"),
    (events.ReadFills(KEY), "read the fills of XS:1"),
    (events.Tell(Alarm.FROZEN, ALL), f"tell: {Alarm.FROZEN.value}"),
)


@pytest.mark.parametrize(("command", "text"), COMMANDS)
def test_a_step_reads_in_words(command: LadderCommand, text: str) -> None:
    assert command_text(command) == text


def test_a_walk_reads_as_what_it_does_next() -> None:
    assert walk_summary(Walk(WAY_OUT)) == "begin to leave 100 AAPL"
    ladder = ladder_of(SHIELD)
    assert walk_summary(Walk(WAY_OUT, ladder)) == f"follow {KEY}"
    both = (events.Cancel(KEY), events.AskBroker(KEY))
    assert walk_summary(Walk(WAY_OUT, ladder, both)) == "cancel XS:1; ask about XS:1"


def test_a_way_out_is_shown_with_what_it_waits_for_and_each_of_its_orders() -> None:
    ladder, commands = begin(RULES, ALL, (SHIELD,), REGULAR, NOW)
    shown = ladder_page(ladder, commands, went_alone=False)
    assert shown.splitlines() == [
        "**100 of 100 open**, waiting for the proof that a cancelled order is over",
        "next: cancel PR:1",
        "",
        "| | | |",
        "|---|---|---|",
        "| PR:1 | sell 100 STP 96.04 LMT 91.23 | working, 0 filled |",
    ]
    told = replace(decide(ladder, TimePassed(), NOW)[0], told=(Told(Alarm.FROZEN, None),))
    alone = ladder_page(told, (), went_alone=True).splitlines()
    assert alone[1] == "the edge went on alone while nobody led"
    assert alone[-2:] == ["", f"- {Alarm.FROZEN.value}"]


def test_a_trade_is_shown_with_what_is_known_of_it() -> None:
    assert page(replace(WAITING, quantity=None)).splitlines() == [
        "**validated**: waiting for the trigger",
        "",
        "| | |",
        "|---|---|",
        "| side | buy AAPL |",
    ]
    told = replace(report(ORDER, ArmPhase.WORKING), naked=None)
    entering = after_report(WAITING, told, ALL)
    assert "| filled | 0 of 100 |" in page(entering).splitlines()


def test_a_trade_that_leaves_is_shown_with_its_exits_and_its_naked_time() -> None:
    naked = NakedTime(Decimal(3), Decimal(40), NOW)
    leaving = replace(GUARDED, doing=Doing.LEAVING, why="stop", stop=Decimal("98.00"))
    unfilled = replace(exit_of(0, generation=2), average_price=None)
    shown = with_exits(leaving, (exit_of(60), unfilled), naked, at(2))
    lines = page(replace(shown, told=("the market is shut",))).splitlines()
    assert lines == [
        "**completed**: leaving the position",
        "stop",
        "",
        "| | |",
        "|---|---|",
        "| side | buy AAPL |",
        "| filled | 100 of 100 at 100.05 |",
        "| stop | 98 |",
        "| left | 40 |",
        "| exits | XS:1 60 at 97; XS:2 0 |",
        "| naked | 83 unit seconds, 40 now |",
        "",
        "- the market is shut",
    ]
    settled = with_exits(shown, (), NakedTime(Decimal(83), Decimal(0), at(2)), at(2))
    assert "| naked | 83 unit seconds |" in page(settled).splitlines()
    assert IntentKey(ORDER.trade, 0, Purpose.EXIT_STOP, 1) == shown.exits[0].key


def test_trades_are_found_by_names_that_differ() -> None:
    names = (
        attributes.ACCOUNT,
        attributes.SYMBOL,
        attributes.STATE,
        attributes.SEVERITY,
        attributes.OPEN_QUANTITY,
    )
    assert len(set(names)) == len(names)
    assert all(name.startswith("Backstay") for name in names)


def test_with_a_walk_both_its_steps_and_the_foreseen_ones_are_written_down() -> None:
    now, later = Cancel(WAY_OUT.key), Cancel(WAY_OUT.key.next_generation())
    assert Walk(WAY_OUT, None, (now,), ahead=(later,)).written == (now, later)


def test_a_page_says_what_the_plan_wants_and_who_leads_the_way_out() -> None:
    terms = Terms("last is above 100", "1.5 behind", ("103: 50 %", "105: 50 %"), "20:55 UTC")
    led = led_by(replace(WAITING, terms=terms, limit=Decimal("100.10")), "exit:A:0:1")
    assert led_by(led, "exit:A:0:1") == led
    lines = page(led).splitlines()
    assert lines[lines.index("| side | buy AAPL |") :] == [
        "| side | buy AAPL |",
        "| trigger | last is above 100 |",
        "| entry | LMT 100.10 |",
        "| filled | 0 of 100 |",
        "| trail | 1.5 behind |",
        "| targets | 103: 50 %; 105: 50 % |",
        "| time exit | 20:55 UTC |",
        "| led by | exit:A:0:1 |",
    ]
