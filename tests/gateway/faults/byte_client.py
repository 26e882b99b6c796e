"""A client in bytes, and the whole gateway before it: what a fault looks like from outside."""

from decimal import Decimal
from typing import TypeVar

from backstay.gateway.conversation import ClientConversation
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.messages.data_replies import TickPrice
from backstay.gateway.messages.order_replies import ExecutionDetails, OpenOrder, OrderStatus
from backstay.gateway.messages.replies import NextValidId, Notice, PositionReport, Reply
from backstay.gateway.messages.requests import (
    CancelOrder,
    PlaceOrder,
    Request,
    RequestAllOpenOrders,
    RequestExecutions,
    RequestMarketData,
    RequestPositions,
    StartApi,
)
from backstay.gateway.profile import OPTIMISTIC, Profile
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.frames import frame
from backstay.gateway.wire.replies import decode_reply
from backstay.gateway.wire.requests import encode_request

START_NS = 1_795_446_000 * SECOND_NS  # 2026-11-23, ten o'clock in New York
TAPE = "+0 AAPL bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
BID, ASK = 1, 2
AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")

R = TypeVar("R", bound=Reply)


class ByteClient:
    """One connection: what has arrived, decoded as far as it can be."""

    def __init__(self, gateway: Gateway, client_id: int) -> None:
        self._gateway = gateway
        self._arrived = b""
        self.ended = ""
        self.pending_bytes = 0
        self._conversation: ClientConversation = gateway.connect(self)
        self._send(b"API\0" + frame(b"v157..178"))
        self._frame()
        self.ask(StartApi(client_id))

    # As the gateway sees it.

    def write(self, data: bytes) -> None:
        if not self.ended:
            self._arrived += data

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def reset(self) -> None:
        self.ended = self.ended or "reset"

    # As a test sees it.

    def ask(self, *requests: Request) -> None:
        """Send requests; they arrive together."""
        self._send(b"".join(frame(encode_request(request)) for request in requests))

    def place(self, order_id: int, **terms: object) -> None:
        """A limit order far below the market, or what `terms` say."""
        given = {
            "action": "BUY",
            "quantity": Decimal(100),
            "order_type": "LMT",
            "limit_price": Decimal(90),
            "tif": "DAY",
            "order_ref": f"ref-{order_id}",
        } | terms
        order = Order(order_id=order_id, **given)  # type: ignore[arg-type]
        self.ask(PlaceOrder(order_id, AAPL, order))

    def cancel(self, order_id: int) -> None:
        """A cancel."""
        self.ask(CancelOrder(order_id))

    def leave(self) -> None:
        """The client's end of the connection is gone."""
        self._conversation.lost("the client has left")

    def heard(self, kind: type[R]) -> list[R]:
        """Everything of one kind that has arrived whole since the last time anything was read."""
        return [reply for reply in self.all() if isinstance(reply, kind)]

    def all(self) -> list[Reply | str]:
        """All that has arrived whole; what can't be decoded as its complaint."""
        self._gateway.advance(self._gateway.now_ns)
        found: list[Reply | str] = []
        while (payload := self._frame()) is not None:
            try:
                found.append(decode_reply(payload))
            except WireError as fault:
                found.append(fault.reason)
        return found

    @property
    def half(self) -> bytes:
        """What has arrived of a frame that isn't whole."""
        return self._arrived

    def statuses(self) -> list[str]:
        """The order statuses that have arrived since anything was read, as words."""
        return [status.status.value for status in self.heard(OrderStatus)]

    def codes(self) -> list[int]:
        """The codes of all notices that have arrived since anything was read."""
        return [notice.code for notice in self.heard(Notice)]

    def next_id(self) -> int:
        """The last order id that was given."""
        return self.heard(NextValidId)[-1].order_id

    def _send(self, data: bytes) -> None:
        self._gateway.advance(self._gateway.now_ns)
        self._conversation.receive(data)
        self._gateway.advance(self._gateway.now_ns)

    def _frame(self) -> bytes | None:
        length = int.from_bytes(self._arrived[:4], "big")
        if len(self._arrived) < 4 or len(self._arrived) < 4 + length:
            return None
        payload, self._arrived = self._arrived[4 : 4 + length], self._arrived[4 + length :]
        return payload


class Scene:
    """A gateway with faults, in the easy profile, with one stock that stands still."""

    def __init__(self, *plan: Rule, profile: Profile = OPTIMISTIC) -> None:
        self.audit: list[str] = []
        settings = Settings(seed=7, profile=profile, restart_at=None)
        self.gateway = Gateway(
            settings,
            START_NS,
            tape=parse(TAPE),
            plan=plan,
            outlets=Outlets(audit=self.audit.append),
        )
        self.pass_time(0)

    def join(self, client_id: int = 1) -> ByteClient:
        """A client that has started; its greeting is not read yet."""
        return ByteClient(self.gateway, client_id)

    def pass_time(self, seconds: float) -> None:
        """Let so much broker time pass."""
        self.gateway.advance(self.gateway.now_ns + int(seconds * SECOND_NS))


def planned(name: str, **keys: object) -> tuple[Scene, ByteClient]:
    """A scene with one fault in it, and a client that has read its greeting."""
    scene = Scene(rule(name, **keys))
    client = scene.join()
    client.all()
    return scene, client


def buy(client: ByteClient, order_id: int = 1, quantity: int = 100) -> None:
    """A market order, which fills at once."""
    client.place(order_id, order_type="MKT", limit_price=None, quantity=Decimal(quantity))


def kinds(client: ByteClient) -> list[str]:
    """The kinds of all that has arrived."""
    return [type(reply).__name__ for reply in client.all()]


def living(client: ByteClient) -> list[int]:
    """The permIds of all open orders."""
    client.all()
    client.ask(RequestAllOpenOrders())
    return [opened.order.perm_id for opened in client.heard(OpenOrder)]


def holding(client: ByteClient) -> Decimal:
    """What of AAPL is held."""
    client.all()
    client.ask(RequestPositions())
    return sum((report.quantity for report in client.heard(PositionReport)), Decimal(0))


def fills(client: ByteClient) -> list[tuple[str, Decimal, Decimal]]:
    """The executions that a request answers: the end of each execId, its price and shares."""
    client.all()
    client.ask(RequestExecutions(77))
    found = [details.execution for details in client.heard(ExecutionDetails)]
    return [(each.exec_id.rpartition(".")[2], each.price, each.shares) for each in found]


def bids(client: ByteClient) -> list[Decimal]:
    """The bids that have arrived."""
    return [tick.price for tick in client.heard(TickPrice) if tick.field == BID]


def show(scene: Scene, bid: str) -> None:
    """The bid of AAPL moves."""
    con_id = scene.gateway.market.find(AAPL)[0].con_id
    scene.gateway.market.inject(con_id, bid=Decimal(bid))
    scene.pass_time(0.3)


def streaming(name: str, **keys: object) -> tuple[Scene, ByteClient]:
    """A scene with a client that streams AAPL."""
    scene, client = planned(name, **keys)
    client.ask(RequestMarketData(9, AAPL))
    scene.pass_time(1)
    return scene, client
