"""The burst of requests with which ib_async begins, each with its own answer and end."""

from backstay.gateway.messages.order_replies import (
    CompletedOrder,
    CompletedOrdersEnd,
    ExecutionDetails,
    ExecutionsEnd,
    OpenOrder,
    OpenOrdersEnd,
)
from backstay.gateway.messages.replies import (
    AccountDownloadEnd,
    AccountValuesMultiEnd,
    PositionReport,
    PositionsEnd,
)
from backstay.gateway.messages.requests import (
    RequestAccountUpdates,
    RequestAccountUpdatesMulti,
    RequestCompletedOrders,
    RequestExecutions,
    RequestOpenOrders,
    RequestPositions,
)
from tests.gateway.front.doubles import ONE, Room, execution, held

ENDS = (
    PositionsEnd,
    OpenOrdersEnd,
    CompletedOrdersEnd,
    AccountDownloadEnd,
    AccountValuesMultiEnd,
    ExecutionsEnd,
)


def test_each_part_of_the_burst_is_answered_and_ends_in_the_order_of_asking() -> None:
    room = Room()
    room.book(execution())
    room.exchange.orders = [held(2)]
    room.exchange.over = [held(1)]
    caller = room.caller()
    told = caller.ask(
        RequestPositions(),
        RequestOpenOrders(),
        RequestCompletedOrders(),
        RequestAccountUpdates(subscribe=True, account=ONE),
        RequestAccountUpdatesMulti(4, ONE),
        RequestExecutions(5),
    )
    assert [type(each) for each in told if isinstance(each, ENDS)] == list(ENDS)
    parts = (PositionReport, OpenOrder, CompletedOrder, ExecutionDetails)
    assert [type(each) for each in told if isinstance(each, parts)] == list(parts)
