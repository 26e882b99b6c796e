"""While the line to IB is down nothing passes; what comes of that depends on how it comes back."""

from dataclasses import replace
from decimal import Decimal

from backstay.gateway.events import Event, Executed, OrderChanged, OrderForgotten
from backstay.gateway.market.words import Phase, PhaseChanged
from backstay.gateway.messages.data_replies import TickGeneric, TickPrice, TickSize
from backstay.gateway.messages.order_replies import ExecutionDetails, ExecutionsEnd, OrderStatus
from backstay.gateway.messages.replies import (
    CurrentTime,
    ManagedAccounts,
    NextValidId,
    Notice,
    Pnl,
    PositionReport,
)
from backstay.gateway.messages.requests import (
    CancelMarketData,
    CancelOrder,
    PlaceOrder,
    RequestCurrentTime,
    RequestExecutions,
    RequestMarketData,
    RequestPnl,
    RequestPositions,
    RequestTickByTick,
    StartApi,
)
from backstay.gateway.settings import Settings
from tests.gateway.front.doubles import (
    AAPL,
    MSFT,
    ONE,
    START_NS,
    TWO,
    Caller,
    Room,
    execution,
    held,
    order,
)
from tests.gateway.front.test_history import FIRST as FIRST_BAR
from tests.gateway.front.test_history import KEPT

D = Decimal
CHANGED = OrderChanged(held(), reworded=False)
FILL = Executed(AAPL.contract, execution())
LIVE = RequestMarketData(5, AAPL.contract)
KEPT_BARS = replace(KEPT, req_id=8)


def lost_room() -> tuple[Room, Caller]:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    room.front.lose_upstream()
    return room, caller


def test_the_loss_is_told_once_and_the_connection_stays() -> None:
    room, caller = lost_room()
    room.front.lose_upstream()
    text = "Connectivity between IB and Trader Workstation has been lost."
    assert (caller.heard, caller.closed) == ([Notice(-1, 1100, text)], [])


def test_nothing_comes_from_the_exchange_or_the_market_while_it_is_lost() -> None:
    room, caller = lost_room()
    caller.heard.clear()
    room.tell(CHANGED)
    room.tell(FILL)
    room.move(bid_size=D(1))
    room.after(60)
    assert caller.heard == []


def test_with_its_data_everything_is_made_up_for_in_its_order() -> None:
    room, caller = lost_room()
    room.tell(CHANGED)
    room.tell(FILL)
    room.move(bid=D(180), bid_size=D(1))
    caller.ask(RequestExecutions(4))
    caller.heard.clear()
    room.front.restore_upstream(data_lost=False)
    assert caller.codes == [(-1, 1102)]
    told = caller.heard[1:]
    assert [type(each) for each in told[:2]] == [OrderStatus, ExecutionDetails]
    assert told[2] == TickPrice(5, 1, D(180), D(1), 1)
    assert told[-1] == ExecutionsEnd(4)
    caller.heard.clear()
    room.move(bid_size=D(2))
    assert caller.heard == [TickSize(5, 0, D(2))]


def test_without_its_data_what_was_missed_must_be_asked_for() -> None:
    room, caller = lost_room()
    room.exchange.fills = [(AAPL.contract, execution())]
    room.tell(CHANGED)
    room.tell(FILL)
    caller.ask(RequestExecutions(4))
    caller.heard.clear()
    room.front.restore_upstream(data_lost=True)
    assert (caller.codes, len(caller.heard)) == ([(-1, 1101)], 1)
    caller.ask(RequestExecutions(6))
    assert [each.req_id for each in caller.all(ExecutionDetails)] == [6]


def test_without_its_data_no_line_is_left() -> None:
    room = Room()
    room.market.history = (FIRST_BAR,)
    caller = room.caller()
    caller.ask(LIVE, RequestTickByTick(6, AAPL.contract, "Last"), KEPT_BARS)
    room.front.lose_upstream()
    room.front.restore_upstream(data_lost=True)
    assert room.market.watched == {}
    caller.ask(CancelMarketData(5))
    assert caller.codes == [(5, 300)]
    caller.ask(LIVE)
    caller.heard.clear()
    room.move(bid_size=D(2))
    assert caller.heard == [TickSize(5, 0, D(2))]


def test_an_order_that_was_sent_meanwhile_arrives_late_or_never() -> None:
    for data_lost, arrived in ((False, 1), (True, 0)):
        room, caller = lost_room()
        caller.ask(PlaceOrder(1, AAPL.contract, order()))
        assert room.exchange.asked == []
        room.front.restore_upstream(data_lost=data_lost)
        assert len(room.exchange.asked) == arrived


def test_what_somebody_asked_who_has_gone_is_not_asked_any_more() -> None:
    room, caller = lost_room()
    caller.ask(PlaceOrder(1, AAPL.contract, order()))
    caller.client.gone()
    room.front.restore_upstream(data_lost=False)
    assert room.exchange.asked == []


