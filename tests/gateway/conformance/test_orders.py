"""Orders of the real ib_async live and end at the gateway as they do at IB."""

import asyncio
import json
from decimal import Decimal

import pytest
from ib_async import LimitOrder, MarketOrder, Option, Order, Stock, StopLimitOrder, StopOrder

from backstay.gateway.profile import OPTIMISTIC, PESSIMISTIC, Profile
from backstay.gateway.settings import Settings
from tests.gateway.conformance.house import house, until

AAPL = Stock("AAPL", "SMART", "USD")
ANY_PROFILE = pytest.mark.parametrize(
    "profile", [PESSIMISTIC, OPTIMISTIC], ids=["pessimistic", "optimistic"]
)


def test_a_market_order_fills_at_the_touch_and_pays_a_commission() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            trade = ib.placeOrder(
                AAPL, MarketOrder("BUY", 100, orderRef="bs1:T7K2M9QX:0:EN:1", tif="DAY")
            )
            await until(ib, lambda: trade.fills and trade.fills[0].commissionReport.execId)
            assert trade.orderStatus.status == "Filled"
            assert [(fill.execution.shares, fill.execution.price) for fill in trade.fills] == [
                (100, 100.02)
            ]
            assert trade.fills[0].execution.orderRef == "bs1:T7K2M9QX:0:EN:1"
            assert trade.fills[0].commissionReport.commission == 1.0
            ib.disconnect()

    asyncio.run(scene())


def test_a_market_order_walks_the_book_when_the_touch_is_too_small() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            gateway.show("AAPL", bid_size=100, ask_size=100)
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 150, tif="DAY"))
            await until(ib, lambda: trade.filled() == 150)
            prices = [fill.execution.price for fill in trade.fills]
            assert prices[0] == 100.02
            assert prices == sorted(prices)
            assert prices[-1] > 100.02
            assert trade.fills[0].execution.shares == 100
            ib.disconnect()

    asyncio.run(scene())


def test_a_limit_order_rests_and_fills_in_parts_as_it_is_met() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", 300, 99.5, tif="DAY"))
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            gateway.show("AAPL", bid="99.40", ask="99.50", ask_size=120)
            await until(ib, lambda: trade.filled() == 120)
            assert trade.orderStatus.status == "Submitted"
            assert trade.orderStatus.remaining == 180
            gateway.show("AAPL", bid="99.40", ask="99.48", ask_size=500)
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            assert trade.filled() == 300
            assert all(fill.execution.price <= 99.5 for fill in trade.fills)
            ib.disconnect()

    asyncio.run(scene())


def test_a_stop_waits_for_a_trade_and_becomes_a_market_order() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            trade = ib.placeOrder(AAPL, StopOrder("SELL", 100, 99.0, tif="GTC"))
            await until(ib, lambda: trade.orderStatus.status == "PreSubmitted")
            assert trade.orderStatus.whyHeld == "trigger"
            gateway.show("AAPL", bid="98.90", ask="98.94", last="99.00", last_size=100)
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            assert trade.fills[0].execution.price == 98.9
            ib.disconnect()

    asyncio.run(scene())


def test_a_stop_limit_that_is_run_over_rests_at_its_limit() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            trade = ib.placeOrder(AAPL, StopLimitOrder("SELL", 100, 98.5, 99.0, tif="DAY"))
            await until(ib, lambda: trade.orderStatus.status == "PreSubmitted")
            gateway.show("AAPL", bid="97.00", ask="97.04", last="97.01")
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            assert not trade.fills
            gateway.show("AAPL", bid="98.60", ask="98.64")
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            ib.disconnect()

    asyncio.run(scene())


def test_a_modified_limit_keeps_its_identity() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            order = LimitOrder("BUY", 100, 95.0, tif="DAY")
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            perm_id = trade.orderStatus.permId
            gateway.forward(5)
            order.lmtPrice = 100.05
            ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            assert trade.fills[0].execution.permId == perm_id
            ib.disconnect()

    asyncio.run(scene())


def test_a_cancelled_order_is_told_with_202() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", 100, 95.0, tif="DAY"))
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            codes: list[int] = []
            ib.errorEvent += lambda _req, number, _text, _contract: codes.append(number)
            ib.cancelOrder(trade.order)
            await until(ib, lambda: trade.orderStatus.status == "Cancelled" and 202 in codes)
            ib.disconnect()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("contract", "order", "code"),
    [
        (AAPL, LimitOrder("BUY", 100, 95.001, tif="DAY"), 110),
        (Stock("NOSUCH", "SMART", "USD"), MarketOrder("BUY", 1, tif="DAY"), 200),
        (AAPL, MarketOrder("BUY", 1_000_000, tif="DAY"), 201),
    ],
    ids=["off the grid", "no such contract", "beyond the margin"],
)
def test_an_order_that_cannot_be_is_rejected_with_ibs_code(
    contract: Stock, order: Order, code: int
) -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            codes: list[int] = []
            ib.errorEvent += lambda _req, number, _text, _contract: codes.append(number)
            trade = ib.placeOrder(contract, order)
            await until(ib, lambda: code in codes)
            assert not trade.fills
            ib.disconnect()

    asyncio.run(scene())


def test_a_what_if_says_what_the_order_would_cost_and_places_nothing() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            state = await ib.whatIfOrderAsync(AAPL, MarketOrder("BUY", 100, tif="DAY"))
            assert Decimal(state.initMarginChange) == Decimal("5001.00")
            assert state.commission == 1.0
            assert not await ib.reqAllOpenOrdersAsync()
            ib.disconnect()

    asyncio.run(scene())


