"""What the gateway answers to requests that can't be, that come twice, or that are only warned of.

ib_async marks an order Cancelled on any number that it doesn't know as a warning. What the gateway
says then is another matter: its open orders are looked at each time.
"""

import asyncio

import pytest
from ib_async import LimitOrder, MarketOrder, StopOrder

from backstay.gateway.faults.plan import rule
from backstay.gateway.settings import AccountSettings, Settings
from tests.gateway.conformance.house import Codes, settled, until, visit
from tests.gateway.conformance.truth import AAPL, living, living_ids, send, send_cancel

HOUR = 3600


# -- warnings: the order lives


def test_an_order_without_a_tif_lives_although_ib_async_has_it_cancelled() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            codes = Codes(ib)
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", 10, 95.0))
            order_id = trade.order.orderId
            await until(ib, lambda: codes == [(order_id, 10349)])
            assert "Cancelled" in [entry.status for entry in trade.log]
            assert [order.tif for order in await living(gateway)] == ["DAY"]

    asyncio.run(scene())


def test_a_market_order_in_the_evening_lives_and_waits() -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, restart_at=None)) as (gateway, ib):
            gateway.forward(7 * HOUR)
            codes = Codes(ib)
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 10, tif="DAY"))
            order_id = trade.order.orderId
            await until(ib, lambda: codes == [(order_id, 399)])
            assert await living_ids(gateway) == [order_id]
            gateway.forward(17 * HOUR)
            await until(ib, lambda: trade.filled() == 10)

    asyncio.run(scene())


def test_an_order_that_is_held_for_a_locate_lives_and_goes_on() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            gateway.do(lambda: gateway.gateway.exchange.deny_borrow(AAPL.conId))
            codes = Codes(ib)
            trade = ib.placeOrder(AAPL, MarketOrder("SELL", 10, tif="DAY"))
            order_id = trade.order.orderId
            await until(ib, lambda: codes == [(order_id, 404)])
            await settled(ib)
            (held,) = await ib.reqAllOpenOrdersAsync()
            assert (held.orderStatus.status, held.orderStatus.whyHeld) == ("PreSubmitted", "locate")
            gateway.do(lambda: gateway.gateway.exchange.locate(AAPL.conId))
            await until(ib, lambda: trade.filled() == 10)

    asyncio.run(scene())


def test_a_market_order_for_all_hours_is_told_that_it_has_none() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            codes = Codes(ib)
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 10, tif="DAY", outsideRth=True))
            await until(ib, lambda: trade.filled() == 10)
            assert codes.numbers() == [2109]

    asyncio.run(scene())


# -- the same id again


