"""How long orders live, when they wake, what they do to each other: by the real ib_async."""

import asyncio

import pytest
from ib_async import IB, LimitOrder, MarketOrder, Option, Order, Stock, StopLimitOrder, StopOrder

from backstay.gateway.profile import OPTIMISTIC, PESSIMISTIC, Profile
from backstay.gateway.settings import Settings
from tests.gateway.conformance.house import Codes, House, settled, statuses, until, visit

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
NEVER = Settings(seed=7, restart_at=None)
HOUR = 3600
ANY_PROFILE = pytest.mark.parametrize(
    "profile", [PESSIMISTIC, OPTIMISTIC], ids=["pessimistic", "optimistic"]
)


async def open_ids(ib: IB) -> list[int]:
    """The orders that live at the gateway, whatever ib_async thinks of them."""
    return [trade.order.orderId for trade in await ib.reqAllOpenOrdersAsync()]


async def an_option(ib: IB, gateway: House) -> Option:
    """A call of which nobody moves the price but the test."""
    chain = (await ib.reqSecDefOptParamsAsync("AAPL", "", "STK", AAPL.conId))[0]
    strike = min(chain.strikes, key=lambda strike: abs(strike - 100))
    call = Option("AAPL", chain.expirations[4], strike, "C", "SMART", currency="USD")
    await ib.qualifyContractsAsync(call)
    gateway.quote(call.conId, bid="2.00", ask="2.10", bid_size=50, ask_size=50)
    return call


# -- how long they live


def test_a_day_order_ends_with_the_day_and_a_gtc_order_does_not() -> None:
    async def scene() -> None:
        async with visit(NEVER) as (gateway, ib):
            day = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 95.0, tif="DAY"))
            kept = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 95.0, tif="GTC"))
            await until(ib, lambda: statuses([day, kept]) == ["Submitted"] * 2)
            gateway.forward(5 * HOUR + 59 * 60)
            await settled(ib)
            assert statuses([day, kept]) == ["Submitted"] * 2
            gateway.forward(120)
            await until(ib, lambda: day.orderStatus.status == "Cancelled")
            gateway.forward(24 * HOUR)
            assert await open_ids(ib) == [kept.order.orderId]

    asyncio.run(scene())


def test_a_day_order_for_extended_hours_lives_until_their_end() -> None:
    async def scene() -> None:
        async with visit(NEVER) as (gateway, ib):
            order = LimitOrder("BUY", 1, 95.0, tif="DAY", outsideRth=True)
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            gateway.forward(9 * HOUR)
            assert await open_ids(ib) == [order.orderId]
            gateway.forward(2 * HOUR)
            await until(ib, lambda: trade.orderStatus.status == "Cancelled")

    asyncio.run(scene())


def test_an_ioc_order_takes_what_is_there_and_ends() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            gateway.show("AAPL", ask="100.02", ask_size=40)
            codes = Codes(ib)
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", 100, 100.02, tif="IOC"))
            await until(ib, lambda: trade.orderStatus.status == "Cancelled")
            assert (trade.filled(), trade.orderStatus.remaining) == (40, 60)
            await until(ib, lambda: codes.numbers() == [202])
            assert await open_ids(ib) == []

    asyncio.run(scene())


def test_a_gtd_order_ends_on_the_second() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            until_time = "20261123 10:30:00 US/Eastern"
            order = LimitOrder("BUY", 1, 95.0, tif="GTD", goodTillDate=until_time)
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            gateway.forward(30 * 60 - 20)
            assert await open_ids(ib) == [order.orderId]
            gateway.forward(20)
            await until(ib, lambda: trade.orderStatus.status == "Cancelled")

    asyncio.run(scene())


def test_an_order_is_good_after_a_time() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            after = "20261123 10:30:00 US/Eastern"
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 1, tif="DAY", goodAfterTime=after))
            await until(ib, lambda: trade.orderStatus.status == "PreSubmitted")
            gateway.forward(30 * 60 - 20)
            await settled(ib)
            assert not trade.fills
            gateway.forward(20)
            await until(ib, lambda: trade.orderStatus.status == "Filled")

    asyncio.run(scene())


# -- when they wake


def test_only_who_asks_for_it_trades_outside_regular_hours() -> None:
    async def scene() -> None:
        async with visit(NEVER) as (gateway, ib):
            gateway.forward(7 * HOUR)
            codes = Codes(ib)
            inside = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100.5, tif="GTC"))
            around = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 100.5, tif="GTC", outsideRth=True))
            await until(ib, lambda: around.orderStatus.status == "Filled")
            await settled(ib)
            assert codes == [(inside.order.orderId, 399)]
            assert not inside.fills
            gateway.forward(17 * HOUR)
            await until(ib, lambda: inside.fills)

    asyncio.run(scene())


