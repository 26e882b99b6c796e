"""Parents and their attached children."""

import pytest

from backstay.gateway.events import OrderChanged, OrderNoted
from backstay.gateway.market.words import Phase
from backstay.gateway.profile import PESSIMISTIC, Profile, parse
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import D, House

COVERS = parse("pessimistic,+child_covers_partial_parent")


def bracket(house: House, quantity: int = 10, price: str = "99.00") -> tuple[int, int]:
    """A buy limit with an attached sell stop."""
    parent = house.place("BUY", quantity, price=price, transmit=False)
    return parent, house.place("SELL", quantity, "STP", "95.00", parent_id=parent)


def test_nothing_works_until_one_of_it_is_sent_with_transmit() -> None:
    house = House()
    parent = house.place("BUY", 10, "MKT", transmit=False)
    target = house.place("SELL", 10, price="105.00", parent_id=parent, transmit=False)
    house.market.move(ask=D("99.00"))
    assert house.status(parent) is house.status(target) is Status.PENDING_SUBMIT
    stop = house.place("SELL", 10, "STP", "95.00", parent_id=parent)
    assert house.status(parent) is Status.FILLED
    assert house.status(target) is Status.SUBMITTED
    assert house.held(stop).why_held == "trigger"


def test_a_child_sleeps_until_its_parent_is_filled() -> None:
    house = House()
    parent, child = bracket(house)
    assert house.status(parent) is Status.SUBMITTED
    held = house.held(child)
    assert (held.status, held.why_held) == (Status.PRE_SUBMITTED, "child")
    assert held.parent_perm_id == house.held(parent).perm_id
    house.market.move(last=D("94.00"), bid=D("93.00"))
    assert house.held(child).filled == D(0)
    house.market.move(ask=D("99.00"))
    assert house.status(child) is Status.FILLED


def test_a_parked_parent_is_sent_by_a_change_of_its_own() -> None:
    house = House()
    parent = house.place("BUY", 10, price="99.00", transmit=False)
    child = house.place("SELL", 10, "STP", "95.00", parent_id=parent, transmit=False)
    house.place("BUY", 10, price="98.00", order_id=parent)
    assert house.codes() == []
    assert house.status(parent) is Status.SUBMITTED
    assert house.held(child).why_held == "child"


def test_a_parked_child_may_name_its_parent_again() -> None:
    house = House()
    parent = house.place("BUY", 10, price="99.00", transmit=False)
    child = house.place("SELL", 10, "STP", "95.00", parent_id=parent, transmit=False)
    house.place("SELL", 10, "STP", "96.00", parent_id=parent, order_id=child)
    assert house.codes() == []
    assert house.held(child).order.aux_price == D("96.00")


def test_a_child_is_modified_without_naming_its_parent() -> None:
    house = House()
    parent, child = bracket(house)
    house.wait(1)
    house.place("SELL", 10, "STP", "96.00", parent_id=parent, order_id=child)
    assert house.codes() == [135]
    house.place("SELL", 10, "STP", "96.00", order_id=child)
    assert house.codes() == []
    assert house.held(child).order.aux_price == D("96.00")
    assert house.held(child).order.parent_id == parent
    assert house.held(child).why_held == "child"


@pytest.mark.parametrize("end", ["filled", "cancelled", "rejected"])
def test_nothing_can_be_attached_to_what_is_over(end: str) -> None:
    house = House()
    house.accounts.refusal = "no" if end == "rejected" else None
    parent = house.place("BUY", 10, "MKT" if end == "filled" else "LMT", "99.00")
    house.accounts.refusal = None
    if end == "cancelled":
        house.cancel(parent)
    house.heard()
    house.place("SELL", 10, "STP", "95.00", parent_id=parent)
    assert house.codes() == [135]


@pytest.mark.parametrize(("profile", "sold"), [(PESSIMISTIC, 0), (COVERS, 4)])
def test_a_child_of_a_partly_filled_parent_sleeps_or_covers_it(profile: Profile, sold: int) -> None:
    house = House(profile)
    _, child = bracket(house)
    house.market.move(ask=D("99.00"), ask_size=D(4))
    house.market.move(ask=D("99.50"), last=D("94.00"), last_size=D(0), bid=D("94.00"))
    held = house.held(child)
    assert (held.filled, held.order.quantity) == (D(sold), D(10))
    assert held.why_held == ("" if sold else "child")
    house.market.move(ask=D("99.00"), ask_size=D(6))
    assert house.status(child) is Status.FILLED


@pytest.mark.parametrize(
    ("profile", "bought", "status", "quantity"),
    [
        (PESSIMISTIC, 0, Status.CANCELLED, 10),
        (PESSIMISTIC, 4, Status.CANCELLED, 10),
        (COVERS, 0, Status.CANCELLED, 10),
        (COVERS, 4, Status.PRE_SUBMITTED, 4),
    ],
)
def test_the_end_of_a_parent_takes_its_child_or_leaves_it_what_is_filled(
    profile: Profile, bought: int, status: Status, quantity: int
) -> None:
    house = House(profile)
    parent, child = bracket(house)
    if bought:
        house.market.move(ask=D("99.00"), ask_size=D(bought))
    house.cancel(parent)
    held = house.held(child)
    assert (held.status, held.order.quantity) == (status, D(quantity))
    house.market.move(last=D("94.00"), bid=D("94.00"))
    assert house.held(child).filled == (D(bought) if status is not Status.CANCELLED else D(0))


