"""A market and an exchange that do only what a test tells them to, and clients that remember."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.events import Event, OrderNoted
from backstay.gateway.front.client import Client
from backstay.gateway.front.front import Front
from backstay.gateway.market.words import Chain, Greeks, Instrument, Moved, Phase, Quote
from backstay.gateway.messages.data_replies import Bar
from backstay.gateway.messages.replies import Notice, PriceStep, Reply
from backstay.gateway.messages.requests import Request, StartApi
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution, Side
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview, Status

START_NS = 1_763_996_400_000_000_000
"""2025-11-24 10:00 in New York, a Monday."""
SECOND_NS = 1_000_000_000
ONE, TWO = "DU1", "DU2"
STEPS = (PriceStep(Decimal(0), Decimal("0.01")),)
ReplyT = TypeVar("ReplyT")


def stock(con_id: int, symbol: str) -> Instrument:
    contract = Contract(
        con_id=con_id,
        symbol=symbol,
        sec_type="STK",
        exchange="SMART",
        primary_exchange="NASDAQ",
        currency="USD",
        local_symbol=symbol,
        trading_class=symbol,
    )
    return Instrument(contract, "us", symbol, symbol, "LMT,MKT", "SMART,NASDAQ", 26, STEPS)


AAPL = stock(265598, "AAPL")
MSFT = stock(272093, "MSFT")
CALL = Instrument(
    contract=replace(
        AAPL.contract,
        con_id=9001,
        sec_type="OPT",
        expiry="20251219",
        strike=Decimal(190),
        right="C",
        multiplier="100",
        primary_exchange="",
    ),
    calendar="us",
    long_name="AAPL",
    market_name="AAPL",
    order_types="LMT",
    valid_exchanges="SMART",
    market_rule_id=110,
    steps=STEPS,
    under_con_id=265598,
    under_symbol="AAPL",
    under_sec_type="STK",
)
PUT = replace(CALL, contract=replace(CALL.contract, con_id=9002, right="P"))
FULL = Quote(
    time_ns=START_NS,
    bid=Decimal("189.99"),
    ask=Decimal("190.01"),
    bid_size=Decimal(300),
    ask_size=Decimal(200),
    last=Decimal("190.00"),
    last_size=Decimal(100),
    last_time_ns=START_NS - SECOND_NS,
    volume=Decimal(1000),
    open=Decimal(188),
    high=Decimal(191),
    low=Decimal(187),
    close=Decimal(189),
)


MODEL = Greeks(
    implied_volatility=0.25,
    price=4.0,
    delta=0.5,
    gamma=0.03,
    vega=0.2,
    theta=-0.1,
    under_price=190.0,
)


class StandInMarket:
    """Four instruments whose prices move only when `move` is called."""

    def __init__(self) -> None:
        self.instruments = {each.con_id: each for each in (AAPL, MSFT, CALL, PUT)}
        self.quotes = {AAPL.con_id: FULL, MSFT.con_id: FULL}
        self.models = {CALL.con_id: MODEL}
        self.watched: dict[int, int] = {}
        self.phases: dict[int, Phase] = {}
        self.history: tuple[Bar, ...] = ()
        self.history_fault = ""
        self.asked_bars: list[tuple[int, int, str, str, str, bool]] = []

    def find(self, contract: Contract) -> tuple[Instrument, ...]:
        def fits(instrument: Instrument) -> bool:
            there = instrument.contract
            if contract.con_id:
                return there.con_id == contract.con_id
            return (
                contract.symbol == there.symbol
                and contract.sec_type in {"", there.sec_type}
                and contract.right in {"", there.right}
            )

        return tuple(each for each in self.instruments.values() if fits(each))

    def instrument(self, con_id: int) -> Instrument | None:
        return self.instruments.get(con_id)

    def chains(self, under_con_id: int, symbol: str) -> tuple[Chain, ...]:
        if under_con_id != AAPL.con_id or symbol != "AAPL":
            return ()
        strikes = (Decimal(185), Decimal(190))
        return tuple(
            Chain(exchange, "AAPL", "100", ("20251219",), strikes) for exchange in ("CBOE", "SMART")
        )

    def rule(self, rule_id: int) -> tuple[PriceStep, ...] | None:
        return STEPS if rule_id == 26 else None

    def quote(self, con_id: int) -> Quote:
        return self.quotes.get(con_id, Quote(START_NS))

    def greeks(self, con_id: int) -> Greeks | None:
        return self.models.get(con_id)

    def phase(self, con_id: int) -> Phase:
        return self.phases.get(con_id, Phase.REGULAR)

    def trading_hours(self, instrument: Instrument, days: int) -> str:
        return f"{instrument.contract.symbol}: all hours of {days} days"

    def liquid_hours(self, instrument: Instrument, days: int) -> str:
        return f"{instrument.contract.symbol}: regular hours of {days} days"

    def bars(
        self,
        instrument: Instrument,
        end_ns: int,
        duration: str,
        bar_size: str,
        what: str,
        use_rth: bool,
    ) -> tuple[Bar, ...]:
        self.asked_bars.append((instrument.con_id, end_ns, duration, bar_size, what, use_rth))
        if self.history_fault:
            raise ValueError(self.history_fault)
        return self.history

    def watch(self, con_id: int) -> None:
        self.watched[con_id] = self.watched.get(con_id, 0) + 1

    def unwatch(self, con_id: int) -> None:
        self.watched[con_id] -= 1
        if not self.watched[con_id]:
            del self.watched[con_id]


class StandInExchange:
    """It remembers what it was asked, and tells what a test has put there."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.orders: list[HeldOrder] = []
        self.over: list[HeldOrder] = []
        self.fills: list[tuple[Contract, Execution]] = []
        self.costs: list[Commission] = []
        self.preview: MarginPreview | OrderNoted = MarginPreview(init_change=Decimal("47.50"))

    def next_order_id(self, client_id: int) -> int:
        return 100 + client_id

    def place(self, client_id: int, order_id: int, contract: Contract, order: Order) -> None:
        self.asked.append(("place", client_id, order_id, contract, order))

    def cancel(self, client_id: int, order_id: int) -> None:
        self.asked.append(("cancel", client_id, order_id))

    def cancel_all(self, client_id: int) -> None:
        self.asked.append(("cancel_all", client_id))

    def what_if(
        self, client_id: int, order_id: int, contract: Contract, order: Order
    ) -> MarginPreview | OrderNoted:
        self.asked.append(("what_if", client_id, order_id, contract, order))
        return self.preview

    def open_orders(self) -> tuple[HeldOrder, ...]:
        return tuple(self.orders)

    def completed_orders(self) -> tuple[HeldOrder, ...]:
        return tuple(self.over)

    def executions(self) -> tuple[tuple[Contract, Execution], ...]:
        return tuple(self.fills)

    def commissions(self) -> tuple[Commission, ...]:
        return tuple(self.costs)