@pytest.mark.parametrize("outside_rth", [False, True])
def test_a_plain_stop_sleeps_outside_regular_hours(outside_rth: bool) -> None:
    async def scene() -> None:
        async with visit(NEVER) as (gateway, ib):
            stop = StopOrder("SELL", 100, 99.0, tif="GTC", outsideRth=outside_rth)
            trade = ib.placeOrder(AAPL, stop)
            await until(ib, lambda: trade.orderStatus.permId)
            gateway.forward(7 * HOUR)
            gateway.show("AAPL", bid="97.96", ask="98.00", last="98.00", last_size=100)
            await settled(ib)
            assert not trade.fills
            assert await open_ids(ib) == [stop.orderId]
            gateway.forward(17 * HOUR)
            gateway.show("AAPL", last="97.98", last_size=100)
            await until(ib, lambda: trade.fills)
            assert trade.fills[0].execution.price == 97.96

    asyncio.run(scene())


def test_a_stop_limit_for_all_hours_elects_in_the_evening() -> None:
    async def scene() -> None:
        async with visit(NEVER) as (gateway, ib):
            order = StopLimitOrder("SELL", 100, 97.0, 99.0, tif="GTC", outsideRth=True)
            trade = ib.placeOrder(AAPL, order)
            await until(ib, lambda: trade.orderStatus.permId)
            gateway.forward(7 * HOUR)
            gateway.show("AAPL", bid="97.96", ask="98.00", last="98.00", last_size=100)
            await until(ib, lambda: trade.orderStatus.status == "Filled")

    asyncio.run(scene())


TOUCHES: dict[str, list[dict[str, str]]] = {
    "a print": [{"last": "98.90"}],
    "two prints": [{"last": "98.90"}, {"last": "98.91"}],
    "two prints with one above between": [{"last": "98.90"}, {"last": "99.5"}, {"last": "98.9"}],
    "an ask": [{"bid": "98.80", "ask": "98.90"}],
    "two asks": [{"bid": "98.80", "ask": "98.90"}, {"bid": "98.80", "ask": "98.91"}],
    "a bid alone": [{"bid": "98.80"}],
    "a middle": [{"bid": "98.00", "ask": "99.90"}],
}
ELECTED = {
    0: {"a print", "two prints", "two prints with one above between"},
    1: {"two asks"},
    2: {"a print", "two prints", "two prints with one above between"},
    3: {"two prints"},
    4: {"an ask", "two asks"},
    7: {"a print", "two prints", "two prints with one above between", "an ask", "two asks"},
    8: {"an ask", "two asks", "a middle"},
}


@pytest.mark.parametrize("method", ELECTED)
def test_each_trigger_method_listens_to_its_own(method: int) -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            elected = {
                touch
                for touch, quotes in TOUCHES.items()
                if await is_elected(gateway, ib, method, quotes)
            }
            assert elected == ELECTED[method]

    asyncio.run(scene())


async def is_elected(gateway: House, ib: IB, method: int, quotes: list[dict[str, str]]) -> bool:
    """Whether these quotes elect a stop at 99."""
    gateway.show("AAPL", bid="99.98", ask="100.02", last="100")
    stop = StopOrder("SELL", 100, 99.0, tif="DAY", triggerMethod=method)
    trade = ib.placeOrder(AAPL, stop)
    await until(ib, lambda: trade.orderStatus.whyHeld == "trigger")
    for quote in quotes:
        gateway.show("AAPL", **quote)
    await settled(ib)
    if trade.fills:
        return True
    ib.cancelOrder(stop)
    await settled(ib)
    gateway.forward(6)
    await until(ib, trade.isDone)
    return bool(trade.fills)


def test_the_stop_of_an_option_wants_two_quotes_by_default() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            call = await an_option(ib, gateway)
            trade = ib.placeOrder(call, StopOrder("SELL", 1, 1.5, tif="DAY"))
            await until(ib, lambda: trade.orderStatus.whyHeld == "trigger")
            gateway.quote(call.conId, last="1.40", last_size=1)
            gateway.quote(call.conId, bid="1.30", ask="1.45")
            await settled(ib)
            assert not trade.fills
            gateway.quote(call.conId, ask="1.60")
            gateway.quote(call.conId, ask="1.45")
            await settled(ib)
            assert not trade.fills
            gateway.quote(call.conId, ask="1.44")
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            assert trade.fills[0].execution.price == 1.3
            assert trade.fills[0].contract.conId == call.conId

    asyncio.run(scene())


# -- what they do to each other


