"""The log of what was said on the wire."""

from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.gateway.agenda import Agenda
from backstay.gateway.gateway import Outlets
from backstay.gateway.messages.order_replies import (
    CompletedOrder,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import NextValidId
from backstay.gateway.messages.requests import CancelOrder, PlaceOrder, StartApi
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution, Side
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from backstay.gateway.wire_log import Direction, Message, Said, WireLog

REF = "bs1:T7K2M9QX:0:EN:1"
AAPL = Contract(con_id=1, symbol="AAPL", sec_type="STK")
ORDER = Order(order_id=12, perm_id=77, order_ref=REF, action="BUY", quantity=Decimal(100))
EXECUTION = Execution(
    exec_id="e.01",
    time_ns=5,
    account="DU1",
    exchange="ISLAND",
    side=Side.BOUGHT,
    shares=Decimal(100),
    price=Decimal("190.25"),
    perm_id=77,
    client_id=3,
    order_id=12,
    cum_quantity=Decimal(100),
    average_price=Decimal("190.25"),
    order_ref=REF,
)
STATUS = OrderStatus(
    order_id=12,
    status=Status.SUBMITTED,
    filled=Decimal(0),
    remaining=Decimal(100),
    average_price=Decimal(0),
    perm_id=77,
    parent_id=0,
    last_price=Decimal(0),
    client_id=3,
)


def logged(message: Message, direction: Direction = "out", client_id: int | None = 3) -> str:
    lines: list[str] = []
    log = WireLog(lambda said: lines.append(said.text()), Agenda(42))
    log.note(2, client_id, direction, message)
    (line,) = lines
    return line


def parsed(message: Message) -> dict[str, Any]:
    fields: dict[str, Any] = loads(logged(message))
    return fields


def test_a_message_is_one_line_with_its_connection_and_its_name() -> None:
    assert logged(NextValidId(5)) == (
        '{"t":42,"conn":2,"client":3,"dir":"out","msg":"nextValidId",'
        '"order_id":null,"perm_id":null,"ref":null,"fields":{"order_id":5}}\n'
    )


def test_what_comes_in_before_the_client_has_an_id_has_none() -> None:
    fields = loads(logged(StartApi(3), "in", None))
    assert (fields["client"], fields["dir"], fields["msg"]) == (None, "in", "startApi")


@pytest.mark.parametrize(
    ("message", "order_id", "perm_id", "ref"),
    [
        (PlaceOrder(12, AAPL, Order(order_ref=REF)), 12, None, REF),
        (PlaceOrder(12, AAPL, Order()), 12, None, None),
        (CancelOrder(12), 12, None, None),
        (OpenOrder(AAPL, ORDER, Status.SUBMITTED), 12, 77, REF),
        (CompletedOrder(AAPL, ORDER, Status.FILLED, Decimal(100)), None, 77, REF),
        (STATUS, 12, 77, None),
        (ExecutionDetails(-1, AAPL, EXECUTION), 12, 77, REF),
        (NextValidId(5), None, None, None),
    ],
)
def test_a_line_names_the_order_that_it_is_about(
    message: Message, order_id: int | None, perm_id: int | None, ref: str | None
) -> None:
    line = parsed(message)
    assert (line["order_id"], line["perm_id"], line["ref"]) == (order_id, perm_id, ref)


def test_numbers_are_written_as_text_and_what_is_usual_is_left_out() -> None:
    fields = parsed(OpenOrder(AAPL, ORDER, Status.SUBMITTED))["fields"]
    assert fields["order"]["quantity"] == "100"
    assert "limit_price" not in fields["order"]


def test_who_asks_for_no_words_is_handed_the_message_itself() -> None:
    lines, heard = list[str](), list[Said]()
    outlets = Outlets(wire_log=lines.append, said=heard.append)
    outlets.hear(Said(42, 2, 3, "out", "nextValidId", NextValidId(5), None))
    assert outlets.hears
    assert Outlets(said=heard.append).hears
    assert not Outlets().hears
    ((said,), (line,)) = heard, lines
    assert said.message == NextValidId(5)
    assert loads(line) == said.line()
