"""Orders of IB's own client live and end at the gateway as they do at IB."""

from decimal import Decimal
from typing import Any

import pytest

from backstay.gateway.profile import OPTIMISTIC, PESSIMISTIC, Profile
from backstay.gateway.settings import Settings
from backstay.gateway.values.contract import Contract as Described
from backstay.gateway.values.order import Order as Worded
from tests.gateway.conformance.official import Call, Premises, order, premises, stock

AAPL = stock("AAPL")
ANY_PROFILE = pytest.mark.parametrize(
    "profile", [PESSIMISTIC, OPTIMISTIC], ids=["pessimistic", "optimistic"]
)
EACH_TYPE = [
    ("MKT", {}, {}, 100.02),
    ("LMT", {"lmtPrice": 100.5}, {}, 100.02),
    ("LMT", {"lmtPrice": 99.9}, {"bid": "99.86", "ask": "99.90"}, 99.9),
    ("STP", {"auxPrice": 101.0}, {"bid": "101.00", "ask": "101.04", "last": "101.00"}, 101.04),
    (
        "STP LMT",
        {"auxPrice": 101.0, "lmtPrice": 101.1},
        {"bid": "101.00", "ask": "101.04", "last": "101.00"},
        101.04,
    ),
]


@pytest.mark.parametrize(
    ("order_type", "prices", "quote", "paid"),
    EACH_TYPE,
    ids=["market", "marketable limit", "resting limit", "stop", "stop limit"],
)
def test_each_type_of_order_fills(
    order_type: str, prices: dict[str, float], quote: dict[str, str], paid: float
) -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(AAPL, order("BUY", 100, order_type, orderRef="bs1:A:0:EN:1", **prices))
        if quote:
            waits = "PreSubmitted" if "STP" in order_type else "Submitted"
            assert app.wait_status(order_id, waits).filled == 0
            place.show("AAPL", **quote)
        filled = app.wait_status(order_id, "Filled")
        assert (filled.filled, filled.remaining) == (100, 0)
        assert filled.avgFillPrice == filled.lastFillPrice == paid
        ((executed, cost),) = app.fills()
        execution = executed.execution
        assert (execution.orderId, execution.clientId) == (order_id, 1)
        assert (execution.side, execution.shares, execution.price) == ("BOT", 100, paid)
        assert (execution.cumQty, execution.avgPrice) == (100, paid)
        assert execution.permId == filled.permId
        assert execution.orderRef == "bs1:A:0:EN:1"
        assert cost.commissionAndFees == 1.0
        assert app.codes() == []


def test_an_execution_is_told_before_the_status_that_it_makes() -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(AAPL, order("BUY", 100))
        app.wait_filled(order_id, 100)
        told = app.told.names()
        assert told.index("openOrder") < told.index("execDetails")
        assert told.index("execDetails") < told.index("commissionAndFeesReport")
        last = max(at for at, name in enumerate(told) if name == "orderStatus")
        assert told.index("execDetails") < last


def test_an_order_is_shown_again_as_it_was_sent() -> None:
    with premises() as place:
        app = place.app()
        terms: dict[str, Any] = {
            "lmtPrice": 95.25,
            "tif": "GTD",
            "goodTillDate": "20261124 15:00:00 US/Eastern",
            "outsideRth": True,
            "orderRef": "bs1:T7K2M9QX:0:EN:1",
            "account": "DU1234567",
            "ocaGroup": "group",
            "ocaType": 2,
            "displaySize": 10,
        }
        order_id = app.place(AAPL, order("SELL", 7, "LMT", **terms))
        shown = app.wait("openOrder", lambda call: call.orderId == order_id)
        assert shown.contract.conId == 265598
        assert shown.order.totalQuantity == 7
        assert (shown.order.action, shown.order.orderType) == ("SELL", "LMT")
        assert {name: getattr(shown.order, name) for name in terms} == terms
        assert shown.order.permId == app.wait_status(order_id, "Submitted").permId > 0


def test_a_limit_order_fills_in_parts() -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(AAPL, order("BUY", 300, "LMT", lmtPrice=99.5))
        app.wait_status(order_id, "Submitted")
        place.show("AAPL", bid="99.46", ask="99.50", ask_size=120)
        part = app.wait_filled(order_id, 120)
        assert (part.status, part.remaining) == ("Submitted", 180)
        place.show("AAPL", bid="99.36", ask="99.40", ask_size=500)
        whole = app.wait_filled(order_id, 300)
        assert whole.status == "Filled"
        assert whole.avgFillPrice == pytest.approx((120 * 99.5 + 180 * 99.4) / 300)
        assert [executed.execution.cumQty for executed, _cost in app.fills()] == [120, 300]


