"""The first orders of a plan, what they are admitted with, and the arm and the guard they make."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import Guard, TargetReached
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.facts import Request
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, Market, StopLimit, TimeInForce
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.stops import Confirmation, Fired
from backstay.domain.ticks.trails import Resting
from backstay.domain.trade.admission import AdmissionRequest
from backstay.domain.trade.agreed import Agreed
from backstay.domain.trade.opening import FirstOrders, first_orders, held_outside_regular_hours
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.watching import (
    breaks_even_after,
    first_guard,
    guarded_on,
    leave_at,
    next_target,
    number_of_target,
    part_at,
)
from tests.domain.trade.samples import NOW, PLAN, agreed, an_order, prospect_of, report, summary

TARGETS = """
[[target]]
price = 102.00
fraction = 0.30
then = "break_even"
[[target]]
offset = 4.005
fraction = 0.70
"""
AT_ONCE = PLAN[: PLAN.index("[entry.trigger]")] + PLAN[PLAN.index("[stop]") :]
AT_MARKET = AT_ONCE.replace('order = "LMT"\nlimit_offset = 0.10', 'order = "MKT"')
VIRTUAL = PLAN + 'protection = "virtual"\n'
PREMARKET = PLAN.replace(
    'when = "above"', 'when = "above"\nsession = "premarket"\npremarket = "fire"'
)
TO_THE_CLOSE = "\n[time_exit]\nbefore_close_minutes = 5\n"


def first(more: str = "", plan: str = PLAN) -> FirstOrders:
    """The first orders of a plan."""
    order = an_order(more, plan)
    known = prospect_of(order)
    return first_orders(order.plan, order.account, known.instrument, known.sized, PESSIMISTIC)


def guard_of(deal: Agreed, filled: int = 100, **more: object) -> Guard:
    """The guard of what has filled."""
    told = replace(report(deal.order, ArmPhase.WORKING, filled=filled), **more)  # type: ignore[arg-type]
    assert told.entry is not None
    return first_guard(deal, told, told.entry)


def test_the_entry_leaves_with_its_stop_and_everything_has_a_key_of_its_own() -> None:
    orders = first()
    trade = an_order().trade
    assert [(each.key.leg, each.key.purpose) for each in orders.all] == [
        (0, Purpose.ENTRY),
        (0, Purpose.PROTECT),
        (0, Purpose.EXIT_STOP),
        (0, Purpose.EXIT_MANUAL),
    ]
    assert {each.key.trade for each in orders.all} == {trade}
    assert orders.protection is orders.stop
    assert orders.stop.parent == orders.entry.key
    assert orders.entry.terms == Limit(Decimal("100.10"))
    assert isinstance(orders.stop.terms, StopLimit)
    assert orders.first_exit.terms == Limit(Decimal("97.51"))
    assert orders.by_hand == replace(
        orders.first_exit, key=IntentKey(trade, 0, Purpose.EXIT_MANUAL, 1)
    )
    assert orders.ladder.shield == replace(orders.stop, key=orders.stop.key.next_generation())
    assert orders.ladder.trigger == Decimal("98.00")
    assert orders.ladder.first_key == orders.first_exit.key


def test_a_stop_off_the_books_is_not_sent_with_the_entry() -> None:
    orders = first(plan=VIRTUAL)
    assert orders.protection is None
    assert not orders.is_attached
    assert orders.stop.key.purpose is Purpose.PROTECT


def test_without_patience_for_a_limit_the_first_exit_is_a_market_order() -> None:
    orders = first("[stop.ladder]\nlimit_seconds = 0\n")
    assert orders.first_exit.terms == Market()


def test_an_entry_without_a_trigger_lasts_as_long_as_the_plan_says() -> None:
    assert first(plan=AT_MARKET).entry.terms == Market()
    assert first(plan=AT_ONCE).entry.time_in_force is TimeInForce.DAY
    lasting = AT_ONCE.replace("limit_offset", "expires = 2026-11-24T15:00:00Z\nlimit_offset")
    entry = first(plan=lasting).entry
    assert entry.time_in_force is TimeInForce.GOOD_TILL_DATE
    assert entry.good_till == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("plan", "more", "is_held"),
    [(PLAN, "", True), (PLAN, TO_THE_CLOSE, False), (PREMARKET, TO_THE_CLOSE, True)],
)
def test_a_position_is_held_outside_regular_hours_unless_the_plan_ends_with_them(
    plan: str, more: str, is_held: bool
) -> None:
    assert held_outside_regular_hours(an_order(more, plan).plan) is is_held


def test_an_entry_before_the_open_trades_then() -> None:
    assert first(plan=PREMARKET).entry.outside_regular_hours
    assert not first().entry.outside_regular_hours


def test_a_part_that_leaves_at_its_target_is_a_leg_and_the_last_is_not() -> None:
    orders = first(TARGETS)
    one, two = orders.targets
    assert (one.price, one.takes_all) == (Decimal("102.00"), False)
    assert (two.price, two.takes_all) == (Decimal("104.11"), True)
    assert (one.exit.key.leg, one.exit.key.purpose) == (1, Purpose.EXIT_TARGET)
    assert (two.exit.key.leg, two.exit.key.purpose) == (0, Purpose.EXIT_TARGET)
    assert (one.stop.key.leg, one.stop.parent) == (1, None)
    assert two.stop is orders.stop
    assert len(orders.all) == 4 + 3


def test_an_order_is_for_the_account_that_its_plan_names() -> None:
    named = PLAN.replace('side = "buy"', 'account = "DU1234567"\nside = "buy"')
    order = an_order(plan=named)
    assert order.workflow_id == "trade:DU1234567:aapl-test"
    with pytest.raises(ValueError, match=r"plan\.account: DU1234567; the trade was started in DU7"):
        TradeOrder(order.plan, "DU7654321")


def test_a_request_for_another_trade_is_no_request() -> None:
    deal = agreed(an_order())
    requests = (Request(deal.first.entry, deal.prospect.facts),)
    with pytest.raises(ValueError, match="is no order of ZZZZZZZZ"):
        AdmissionRequest("DU1234567", "aapl-test", "ZZZZZZZZ", requests, NOW)


def test_the_arm_is_made_of_what_was_approved() -> None:
    deal = agreed(an_order())
    arm = deal.arm()
    assert arm.entry == deal.approval(deal.first.entry.key)
    assert arm.protection == deal.approval(deal.first.stop.key)
    assert arm.trigger is not None
    assert arm.trigger.price == Decimal("100.00")
    assert arm.limit_offset == Decimal("0.10")
    assert arm.expires_at == datetime(2026, 11, 23, 20, 55, tzinfo=UTC)
    assert arm.asked == deal.prospect.asked


def test_an_arm_without_a_trigger_leaves_at_once() -> None:
    arm = agreed(an_order(plan=AT_ONCE)).arm()
    assert (arm.trigger, arm.limit_offset, arm.expires_at) == (None, None, None)
    assert agreed(an_order(plan=VIRTUAL)).arm().protection is None


def test_the_guard_watches_what_has_filled_from_the_stop_of_the_plan() -> None:
    deal = agreed(an_order())
    guard = guard_of(deal, 40)
    assert guard.quantity == 40
    assert guard.guarded.level.stop == Decimal("98.00")
    assert guard.shield == deal.first.stop
    assert guard.exit == deal.approval(deal.first.first_exit.key)
    assert guard.disaster_pct == deal.plan.stop.disaster_pct
    assert (guard.target, guard.leave_at, guard.rules.trail) == (None, None, None)
    assert guard_of(deal, asked=None).asked == deal.prospect.asked


def test_the_trail_begins_at_the_price_of_the_entry() -> None:
    deal = agreed(an_order("[stop.trail]\ndistance = 1.50\nactivate_pct = 1\n"))
    told = report(deal.order, ArmPhase.WORKING, filled=10)
    assert told.entry is not None
    guard = first_guard(deal, told, told.entry)
    assert guard.rules.trail is not None
    assert guard.rules.trail.distance == Decimal("1.50")
    unpriced = first_guard(deal, told, replace(told.entry, average_price=None))
    assert unpriced.rules.trail != guard.rules.trail


def test_after_a_target_the_same_guard_goes_on_with_all_that_has_filled_and_its_stop_of_then() -> (
    None
):
    deal = agreed(an_order("[[target]]\nprice = 104\nfraction = 0.5\n"))
    guard = guard_of(deal, filled=40)
    assert guard.target is not None
    level = Resting(Decimal("98.50"))
    seen = Guarded(level, Fired(Decimal("98.40"), NOW, Confirmation.TICKS))
    news = TargetReached(guard.key, 1, 1, guard.target, seen, NOW)
    on = replace(guard, quantity=Decimal(70), guarded=Guarded(level))
    assert guarded_on(guard, news, Decimal(70)) == on
    # What was taken back altogether leaves nothing to write down; the guard itself finds that out.
    assert guarded_on(guard, news, Decimal(0)).quantity == 40


def test_a_stop_off_the_books_is_no_shield() -> None:
    guard = guard_of(agreed(an_order(plan=VIRTUAL)))
    assert (guard.shield, guard.disaster_pct) == (None, None)


def test_the_shield_is_the_stop_that_stands_by_now() -> None:
    deal = agreed(an_order())
    stop = deal.first.stop.key
    over = summary(stop, 100, end=OrderEnd.CANCELLED, side=Side.SELL)
    again = summary(stop.next_generation(), 60, side=Side.SELL)
    attached = summary(stop, 100, side=Side.SELL)
    assert guard_of(deal, stops=(over,)).shield == deal.first.stop
    assert guard_of(deal, stops=(attached,)).shield == deal.first.stop
    shield = guard_of(deal, stops=(over, again)).shield
    assert shield is not None
    assert (shield.key, shield.quantity, shield.parent) == (
        stop.next_generation(),
        Decimal(60),
        None,
    )


def test_targets_come_one_after_the_other() -> None:
    deal = agreed(an_order(TARGETS))
    one, two = next_target(deal, 0, Decimal(100)), next_target(deal, 1, Decimal(100))
    assert one is not None
    assert two is not None
    assert (one.price, one.part) == (Decimal("102.00"), Decimal(30))
    assert (two.price, two.part) == (Decimal("104.11"), None)
    assert next_target(deal, 2, Decimal(100)) is None
    assert [number_of_target(deal.first, each) for each in (one, two)] == [0, 1]
    assert guard_of(deal).target == one


def test_a_part_of_less_than_one_is_passed_over_and_one_that_was_reached_is_one() -> None:
    deal = agreed(an_order(TARGETS))
    target = next_target(deal, 0, Decimal(3))
    assert target is not None
    assert target.part is None
    assert part_at(deal, 0, Decimal(3)) == 1
    assert part_at(deal, 0, Decimal(50)) == 15


def test_only_the_target_that_says_so_breaks_even() -> None:
    plan = an_order(TARGETS).plan
    assert [breaks_even_after(plan, number) for number in (0, 1)] == [True, False]


def test_a_position_is_left_when_the_plan_says() -> None:
    sessions = prospect_of(an_order()).sessions
    assert leave_at(an_order().plan, sessions, NOW) is None
    at = "\n[time_exit]\nat = 2026-11-24T15:00:00Z\n"
    assert leave_at(an_order(at).plan, sessions, NOW) == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    closing = an_order(TO_THE_CLOSE).plan
    ends = sessions[0].closes_at
    assert leave_at(closing, sessions, NOW) == ends - timedelta(minutes=5)
    assert leave_at(closing, sessions, ends - timedelta(microseconds=1)) is not None
    assert leave_at(closing, sessions, ends) is None
    assert leave_at(closing, (), NOW) is None
