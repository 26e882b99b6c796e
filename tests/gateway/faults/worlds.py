"""A small world for the faults: a wire, a client and an exchange that only take notes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.outbound import framed
from backstay.gateway.faults.passages import Passage, Passages
from backstay.gateway.faults.rules import Rule
from backstay.gateway.market.words import Instrument
from backstay.gateway.messages.order_replies import (
    CommissionReport,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import NO_REQUEST, Notice, Reply
from backstay.gateway.messages.requests import PlaceOrder, Request, StartApi
from backstay.gateway.profile import OPTIMISTIC, Profile
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution, Side
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

START_NS = 1_800_000_000 * SECOND_NS
AAPL = Contract(con_id=1, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
MSFT = replace(AAPL, con_id=2, symbol="MSFT")
ZERO, ONE = Decimal(0), Decimal(1)


class NotedConnection:
    """What has left, in order: replies, raw bytes, and how it ended."""

    def __init__(self) -> None:
        self.said: list[Reply | bytes | str] = []

    def deliver(self, reply: Reply) -> None:
        self.said.append(reply)

    def encoded(self, reply: Reply) -> bytes:
        return framed(repr(reply).encode())

    def write(self, data: bytes) -> None:
        self.said.append(data)

    def close(self, reason: str) -> None:
        self.said.append(f"closed: {reason}")

    def reset(self, reason: str) -> None:
        self.said.append(f"reset: {reason}")

    def take(self) -> list[Reply | bytes | str]:
        """What was said since the last time."""
        taken, self.said = self.said, []
        return taken


@dataclass(frozen=True, slots=True)
class Held:
    """A position of the notes."""

    contract: Contract
    quantity: Decimal


class Exchange:
    """Operations are noted as they were called."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.living: tuple[HeldOrder, ...] = ()
        self.known: dict[int, HeldOrder] = {}
        self.fills: list[tuple[Contract, Execution]] = []

    def roll_back_ids(self, by: int) -> None:
        self.done.append(("roll back", by))

    def open_orders(self) -> tuple[HeldOrder, ...]:
        return self.living

    def held(self, perm_id: int) -> HeldOrder | None:
        return self.known.get(perm_id)

    def executions(self) -> tuple[tuple[Contract, Execution], ...]:
        return tuple(self.fills)

    def cancel(self, client_id: int, order_id: int) -> None:
        self.done.append(("cancel", client_id, order_id))

    def sold_short(self, client_id: int, contract: Contract, order: Order) -> int | None:
        """Nothing is held, and nobody but client 1 finds shares to borrow."""
        return contract.con_id if order.action == "SELL" and client_id == 1 else None

    def deny_borrow(self, con_id: int) -> None:
        self.done.append(("deny borrow", con_id))

    def locate(self, con_id: int) -> None:
        self.done.append(("locate", con_id))

    def fill_anyway(self, perm_id: int, quantity: Decimal) -> None:
        self.done.append(("fill anyway", perm_id, quantity))

    def fork(self, perm_id: int) -> None:
        self.done.append(("fork", perm_id))

    def correct_execution(
        self, exec_id: str, *, price: Decimal | None = None, quantity: Decimal | None = None
    ) -> None:
        self.done.append(("correct", exec_id, price, quantity))

    def bust_execution(self, exec_id: str) -> None:
        self.done.append(("bust", exec_id))

    def place_by_hand(self, account: str, contract: Contract, order: Order) -> None:
        self.done.append(("by hand", account, contract.symbol, order))

    def close_by_hand(self, account: str, con_id: int) -> None:
        self.done.append(("close by hand", account, con_id))


class Market:
    """Knows AAPL only."""

    def find(self, contract: Contract) -> tuple[Instrument, ...]:
        if contract.symbol != "AAPL":
            return ()
        return (Instrument(AAPL, "us", "Apple", "NMS", "", "SMART", 26, ()),)


class Accounts:
    """One account, with the positions that a test gives it."""

    def __init__(self) -> None:
        self.default = "DU1"
        self.held: list[Held] = []

    def positions(self, account: str) -> tuple[Held, ...]:
        return tuple(self.held) if account == self.default else ()


