"""The figures of what is live: exact, for both sides, and none where one can't be told."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.live import Distance, LegPhase, Profit, StopStanding
from backstay.domain.edge.reckoning import (
    Traded,
    distance,
    leg_phase,
    profit,
    stop_standing,
    traded,
)
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import CommissionReported, ExecutionReported, StatusReported
from backstay.domain.orders.view import CommissionTotal, OrderView, view_of
from backstay.domain.protection.naked import Cover
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing, stop_crossing
from tests.domain.edge.samples import NOW, SHARE

CONTRACT = replace(SHARE, multiplier=Decimal(100))
PRICES = some.decimals(Decimal("0.01"), Decimal(10_000), places=2)
QUANTITIES = some.integers(1, 10_000).map(Decimal)
SIDES = some.sampled_from(Side)


def usd(amount: str) -> tuple[CommissionTotal, ...]:
    return (CommissionTotal("USD", Decimal(amount)),)


def fills(quantity: str, value: str, cost: str = "0", **more: bool) -> Traded:
    return Traded(Decimal(quantity), Decimal(value), usd(cost), **more)


# --- phases ---


@pytest.mark.parametrize(
    ("arm", "watched", "leaving", "held", "phase"),
    [
        (ArmPhase.WAITING, False, False, "0", LegPhase.WAITING),
        (ArmPhase.SENDING, False, False, "0", LegPhase.SENDING),
        (ArmPhase.WORKING, False, False, "40", LegPhase.WORKING),
        (ArmPhase.WORKING, True, False, "40", LegPhase.GUARDING),
        (ArmPhase.UNKNOWN, False, False, "0", LegPhase.UNKNOWN),
        (ArmPhase.UNKNOWN, True, False, "40", LegPhase.UNKNOWN),
        (ArmPhase.UNKNOWN, True, True, "40", LegPhase.LEAVING),
        (ArmPhase.OVER, True, False, "100", LegPhase.GUARDING),
        (ArmPhase.OVER, False, True, "100", LegPhase.LEAVING),
        (ArmPhase.OVER, False, False, "100", LegPhase.HELD),
        (ArmPhase.OVER, False, False, "0", LegPhase.OVER),
        (ArmPhase.MISSED, False, False, "0", LegPhase.OVER),
        (ArmPhase.EXPIRED, False, False, "0", LegPhase.OVER),
        (ArmPhase.REFUSED, False, False, "0", LegPhase.OVER),
        (ArmPhase.WITHDRAWN, False, False, "0", LegPhase.OVER),
        (None, True, False, "100", LegPhase.GUARDING),
        (None, False, True, "100", LegPhase.LEAVING),
        (None, False, False, "1", LegPhase.HELD),
        (None, False, False, "0", LegPhase.OVER),
    ],
)
def test_a_leg_is_about_what_is_most_urgent_of_it(
    arm: ArmPhase | None, watched: bool, leaving: bool, held: str, phase: LegPhase
) -> None:
    found = leg_phase(arm, Decimal(held), is_watched=watched, is_leaving=leaving)
    assert found is phase


def test_what_a_person_has_to_know_of_comes_first() -> None:
    order = sorted(LegPhase, key=lambda phase: phase.urgency)
    assert order[:3] == [LegPhase.UNKNOWN, LegPhase.LEAVING, LegPhase.HELD]
    assert order[-2:] == [LegPhase.WAITING, LegPhase.OVER]


# --- distances ---


@pytest.mark.parametrize(
    ("crossing", "level", "price", "away", "percent"),
    [
        (Crossing.ABOVE, "101", "100", "1", "1.0000"),
        (Crossing.ABOVE, "100", "100", "0", "0.0000"),
        (Crossing.ABOVE, "99", "100", "-1", "-1.0000"),
        (Crossing.BELOW, "98", "100", "2", "2.0000"),
        (Crossing.BELOW, "103", "100", "-3", "-3.0000"),
        (Crossing.BELOW, "2", "3", "1", "33.3333"),
    ],
)
def test_a_distance_is_what_the_price_has_to_go_yet(
    crossing: Crossing, level: str, price: str, away: str, percent: str
) -> None:
    found = distance(crossing, Decimal(level), Decimal(price))
    assert found == Distance(Decimal(away), Decimal(percent))
    assert found is not None
    assert str(found.percent) == percent


def test_without_a_price_there_is_no_distance() -> None:
    assert distance(Crossing.ABOVE, Decimal(100), None) is None


@given(PRICES, PRICES, SIDES)
def test_a_stop_is_as_far_away_as_the_position_can_lose_per_unit(
    stop: Decimal, price: Decimal, side: Side
) -> None:
    away = distance(stop_crossing(side.opposite), stop, price)
    assert away is not None
    assert away.price == side.sign * (price - stop)
    assert (away.price > 0) is (away.percent > 0) or abs(away.percent) < Decimal("0.0001")


# --- the stop at the broker ---


@pytest.mark.parametrize(
    ("held", "awake", "asleep", "exits", "standing"),
    [
        (0, [], [], [], StopStanding.NONE),
        (0, [], [100], [], StopStanding.ACKNOWLEDGED),
        (0, [], [0], [], StopStanding.NONE),
        (100, [100], [], [], StopStanding.ACKNOWLEDGED),
        (100, [60, 40], [], [], StopStanding.ACKNOWLEDGED),
        (100, [99], [], [], StopStanding.MISSING),
        (100, [60], [], [40], StopStanding.ACKNOWLEDGED),
        (100, [], [], [100], StopStanding.EXIT),
        (100, [0], [], [100], StopStanding.EXIT),
        (100, [], [], [99], StopStanding.MISSING),
        (100, [], [100], [], StopStanding.ASLEEP),
        (100, [], [99], [], StopStanding.MISSING),
        (100, [], [], [], StopStanding.MISSING),
    ],
)
def test_a_stop_stands_only_over_all_that_is_open(
    held: int, awake: list[int], asleep: list[int], exits: list[int], standing: StopStanding
) -> None:
    covers = [[Cover(Decimal(each)) for each in part] for part in (awake, asleep, exits)]
    assert stop_standing(Decimal(held), *covers, is_virtual=False) is standing
    assert stop_standing(Decimal(held), *covers, is_virtual=True) is StopStanding.VIRTUAL


def test_two_orders_of_one_group_cover_only_once() -> None:
    pair = [Cover(Decimal(50), "group"), Cover(Decimal(50), "group")]
    assert stop_standing(Decimal(100), pair, [], [], is_virtual=False) is StopStanding.MISSING
    assert stop_standing(Decimal(50), pair, [], [], is_virtual=False) is StopStanding.ACKNOWLEDGED


# --- profit and loss ---


@pytest.mark.parametrize(
    ("side", "average", "price", "unrealised"),
    [
        (Side.BUY, "100", "101.50", "150.00"),
        (Side.BUY, "100", "99", "-100"),
        (Side.SELL, "100", "99", "100"),
        (Side.SELL, "100", "101.50", "-150.00"),
    ],
)
def test_what_is_open_is_worth_the_price(
    side: Side, average: str, price: str, unrealised: str
) -> None:
    costs = Traded(costs=usd("1.25"))
    found = profit(side, SHARE, Decimal(average), Traded(), Decimal(100), Decimal(price), costs)
    after = Decimal(unrealised) - Decimal("1.25")
    expected = Profit("USD", Decimal(0), Decimal(unrealised), usd("1.25"), True, after)
    assert found == expected
    assert found.before_costs == Decimal(unrealised)


@pytest.mark.parametrize(("side", "realised"), [(Side.BUY, "-12000"), (Side.SELL, "12000")])
def test_what_is_closed_counts_the_multiplier(side: Side, realised: str) -> None:
    exits = fills("60", "588")
    found = profit(side, CONTRACT, Decimal("11.80"), exits, Decimal(0), None, exits)
    assert (found.realised, found.unrealised) == (Decimal(realised), Decimal(0))
    assert found.after_costs == Decimal(realised)


@pytest.mark.parametrize(
    ("average", "exits", "held", "price", "known"),
    [
        (None, fills("60", "588"), "40", "9", (False, False)),
        (None, Traded(), "40", "9", (True, False)),
        (None, Traded(), "0", None, (True, True)),
        ("10", Traded(), "40", None, (True, False)),
        ("10", fills("60", "588", is_whole=False), "40", "9", (False, True)),
        ("10", fills("60", "588"), None, "9", (False, False)),
        ("10", fills("60", "588"), "40", "9", (True, True)),
    ],
)
def test_what_is_unknown_stays_unknown(
    average: str | None,
    exits: Traded,
    held: str | None,
    price: str | None,
    known: tuple[bool, bool],
) -> None:
    found = profit(
        Side.BUY,
        SHARE,
        None if average is None else Decimal(average),
        exits,
        None if held is None else Decimal(held),
        None if price is None else Decimal(price),
        Traded(),
    )
    assert (found.realised is not None, found.unrealised is not None) == known
    assert (found.before_costs is not None) is all(known)
    assert (found.after_costs is not None) is all(known)


def test_costs_that_were_not_told_or_are_in_other_money_leave_the_whole_open() -> None:
    exits = Traded()
    for costs in (Traded(costs_known=False), Traded(costs=(CommissionTotal("EUR", Decimal(1)),))):
        found = profit(Side.BUY, SHARE, None, exits, Decimal(0), None, costs)
        assert (found.before_costs, found.after_costs) == (Decimal(0), None)
        assert (found.costs, found.costs_known) == (costs.costs, costs.costs_known)


@given(SIDES, PRICES, PRICES, QUANTITIES, QUANTITIES)
def test_closing_at_the_price_that_stands_changes_nothing(
    side: Side, average: Decimal, price: Decimal, first: Decimal, second: Decimal
) -> None:
    whole, costs = first + second, Traded()
    before = profit(side, CONTRACT, average, Traded(), whole, price, costs)
    part = Traded(first, first * price)
    after = profit(side, CONTRACT, average, part, second, price, costs)
    assert before.before_costs == after.before_costs


@given(PRICES, PRICES, QUANTITIES)
def test_a_short_loses_what_a_long_wins(
    average: Decimal, price: Decimal, quantity: Decimal
) -> None:
    long, short = (
        profit(side, CONTRACT, average, Traded(), quantity, price, Traded()).before_costs
        for side in Side
    )
    assert long is not None
    assert short is not None
    assert long == -short


# --- what orders have filled ---


def view(*reports: ExecutionReported | CommissionReported | StatusReported) -> OrderView:
    return view_of(OrderFacts().with_reports(*reports), Side.BUY, Decimal(100))


def execution(number: int, quantity: str, price: str) -> ExecutionReported:
    amounts = Decimal(quantity), Decimal(price)
    return ExecutionReported(f"0000e{number}.01", 1, 7, Side.BUY, *amounts, NOW)


def test_an_order_has_filled_what_its_executions_add_up_to() -> None:
    cost = CommissionReported("0000e1.01", Decimal("1.05"), "USD")
    order = view(execution(1, "60", "10"), execution(2, "40", "10.50"), cost)
    found = traded(order, costs_known=False)
    assert found == Traded(Decimal(100), Decimal(1020), usd("1.05"), True, False)
    assert found.average_price == Decimal("10.2")


@pytest.mark.parametrize(
    "report",
    [
        CommissionReported("0000e9.01", Decimal(1), "USD"),
        StatusReported(1, 7, "Submitted", Decimal(70), "", NOW + timedelta(seconds=1)),
    ],
)
def test_where_a_fill_is_missing_there_is_no_average(
    report: CommissionReported | StatusReported,
) -> None:
    found = traded(view(execution(1, "60", "10"), report), costs_known=True)
    assert not found.is_whole
    assert (found.quantity, found.average_price) == (Decimal(60), None)


def test_nothing_has_no_average() -> None:
    assert Traded().average_price is None


def test_what_is_joined_is_known_only_if_both_are() -> None:
    one = Traded(Decimal(60), Decimal(600), usd("1"))
    euro = (CommissionTotal("EUR", Decimal(2)), CommissionTotal("USD", Decimal(3)))
    both = one.joined(Traded(Decimal(40), Decimal(420), euro, False, False))
    costs = (CommissionTotal("EUR", Decimal(2)), CommissionTotal("USD", Decimal(4)))
    assert both == Traded(Decimal(100), Decimal(1020), costs, False, False)
    assert one.joined(Traded()) == one
