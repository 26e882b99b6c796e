"""A market that moves only when told to, accounts that only count, and an exchange on both."""

# ruff: noqa: ARG002 - a stand-in takes all that its door hands in

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.events import Event, Executed, OrderChanged, OrderNoted, PositionChanged
from backstay.gateway.exchange.doors import Action
from backstay.gateway.exchange.exchange import Exchange
from backstay.gateway.market.words import (
    Instrument,
    Level,
    Moved,
    News,
    Phase,
    PhaseChanged,
    Quote,
)
from backstay.gateway.messages.replies import PriceStep
from backstay.gateway.profile import PESSIMISTIC, Profile
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.times import MILLISECOND_NS, SECOND_NS, ZONE, to_ns
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution, Side
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview, Status

D = Decimal
ACCOUNT = "DU1"
OTHER_ACCOUNT = "DU2"
STOCK, OPTION, INDEX = 1, 2, 3
HOUR_NS = 3600 * SECOND_NS
_DAYS_HOURS = (
    (0, Phase.CLOSED),
    (4, Phase.EXTENDED),
    (9.5, Phase.REGULAR),
    (16, Phase.EXTENDED),
    (20, Phase.CLOSED),
)


def at(clock: str, day: str = "20261123") -> int:
    """A New York time of a Monday."""
    moment = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S").replace(tzinfo=ZONE)
    return to_ns(moment)


NOON_NS = at("12:00:00")


def instrument(con_id: int, **fields: Any) -> Instrument:
    contract = Contract(
        con_id,
        "AAA",
        fields.pop("sec_type", "STK"),
        exchange="SMART",
        primary_exchange="NASDAQ",
        currency="USD",
        **fields.pop("contract", {}),
    )
    return Instrument(
        contract,
        fields.pop("calendar", "stocks"),
        "A COMPANY",
        "NMS",
        "",
        "SMART",
        26,
        (PriceStep(D(0), D("0.01")),),
        **fields,
    )


INSTRUMENTS = {
    STOCK: instrument(STOCK),
    OPTION: instrument(
        OPTION,
        sec_type="OPT",
        calendar="options",
        under_con_id=STOCK,
        contract={
            "expiry": "20261127",
            "strike": D(100),
            "right": "C",
            "multiplier": "100",
        },
    ),
    INDEX: instrument(INDEX, sec_type="IND", is_tradable=False),
}


class HandMarket:
    """Quotes as they were set; one level a side unless told otherwise."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._listeners: list[Callable[[News], None]] = []
        self.instruments = dict(INSTRUMENTS)
        self.phases = {each.calendar: Phase.REGULAR for each in INSTRUMENTS.values()}
        self.quotes = {
            con_id: Quote(0, D("99.99"), D("100.01"), D(100), D(100), D(100), D(1))
            for con_id in INSTRUMENTS
        }
        self.standing: set[int] = set()
        self.deeper: dict[tuple[int, str], tuple[Level, ...]] = {}
        self.fast = False
        self.watched: dict[int, int] = {}
        self.next_change_ns = NOON_NS + 4 * HOUR_NS

    def find(self, contract: Contract) -> tuple[Instrument, ...]:
        return tuple(
            each
            for each in self.instruments.values()
            if contract.con_id in {0, each.con_id} and contract.symbol in {"", each.contract.symbol}
        )

    def instrument(self, con_id: int) -> Instrument | None:
        return self.instruments.get(con_id)

    def quote(self, con_id: int) -> Quote:
        return self.quotes[con_id]

    def depth(self, con_id: int, taking: Action) -> tuple[Level, ...]:
        quote = self.quotes[con_id]
        price, size = (
            (quote.ask, quote.ask_size) if taking == "BUY" else (quote.bid, quote.bid_size)
        )
        touch = () if price is None else (Level(price, size),)
        return touch + self.deeper.get((con_id, taking), ())

    def stands(self, con_id: int) -> bool:
        return con_id in self.standing

    def phase(self, con_id: int) -> Phase:
        return self.phases[self.instruments[con_id].calendar]

    def next_phase_change_ns(self, con_id: int) -> int:
        return self.next_change_ns

    def liquid_hours(self, instrument: Instrument, days: int) -> str:
        return "20261123:0930-20261123:1600;20261124:0930-20261124:1600;20261126:CLOSED"

    def is_fast(self, con_id: int) -> bool:
        return self.fast

    def watch(self, con_id: int) -> None:
        self.watched[con_id] = self.watched.get(con_id, 0) + 1

    def unwatch(self, con_id: int) -> None:
        self.watched[con_id] -= 1

    def listen(self, listener: Callable[[News], None]) -> None:
        self._listeners.append(listener)

    def move(self, con_id: int = STOCK, **changes: Any) -> None:
        """A change of the quote; a new `last` is a print."""
        before = self.quotes[con_id]
        after = replace(before, time_ns=self._agenda.now_ns, **changes)
        self.quotes[con_id] = after
        news = Moved(self.instruments[con_id], before, after, printed="last" in changes)
        for listener in self._listeners:
            listener(news)

    def enter(self, phase: Phase, calendar: str = "stocks") -> None:
        """The market's phase changes."""
        self.phases[calendar] = phase
        for listener in self._listeners:
            listener(PhaseChanged(calendar, phase, self._agenda.now_ns))


@dataclass(frozen=True, slots=True)
class Held:
    """A position."""

    contract: Contract
    quantity: Decimal