class Front:
    """Notes what it is made to do."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.claimed: list[int] = []

    def broadcast(self, code: int, text: str) -> None:
        self.done.append((code, text))

    def lose_upstream(self) -> None:
        self.done.append((1100,))

    def restore_upstream(self, *, data_lost: bool) -> None:
        self.done.append((1101 if data_lost else 1102,))

    def compete(self, *, on: bool) -> None:
        self.done.append(("compete", on))

    def streams_back(self) -> None:
        self.done.append(("streams back",))

    def streams_dead(self) -> None:
        self.done.append(("streams dead",))

    def is_claimed(self, client_id: int) -> bool:
        return client_id in self.claimed

    def linger(self, client_id: int, duration_ns: int) -> None:
        self.done.append(("linger", client_id, duration_ns))


class Host:
    """Notes its restarts."""

    def __init__(self) -> None:
        self.restarts: list[int] = []

    def restart(self, down_ns: int) -> None:
        self.restarts.append(down_ns)


class World:
    """Faults, lines and notes on one agenda."""

    def __init__(self, *plan: Rule, profile: Profile = OPTIMISTIC, seed: int = 7) -> None:
        self.agenda = Agenda(START_NS)
        self.struck: list[tuple[str, str]] = []
        self.faults = Faults(
            plan, self.agenda, Chance(seed), lambda *strike: self.struck.append(strike)
        )
        self.exchange = Exchange()
        self.front = Front()
        self.passages = Passages(self.faults, self.agenda, self.exchange, self.front, profile)

    def join(
        self, client: int | None = 1, conn: int = 1, handle: Callable[[Request], None] | None = None
    ) -> "Peer":
        """A connection, started as `client`."""
        peer = Peer(self, conn, handle)
        if client is not None:
            peer.passage.receive(StartApi(client))
            peer.handled.clear()
            peer.wire.take()
        return peer

    def pass_time(self, seconds: float) -> None:
        """Let so much broker time pass."""
        self.agenda.advance(self.agenda.now_ns + int(seconds * SECOND_NS))

    def names(self) -> list[str]:
        """The faults that have struck, in order."""
        return [name for name, _ in self.struck]


class Peer:
    """One connection with its wire and its notes of what was handled."""

    def __init__(
        self, world: World, conn: int, handle: Callable[[Request], None] | None = None
    ) -> None:
        self.wire = NotedConnection()
        self.handled: list[Request] = []
        self._answer = handle
        self.passage: Passage = world.passages.join(conn, self.wire)
        self.passage.attach(self._handle)

    def _handle(self, request: Request) -> None:
        self.handled.append(request)
        if self._answer is not None:
            self._answer(request)


def placing(order_id: int, **terms: object) -> PlaceOrder:
    order = replace(Order(order_id=order_id, quantity=Decimal(100), order_ref="ref"), **terms)  # type: ignore[arg-type]
    return PlaceOrder(order_id, AAPL, order)


def held(
    perm_id: int = 900,
    *,
    order_id: int = 5,
    client: int = 1,
    status: Status = Status.SUBMITTED,
    filled: int = 0,
    changed_ns: int = START_NS,
) -> HeldOrder:
    order = Order(
        order_id=order_id, client_id=client, perm_id=perm_id, quantity=Decimal(100), order_ref="ref"
    )
    return HeldOrder(AAPL, order, status, START_NS, changed_ns, filled=Decimal(filled))


def status(order_id: int, word: Status, perm_id: int = 900, client: int = 1) -> OrderStatus:
    return OrderStatus(order_id, word, ZERO, ONE, ZERO, perm_id, 0, ZERO, client)


def opened(order_id: int) -> OpenOrder:
    return OpenOrder(AAPL, Order(order_id=order_id, client_id=1), Status.SUBMITTED)


def execution(
    exec_id: str = "e.01", order_id: int = 5, *, client: int = 1, shares: int = 10
) -> Execution:
    quantity, price = Decimal(shares), Decimal("190.25")
    return Execution(
        exec_id, START_NS, "DU1", "SMART", Side.BOUGHT, quantity, price, 900, client, order_id,
        quantity, price,
    )  # fmt: skip


def executed(exec_id: str = "e.01", order_id: int = 5) -> ExecutionDetails:
    return ExecutionDetails(NO_REQUEST, AAPL, execution(exec_id, order_id))


def charged(exec_id: str = "e.01") -> CommissionReport:
    return CommissionReport(Commission(exec_id, ONE, "USD"))


def notice(code: int, req_id: int = NO_REQUEST) -> Notice:
    return Notice(req_id, code, "as it is")