def test_a_modified_order_keeps_its_ids_and_what_it_was_filled() -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(AAPL, order("BUY", 300, "LMT", lmtPrice=99.5))
        perm_id = app.wait_status(order_id, "Submitted").permId
        place.show("AAPL", bid="99.46", ask="99.50", ask_size=120)
        app.wait_filled(order_id, 120)
        app.client.placeOrder(order_id, AAPL, order("BUY", 200, "LMT", lmtPrice=99.6))
        changed = app.wait(
            "openOrder", lambda call: (call.orderId, call.order.lmtPrice) == (order_id, 99.6)
        )
        assert changed.order.totalQuantity == 200
        place.show("AAPL", bid="99.56", ask="99.60", ask_size=500)
        filled = app.wait_status(order_id, "Filled")
        assert (filled.filled, filled.permId) == (200, perm_id)
        assert {executed.execution.permId for executed, _cost in app.fills()} == {perm_id}


def test_a_cancel_is_answered_with_the_status_and_202() -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(AAPL, order("BUY", 300, "LMT", lmtPrice=99.5))
        app.wait_status(order_id, "Submitted")
        place.show("AAPL", bid="99.46", ask="99.50", ask_size=120)
        app.wait_filled(order_id, 120)
        app.cancel(order_id)
        app.wait_status(order_id, "PendingCancel")
        place.forward(6)
        cancelled = app.wait_status(order_id, "Cancelled")
        assert (cancelled.filled, cancelled.remaining) == (120, 180)
        assert app.wait_error(202).reqId == order_id


@pytest.mark.parametrize(
    ("contract", "terms", "code"),
    [
        (AAPL, {"order_type": "LMT", "lmtPrice": 95.001}, 110),
        (stock("NOSUCH"), {}, 200),
        (AAPL, {"quantity": 400_000}, 201),
        (AAPL, {"quantity": 600_000}, 201),
        (AAPL, {"quantity": 0}, 434),
        (AAPL, {"account": "DU9"}, 321),
        (AAPL, {"order_type": "LMT", "lmtPrice": 95.0, "parentId": 77}, 135),
        (AAPL, {"order_type": "STP"}, 403),
    ],
    ids=[
        "off the grid",
        "no such contract",
        "beyond the margin",
        "beyond the freeze quantity",
        "no size",
        "unknown account",
        "no such parent",
        "no stop price",
    ],
)
def test_an_order_that_cannot_be_is_refused_under_its_own_id(
    contract: Any, terms: dict[str, Any], code: int
) -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(contract, order("BUY", **{"quantity": 100, **terms}))
        assert app.wait_error(code).reqId == order_id
        if code == 201:
            assert app.wait_status(order_id, "Inactive").filled == 0
        assert not app.answers(app.client.reqAllOpenOrders, "openOrder", "openOrderEnd")
        assert app.codes() == [code]
        assert not app.fills()


def test_a_what_if_tells_the_margin_and_places_nothing() -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(AAPL, order("BUY", 100, whatIf=True))
        state = app.wait("openOrder", lambda call: call.orderId == order_id).orderState
        change = Decimal(state.initMarginAfter) - Decimal(state.initMarginBefore)
        assert Decimal(state.initMarginChange) == change == Decimal("5001.00")
        assert state.commissionAndFees == 1.0
        assert not app.answers(app.client.reqAllOpenOrders, "openOrder", "openOrderEnd")
        assert not app.told.since(0, "orderStatus")


def test_a_what_if_that_is_beyond_the_margin_is_refused_with_201() -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(AAPL, order("BUY", 400_000, whatIf=True))
        assert app.wait_error(201).reqId == order_id
        assert not app.told.since(0, "openOrder")


@ANY_PROFILE
def test_the_winner_of_an_oca_pair_ends_the_other(profile: Profile) -> None:
    with premises(Settings(seed=7, profile=profile)) as place:
        app = place.app()
        pair = {"ocaGroup": "pair", "ocaType": 2}
        stop = app.place(AAPL, order("SELL", 100, "STP", auxPrice=95.0, **pair))
        target = app.place(AAPL, order("SELL", 100, "LMT", lmtPrice=101.0, **pair))
        app.wait_status(stop, "PreSubmitted")
        app.wait_status(target, "Submitted")
        place.show("AAPL", bid="101.00", ask="101.04")
        app.wait_status(target, "Filled")
        app.wait_status(stop, "Cancelled")
        assert app.wait_error(202).reqId == stop


