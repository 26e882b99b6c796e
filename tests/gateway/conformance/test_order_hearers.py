"""Who hears of whose orders, and who can end them: by the real ib_async."""

import asyncio

import pytest
from ib_async import LimitOrder, MarketOrder

from backstay.gateway.settings import Settings
from tests.gateway.conformance.house import settled, until, visit
from tests.gateway.conformance.truth import AAPL, living, place_by_hand, send_cancel


def test_a_global_cancel_ends_everybodys_orders() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            other = await gateway.client(2)
            trades = [
                each.placeOrder(AAPL, LimitOrder("BUY", 10, 95.0, tif="GTC"))
                for each in (ib, other)
            ]
            await until(ib, lambda: trades[0].orderStatus.status == "Submitted")
            await until(other, lambda: trades[1].orderStatus.status == "Submitted")
            place_by_hand(gateway, 5, "94.00")
            assert len(await living(gateway)) == 3
            ib.reqGlobalCancel()  # type: ignore[no-untyped-call]
            await until(other, lambda: trades[1].orderStatus.status == "Cancelled")
            assert await living(gateway) == []
            other.disconnect()

    asyncio.run(scene())


@pytest.mark.parametrize(("client_id", "hears"), [(0, True), (9, True), (3, False)])
def test_only_client_0_and_the_master_hear_of_orders_by_hand(client_id: int, hears: bool) -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, master_client_id=9)) as (gateway, _ib):
            listener = await gateway.client(client_id)
            place_by_hand(gateway, 5, "94.00")
            place_by_hand(gateway, 7, "101.00")
            await settled(listener)
            shares = [fill.execution.shares for fill in listener.fills()]
            assert shares == ([7] if hears else [])
            quantities = [trade.order.totalQuantity for trade in listener.openTrades()]
            assert quantities == ([5] if hears else [])
            (position,) = listener.positions()
            assert position.position == 7
            (resting,) = await listener.reqAllOpenOrdersAsync()
            assert (resting.order.clientId, resting.order.totalQuantity) == (0, 5)
            assert resting.order.orderId < 0
            listener.disconnect()

    asyncio.run(scene())


@pytest.mark.parametrize(("client_id", "hears"), [(0, False), (9, True), (3, False)])
def test_only_the_master_hears_of_other_clients_orders(client_id: int, hears: bool) -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, master_client_id=9)) as (gateway, ib):
            listener = await gateway.client(client_id)
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 7, tif="DAY", orderRef="theirs"))
            await until(ib, lambda: trade.fills)
            await settled(listener)
            heard = [fill.execution.orderRef for fill in listener.fills()]
            assert heard == (["theirs"] if hears else [])
            listener.disconnect()

    asyncio.run(scene())


def test_client_0_can_change_and_cancel_what_was_typed_into_tws() -> None:
    async def scene() -> None:
        async with visit() as (gateway, _ib):
            zero = await gateway.client(0)
            place_by_hand(gateway, 5, "94.00")
            await until(zero, zero.openTrades)
            (trade,) = zero.openTrades()
            send_cancel(zero, trade.order.orderId)
            await until(zero, lambda: trade.orderStatus.status == "Cancelled")
            assert await living(gateway) == []
            zero.disconnect()

    asyncio.run(scene())