def pair(kind: int, *quantities: int, prices: tuple[float, ...] = (101.0, 102.0)) -> list[Order]:
    """Two targets in one group."""
    return [
        LimitOrder("SELL", quantity, price, tif="DAY", ocaGroup="pair", ocaType=kind)
        for quantity, price in zip(quantities, prices, strict=True)
    ]


@ANY_PROFILE
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_a_partial_fill_reaches_the_others_of_its_group(kind: int, profile: Profile) -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, profile=profile)) as (gateway, ib):
            first, second = (ib.placeOrder(AAPL, order) for order in pair(kind, 300, 200))
            await until(ib, lambda: statuses([first, second]) == ["Submitted"] * 2)
            gateway.show("AAPL", bid="101.00", ask="101.04", bid_size=150)
            await until(ib, lambda: first.filled() == 150)
            await settled(ib)
            if kind == 1:
                assert statuses([first, second]) == ["Submitted", "Cancelled"]
            else:
                assert statuses([first, second]) == ["Submitted"] * 2
                left = 50 if profile.partial_fill_reduces_by_quantity else 100
                assert second.order.totalQuantity == left
                assert second.orderStatus.remaining == left
            gateway.show("AAPL", bid="101.01", ask="101.04", bid_size=150)
            await until(ib, lambda: first.orderStatus.status == "Filled")
            await until(ib, lambda: second.orderStatus.status == "Cancelled")
            assert second.filled() == 0

    asyncio.run(scene())


@ANY_PROFILE
@pytest.mark.parametrize(("kind", "sold"), [(1, 200), (2, 200), (3, 400)])
def test_only_the_third_type_can_overfill(kind: int, sold: int, profile: Profile) -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, profile=profile)) as (gateway, ib):
            orders = pair(kind, 200, 200, prices=(101.0, 101.0))
            trades = [ib.placeOrder(AAPL, order) for order in orders]
            await until(ib, lambda: statuses(trades) == ["Submitted"] * 2)
            gateway.show("AAPL", bid="101.00", ask="101.04", bid_size=1000)
            await until(ib, lambda: all(trade.isDone() for trade in trades))
            assert sum(trade.filled() for trade in trades) == sold

    asyncio.run(scene())


@ANY_PROFILE
def test_a_group_that_works_can_be_joined_by_the_profile(profile: Profile) -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, profile=profile)) as (gateway, ib):
            first, late = pair(2, 100, 100)
            working = ib.placeOrder(AAPL, first)
            await until(ib, lambda: working.orderStatus.status == "Submitted")
            gateway.forward(10)
            codes = Codes(ib)
            joining = ib.placeOrder(AAPL, late)
            await until(ib, lambda: joining.orderStatus.permId or codes)
            await settled(ib)
            if profile.living_group_can_be_joined:
                assert codes == []
                assert await open_ids(ib) == [first.orderId, late.orderId]
            else:
                assert codes == [(late.orderId, 201)]
                assert await open_ids(ib) == [first.orderId]

    asyncio.run(scene())


@ANY_PROFILE
def test_the_type_of_a_working_order_can_be_changed_by_the_profile(profile: Profile) -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, profile=profile)) as (gateway, ib):
            stop = StopOrder("SELL", 100, 95.0, tif="DAY")
            trade = ib.placeOrder(AAPL, stop)
            await until(ib, lambda: trade.orderStatus.permId)
            gateway.forward(5)
            codes = Codes(ib)
            changed = LimitOrder("SELL", 100, 99.98, tif="DAY", orderId=stop.orderId)
            ib.placeOrder(AAPL, changed)
            await until(ib, lambda: trade.fills or codes)
            assert bool(trade.fills) is profile.order_type_can_be_modified
            if not trade.fills:
                assert codes == [(stop.orderId, 201)]
                (held,) = await ib.reqAllOpenOrdersAsync()
                assert (held.order.orderType, held.order.auxPrice) == ("STP", 95.0)

    asyncio.run(scene())


def test_an_options_both_sides_are_free_once_one_is_over() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            call = await an_option(ib, gateway)
            codes = Codes(ib)
            buy = ib.placeOrder(call, LimitOrder("BUY", 1, 1.0, tif="DAY"))
            await until(ib, lambda: buy.orderStatus.permId)
            refused = ib.placeOrder(call, LimitOrder("SELL", 1, 5.0, tif="DAY"))
            await until(ib, lambda: codes == [(refused.order.orderId, 201)])
            gateway.forward(6)
            ib.cancelOrder(buy.order)
            await until(ib, lambda: buy.orderStatus.status == "Cancelled")
            sell = ib.placeOrder(call, LimitOrder("SELL", 1, 5.0, tif="DAY"))
            await until(ib, lambda: sell.orderStatus.status == "Submitted")

    asyncio.run(scene())