class HandAccounts:
    """Positions and what they changed by; it refuses what it is told to refuse."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self.names: tuple[str, ...] = (ACCOUNT, OTHER_ACCOUNT)
        self.default = ACCOUNT
        self.refusal: str | None = None
        self.holdings: dict[tuple[str, int], Held] = {}

    def position(self, account: str, con_id: int) -> Held:
        return self.holdings.get((account, con_id), Held(Contract(con_id=con_id), D(0)))

    def positions(self, account: str | None = None) -> tuple[Held, ...]:
        return tuple(held for (name, _), held in self.holdings.items() if account in {None, name})

    def hold(self, con_id: int, quantity: int, account: str = ACCOUNT) -> None:
        self.holdings[account, con_id] = Held(INSTRUMENTS[con_id].contract, D(quantity))

    def book(self, contract: Contract, execution: Execution) -> Commission:
        self._add(contract, execution, 1)
        return Commission(execution.exec_id, D(1), "USD")

    def split(self, con_id: int, ratio: Decimal) -> None:
        """Nobody splits anything here."""

    def correct(
        self, contract: Contract, old: Execution, new: Execution | None
    ) -> Commission | None:
        self._add(contract, old, -1)
        if new is None:
            return None
        self._add(contract, new, 1)
        return Commission(new.exec_id, D(1), "USD")

    def preview(self, account: str, instrument: Instrument, order: Order) -> MarginPreview:
        return MarginPreview(init_change=order.quantity)

    def refuses(self, account: str, instrument: Instrument, order: Order) -> str | None:
        return self.refusal

    def _add(self, contract: Contract, execution: Execution, factor: int) -> None:
        before = self.position(execution.account, contract.con_id).quantity
        sign = 1 if execution.side is Side.BOUGHT else -1
        after = before + sign * factor * execution.shares
        self.holdings[execution.account, contract.con_id] = Held(contract, after)
        self._tell(PositionChanged(execution.account, contract, after, D(0)))


class House:
    """An exchange at noon of a Monday, and one client at its door."""

    def __init__(
        self,
        profile: Profile = PESSIMISTIC,
        *,
        now_ns: int = NOON_NS,
        read_only: bool = False,
        before: "House | None" = None,
    ) -> None:
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        accounts = tuple(AccountSettings(name) for name in (ACCOUNT, OTHER_ACCOUNT))
        self.settings = Settings(7, accounts, profile, read_only)
        self.agenda: Agenda = before.agenda if before else Agenda(now_ns)
        self.market = HandMarket(self.agenda)
        self.accounts = HandAccounts(self.events.append)
        if before:
            self.market.quotes = before.market.quotes
            self.market.phases = before.market.phases
            self.accounts.holdings = before.accounts.holdings
        self.exchange = Exchange(
            self.agenda,
            Chance(7),
            self.market,
            self.accounts,
            self.settings,
            self._tell,
        )
        self.market.listen(self.exchange.on_news)

    def _tell(self, event: Event) -> None:
        self.events.append(event)
        for listener in self.listeners:
            listener(event)

    def place(
        self,
        action: str = "BUY",
        quantity: int = 10,
        order_type: str = "LMT",
        price: str | None = None,
        *,
        con_id: int = STOCK,
        order_id: int = 0,
        client_id: int = 7,
        **fields: Any,
    ) -> int:
        """Place an order; its price is the limit, or the stop of a stop. The order id."""
        worded = Order(
            action=action,
            quantity=D(quantity),
            order_type=order_type,
            limit_price=D(price) if price and "LMT" in order_type else None,
            aux_price=D(price) if price and "STP" in order_type else None,
            tif=fields.pop("tif", "DAY"),
            account=fields.pop("account", ACCOUNT),
            **fields,
        )
        order_id = order_id or self.exchange.next_order_id(client_id)
        self.exchange.place(client_id, order_id, Contract(con_id=con_id), worded)
        return order_id

    def cancel(self, order_id: int, client_id: int = 7) -> None:
        self.exchange.cancel(client_id, order_id)

    def modify(self, order_id: int, **changes: Any) -> None:
        """Send a live order again with changes, as a client words it, once it is known."""
        self.wait(1)
        held = self.held(order_id)
        worded = replace(held.order, parent_id=0, **changes)
        self.exchange.place(7, order_id, held.contract, worded)

    def held(self, order_id: int, client_id: int = 7) -> HeldOrder:
        """The last order that got that id."""
        return [
            held
            for held in (*self.exchange.completed_orders(), *self.exchange.open_orders())
            if (held.order.client_id, held.order.order_id) == (client_id, order_id)
        ][-1]

    def status(self, order_id: int) -> Status:
        return self.held(order_id).status

    def wait(self, seconds: float) -> None:
        self.agenda.advance(self.agenda.now_ns + round(seconds * 1000) * MILLISECOND_NS)

    def until(self, clock: str, day: str = "20261123") -> None:
        self.agenda.advance(at(clock, day))

    def heard(self) -> list[Event]:
        """What was told since this was last asked."""
        events = self.events[:]
        self.events.clear()
        return events

    def codes(self) -> list[int]:
        """The codes of what was noted since anything was last asked."""
        return [event.code for event in self.heard() if isinstance(event, OrderNoted)]

    def statuses(self, order_id: int) -> list[Status]:
        """The statuses that were told of an order, so far."""
        return [
            event.held.status
            for event in self.events
            if isinstance(event, OrderChanged) and event.held.order.order_id == order_id
        ]

    def fills(self) -> list[tuple[int, Decimal, Decimal]]:
        """Order, shares and price of every execution, so far."""
        return [
            (event.execution.order_id, event.execution.shares, event.execution.price)
            for event in self.events
            if isinstance(event, Executed)
        ]

    def restarted(self) -> "House":
        """Another process that goes on from this one's state."""
        successor = House(self.settings.profile, before=self)
        successor.exchange.restore(self.exchange.state())
        self.agenda.advance(self.agenda.now_ns)
        return successor