class Caller:
    """A client's program: it asks, and remembers what it has heard."""

    def __init__(self, front: Front, conn: int) -> None:
        self.heard: list[Reply] = []
        self.closed: list[str] = []
        self.client: Client = front.connect(conn, self.heard.append, self.closed.append)

    def ask(self, *requests: Request) -> list[Reply]:
        """Everything that is heard until the last request has been handled."""
        self.heard.clear()
        for request in requests:
            self.client.handle(request)
        return list(self.heard)

    def all(self, kind: type[ReplyT]) -> list[ReplyT]:
        """What was heard of one kind."""
        return [each for each in self.heard if isinstance(each, kind)]

    @property
    def codes(self) -> list[tuple[int, int]]:
        """The notices: request id and code."""
        return [(each.req_id, each.code) for each in self.all(Notice)]


class Room:
    """A front with a market and an exchange of straw, and real accounts."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.agenda = Agenda(START_NS)
        self.market = StandInMarket()
        self.exchange = StandInExchange()
        self.settings = settings or Settings(accounts=(AccountSettings(ONE), AccountSettings(TWO)))
        self.accounts = Accounts(self.agenda, self.market, self.settings, self.tell)
        self.front = Front(self.agenda, self.market, self.exchange, self.accounts, self.settings)
        self._connections = 0

    def tell(self, event: Event) -> None:
        self.front.on_event(event)

    def stranger(self) -> Caller:
        """A connection that hasn't said who it is."""
        self._connections += 1
        return Caller(self.front, self._connections)

    def caller(self, client_id: int = 7) -> Caller:
        """A connection that has started; what it heard at its start is forgotten."""
        caller = self.stranger()
        caller.ask(StartApi(client_id))
        caller.heard.clear()
        return caller

    def after(self, seconds: float) -> None:
        """Let time pass."""
        self.agenda.advance(self.agenda.now_ns + int(seconds * SECOND_NS))

    def move(
        self,
        instrument: Instrument = AAPL,
        *,
        printed: bool = False,
        **changes: Any,
    ) -> None:
        """Change a quote."""
        before = self.market.quote(instrument.con_id)
        after = replace(before, time_ns=self.agenda.now_ns, **changes)
        self.market.quotes[instrument.con_id] = after
        self.front.on_news(Moved(instrument, before, after, printed))

    def book(self, execution: Execution, instrument: Instrument = AAPL) -> None:
        """Have an execution in an account, as the exchange would."""
        self.exchange.fills.append((instrument.contract, execution))
        self.exchange.costs.append(self.accounts.book(instrument.contract, execution))


def order(order_id: int = 1, client_id: int = 7, **terms: object) -> Order:
    fields: dict[str, object] = {
        "order_id": order_id,
        "client_id": client_id,
        "perm_id": 5000 + order_id,
        "action": "BUY",
        "quantity": Decimal(10),
        "order_type": "LMT",
        "limit_price": Decimal(190),
        "account": ONE,
        "order_ref": f"ref-{order_id}",
    }
    return Order(**{**fields, **terms})  # type: ignore[arg-type]


def held(order_id: int = 1, client_id: int = 7, **state: object) -> HeldOrder:
    fields: dict[str, object] = {
        "contract": AAPL.contract,
        "order": order(order_id, client_id),
        "status": Status.SUBMITTED,
        "accepted_ns": START_NS,
        "changed_ns": START_NS,
    }
    return HeldOrder(**{**fields, **state})  # type: ignore[arg-type]


def execution(number: int = 1, client_id: int = 7, **facts: object) -> Execution:
    fields: dict[str, object] = {
        "exec_id": f"0000e0d5.{number:08d}.01.01",
        "time_ns": START_NS,
        "account": ONE,
        "exchange": "NASDAQ",
        "side": Side.BOUGHT,
        "shares": Decimal(10),
        "price": Decimal(190),
        "perm_id": 5000 + number,
        "client_id": client_id,
        "order_id": number,
        "cum_quantity": Decimal(10),
        "average_price": Decimal(190),
    }
    return Execution(**{**fields, **facts})  # type: ignore[arg-type]
