"""The record of what happens at the exchange."""

from dataclasses import replace
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.gateway.agenda import Agenda
from backstay.gateway.audit import Audit
from backstay.gateway.events import (
    CashChanged,
    CommissionCharged,
    Event,
    Executed,
    ExecutionForgotten,
    OrderChanged,
    OrderForgotten,
    OrderNoted,
    PositionChanged,
)
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution, Side
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

KEYS = [
    *("t", "what", "account", "con_id", "perm_id", "ref", "side", "qty", "price", "status"),
    *("position_after", "cash_after"),
]
CALL = Contract(con_id=9, symbol="SPX", sec_type="OPT", multiplier="100", currency="USD")
EXECUTION = Execution(
    exec_id="0000e0d5.0001.01.01",
    time_ns=5,
    account="DU1",
    exchange="CBOE",
    side=Side.SOLD,
    shares=Decimal(2),
    price=Decimal("1.50"),
    perm_id=77,
    client_id=3,
    order_id=12,
    cum_quantity=Decimal(2),
    average_price=Decimal("1.50"),
    order_ref="bs1:T7K2M9QX:0:EN:1",
)
HELD = HeldOrder(
    contract=CALL,
    order=Order(
        order_id=12,
        client_id=3,
        perm_id=77,
        account="DU1",
        action="SELL",
        quantity=Decimal(2),
        limit_price=Decimal("1.50"),
        aux_price=Decimal("1.40"),
        order_ref="bs1:T7K2M9QX:0:EN:1",
    ),
    status=Status.SUBMITTED,
    accepted_ns=1,
    changed_ns=2,
    filled=Decimal(1),
)


def recorded(*events: Event, now_ns: int = 42) -> list[str]:
    lines: list[str] = []
    audit = Audit(lines.append, Agenda(now_ns))
    for event in events:
        audit.on_event(event)
    audit.flush()
    return lines


def struck(name: str, subject: str) -> dict[str, Any]:
    lines: list[str] = []
    audit = Audit(lines.append, Agenda(42))
    audit.on_strike(name, subject)
    audit.flush()
    fields: dict[str, Any] = loads(lines[0])
    return fields


def only(event: Event) -> dict[str, Any]:
    """The one line about `event`, without what doesn't apply to it."""
    (line,) = recorded(event)
    assert line.endswith("}\n")
    fields: dict[str, Any] = loads(line)
    assert list(fields)[: len(KEYS)] == KEYS
    return {key: value for key, value in fields.items() if value is not None}


def test_an_order_is_recorded_with_its_terms_and_its_status() -> None:
    assert only(OrderChanged(HELD, reworded=True)) == {
        "t": 42,
        "what": "order",
        "account": "DU1",
        "con_id": 9,
        "perm_id": 77,
        "ref": "bs1:T7K2M9QX:0:EN:1",
        "side": "SELL",
        "qty": "2",
        "price": "1.5",
        "status": "Submitted",
        "order_id": 12,
        "client_id": 3,
        "filled": "1",
        "over": False,
    }


def test_an_order_that_is_done_with_is_over_whatever_its_status() -> None:
    rejected = replace(HELD, status=Status.INACTIVE, completed_ns=9)
    assert only(OrderChanged(rejected, reworded=True))["over"] is True


@pytest.mark.parametrize(
    ("limit", "stop", "price"),
    [(None, Decimal("1.40"), "1.4"), (Decimal(0), Decimal("1.40"), "0"), (None, None, None)],
)
def test_the_price_of_an_order_is_its_limit_or_else_its_stop(
    limit: Decimal | None, stop: Decimal | None, price: str | None
) -> None:
    order = replace(HELD.order, limit_price=limit, aux_price=stop)
    line = only(OrderChanged(replace(HELD, order=order), reworded=False))
    assert line.get("price") == price


def test_an_execution_is_recorded_with_all_that_its_cash_follows_from() -> None:
    assert only(Executed(CALL, EXECUTION)) == {
        "t": 42,
        "what": "execution",
        "account": "DU1",
        "con_id": 9,
        "perm_id": 77,
        "ref": "bs1:T7K2M9QX:0:EN:1",
        "side": "SLD",
        "qty": "2",
        "price": "1.5",
        "exec_id": "0000e0d5.0001.01.01",
        "order_id": 12,
        "client_id": 3,
        "multiplier": "100",
        "currency": "USD",
    }


def test_a_stock_has_a_multiplier_of_one() -> None:
    assert only(Executed(replace(CALL, multiplier=""), EXECUTION))["multiplier"] == "1"


