"""What the gateway itself has and is sent, past what ib_async makes of it."""

from decimal import Decimal

from ib_async import IB, Order, Stock

from backstay.gateway.values.contract import Contract as Described
from backstay.gateway.values.order import Order as Worded
from tests.gateway.conformance.house import House

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


async def living(gateway: House) -> list[Order]:
    """The orders that live at the gateway, told to a client that never saw them before."""
    witness = await gateway.client(99)
    trades = await witness.reqAllOpenOrdersAsync()
    witness.disconnect()
    return [trade.order for trade in trades]


async def living_ids(gateway: House) -> list[int]:
    """Their ids."""
    return [order.orderId for order in await living(gateway)]


def send(ib: IB, order: Order) -> None:
    """Write an order as it is, past everything that ib_async knows of it."""
    ib.client.placeOrder(order.orderId, AAPL, order)  # type: ignore[no-untyped-call]


def send_cancel(ib: IB, order_id: int) -> None:
    """Write a cancel likewise."""
    ib.client.cancelOrder(order_id, "")  # type: ignore[no-untyped-call]


def place_by_hand(gateway: House, quantity: int, price: str) -> None:
    """Somebody types an order into TWS."""
    contract = Described(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
    order = Worded(
        action="BUY",
        quantity=Decimal(quantity),
        order_type="LMT",
        limit_price=Decimal(price),
        tif="DAY",
    )
    accounts = gateway.gateway.accounts
    gateway.do(lambda: gateway.gateway.exchange.place_by_hand(accounts.default, contract, order))
