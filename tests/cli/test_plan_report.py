"""The report about any good plan at any price: made, printed, and travelled with."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.cli.plan.page import show
from backstay.cli.plan.report import PlanReport, group_report, trade_report
from backstay.cli.screen import Screen
from backstay.domain.orders.intent import prices_of
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.model import model_of
from backstay.domain.plan.sizing import Sized
from backstay.lab.stand_ins import GRID
from tests.domain.plan.strategies import documents, trade_documents

REPORT: TypeAdapter[PlanReport] = TypeAdapter(PlanReport)
PRICES = st.none() | st.integers(1, 200_000).map(lambda cents: Decimal(cents) / 100)


def report_about(document: dict[str, Any], price: Decimal | None) -> PlanReport:
    plan = model_of(document).model_validate(document)
    if isinstance(plan, GroupPlan):
        return group_report("plan.toml", plan, "DU1234567")
    return trade_report("plan.toml", plan, plan.account, price, price)


@settings(max_examples=20)
@given(documents(), PRICES)
def test_a_report_can_be_printed_and_comes_back_from_json_as_it_was(
    document: dict[str, Any], price: Decimal | None
) -> None:
    report = report_about(document, price)
    show(report, Screen(), Screen(errors=True))
    assert REPORT.validate_json(REPORT.dump_json(report)) == report


@settings(max_examples=30)
@given(trade_documents(), PRICES)
def test_the_first_orders_name_prices_that_the_grid_holds_and_on_the_right_sides(
    document: dict[str, Any], price: Decimal | None
) -> None:
    report = report_about(document, price)
    assert report.kind == "trade"
    if report.first is None:
        assert not isinstance(report.sizing, Sized)
        return
    assert isinstance(report.sizing, Sized)
    first, stops, sign = report.first, report.sizing.stops, report.plan.side.sign
    resting = prices_of(first.protection) if first.protection else ()
    assert all(GRID.holds(one) for one in (*resting, *prices_of(first.first_exit)))
    # Each is worse for the position than the stop: what is believed, and what the broker has.
    assert (stops.stop - first.breached_beyond) * sign >= 0
    assert all((stops.stop - one) * sign >= 0 for one in resting)
    if first.trail_from is not None:
        assert (first.trail_from - report.sizing.entry_price) * sign > 0
    assert sum(first.target_quantities) <= report.sizing.quantity