def test_a_child_that_has_sold_all_there_was_ends_with_its_parent() -> None:
    house = House(COVERS)
    parent, child = bracket(house)
    house.market.move(ask=D("99.00"), ask_size=D(4))
    house.market.move(last=D("94.00"), last_size=D(0))
    house.cancel(parent)
    held = house.held(child)
    assert (held.status, held.filled) == (Status.CANCELLED, D(4))


def test_children_of_one_parent_end_each_other_when_one_is_filled() -> None:
    house = House()
    parent = house.place("BUY", 10, "MKT", transmit=False)
    target = house.place("SELL", 10, price="105.00", parent_id=parent, transmit=False)
    stop = house.place("SELL", 10, "STP", "95.00", parent_id=parent)
    house.market.move(bid=D("105.00"))
    assert (house.status(target), house.status(stop)) == (Status.FILLED, Status.CANCELLED)
    assert house.held(stop).order.oca_group == ""


def test_children_of_one_parent_survive_the_cancel_of_another() -> None:
    house = House()
    parent = house.place("BUY", 10, "MKT", transmit=False)
    target = house.place("SELL", 10, price="105.00", parent_id=parent, transmit=False)
    stop = house.place("SELL", 10, "STP", "95.00", parent_id=parent)
    house.cancel(target)
    assert house.status(stop) is Status.PRE_SUBMITTED


def test_children_of_children_wait_for_their_own_parent() -> None:
    house = House()
    first = house.place("BUY", 10, price="99.00", transmit=False)
    second = house.place("SELL", 10, price="105.00", parent_id=first, transmit=False)
    third = house.place("BUY", 10, price="90.00", parent_id=second)
    house.market.move(ask=D("99.00"))
    assert house.status(second) is Status.SUBMITTED
    assert house.held(third).why_held == "child"
    house.cancel(second)
    assert house.status(third) is Status.CANCELLED


def test_a_child_works_on_when_its_parent_is_forgotten() -> None:
    house = House()
    parent = house.place("BUY", 10, "MKT", transmit=False)
    child = house.place("SELL", 10, "STP", "95.00", parent_id=parent, tif="GTC")
    house.until("00:00:00", "20261124")
    assert house.exchange.completed_orders() == ()
    house.market.move(last=D("94.00"))
    assert house.status(child) is Status.FILLED


def test_a_bracket_goes_on_after_a_restart() -> None:
    house = House()
    _, child = bracket(house)
    after = house.restarted()
    after.market.move(ask=D("99.00"))
    assert after.held(child).why_held == "trigger"


def test_a_parked_order_can_be_cancelled() -> None:
    house = House()
    parent = house.place("BUY", 10, price="99.00", transmit=False)
    child = house.place("SELL", 10, "STP", "95.00", parent_id=parent, transmit=False)
    house.cancel(parent)
    assert house.status(parent) is house.status(child) is Status.CANCELLED
    assert house.codes() == [202, 202]


def test_a_child_can_be_attached_long_after_the_first_one() -> None:
    house = House()
    parent, _ = bracket(house)
    house.wait(60)
    house.place("SELL", 10, price="105.00", parent_id=parent)
    assert house.codes() == []


def test_what_a_cancelled_parent_leaves_its_child_is_sold_in_the_same_turn() -> None:
    house = House(COVERS)
    parent = house.place("BUY", 10, price="99.00", transmit=False)
    child = house.place("SELL", 10, price="99.50", parent_id=parent)
    house.market.move(ask=D("99.00"), ask_size=D(4), bid=None)
    house.market.move(bid=D("99.50"), bid_size=D(3))
    assert house.held(child).filled == D(3)
    house.market.quotes[1] = type(house.market.quotes[1])(0, bid=D("99.60"), bid_size=D(9))
    house.cancel(parent)
    held = house.held(child)
    assert (held.status, held.order.quantity) == (Status.FILLED, D(4))


def test_what_is_sent_with_its_bracket_is_told_in_full_again() -> None:
    house = House()
    parent, _ = bracket(house)
    told = [
        event
        for event in house.events
        if isinstance(event, OrderChanged) and event.held.order.order_id == parent
    ]
    assert [(event.held.status, event.reworded) for event in told] == [
        (Status.PENDING_SUBMIT, True),
        (Status.SUBMITTED, True),
    ]


@pytest.mark.parametrize("sent_by", ["the child", "a modify of the parent"])
def test_each_order_of_a_bracket_that_waits_for_the_open_is_warned_of(sent_by: str) -> None:
    house = House()
    house.market.enter(Phase.EXTENDED)
    by_child = sent_by == "the child"
    parent = house.place("BUY", 10, "MKT", transmit=False)
    child = house.place("SELL", 10, "STP", "95.00", parent_id=parent, transmit=by_child)
    if not by_child:
        house.modify(parent, transmit=True)
    noted = [
        (event.order_id, event.code) for event in house.events if isinstance(event, OrderNoted)
    ]
    assert sorted(noted) == [(parent, 399), (child, 399)]
