"""What survives: the state as data, and an exchange that goes on from it."""

from dataclasses import replace

from pydantic import TypeAdapter

from backstay.gateway.exchange.state import ExchangeState, OrderState, SequenceState
from backstay.gateway.market.words import Phase
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import STOCK, D, House, at

ADAPTER = TypeAdapter(ExchangeState)


def busy() -> House:
    """An exchange with something of everything."""
    house = House()
    house.place("BUY", 150, price="100.01", order_ref="mine")
    house.market.move(ask=D("100.50"))
    parent = house.place("BUY", 10, price="99.00", transmit=False, tif="GTC")
    house.place("SELL", 10, "STP", "95.00", parent_id=parent)
    house.place("SELL", 10, price="105.00", oca_group="g", oca_type=2)
    house.cancel(house.place(price="98.00"))
    house.place(price="99.001")
    return house


def test_the_state_is_the_same_after_json() -> None:
    state = busy().exchange.state()
    assert ADAPTER.validate_json(ADAPTER.dump_json(state)) == state


def test_an_exchange_that_goes_on_has_the_same_state() -> None:
    house = busy()
    assert house.restarted().exchange.state() == house.exchange.state()


def test_nothing_is_told_of_what_only_goes_on() -> None:
    assert busy().restarted().events == []


def test_an_order_keeps_filling_after_a_restart() -> None:
    after = busy().restarted()
    after.market.move(ask=D("100.00"))
    assert after.status(1) is Status.FILLED
    assert after.exchange.executions()[-1][1].exec_id == "0000e0d5.5f3a0002.01.01"


def test_the_rows_of_the_state_can_be_asked_for_one_by_one() -> None:
    house = busy()
    for row in house.exchange.state().orders:
        assert house.exchange.order_state(row.held.perm_id) == row
    assert house.exchange.order_state(5) is None
    assert SequenceState("client/7", 7) in house.exchange.sequences()


def test_a_day_that_begins_while_nothing_else_changes_is_told_so_that_it_is_stored() -> None:
    house = House(now_ns=at("08:00:00"))
    house.market.enter(Phase.EXTENDED)
    order_id = house.place("SELL", 10, "STP", "95.00")
    perm_id = house.held(order_id).perm_id
    house.heard()
    assert house.exchange.order_state(perm_id) == OrderState(house.held(order_id), None)
    house.market.enter(Phase.REGULAR)
    assert house.statuses(order_id) == [Status.PRE_SUBMITTED]
    state = house.exchange.order_state(perm_id)
    assert state is not None
    assert state.session_day is not None
    assert state.session_day.isoformat() == "2026-11-23"


def standing(house: House) -> House:
    """The exchange goes on, and its stock stands as somebody has put it."""
    after = House(before=house)
    after.market.standing.add(STOCK)
    after.exchange.restore(house.exchange.state())
    after.agenda.advance(after.agenda.now_ns)
    return after


def test_what_stands_there_after_a_restart_fills_no_order_from_before() -> None:
    house = House()
    order_id = house.place("BUY", 150, price="100.01")
    assert house.fills() == [(order_id, D(100), D("100.01"))]
    assert House.restarted(house).held(order_id).filled == 150
    after = standing(house)
    assert after.held(order_id).filled == 100
    assert after.fills() == []


def test_the_next_price_fills_it_and_a_new_order_meets_what_stands() -> None:
    house = House()
    before = house.place("BUY", 150, price="100.01")
    after = standing(house)
    new = after.place("BUY", 60, price="100.01")
    assert after.fills() == [(new, D(60), D("100.01"))]
    after.market.move(ask=D("100.00"))
    assert after.held(before).filled == 150


def test_what_stands_there_after_a_restart_elects_no_stop_from_before() -> None:
    house = House()
    order_id = house.place("SELL", 10, "STP", "95.00")
    house.market.quotes[STOCK] = replace(house.market.quotes[STOCK], last=D("94.00"))
    after = standing(house)
    assert (after.status(order_id), after.fills()) == (Status.PRE_SUBMITTED, [])
    after.market.move(last=D("94.00"))
    assert after.status(order_id) is Status.FILLED


def test_time_has_gone_on_where_prices_stand_still() -> None:
    house = House()
    over = house.place("BUY", 10, price="95.00")
    waits = house.place("BUY", 10, price="94.00", tif="GTC")
    house.until("10:00:00", "20261124")
    assert house.status(over) is Status.SUBMITTED
    after = standing(house)
    assert (after.status(over), after.status(waits)) == (Status.CANCELLED, Status.SUBMITTED)