def test_the_gateway_itself_still_answers_and_takes_new_clients() -> None:
    room, caller = lost_room()
    assert [type(each) for each in caller.ask(RequestCurrentTime())] == [CurrentTime]
    assert caller.ask(CancelMarketData(5)) == []
    newcomer = room.stranger()
    assert newcomer.ask(StartApi(8)) == [
        ManagedAccounts((ONE, TWO)),
        NextValidId(108),
        Notice(
            -1,
            2110,
            "Connectivity between Trader Workstation and server is broken. "
            "It will be restored automatically.",
        ),
    ]


def test_a_line_that_isnt_lost_cant_be_restored() -> None:
    room = Room()
    caller = room.caller()
    room.front.restore_upstream(data_lost=True)
    assert caller.heard == []


def test_profits_and_positions_wait_too() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(RequestPnl(6, ONE), RequestPositions())
    room.front.lose_upstream()
    caller.heard.clear()
    room.book(execution(1, client_id=8))
    room.move(bid=D(199), ask=D(201), last=D(200))
    room.after(10)
    assert caller.heard == []
    room.front.restore_upstream(data_lost=False)
    assert [each.quantity for each in caller.all(PositionReport)] == [D(10)]
    room.after(1)
    assert len(caller.all(Pnl)) == 1


def test_what_has_been_made_up_for_once_is_not_told_again() -> None:
    room, caller = lost_room()
    room.tell(CHANGED)
    for _ in range(2):
        room.front.restore_upstream(data_lost=False)
        room.front.lose_upstream()
    assert len(caller.all(OrderStatus)) == 1


def test_what_waits_is_bounded() -> None:
    room, caller = lost_room()
    for _ in range(10_001):
        room.tell(CHANGED)
    caller.heard.clear()
    room.front.restore_upstream(data_lost=False)
    assert len(caller.all(OrderStatus)) == 10_000


def test_requests_that_wait_are_bounded_too() -> None:
    room = Room(Settings(messages_per_second_max=20_000))
    caller = room.caller()
    room.front.lose_upstream()
    caller.ask(*[CancelOrder(1)] * 10_001)
    room.front.restore_upstream(data_lost=False)
    assert len(room.exchange.asked) == 10_000


def test_who_is_hung_up_on_while_waiting_requests_are_made_up_for_is_asked_nothing_more() -> None:
    room, caller = lost_room()
    caller.ask(PlaceOrder(1, AAPL.contract, order()), CancelOrder(1))
    room.exchange.place = lambda *_: caller.client.end("enough")  # type: ignore[method-assign]
    room.front.restore_upstream(data_lost=False)
    assert (room.exchange.asked, caller.closed) == ([], ["enough"])


def test_a_competing_session_takes_the_data_from_every_line_and_gives_it_back() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE, RequestTickByTick(6, AAPL.contract, "BidAsk"))
    caller.heard.clear()
    room.front.compete(on=True)
    room.front.compete(on=True)
    text = "No market data during competing live session"
    assert caller.heard == [Notice(5, 10197, text), Notice(6, 10197, text)]
    caller.heard.clear()
    room.move(bid=D(180))
    assert caller.heard == []
    caller.ask(RequestMarketData(7, MSFT.contract), RequestTickByTick(8, MSFT.contract, "Last"))
    assert caller.codes == [(7, 10197), (8, 10197)]
    caller.heard.clear()
    room.front.compete(on=False)
    assert caller.all(TickPrice)[0].price == D(180)
    assert len(caller.all(TickGeneric)) == 1


def test_the_end_of_no_competing_session_changes_nothing() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    room.front.compete(on=False)
    assert caller.heard == []


def test_a_competing_session_leaves_orders_alone() -> None:
    room = Room()
    caller = room.caller()
    room.front.compete(on=True)
    room.tell(CHANGED)
    assert [type(each) for each in caller.heard] == [OrderStatus]


def test_a_broken_farm_comes_back_and_leaves_every_line_dead_but_taken() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    room.front.streams_dead()
    assert caller.codes == [(-1, 2103), (-1, 2104)]
    caller.heard.clear()
    room.move(bid=D(180))
    assert (caller.heard, room.market.watched) == ([], {})
    caller.ask(LIVE)
    assert caller.codes == [(5, 322)]
    assert caller.ask(CancelMarketData(5)) == []
    caller.ask(LIVE)
    assert caller.codes == []


def test_streams_that_are_back_say_how_things_stand_unless_the_gateway_has_no_data() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    room.front.streams_back()
    assert caller.all(TickPrice)
    room.front.compete(on=True)
    caller.heard.clear()
    room.front.streams_back()
    assert caller.heard == []


def test_a_broadcast_reaches_everybody_who_has_started() -> None:
    room = Room()
    stranger, caller = room.stranger(), room.caller()
    room.front.broadcast(2107, "HMDS data farm connection is inactive")
    assert caller.heard == [Notice(-1, 2107, "HMDS data farm connection is inactive")]
    assert stranger.heard == []


def test_what_is_forgotten_at_midnight_and_a_change_of_hours_are_not_told() -> None:
    room = Room()
    caller = room.caller()
    forgotten: Event = OrderForgotten(5001)
    room.tell(forgotten)
    room.front.on_news(PhaseChanged("us", Phase.CLOSED, START_NS))
    assert caller.heard == []
