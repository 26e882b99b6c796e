"""Orders go to the exchange as they came; what is told of them goes to who may hear it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.events import CommissionCharged, Executed, OrderChanged, OrderNoted
from backstay.gateway.messages.order_replies import (
    CommissionReport,
    ExecutionDetails,
    OpenOrder,
    OpenOrdersEnd,
    OrderStatus,
)
from backstay.gateway.messages.replies import Notice
from backstay.gateway.messages.requests import (
    CancelAll,
    CancelOrder,
    PlaceOrder,
    Request,
    RequestAllOpenOrders,
    RequestAutoOpenOrders,
    RequestOpenOrders,
)
from backstay.gateway.settings import Settings
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission
from backstay.gateway.values.state import MarginPreview, Status
from tests.gateway.front.doubles import AAPL, ONE, Caller, Room, execution, held, order

D = Decimal
WRITTEN = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
PLACED = PlaceOrder(1, WRITTEN, order())
STATUS = OrderStatus(1, Status.SUBMITTED, D(0), D(10), D(0), 5001, 0, D(0), 7)
OPEN = OpenOrder(AAPL.contract, order(), Status.SUBMITTED)
COST = Commission(execution().exec_id, D("1.00"), "USD")


def by_hand(order_id: int = 0) -> OrderChanged:
    return OrderChanged(held(order_id, client_id=0), reworded=True)


def test_orders_and_cancels_go_to_the_exchange_under_the_clients_id() -> None:
    room = Room()
    assert room.caller(7).ask(PLACED, CancelOrder(1), CancelAll()) == []
    assert room.exchange.asked == [
        ("place", 7, 1, WRITTEN, order()),
        ("cancel", 7, 1),
        ("cancel_all", 7),
    ]


@pytest.mark.parametrize(
    ("request_", "req_id"),
    [
        (PLACED, 1),
        (replace(PLACED, order=order(what_if=True)), 1),
        (CancelOrder(4), 4),
        (CancelAll(), -1),
    ],
)
def test_a_read_only_gateway_takes_no_orders(request_: Request, req_id: int) -> None:
    room = Room(Settings(read_only=True))
    (told,) = room.caller().ask(request_)
    assert isinstance(told, Notice)
    assert (told.req_id, told.code) == (req_id, 321)
    assert told.text.endswith("cause - The API interface is currently in Read-Only mode.")
    assert room.exchange.asked == []


def test_a_what_if_is_answered_with_the_order_and_its_preview_and_not_placed() -> None:
    room = Room()
    asked = order(0, 0, perm_id=0, account="", what_if=True)
    assert room.caller(7).ask(PlaceOrder(9, WRITTEN, asked)) == [
        OpenOrder(
            AAPL.contract,
            replace(asked, order_id=9, client_id=7, account=ONE),
            Status.PRE_SUBMITTED,
            MarginPreview(init_change=D("47.50")),
        )
    ]
    assert [each[0] for each in room.exchange.asked] == ["what_if"]


def test_a_what_if_that_is_refused_is_a_notice() -> None:
    room = Room()
    room.exchange.preview = OrderNoted(7, 9, 201, "Order rejected - reason: too much")
    told = room.caller(7).ask(PlaceOrder(9, WRITTEN, order(what_if=True)))
    assert told == [Notice(9, 201, "Order rejected - reason: too much")]


def test_a_reworded_order_is_told_with_its_terms_and_then_its_status() -> None:
    room = Room()
    caller = room.caller(7)
    room.tell(OrderChanged(held(), reworded=True))
    assert caller.heard == [OPEN, STATUS]


def test_a_mere_change_of_status_is_told_as_such() -> None:
    room = Room()
    caller = room.caller(7)
    partly = held(
        filled=D(4),
        average_price=D("189.5"),
        last_price=D(190),
        why_held="trigger",
        order=order(parent_id=3),
    )
    room.tell(OrderChanged(partly, reworded=False))
    assert caller.heard == [
        OrderStatus(1, Status.SUBMITTED, D(4), D(6), D("189.5"), 5001, 3, D(190), 7, "trigger")
    ]


def test_a_note_reaches_the_client_whose_request_it_was() -> None:
    room = Room(Settings(master_client_id=9))
    caller, other, master = room.caller(7), room.caller(8), room.caller(9)
    room.tell(OrderNoted(7, 1, 201, "Order rejected", reject_json='{"rejects": []}'))
    assert caller.heard == [Notice(1, 201, "Order rejected", '{"rejects": []}')]
    assert (other.heard, master.heard) == ([], [])
    room.tell(OrderNoted(5, 1, 201, "for nobody here"))


def test_a_fill_and_its_commission_are_told_without_having_been_asked_for() -> None:
    room = Room()
    caller, other = room.caller(7), room.caller(8)
    room.tell(Executed(AAPL.contract, execution()))
    room.tell(CommissionCharged(ONE, 7, COST))
    assert caller.heard == [
        ExecutionDetails(-1, AAPL.contract, execution()),
        CommissionReport(COST),
    ]
    assert other.heard == []


def heard_of(caller: Caller) -> list[str]:
    return [type(each).__name__ for each in caller.heard]


@pytest.mark.parametrize(
    ("client_id", "order_id", "hearers"),
    [
        (7, 1, [7, 9]),
        (8, 1, [8, 9]),
        (9, 1, [9]),
        (0, 1, [0, 9]),
        (0, 0, [9]),
        (0, -4, [9]),
        (5, 1, [9]),
    ],
)
def test_an_order_is_heard_by_its_client_and_the_master_once_each(
    client_id: int, order_id: int, hearers: list[int]
) -> None:
    room = Room(Settings(master_client_id=9))
    callers = {each: room.caller(each) for each in (0, 7, 8, 9)}
    room.tell(OrderChanged(held(order_id, client_id), reworded=True))
    room.tell(Executed(AAPL.contract, execution(client_id=client_id, order_id=order_id)))
    room.tell(CommissionCharged(ONE, client_id, COST))
    everything = ["OpenOrder", "OrderStatus", "ExecutionDetails", "CommissionReport"]
    assert {each: heard_of(caller) for each, caller in callers.items()} == {
        each: everything if each in hearers else [] for each in callers
    }


def test_the_master_need_not_be_there() -> None:
    room = Room(Settings(master_client_id=9))
    caller = room.caller(7)
    room.tell(OrderChanged(held(), reworded=False))
    assert heard_of(caller) == ["OrderStatus"]


@pytest.mark.parametrize("order_id", [0, -4])
def test_client_0_hears_of_tws_orders_once_it_has_asked_to(order_id: int) -> None:
    room = Room()
    caller = room.caller(0)
    fill = execution(client_id=0, order_id=order_id)
    room.tell(by_hand(order_id))
    room.tell(Executed(AAPL.contract, fill))
    room.tell(CommissionCharged(ONE, 0, COST))
    assert caller.heard == []
    caller.ask(RequestAutoOpenOrders(bind=True))
    room.tell(by_hand(order_id))
    room.tell(Executed(AAPL.contract, fill))
    room.tell(CommissionCharged(ONE, 0, COST))
    assert heard_of(caller) == ["OpenOrder", "OrderStatus", "ExecutionDetails", "CommissionReport"]
    caller.ask(RequestAutoOpenOrders(bind=False))
    room.tell(by_hand(order_id))
    assert caller.heard == []


def test_nobody_but_client_0_can_bind_tws_orders() -> None:
    caller = Room().caller(7)
    caller.ask(RequestAutoOpenOrders(bind=True))
    assert caller.codes == [(-1, 321)]


@pytest.mark.parametrize(
    ("client_id", "request_", "orders"),
    [
        (7, RequestOpenOrders(), [(7, 1), (7, 2)]),
        (8, RequestOpenOrders(), [(8, 1)]),
        (5, RequestOpenOrders(), []),
        (0, RequestOpenOrders(), [(0, 0)]),
        (5, RequestAllOpenOrders(), [(7, 1), (8, 1), (7, 2), (0, 0)]),
    ],
)
def test_open_orders_are_told_each_with_its_status_and_then_end(
    client_id: int, request_: Request, orders: list[tuple[int, int]]
) -> None:
    room = Room()
    room.exchange.orders = [held(1, 7), held(1, 8), held(2, 7), held(0, 0)]
    caller = room.caller(client_id)
    told = caller.ask(request_)
    assert told[-1] == OpenOrdersEnd()
    terms, states = told[:-1:2], told[1:-1:2]
    assert [(each.order.client_id, each.order.order_id) for each in caller.all(OpenOrder)] == orders
    assert [(each.client_id, each.order_id) for each in caller.all(OrderStatus)] == orders
    assert {type(each) for each in terms} <= {OpenOrder}
    assert {type(each) for each in states} <= {OrderStatus}


def test_commissions_that_never_come_are_not_waited_for_for_ever() -> None:
    room = Room()
    caller = room.caller(0)
    for number in range(1, 1002):
        fill = execution(number, client_id=0, exec_id=f"fill.{number}")
        room.tell(Executed(AAPL.contract, fill))
    caller.heard.clear()
    for number in (1, 2):
        room.tell(CommissionCharged(ONE, 0, replace(COST, exec_id=f"fill.{number}")))
    assert [each.commission.exec_id for each in caller.all(CommissionReport)] == ["fill.2"]