@ANY_PROFILE
def test_completing_one_member_of_an_oca_group_ends_the_other(profile: Profile) -> None:
    async def scene() -> None:
        async with house(Settings(seed=7, profile=profile)) as gateway:
            ib = await gateway.client()
            stop = StopOrder("SELL", 100, 95.0, ocaGroup="pair-1", ocaType=2, tif="DAY")
            target = LimitOrder("SELL", 100, 101.0, ocaGroup="pair-1", ocaType=2, tif="DAY")
            trades = [ib.placeOrder(AAPL, stop), ib.placeOrder(AAPL, target)]
            await until(ib, lambda: all(t.orderStatus.permId for t in trades))
            gateway.show("AAPL", bid="101.00", ask="101.04")
            await until(ib, lambda: trades[1].orderStatus.status == "Filled")
            await until(ib, lambda: trades[0].orderStatus.status == "Cancelled")
            ib.disconnect()

    asyncio.run(scene())


@ANY_PROFILE
def test_cancelling_one_member_of_an_oca_group_goes_by_the_profile(profile: Profile) -> None:
    async def scene() -> None:
        async with house(Settings(seed=7, profile=profile)) as gateway:
            ib = await gateway.client()
            trades = [
                ib.placeOrder(
                    AAPL, LimitOrder("SELL", 100, price, ocaGroup="pair", ocaType=2, tif="DAY")
                )
                for price in (101.0, 102.0)
            ]
            await until(ib, lambda: all(t.orderStatus.permId for t in trades))
            ib.cancelOrder(trades[0].order)
            await until(ib, lambda: trades[0].orderStatus.status == "Cancelled")
            spared = profile.cancelling_one_spares_siblings
            expected = 1 if spared else 0
            assert len(await ib.reqAllOpenOrdersAsync()) == expected
            ib.disconnect()

    asyncio.run(scene())


@ANY_PROFILE
def test_an_attached_stop_covers_a_partly_filled_parent_by_the_profile(profile: Profile) -> None:
    async def scene() -> None:
        async with house(Settings(seed=7, profile=profile)) as gateway:
            ib = await gateway.client()
            parent = LimitOrder(
                "BUY", 300, 99.5, transmit=False, orderId=ib.client.getReqId(), tif="DAY"
            )
            child = StopOrder("SELL", 300, 95.0, parentId=parent.orderId, tif="GTC")
            trades = [ib.placeOrder(AAPL, parent), ib.placeOrder(AAPL, child)]
            await until(ib, lambda: trades[0].orderStatus.status == "Submitted")
            gateway.show("AAPL", bid="99.40", ask="99.50", ask_size=100)
            await until(ib, lambda: trades[0].filled() == 100)
            gateway.show("AAPL", bid="94.00", ask="99.60", last="94.50", ask_size=100)
            covers = profile.child_covers_partial_parent
            gateway.forward(1)
            await ib.reqAllOpenOrdersAsync()
            assert trades[1].filled() == (trades[0].filled() if covers else 0)
            ib.disconnect()

    asyncio.run(scene())


def test_an_attached_stop_is_alive_once_its_parent_is_filled() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            parent = MarketOrder(
                "BUY", 100, transmit=False, orderId=ib.client.getReqId(), tif="DAY"
            )
            child = StopOrder("SELL", 100, 95.0, parentId=parent.orderId, tif="GTC")
            trades = [ib.placeOrder(AAPL, parent), ib.placeOrder(AAPL, child)]
            await until(ib, lambda: trades[0].orderStatus.status == "Filled")
            await until(ib, lambda: trades[1].orderStatus.whyHeld == "trigger")
            gateway.show("AAPL", bid="94.90", ask="94.94", last="94.95")
            await until(ib, lambda: trades[1].orderStatus.status == "Filled")
            ib.disconnect()

    asyncio.run(scene())


def test_both_sides_of_one_option_are_refused() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            chain = (await ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598))[0]
            deep = chain.strikes[0]
            call = Option("AAPL", chain.expirations[2], deep, "C", "SMART", currency="USD")
            await ib.qualifyContractsAsync(call)
            codes: list[int] = []
            ib.errorEvent += lambda _req, number, _text, _contract: codes.append(number)
            buy = ib.placeOrder(call, LimitOrder("BUY", 1, 0.05, tif="DAY"))
            await until(ib, lambda: buy.orderStatus.permId)
            ib.placeOrder(call, LimitOrder("SELL", 1, 500.0, tif="DAY"))
            await until(ib, lambda: 201 in codes)
            ib.disconnect()

    asyncio.run(scene())


def test_a_price_is_told_before_the_fill_that_it_causes() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            apple = Stock("AAPL", "SMART", "USD")
            await ib.qualifyContractsAsync(apple)
            ticker = ib.reqMktData(apple)
            trade = ib.placeOrder(apple, LimitOrder("BUY", 100, 99.5, tif="DAY"))
            await until(ib, lambda: trade.orderStatus.status == "Submitted" and ticker.ask > 0)
            told = len(gateway.wire)
            gateway.show("AAPL", bid="99.40", ask="99.44")
            await until(ib, lambda: trade.fills)
            names = [json.loads(line)["msg"] for line in gateway.wire[told:]]
            assert names.index("tickPrice") < names.index("execDetails")
            ib.disconnect()

    asyncio.run(scene())
