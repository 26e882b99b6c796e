"""What a dry run comes to, as values that cross between processes as they are."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.codes import NOT_CONFIGURED, RefusalCode, Verdict
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.plan.complaints import Complaint
from backstay.domain.trade.admission import request_for_room
from backstay.domain.trade.dry_run import (
    DryRunReport,
    Foreseen,
    Unanswered,
    Unworkable,
    dry_run_id,
)
from backstay.domain.trade.opening import first_orders
from backstay.domain.trade.preflight import KnownTrade
from backstay.domain.trade.prospect import NoProspect
from tests.domain.trade.dry_runs import ORDER, ROOM, preflight, seen_prospect
from tests.domain.trade.samples import LIMITS, NOW

PROSPECT = seen_prospect(ORDER)
FIRST = first_orders(ORDER.plan, ORDER.account, PROSPECT.instrument, PROSPECT.sized, ORDER.profile)


def key(purpose: Purpose) -> IntentKey:
    return IntentKey(ORDER.trade, 0, purpose, 1)


@pytest.mark.parametrize(
    "report",
    [
        Foreseen(ORDER, PROSPECT, preflight()),
        Foreseen(
            ORDER,
            replace(PROSPECT, market=None, preview=None),
            preflight(
                None,
                obstacle=NOT_CONFIGURED,
                kill=KillState(2, KillMode.FLATTEN),
                halts=(Halt("a difference", "AAPL"),),
                known=KnownTrade("aapl-test", was_approved=True, ended_as=TradeState.CLOSED),
            ),
        ),
        Unworkable(ORDER, NoProspect((Complaint(("entry",), "no"),), NOW, PROSPECT.seen)),
        Unworkable(ORDER, NoProspect((Complaint(("instrument", "strike"), "no"),), NOW)),
        Unanswered(ORDER, "nobody is there"),
    ],
    ids=lambda report: report.kind,
)
def test_each_outcome_survives_the_journey(report: DryRunReport) -> None:
    adapter: TypeAdapter[DryRunReport] = TypeAdapter(DryRunReport)
    assert adapter.validate_json(adapter.dump_json(report)) == report


def test_a_request_for_room_names_every_first_order_at_the_time_of_the_prospect() -> None:
    asked = request_for_room(ORDER, FIRST, PROSPECT)
    assert (asked.account, asked.plan_id, asked.trade) == ("DU1234567", "aapl-test", ORDER.trade)
    assert tuple(request.intent for request in asked.requests) == FIRST.all
    assert {request.facts for request in asked.requests} == {PROSPECT.facts}
    assert asked.at == PROSPECT.at


def test_what_all_rules_agree_to_has_no_refusal() -> None:
    assert preflight().refusals == ()


def test_what_is_said_of_several_orders_in_the_same_words_is_one_refusal() -> None:
    (refusal,) = preflight(None).refusals
    assert refusal.verdict == NOT_CONFIGURED
    assert refusal.keys == tuple(order.key for order in FIRST.all)


def test_refusals_stand_in_the_order_in_which_they_are_asked_and_an_obstacle_before_them() -> None:
    settings = replace(LIMITS, blocked_symbols=("AAPL",), order_value_max=Decimal(1))
    taken = Verdict(RefusalCode.TRADE_TAKEN, passed=False, text="it is another's")
    said = preflight(settings, obstacle=taken).refusals
    assert [(refusal.verdict.code, refusal.keys) for refusal in said] == [
        (RefusalCode.TRADE_TAKEN, ()),
        (RefusalCode.SYMBOL_BLOCKED, (key(Purpose.ENTRY),)),
        (RefusalCode.ORDER_VALUE, (key(Purpose.ENTRY),)),
    ]


@pytest.mark.parametrize(
    ("bound", "left"),
    [(None, None), (Decimal(10_010), Decimal(0)), (Decimal(10_000), Decimal(-10))],
)
def test_the_room_that_is_left_is_what_the_trade_does_not_take(
    bound: Decimal | None, left: Decimal | None
) -> None:
    assert replace(ROOM, exposure_max=bound).exposure_left == left


def test_a_dry_run_is_named_by_its_moment_to_the_millisecond() -> None:
    at = NOW + timedelta(microseconds=7_999)
    assert dry_run_id(ORDER, at) == "dry-run:DU1234567:aapl-test:2026-11-23T15:00:00.007Z"