def test_a_modify_that_comes_at_once_is_refused_with_103_and_the_order_lives() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            codes = Codes(ib)
            order = LimitOrder("BUY", 10, 95.0, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            order.lmtPrice = 96.0
            ib.placeOrder(AAPL, order)
            await until(ib, lambda: codes == [(order.orderId, 103)])
            assert "Cancelled" in [entry.status for entry in trade.log]
            assert [order.lmtPrice for order in await living(gateway)] == [95.0]

    asyncio.run(scene())


def test_an_order_that_is_filled_cannot_be_modified() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            order = MarketOrder("BUY", 10, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            gateway.forward(1)
            codes = Codes(ib)
            send(ib, order)
            await until(ib, lambda: codes == [(order.orderId, 104)])
            assert trade.filled() == 10
            assert [position.position for position in await ib.reqPositionsAsync()] == [10]

    asyncio.run(scene())


def test_the_id_of_a_cancelled_order_cannot_be_used_again() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            order = LimitOrder("BUY", 10, 95.0, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            ib.cancelOrder(order)
            await until(ib, lambda: trade.orderStatus.status == "Cancelled")
            await settled(ib)
            gateway.forward(1)
            codes = Codes(ib)
            send(ib, order)
            await until(ib, lambda: codes == [(order.orderId, 103)])
            assert await living(gateway) == []

    asyncio.run(scene())


def test_an_id_below_the_next_one_cannot_be_used() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", 10, 95.0, tif="DAY", orderId=50))
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            codes = Codes(ib)
            send(ib, LimitOrder("BUY", 10, 95.0, tif="DAY", orderId=49))
            await until(ib, lambda: codes == [(49, 103)])
            assert await living_ids(gateway) == [50]

    asyncio.run(scene())


def test_a_child_is_modified_without_its_parent_or_not_at_all() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            parent = LimitOrder(
                "BUY", 10, 95.0, tif="DAY", transmit=False, orderId=ib.client.getReqId()
            )
            child = StopOrder("SELL", 10, 90.0, tif="GTC", parentId=parent.orderId)
            trades = [ib.placeOrder(AAPL, order) for order in (parent, child)]
            await until(ib, lambda: trades[0].orderStatus.status == "Submitted")
            gateway.forward(1)
            codes = Codes(ib)
            child.auxPrice = 91.0
            send(ib, child)
            await until(ib, lambda: codes == [(child.orderId, 135)])
            assert (await living(gateway))[1].auxPrice == 90.0
            child.auxPrice, child.parentId = 92.0, 0
            send(ib, child)
            await settled(ib)
            assert (await living(gateway))[1].auxPrice == 92.0
            assert len(codes) == 1

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"action": "SELL"}, 105),
        ({"lmtPrice": 95.001}, 110),
        ({"totalQuantity": 5_000_000}, 201),
        ({"ocaGroup": "group"}, 10326),
    ],
)
def test_a_change_that_cannot_be_leaves_the_order_as_it_was(
    change: dict[str, object], code: int
) -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            order = LimitOrder("BUY", 10, 95.0, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            gateway.forward(1)
            codes = Codes(ib)
            changed = LimitOrder("BUY", 10, 95.0, tif="DAY", orderId=order.orderId)
            for name, value in change.items():
                setattr(changed, name, value)
            send(ib, changed)
            await until(ib, lambda: codes == [(order.orderId, code)])
            (held,) = await living(gateway)
            assert (held.action, held.lmtPrice, held.totalQuantity) == ("BUY", 95.0, 10)
            assert held.ocaGroup == ""

    asyncio.run(scene())


# -- cancels


def test_a_cancel_of_an_unknown_id_is_10147() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            codes = Codes(ib)
            send_cancel(ib, 4711)
            await until(ib, lambda: codes == [(4711, 10147)])

    asyncio.run(scene())


def test_a_cancel_of_another_clients_id_is_10147() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", 10, 95.0, tif="DAY", orderId=50))
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            other = await gateway.client(2)
            codes = Codes(other)
            send_cancel(other, 50)
            await until(other, lambda: codes == [(50, 10147)])
            assert await living_ids(gateway) == [50]
            other.disconnect()

    asyncio.run(scene())


def test_a_cancel_of_what_is_over_is_10148() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            order = MarketOrder("BUY", 10, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            codes = Codes(ib)
            send_cancel(ib, order.orderId)
            await until(ib, lambda: codes == [(order.orderId, 10148)])
            assert trade.orderStatus.status == "Filled"

    asyncio.run(scene())


def test_a_second_cancel_in_a_fast_market_is_161_and_the_first_one_counts() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            order = LimitOrder("BUY", 10, 90.0, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            gateway.show("AAPL", bid="96.98", ask="97.02", last="97.00")
            codes = Codes(ib)
            send_cancel(ib, order.orderId)
            await until(ib, lambda: trade.orderStatus.status == "PendingCancel")
            send_cancel(ib, order.orderId)
            await until(ib, lambda: codes == [(order.orderId, 161)])
            assert await living_ids(gateway) == [order.orderId]
            gateway.forward(6)
            await until(ib, lambda: codes.numbers() == [161, 202])
            assert await living(gateway) == []

    asyncio.run(scene())


def test_a_pending_cancel_can_still_fill() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            order = LimitOrder("BUY", 10, 90.0, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            gateway.show("AAPL", bid="96.98", ask="97.02", last="97.00")
            ib.cancelOrder(order)
            await settled(ib)
            gateway.quote(AAPL.conId, bid="89.96", ask="90.00")
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            assert trade.filled() == 10

    asyncio.run(scene())


def test_a_refused_cancel_leaves_the_order_alive() -> None:
    async def scene() -> None:
        async with visit(plan=(rule("cancel-refused", nth=1),)) as (gateway, ib):
            order = LimitOrder("BUY", 10, 95.0, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            codes = Codes(ib)
            ib.cancelOrder(order)
            await until(ib, lambda: codes == [(order.orderId, 161)])
            assert "Cancelled" in [entry.status for entry in trade.log]
            assert await living_ids(gateway) == [order.orderId]

    asyncio.run(scene())


# -- what nobody may


def test_a_read_only_gateway_takes_no_orders_and_no_cancels() -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, read_only=True)) as (gateway, ib):
            codes = Codes(ib)
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 10, tif="DAY"))
            order_id = trade.order.orderId
            await until(ib, lambda: codes == [(order_id, 321)])
            send_cancel(ib, order_id)
            ib.reqGlobalCancel()  # type: ignore[no-untyped-call]
            await until(ib, lambda: codes.numbers() == [321] * 3)
            assert await living(gateway) == []
            assert (await ib.reqTickersAsync(AAPL))[0].bid == 99.98

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("quantity", "plan"),
    [(500_001, ()), (101, (rule("freeze-quantity", above=100),))],
    ids=["always", "by a fault"],
)
def test_more_than_the_freeze_quantity_is_rejected(quantity: int, plan: tuple[object, ...]) -> None:
    async def scene() -> None:
        async with visit(plan=plan) as (gateway, ib):
            codes = Codes(ib)
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", quantity, 0.01, tif="DAY"))
            await until(ib, lambda: codes == [(trade.order.orderId, 201)])
            assert await living(gateway) == []

    asyncio.run(scene())


def test_an_order_is_for_the_account_that_it_names() -> None:
    async def scene() -> None:
        settings = Settings(seed=7, accounts=(AccountSettings("DU1"), AccountSettings("DU2")))
        async with visit(settings) as (_gateway, ib):
            codes = Codes(ib)
            orders = [
                MarketOrder("BUY", quantity, tif="DAY", account=account)
                for quantity, account in ((1, "DU1"), (2, "DU2"), (3, ""), (4, "DU9"))
            ]
            trades = [ib.placeOrder(AAPL, order) for order in orders]
            refused = [(orders[2].orderId, 435), (orders[3].orderId, 321)]
            await until(ib, lambda: codes == refused)
            await until(ib, lambda: all(trade.fills for trade in trades[:2]))
            names = [trade.fills[0].execution.acctNumber for trade in trades[:2]]
            assert names == ["DU1", "DU2"]
            held = {each.account: each.position for each in await ib.reqPositionsAsync()}
            assert held == {"DU1": 1, "DU2": 2}

    asyncio.run(scene())