@ANY_PROFILE
def test_a_bracket_works_child_by_child_as_the_profile_says(profile: Profile) -> None:
    with premises(Settings(seed=7, profile=profile)) as place:
        app = place.app()
        parent = app.place(AAPL, order("BUY", 300, "LMT", lmtPrice=99.5, transmit=False))
        stop = app.place(
            AAPL, order("SELL", 300, "STP", auxPrice=95.0, parentId=parent, transmit=False)
        )
        target = app.place(AAPL, order("SELL", 300, "LMT", lmtPrice=105.0, parentId=parent))
        app.wait_status(parent, "Submitted")
        assert app.wait_status(target, "PreSubmitted").whyHeld == "child"
        assert app.wait_status(stop, "PreSubmitted").parentId == parent
        place.show("AAPL", bid="99.46", ask="99.50", ask_size=100)
        app.wait_filled(parent, 100)
        place.show("AAPL", bid="105.00", ask="105.04", ask_size=100)
        if profile.child_covers_partial_parent:
            app.wait_filled(target, 100)
        held = app.answers(app.client.reqAllOpenOrders, "orderStatus", "openOrderEnd")
        expected = 100 if profile.child_covers_partial_parent else 0
        assert by_id(held, target).filled == expected
        place.show("AAPL", bid="99.36", ask="99.40", ask_size=500)
        app.wait_status(parent, "Filled")
        app.wait("orderStatus", lambda call: (call.orderId, call.whyHeld) == (stop, "trigger"))
        place.show("AAPL", bid="105.00", ask="105.04", bid_size=500)
        app.wait_filled(target, 300)
        app.wait_status(stop, "Cancelled")


@ANY_PROFILE
def test_the_cancel_of_a_parent_takes_its_children_along(profile: Profile) -> None:
    with premises(Settings(seed=7, profile=profile)) as place:
        app = place.app()
        parent = app.place(AAPL, order("BUY", 300, "LMT", lmtPrice=99.5, transmit=False))
        stop = app.place(AAPL, order("SELL", 300, "STP", auxPrice=95.0, parentId=parent))
        app.wait_status(parent, "Submitted")
        app.cancel(parent)
        app.wait_status(parent, "Cancelled")
        app.wait_status(stop, "Cancelled")


def test_open_orders_of_one_client_and_of_all() -> None:
    with premises() as place:
        one, two = place.app(1), place.app(2)
        first = one.place(AAPL, order("BUY", 1, "LMT", lmtPrice=95.0))
        one.wait_status(first, "Submitted")
        second = two.place(AAPL, order("BUY", 2, "LMT", lmtPrice=95.0))
        two.wait_status(second, "Submitted")
        own = two.answers(two.client.reqOpenOrders, "openOrder", "openOrderEnd")
        everyones = two.answers(two.client.reqAllOpenOrders, "openOrder", "openOrderEnd")
        assert [call.order.totalQuantity for call in own] == [2]
        assert [call.order.totalQuantity for call in everyones] == [1, 2]
        assert not one.told.since(0, "execDetails")


def test_client_0_hears_of_orders_by_hand_once_it_has_bound_itself_to_them() -> None:
    contract = Described(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")

    def typed(place: Premises, quantity: int) -> None:
        terms = Worded(
            action="BUY",
            quantity=Decimal(quantity),
            order_type="LMT",
            limit_price=Decimal(95),
            tif="DAY",
        )
        place.do(
            lambda served: served.do(
                lambda: served.gateway.exchange.place_by_hand("DU1234567", contract, terms)
            )
        )

    with premises() as place:
        zero, other = place.app(0), place.app(1)
        typed(place, 5)
        zero.client.reqAutoOpenOrders(True)
        other.client.reqAutoOpenOrders(True)
        assert other.wait_error(321).reqId == -1
        zero.answers(zero.client.reqCurrentTime, "currentTime", "currentTime")
        typed(place, 7)
        heard = zero.wait("openOrder").order
        assert (heard.totalQuantity, heard.clientId) == (7, 0)
        assert heard.orderId < 0
        known = zero.answers(zero.client.reqOpenOrders, "openOrder", "openOrderEnd")
        assert [call.order.totalQuantity for call in known] == [5, 7]
        assert not other.answers(other.client.reqOpenOrders, "openOrder", "openOrderEnd")


def test_a_global_cancel_ends_the_orders_of_every_client() -> None:
    with premises() as place:
        one, two = place.app(1), place.app(2)
        first = one.place(AAPL, order("BUY", 1, "LMT", lmtPrice=95.0))
        one.wait_status(first, "Submitted")
        second = two.place(AAPL, order("BUY", 2, "LMT", lmtPrice=95.0))
        two.wait_status(second, "Submitted")
        two.cancel_all()
        one.wait_status(first, "Cancelled")
        two.wait_status(second, "Cancelled")


def by_id(calls: list[Call], order_id: int) -> Call:
    """The last of the calls that is about this order."""
    return [call for call in calls if call.orderId == order_id][-1]
