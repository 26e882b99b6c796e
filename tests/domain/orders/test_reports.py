"""What a report of the broker may say at all."""

from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from backstay.domain.orders.reports import (
    BrokerReport,
    CommissionReported,
    ExecutionReported,
    OrderStatus,
    StatusReported,
)
from tests.domain.orders.told import (
    absence_told,
    at,
    cancel_refused,
    cancelled,
    completed,
    cost,
    described,
    fill,
    rejected,
    status,
)

EVERY_KIND = [
    described(),
    described(terms=None),
    status("a word of tomorrow"),
    fill(),
    cost(amount="-0.35"),
    completed(),
    rejected(),
    cancel_refused(),
    cancelled(),
    absence_told(),
]


@pytest.mark.parametrize(
    ("report", "change", "complaint"),
    [
        (described(), {"order_id": 0, "perm_id": 0}, "an order names neither an order id nor a"),
        (status(), {"order_id": 0, "perm_id": 0}, "a status names neither"),
        (fill(), {"order_id": 0, "perm_id": 0}, "an execution names neither"),
        (completed(), {"perm_id": 0}, "a completed order names neither"),
        (rejected(), {"order_id": 0}, "a rejection names neither"),
        (cancel_refused(), {"order_id": 0}, "a refused cancel names neither"),
        (cancelled(), {"order_id": 0}, "a confirmed cancel names neither"),
        (absence_told(), {"order_id": 0}, "an absence names neither"),
        (fill(), {"exec_id": ""}, "an execution has no id"),
        (cost(), {"exec_id": ""}, "an execution has no id"),
        (described(), {"quantity": Decimal(-1)}, "the quantity of an order is -1"),
        (status(), {"filled": Decimal(-1)}, "the filled quantity of a status is -1"),
        (status(), {"filled": Decimal("NaN")}, "the filled quantity of a status is NaN"),
        (completed(), {"filled": Decimal(-1)}, "the filled quantity of a completed order is -1"),
        (fill(), {"quantity": Decimal(-1)}, "the quantity of an execution is -1"),
        (fill(), {"price": Decimal("NaN")}, "the price of an execution is NaN"),
        (cost(), {"amount": Decimal("Infinity")}, "a commission is Infinity"),
    ],
)
def test_a_report_that_names_nothing_or_counts_wrong_is_refused(
    report: BrokerReport, change: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(report, **change)


@pytest.mark.req("S0.5")
@pytest.mark.parametrize(
    "report",
    [
        described(),
        status(),
        completed(),
        rejected(),
        cancel_refused(),
        cancelled(),
        absence_told(),
    ],
)
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_report_that_is_not_stamped_in_utc_is_refused(
    report: StatusReported, zone: timezone | None
) -> None:
    with pytest.raises(ValueError, match=rf"^{report.kind}: the time .* is not in UTC$"):
        replace(report, received_at=at(0).replace(tzinfo=zone))


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_an_execution_that_is_not_stamped_in_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match=r"^execution: the time .* is not in UTC$"):
        replace(fill(), executed_at=at(0).replace(tzinfo=zone))


@pytest.mark.parametrize(
    "report",
    [
        status(order_id=0),
        status(perm_id=0),
        fill(order_id=0),
        fill(perm_id=0),
        described(order_id=-3),
        described(order_id=0),
        described(perm_id=0),
        fill(quantity=0, price="0"),
        fill(price="-0.05"),
        described(quantity=0),
    ],
)
def test_what_the_broker_really_sends_is_accepted(report: BrokerReport) -> None:
    assert replace(report) == report


@pytest.mark.parametrize("report", EVERY_KIND, ids=lambda report: report.kind)
def test_every_kind_of_report_survives_json(report: BrokerReport) -> None:
    adapter: TypeAdapter[BrokerReport] = TypeAdapter(BrokerReport)
    again = adapter.validate_json(adapter.dump_json(report))
    assert again == report
    assert type(again) is type(report)


def test_json_that_breaks_a_rule_is_refused_as_well() -> None:
    adapter = TypeAdapter(ExecutionReported)
    text = adapter.dump_json(fill()).replace(b'"100"', b'"-100"')
    with pytest.raises(ValidationError, match="the quantity of an execution is -100"):
        adapter.validate_json(text)


def test_a_number_that_ib_leaves_out_does_not_come_in_by_json() -> None:
    adapter = TypeAdapter(CommissionReported)
    with pytest.raises(ValidationError, match="finite"):
        adapter.validate_json(adapter.dump_json(cost()).replace(b'"1.00"', b'"NaN"'))


def test_the_words_of_ib_stand_in_the_sequence_of_an_orders_way() -> None:
    assert [word.value for word in OrderStatus] == [
        "ApiPending",
        "PendingSubmit",
        "Inactive",
        "PreSubmitted",
        "Submitted",
        "PendingCancel",
        "ApiCancelled",
        "Cancelled",
        "Filled",
    ]