def test_a_correction_names_what_it_replaces() -> None:
    new = replace(EXECUTION, exec_id="0000e0d5.0001.01.02")
    line = only(Executed(CALL, new, replaces=EXECUTION.exec_id))
    assert line["what"] == "correction"
    assert (line["exec_id"], line["replaces"]) == (new.exec_id, EXECUTION.exec_id)


def test_a_position_is_recorded_as_it_is_after_the_change() -> None:
    event = PositionChanged("DU1", CALL, Decimal(-2), Decimal("149.35"), "trade")
    assert only(event) == {
        "t": 42,
        "what": "position",
        "account": "DU1",
        "con_id": 9,
        "position_after": "-2",
        "average_cost": "149.35",
        "reason": "trade",
    }


def test_cash_is_recorded_with_what_it_was_for() -> None:
    event = CashChanged("DU1", "USD", Decimal("300.00"), Decimal("1300.00"), "trade", "e.01")
    assert only(event) == {
        "t": 42,
        "what": "cash",
        "account": "DU1",
        "cash_after": "1300",
        "amount": "300",
        "currency": "USD",
        "reason": "trade",
        "exec_id": "e.01",
    }


@pytest.mark.parametrize(
    ("subject", "perm_id", "ref"),
    [
        ("permId 77", 77, None),
        ("PendingCancel of order 12, permId 7", 7, None),
        ("order -12 bs1:T7K2M9QX:0:EN:1", None, "bs1:T7K2M9QX:0:EN:1"),
        ("order 12", None, None),
        ("the clock", None, None),
    ],
)
def test_a_fault_is_recorded_by_its_name_and_with_what_it_strikes(
    subject: str, perm_id: int | None, ref: str | None
) -> None:
    fields = struck("fill-after-cancel", subject)
    assert (fields["what"], fields["name"]) == ("fault", "fill-after-cancel")
    assert (fields["subject"], fields["perm_id"], fields["t"]) == (subject, perm_id, 42)
    assert fields["ref"] == ref


def test_a_struck_execution_is_named() -> None:
    assert struck("execution-busted", "execution e0.1.01.01")["exec_id"] == "e0.1.01.01"


@pytest.mark.parametrize(
    "event",
    [
        OrderNoted(3, 12, 399, "waits"),
        CommissionCharged("DU1", 3, Commission("e.01", Decimal(1), "USD")),
        OrderForgotten(77),
        ExecutionForgotten("e.01"),
    ],
)
def test_what_changes_nothing_is_not_recorded(event: Event) -> None:
    assert recorded(event) == []


@pytest.mark.parametrize(
    ("number", "text"),
    [("1E+3", "1000"), ("0.00000000", "0"), ("-0", "0"), ("100", "100"), ("-0.50", "-0.5")],
)
def test_a_number_has_one_spelling(number: str, text: str) -> None:
    event = PositionChanged("DU1", CALL, Decimal(number), Decimal(0))
    assert only(event)["position_after"] == text


def test_nothing_is_written_before_the_turn_is_over_and_nothing_twice() -> None:
    lines: list[str] = []
    agenda = Agenda(42)
    audit = Audit(lines.append, agenda)
    audit.on_event(OrderChanged(HELD, reworded=True))
    agenda.advance(43)
    audit.on_event(Executed(CALL, EXECUTION))
    assert lines == []
    audit.flush()
    audit.flush()
    assert [loads(line)["t"] for line in lines] == [42, 43]


def test_a_line_that_can_not_be_written_is_tried_again_and_no_other_twice() -> None:
    lines: list[str] = []
    fails = iter([False, True, False, False, False])

    def write(line: str) -> None:
        if next(fails):
            raise OSError(28, "No space left on device")
        lines.append(line)

    audit = Audit(write, Agenda(42))
    assert audit.unwritten == ""
    audit.on_event(OrderChanged(HELD, reworded=True))
    audit.on_event(Executed(CALL, EXECUTION))
    whole = audit.unwritten
    with pytest.raises(OSError, match="No space left"):
        audit.flush()
    assert "".join(lines) + audit.unwritten == whole
    audit.on_event(OrderChanged(HELD, reworded=True))
    audit.flush()
    assert audit.unwritten == ""
    assert [loads(line)["what"] for line in lines] == ["order", "execution", "order"]
    assert "".join(lines[:2]) == whole


def test_the_same_events_give_the_same_bytes() -> None:
    events = (OrderChanged(HELD, reworded=True), Executed(CALL, EXECUTION))
    assert recorded(*events) == recorded(*events)
