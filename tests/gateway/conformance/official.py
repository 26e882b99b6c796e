"""IB's own client before a gateway: an outside judge that shares no line with it or with ib_async.

The gateway lives in a thread with a loop of its own, the client in the two threads that it makes
for itself; the test stands in a third. Every callback is written down, and a test waits for the
one it means: nothing sleeps, and every thread has ended when the test has.
"""

import asyncio
import inspect
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from threading import Condition, Thread
from types import SimpleNamespace
from typing import Any, TypeVar

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel
from ibapi.wrapper import EWrapper

from backstay.gateway.faults.plan import Plan
from backstay.gateway.settings import Settings
from tests.gateway.conformance.house import MONDAY_MORNING, House, house
from tests.hanging import HANGS_AFTER_SECONDS

T = TypeVar("T")
Call = Any
"""A callback with its arguments by their names; `called` is its own name."""

_WAKE_UP = b"0\0"
"""A message without an id: the client's loop passes over it."""

_CALLBACKS = {
    name: inspect.signature(callback)
    for name, callback in inspect.getmembers(EWrapper, inspect.isfunction)
    if not name.startswith("_")
}


class Record:
    """Everything that a client has been told, in its order; it may be waited for."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._news = Condition()
        for name, signature in _CALLBACKS.items():
            setattr(self, name, partial(self._hear, name, signature))

    def __len__(self) -> int:
        return len(self._calls)

    def names(self) -> list[str]:
        """What was called, in its order."""
        with self._news:
            return [call.called for call in self._calls]

    def since(self, mark: int, name: str) -> list[Call]:
        """The calls of one name that came after so many of any name."""
        with self._news:
            return [call for call in self._calls[mark:] if call.called == name]

    def wait(self, name: str, condition: Callable[[Call], object], mark: int) -> Call:
        """The first such call, as soon as it has come."""
        found: list[Call] = []

        def has_come() -> bool:
            found[:] = [
                call for call in self._calls[mark:] if call.called == name and condition(call)
            ]
            return bool(found)

        with self._news:
            has_come_in_time = self._news.wait_for(has_come, HANGS_AFTER_SECONDS)
            assert has_come_in_time, f"no such {name} among {self._calls[mark:]}"
        return found[0]

    def _hear(self, name: str, signature: inspect.Signature, *given: Any, **named: Any) -> None:
        arguments = signature.bind(self, *given, **named).arguments
        del arguments["self"]
        with self._news:
            self._calls.append(SimpleNamespace(called=name, **arguments))
            self._news.notify_all()


class App:
    """One official client and what it was told."""

    def __init__(self) -> None:
        self.told = Record()
        self.client = EClient(self.told)
        self._loop = Thread(target=self.client.run, name="ibapi", daemon=True)
        self._reader: Thread | None = None
        self._next_id = 0

    def connect(self, port: int, client_id: int) -> None:
        """Shake hands and start; what comes of it is heard."""
        self.client.connect("127.0.0.1", port, client_id)
        self._reader = self.client.reader
        self._loop.start()

    def hang_up(self) -> None:
        """End the connection and both threads of the client."""
        connection = self.client.conn
        if connection is not None and (tcp := connection.socket) is not None:
            tcp.shutdown(socket.SHUT_RDWR)
        self.join()

    def join(self) -> None:
        """Wait until the client has noticed that it is disconnected."""
        if self._reader is not None:
            self._reader.join(HANGS_AFTER_SECONDS)
            assert not self._reader.is_alive()
        self.client.msg_queue.put(_WAKE_UP)
        self._loop.join(HANGS_AFTER_SECONDS)
        assert not self._loop.is_alive()

    def new_id(self) -> int:
        """An id for an order or a request that was not used before."""
        if not self._next_id:
            self._next_id = self.wait("nextValidId").orderId
        self._next_id += 1
        return self._next_id - 1

    def wait(
        self, name: str, condition: Callable[[Call], object] = lambda _call: True, mark: int = 0
    ) -> Call:
        """The first callback of that name that fits."""
        return self.told.wait(name, condition, mark)

    def wait_error(self, code: int, mark: int = 0) -> Call:
        """The first error or warning with that number."""
        return self.wait("error", lambda call: call.errorCode == code, mark)

    def answers(self, ask: Callable[[], object], name: str, end: str) -> list[Call]:
        """Ask, and have every answer up to the one that says that it was the last."""
        mark = len(self.told)
        ask()
        self.wait(end, mark=mark)
        return self.told.since(mark, name)

    def codes(self) -> list[int]:
        """All errors and warnings so far, but for those that say that all is well."""
        codes = [call.errorCode for call in self.told.since(0, "error")]
        return [code for code in codes if code not in {2104, 2106, 2158}]

    def place(self, contract: Contract, order: Order) -> int:
        """Send an order under a new id."""
        order_id = self.new_id()
        self.client.placeOrder(order_id, contract, order)
        return order_id

    def cancel(self, order_id: int) -> None:
        """Send a plain cancel."""
        self.client.cancelOrder(order_id, OrderCancel())

    def cancel_all(self) -> None:
        """Send the cancel of everything."""
        self.client.reqGlobalCancel(OrderCancel())

    def wait_status(self, order_id: int, status: str, mark: int = 0) -> Call:
        """The first time that the order stands so."""
        return self.wait(
            "orderStatus", lambda call: (call.orderId, call.status) == (order_id, status), mark
        )

    def wait_filled(self, order_id: int, quantity: int) -> Call:
        """The status that says that so much is filled."""
        return self.wait(
            "orderStatus", lambda call: (call.orderId, call.filled) == (order_id, quantity)
        )

    def fills(self) -> list[tuple[Call, Call]]:
        """Every execution that came by itself, with what it cost."""
        return [
            (executed, self._cost_of(executed.execution.execId))
            for executed in self.told.since(0, "execDetails")
            if executed.reqId == -1
        ]

    def _cost_of(self, exec_id: str) -> Call:
        return self.wait(
            "commissionAndFeesReport",
            lambda call: call.commissionAndFeesReport.execId == exec_id,
        ).commissionAndFeesReport


class Premises:
    """The gateway's thread, and the clients before it."""

    def __init__(self, served: House, loop: asyncio.AbstractEventLoop, stack: ExitStack) -> None:
        self.house = served
        self._loop = loop
        self._stack = stack

    def app(self, client_id: int = 1) -> App:
        """A client that is ready to ask."""
        app = self.caller(client_id)
        app.wait("nextValidId")
        return app

    def caller(self, client_id: int) -> App:
        """A client that has called, whatever it is told."""
        app = App()
        app.connect(self.house.port, client_id)
        self._stack.callback(app.hang_up)
        return app

    def do(self, deed: Callable[[House], T]) -> T:
        """Do something behind the counter, in the gateway's own thread."""

        async def doing() -> T:
            return deed(self.house)

        return asyncio.run_coroutine_threadsafe(doing(), self._loop).result(HANGS_AFTER_SECONDS)

    def listening(self) -> None:
        """Wait until clients may connect again."""
        waiting = asyncio.run_coroutine_threadsafe(self.house.listening(), self._loop)
        waiting.result(HANGS_AFTER_SECONDS)

    def show(self, symbol: str, **changes: str | int) -> None:
        """Show a new quote or a trade."""
        self.do(lambda served: served.show(symbol, **changes))

    def forward(self, seconds: float) -> None:
        """Let broker time pass."""
        self.do(lambda served: served.forward(seconds))


