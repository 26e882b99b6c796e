"""What is over can be asked for: completed orders without ids, executions with their cost."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.messages.order_replies import (
    CommissionReport,
    CompletedOrder,
    CompletedOrdersEnd,
    ExecutionDetails,
    ExecutionsEnd,
)
from backstay.gateway.messages.requests import RequestCompletedOrders, RequestExecutions
from backstay.gateway.values.execution import Commission, Side
from backstay.gateway.values.state import Status
from tests.gateway.front.doubles import (
    AAPL,
    CALL,
    ONE,
    SECOND_NS,
    START_NS,
    TWO,
    Room,
    execution,
    held,
    order,
)

D = Decimal
FILLED = held(
    status=Status.FILLED,
    filled=D(10),
    completed_ns=START_NS,
    completed_status="Filled Size: 10",
    parent_perm_id=4999,
)
FIRST = execution(1, 7)
SECOND = execution(
    2,
    8,
    account=TWO,
    time_ns=START_NS + 60 * SECOND_NS,
    exchange="CBOE",
    side=Side.SOLD,
)
COST = Commission(FIRST.exec_id, D("1.00"), "USD")


def test_a_completed_order_has_lost_its_ids_and_says_how_it_ended() -> None:
    room = Room()
    room.exchange.over = [FILLED]
    assert room.caller().ask(RequestCompletedOrders()) == [
        CompletedOrder(
            AAPL.contract,
            replace(order(), order_id=0, client_id=0),
            Status.FILLED,
            D(10),
            "20251124 10:00:00 US/Eastern",
            "Filled Size: 10",
            4999,
        ),
        CompletedOrdersEnd(),
    ]


@pytest.mark.parametrize(("api_only", "perm_ids"), [(False, [5001, 5000, 4996]), (True, [5001])])
def test_tws_orders_are_among_them_unless_left_out(
    api_only: bool,
    perm_ids: list[int],
) -> None:
    room = Room()
    room.exchange.over = [FILLED, held(0, 0), held(-4, 0)]
    caller = room.caller()
    caller.ask(RequestCompletedOrders(api_only))
    assert [each.order.perm_id for each in caller.all(CompletedOrder)] == perm_ids


def test_an_order_without_a_time_of_its_end_has_none() -> None:
    room = Room()
    room.exchange.over = [held()]
    caller = room.caller()
    caller.ask(RequestCompletedOrders())
    assert caller.all(CompletedOrder)[0].completed_time == ""


def test_each_execution_is_followed_by_its_commission_where_there_is_one() -> None:
    room = Room()
    room.exchange.fills = [(AAPL.contract, FIRST), (CALL.contract, SECOND)]
    room.exchange.costs = [COST]
    assert room.caller().ask(RequestExecutions(4)) == [
        ExecutionDetails(4, AAPL.contract, FIRST),
        CommissionReport(COST),
        ExecutionDetails(4, CALL.contract, SECOND),
        ExecutionsEnd(4),
    ]


@pytest.mark.parametrize(
    ("wanted", "exec_ids"),
    [
        ({}, [1, 2]),
        ({"client_id": 7}, [1]),
        ({"client_id": 5}, []),
        ({"account": ONE}, [1]),
        ({"account": TWO}, [2]),
        ({"symbol": "aapl"}, [1, 2]),
        ({"symbol": "MSFT"}, []),
        ({"sec_type": "OPT"}, [2]),
        ({"sec_type": "stk"}, [1]),
        ({"exchange": "cboe"}, [2]),
        ({"side": "BUY"}, [1]),
        ({"side": "bot"}, [1]),
        ({"side": "SELL"}, [2]),
        ({"side": "SLD"}, [2]),
        ({"side": "SSHORT"}, [2]),
        ({"time": "20251124 10:00:00"}, [1, 2]),
        ({"time": "20251124 10:00:01"}, [2]),
        ({"time": "20251124 10:01:00 US/Eastern"}, [2]),
        ({"time": "20251124 10:01:01 US/Eastern"}, []),
        ({"time": "20251124-15:00:00"}, [1, 2]),
        ({"time": "20251124-15:00:01"}, [2]),
        ({"time": "20251124 16:00:01 Europe/Berlin"}, [2]),
        ({"client_id": 7, "account": TWO}, []),
    ],
)
def test_the_filter_lets_through_what_agrees_in_every_field(
    wanted: dict[str, object], exec_ids: list[int]
) -> None:
    room = Room()
    room.exchange.fills = [(AAPL.contract, FIRST), (CALL.contract, SECOND)]
    caller = room.caller(5)
    caller.ask(RequestExecutions(4, **wanted))  # type: ignore[arg-type]
    assert [each.execution.order_id for each in caller.all(ExecutionDetails)] == exec_ids
    assert caller.heard[-1] == ExecutionsEnd(4)


@pytest.mark.parametrize(
    "wanted",
    [
        {"time": "yesterday"},
        {"time": "20251124"},
        {"time": "20251124 25:00:00"},
        {"time": "20251124 10:00:00 Nowhere"},
        {"side": "HOLD"},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(wanted: dict[str, object]) -> None:
    caller = Room().caller()
    caller.ask(RequestExecutions(4, **wanted))  # type: ignore[arg-type]
    assert (caller.codes, len(caller.heard)) == ([(4, 321)], 1)
