"""What news does to the standing of a trade, and what it has come to in the end."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import GuardEnd
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.lifecycle import Happened, Lifecycle, TradeState
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.outcome import Rejected, RejectionClass
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.view import CommissionTotal
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sides import Side
from backstay.domain.ticks.triggers import Missed
from backstay.domain.trade.progress import after_event, after_report, ending, with_exits
from backstay.domain.trade.settlement import settlement_of
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.domain.trade.samples import NOW, an_order, at, report, summary

ORDER = an_order()
ALL = Decimal(100)
WAITING = after_event(
    TradeStanding(
        account=ORDER.account,
        plan_id=ORDER.plan.id,
        trade=ORDER.trade,
        symbol="AAPL",
        side=Side.BUY,
        lifecycle=Lifecycle(hedge_first=False),
        doing=Doing.WAITING,
        at=NOW,
        quantity=ALL,
    ),
    Happened.VALIDATED,
)
GUARDED = replace(
    after_report(WAITING, report(ORDER, ArmPhase.OVER, filled=100), ALL), doing=Doing.GUARDING
)


def exit_of(filled: int, price: str = "97.00", generation: int = 1) -> OrderSummary:
    """An exit that has filled so much."""
    key = IntentKey(ORDER.trade, 0, Purpose.EXIT_STOP, generation)
    return summary(key, 100, filled, price, OrderEnd.FILLED, Side.SELL)


@pytest.mark.parametrize(
    ("phase", "filled", "doing", "state"),
    [
        (ArmPhase.WAITING, 0, Doing.WAITING, TradeState.VALIDATED),
        (ArmPhase.SENDING, 0, Doing.ENTERING, TradeState.RISK_SUBMITTED),
        (ArmPhase.WORKING, 0, Doing.ENTERING, TradeState.RISK_SUBMITTED),
        (ArmPhase.WORKING, 1, Doing.ENTERING, TradeState.RISK_PARTIAL),
        (ArmPhase.WORKING, 99, Doing.ENTERING, TradeState.RISK_PARTIAL),
        (ArmPhase.WORKING, 100, Doing.ENTERING, TradeState.RISK_FILLED),
        (ArmPhase.UNKNOWN, 0, Doing.UNKNOWN, TradeState.RISK_SUBMITTED),
        (ArmPhase.OVER, 0, Doing.WAITING, TradeState.CANCELLED),
        (ArmPhase.OVER, 40, Doing.WAITING, TradeState.COMPLETED),
        (ArmPhase.OVER, 100, Doing.WAITING, TradeState.COMPLETED),
        (ArmPhase.MISSED, 0, Doing.WAITING, TradeState.CANCELLED),
        (ArmPhase.EXPIRED, 0, Doing.WAITING, TradeState.CANCELLED),
        (ArmPhase.WITHDRAWN, 0, Doing.WAITING, TradeState.CANCELLED),
        (ArmPhase.REFUSED, 0, Doing.WAITING, TradeState.REJECTED),
    ],
)
def test_each_report_of_an_entry_has_its_place_in_the_life_of_the_trade(
    phase: ArmPhase, filled: int, doing: Doing, state: TradeState
) -> None:
    after = after_report(WAITING, report(ORDER, phase, filled=filled), ALL)
    assert (after.doing, after.lifecycle.state) == (doing, state)
    assert after.entered == filled == after.lifecycle.risk_filled
    assert after.at == at(1)


def test_the_same_report_twice_changes_nothing() -> None:
    told = report(ORDER, ArmPhase.WORKING, filled=30)
    once = after_report(WAITING, told, ALL)
    assert after_report(once, told, ALL) == once
    over = report(ORDER, ArmPhase.OVER, filled=30)
    assert after_report(after_report(once, over, ALL), over, ALL) == after_report(once, over, ALL)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8))
def test_what_is_booked_is_always_what_was_told_last(fills: list[int]) -> None:
    standing = WAITING
    for revision, filled in enumerate(fills, start=1):
        told = report(ORDER, ArmPhase.WORKING, revision=revision, filled=filled)
        standing = after_report(standing, told, ALL)
    assert standing.lifecycle.risk_filled == fills[-1] == standing.entered
    ranks = [WAITING.lifecycle.state.rank, standing.lifecycle.state.rank]
    assert all(before <= after for before, after in pairwise(ranks))


def test_a_fill_that_is_taken_back_is_a_correction() -> None:
    partly = after_report(WAITING, report(ORDER, ArmPhase.WORKING, filled=30), ALL)
    less = after_report(partly, report(ORDER, ArmPhase.WORKING, filled=20, revision=2), ALL)
    assert less.entered == 20 == less.lifecycle.risk_filled
    assert less.lifecycle.state is TradeState.RISK_PARTIAL


def test_a_crossing_that_nobody_saw_waits_for_a_person() -> None:
    missed = report(ORDER, ArmPhase.WAITING, watch=Missed(Decimal("100.40"), NOW))
    asking = after_report(WAITING, missed, ALL)
    assert asking.doing is Doing.ASKING
    assert after_report(asking, report(ORDER, ArmPhase.WAITING), ALL).doing is Doing.WAITING


def test_what_an_entry_tells_late_changes_neither_what_is_done_nor_why() -> None:
    leaving = replace(GUARDED, doing=Doing.LEAVING, why="stop")
    told = after_report(leaving, report(ORDER, ArmPhase.OVER, filled=100, why="released"), ALL)
    assert (told.doing, told.why) == (Doing.LEAVING, "stop")


def test_the_reason_of_a_refusal_is_told_in_the_words_of_whoever_refused() -> None:
    key = IntentKey(ORDER.trade, 0, Purpose.ENTRY, 1)
    refused = Refused(key, RefusalCode.KILLED, "trading is stopped", NOW)
    rejected = Rejected(key, 201, RejectionClass.MARGIN, "no margin", NOW)
    entry = report(ORDER, ArmPhase.REFUSED)
    assert after_report(WAITING, replace(entry, refusal=refused), ALL).why == "trading is stopped"
    assert after_report(WAITING, replace(entry, rejection=rejected), ALL).why == "no margin"
    both = replace(entry, refusal=refused, why="too late")
    assert after_report(WAITING, both, ALL).why == "too late"
    assert after_report(WAITING, entry, ALL).why == ""


def test_a_report_without_figures_keeps_what_was_known() -> None:
    known = after_report(WAITING, report(ORDER, ArmPhase.WORKING, filled=30), ALL)
    bare = replace(report(ORDER, ArmPhase.WORKING, filled=30), naked=None, at=at(-5))
    assert after_report(known, bare, ALL).at == at(1)
    silent = replace(report(ORDER, ArmPhase.WAITING), entry=None)
    assert after_report(WAITING, silent, ALL).entry is None


def test_an_event_keeps_the_reason_unless_it_brings_one() -> None:
    reasoned = replace(WAITING, why="stop")
    assert after_event(reasoned, Happened.CANCELLED).why == "stop"
    assert after_event(reasoned, Happened.CANCELLED, "time").why == "time"


def test_exits_are_known_by_their_newest_figures_and_never_lose_a_fill() -> None:
    later = NakedTime(Decimal(4), Decimal(0), at(9))
    one = with_exits(GUARDED, (exit_of(40),), None, at(9))
    assert (one.closed, one.left, one.at) == (Decimal(40), Decimal(60), at(9))
    same = with_exits(one, (exit_of(30), exit_of(60, generation=2)), later, at(3))
    assert [order.filled for order in same.exits] == [40, 60]
    assert (same.left, same.naked, same.at) == (Decimal(0), later, at(9))
    assert with_exits(same, (exit_of(40, "96.00"),), None, at(9)).exits[0].value == 40 * 96


@pytest.mark.parametrize(
    ("is_counted", "seconds", "closed"),
    [(True, 9, 0), (True, 8, 40), (False, 9, 40), (False, 8, 40)],
)
def test_fills_of_an_exit_are_taken_back_by_a_newer_report_that_has_counted_them(
    is_counted: bool, seconds: int, closed: int
) -> None:
    one = with_exits(GUARDED, (exit_of(40),), None, at(9))
    less = replace(exit_of(0), is_counted=is_counted)
    assert with_exits(one, (less,), None, at(seconds)).closed == closed


@pytest.mark.parametrize(
    ("exits", "elsewhere", "state", "why"),
    [
        ((exit_of(100),), None, TradeState.CLOSED, ""),
        ((exit_of(100),), GuardEnd.SHIELD_FILLED, TradeState.CLOSED, ""),
        ((), GuardEnd.CLOSED_BY_HAND, TradeState.CLOSED, GuardEnd.CLOSED_BY_HAND.value),
        ((exit_of(1),), GuardEnd.LESS_IS_HELD, TradeState.CLOSED, GuardEnd.LESS_IS_HELD.value),
        ((), GuardEnd.EXPIRED, TradeState.CLOSED, GuardEnd.EXPIRED.value),
        ((), None, TradeState.ESCALATED, "the position is not what our orders say"),
        ((exit_of(99),), None, TradeState.ESCALATED, "the position is not what our orders say"),
        (
            (exit_of(60), exit_of(60, generation=2)),
            GuardEnd.SHIELD_FILLED,
            TradeState.ESCALATED,
            "more was closed than was entered, by 20",
        ),
    ],
)
def test_a_position_ends_closed_or_with_a_person(
    exits: tuple[OrderSummary, ...], elsewhere: GuardEnd | None, state: TradeState, why: str
) -> None:
    ended = ending(with_exits(GUARDED, exits, None, NOW), elsewhere)
    assert (ended.lifecycle.state, ended.why) == (state, why)


def test_an_entry_that_is_corrected_when_it_is_over_counts_as_it_is_told_at_last() -> None:
    assert GUARDED.entry is not None
    less, none = (
        replace(GUARDED.entry, filled=Decimal(filled), value=Decimal(filled * 100))
        for filled in (92, 0)
    )
    told = with_exits(GUARDED, (exit_of(92),), None, at(9), less)
    assert told.entered == told.lifecycle.risk_filled == 92
    assert told.left == 0
    assert with_exits(told, (), None, at(9), less) == told
    assert with_exits(told, (), None, at(9)).entered == 92
    assert ending(told, None).lifecycle.state is TradeState.CLOSED
    nothing = with_exits(GUARDED, (), None, at(9), none)
    assert ending(nothing, None).lifecycle.state is TradeState.CLOSED


def test_a_price_that_is_corrected_alone_changes_what_it_cost_and_nothing_else() -> None:
    assert GUARDED.entry is not None
    dearer = replace(GUARDED.entry, value=Decimal(10_050))
    told = with_exits(GUARDED, (), None, at(9), dearer)
    assert told.lifecycle == GUARDED.lifecycle
    assert told.entry is not None
    assert (told.entry.filled, told.entry.value) == (GUARDED.entry.filled, Decimal(10_050))


def test_an_entry_that_is_not_over_tells_of_itself() -> None:
    partly = after_report(WAITING, report(ORDER, ArmPhase.WORKING, filled=30), ALL)
    assert partly.entry is not None
    older = replace(partly.entry, filled=Decimal(20))
    assert with_exits(partly, (), None, NOW, older).entered == 30


def test_what_never_filled_is_cancelled_and_what_is_over_stays_as_it_is() -> None:
    assert ending(WAITING, None).lifecycle.state is TradeState.CANCELLED
    over = after_event(WAITING, Happened.REJECTED, "no room")
    assert ending(over, None) is over


def test_a_settlement_values_what_was_closed() -> None:
    dollars, francs = CommissionTotal("USD", Decimal("1.10")), CommissionTotal("CHF", Decimal(2))
    assert GUARDED.entry is not None
    entered = replace(GUARDED, entry=replace(GUARDED.entry, commissions=(dollars, francs)))
    half = with_exits(entered, (replace(exit_of(40), commissions=(dollars,)),), None, NOW)
    settled = settlement_of(half, 265598, Decimal(2), at(5))
    assert settled.profit == (Decimal("97.00") - Decimal("100.05")) * 40 * 2
    assert settled.left_over == 60
    assert [order.filled for order in settled.orders] == [100, 40]
    assert settled.commissions == (francs, CommissionTotal("USD", Decimal("2.20")))
    assert (settled.at, settled.naked_seconds) == (at(5), Decimal(0))
    whole = with_exits(half, (exit_of(60, "101.00", 2),), None, NOW)
    both = Decimal("97.00") * 40 + Decimal("101.00") * 60 - Decimal("100.05") * 100
    assert settlement_of(whole, 1, Decimal(1), NOW).profit == both


def test_a_settlement_of_a_sale_gains_when_it_buys_back_lower() -> None:
    short = replace(with_exits(GUARDED, (exit_of(100),), None, NOW), side=Side.SELL)
    assert settlement_of(short, 1, Decimal(1), NOW).profit == Decimal("3.05") * 100


def test_a_settlement_whose_entry_has_filled_at_a_price_nobody_could_read_has_no_profit() -> None:
    assert GUARDED.entry is not None
    unread = replace(GUARDED.entry, value=Decimal(0), average_price=None, executions=0)
    closed = with_exits(replace(GUARDED, entry=unread), (exit_of(40),), None, NOW)
    settled = settlement_of(closed, 1, Decimal(1), NOW)
    assert (settled.profit, settled.left_over) == (None, Decimal(60))
    turned = with_exits(replace(GUARDED, entry=None), (exit_of(40),), None, NOW)
    assert settlement_of(turned, 1, Decimal(1), NOW).profit is None


def test_a_settlement_of_nothing_is_empty() -> None:
    empty = settlement_of(WAITING, 1, Decimal(1), NOW)
    assert (empty.orders, empty.profit, empty.commissions) == ((), Decimal(0), ())
    naked = replace(GUARDED, naked=NakedTime(Decimal(7), Decimal(0), NOW))
    unclosed = settlement_of(naked, 1, Decimal(1), NOW)
    assert (unclosed.profit, unclosed.naked_seconds) == (Decimal(0), Decimal(7))


def test_an_entry_that_had_only_left_is_forgotten_once_it_is_not_known_any_more() -> None:
    key = IntentKey(ORDER.trade, 0, Purpose.ENTRY, 1)
    unheard = replace(summary(key, 100), is_acknowledged=False)
    unknown = after_report(WAITING, report(ORDER, ArmPhase.UNKNOWN, entry=unheard), ALL)
    assert unknown.entry == unheard
    absent = after_report(unknown, report(ORDER, ArmPhase.OVER, entry=None, revision=2), ALL)
    assert absent.entry is None


@pytest.mark.parametrize(("filled", "is_acknowledged"), [(0, True), (40, False)])
def test_an_entry_that_was_there_is_not_forgotten_by_a_report_without_it(
    filled: int, is_acknowledged: bool
) -> None:
    key = IntentKey(ORDER.trade, 0, Purpose.ENTRY, 1)
    heard = replace(summary(key, 100, filled), is_acknowledged=is_acknowledged)
    working = after_report(WAITING, report(ORDER, ArmPhase.WORKING, entry=heard), ALL)
    later = after_report(working, report(ORDER, ArmPhase.UNKNOWN, entry=None, revision=2), ALL)
    assert later.entry == heard


def stop_of(filled: int) -> OrderSummary:
    """A stop at the broker that has filled so much."""
    key = IntentKey(ORDER.trade, 0, Purpose.PROTECT, 1)
    return summary(key, 100, filled, "97.00", OrderEnd.FILLED, Side.SELL)


def test_what_a_stop_has_filled_is_told_though_no_fill_of_its_entry_is_known() -> None:
    over = replace(report(ORDER, ArmPhase.EXPIRED, entry=None), stops=(stop_of(100), stop_of(0)))
    told = after_report(WAITING, over, ALL)
    assert told.exits == (stop_of(100),)
    assert settlement_of(told, 1, Decimal(1), NOW).left_over == -100


def test_what_a_stop_has_filled_is_told_by_whoever_guards_the_position() -> None:
    entered = replace(report(ORDER, ArmPhase.OVER, filled=100), stops=(stop_of(100),))
    assert after_report(WAITING, entered, ALL).exits == ()
    unknown = replace(report(ORDER, ArmPhase.UNKNOWN, entry=None), stops=(stop_of(100),))
    assert after_report(WAITING, unknown, ALL).exits == ()
    untouched = replace(report(ORDER, ArmPhase.EXPIRED, entry=None), stops=(stop_of(0),))
    assert after_report(WAITING, untouched, ALL).exits == ()