@contextmanager
def premises(
    settings: Settings | None = None, start: datetime = MONDAY_MORNING, plan: Plan = ()
) -> Iterator[Premises]:
    """A gateway in its own thread; at the end it, its clients and their threads have ended."""
    opened: Future[tuple[House, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    ended: Future[None] = Future()

    async def serve() -> None:
        stopping = asyncio.Event()
        async with house(settings, start, plan) as served:
            await served.listening()
            opened.set_result((served, asyncio.get_running_loop(), stopping))
            await stopping.wait()

    def live() -> None:
        try:
            asyncio.run(serve())
        except BaseException as fault:  # noqa: BLE001 - it is raised again where it is waited for
            (ended if opened.done() else opened).set_exception(fault)
        else:
            ended.set_result(None)

    thread = Thread(target=live, name="gateway", daemon=True)
    thread.start()
    served, loop, stopping = opened.result(HANGS_AFTER_SECONDS)
    try:
        with ExitStack() as stack:
            yield Premises(served, loop, stack)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(HANGS_AFTER_SECONDS)
    ended.result(0)


def stock(symbol: str) -> Contract:
    """A stock as clients name it."""
    contract = Contract()
    contract.symbol = symbol
    contract.secType = "STK"
    contract.exchange = "SMART"
    contract.currency = "USD"
    return contract


def order(action: str, quantity: int, order_type: str = "MKT", **terms: Any) -> Order:
    """An order for the day, unless its terms say something else."""
    made = Order()
    made.action = action
    made.totalQuantity = Decimal(quantity)
    made.orderType = order_type
    made.tif = "DAY"
    for name, value in terms.items():
        assert hasattr(made, name), name
        setattr(made, name, value)
    return made


def details(app: App, contract: Contract) -> list[Any]:
    """Every instrument that the description fits."""
    req_id = app.new_id()
    calls = app.answers(
        lambda: app.client.reqContractDetails(req_id, contract),
        "contractDetails",
        "contractDetailsEnd",
    )
    assert {call.reqId for call in calls} <= {req_id}
    return [call.contractDetails for call in calls]


def chains(app: App, symbol: str, con_id: int) -> list[Call]:
    """The option chains of a stock."""
    req_id = app.new_id()
    return app.answers(
        lambda: app.client.reqSecDefOptParams(req_id, symbol, "", "STK", con_id),
        "securityDefinitionOptionParameter",
        "securityDefinitionOptionParameterEnd",
    )


def an_option(app: App, symbol: str, con_id: int) -> Contract:
    """A call in the middle of the chain."""
    chain = next(call for call in chains(app, symbol, con_id) if call.exchange == "SMART")
    contract = Contract()
    contract.symbol, contract.secType, contract.currency = symbol, "OPT", "USD"
    contract.exchange = "SMART"
    contract.lastTradeDateOrContractMonth = sorted(chain.expirations)[3]
    strikes = sorted(chain.strikes)
    contract.strike, contract.right = strikes[len(strikes) // 2], "C"
    return contract


def money(figure: float) -> Decimal:
    """What a client has as a float, in cents and their parts."""
    return Decimal(str(figure))
