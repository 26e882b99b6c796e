"""What comes from outside, and where a rehearsal takes place.

Owns the vocabulary in which a script is written: prices, the broker's reports, its answers to
questions. Orders go by the name that a reader sees (`0:EN:1`), because the trade's own name follows
from the account and the plan.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from backstay.domain.hedging.stress import ScenarioMargin
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import AccountKind, Margin
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.reports import (
    BrokerReport,
    CommissionReported,
    ExecutionReported,
    OrderStatus,
    StatusReported,
)
from backstay.domain.plan.instrument import InstrumentQuery
from backstay.domain.positions.answers import BrokerPosition
from backstay.domain.profile import BrokerProfile
from backstay.domain.sessions.calendar import Calendar
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import RawTick, TickField

DAY = "2026-11-23"


def moment(time: str) -> datetime:
    """A time of the day on which every tape is played, in UTC."""
    return datetime.fromisoformat(f"{DAY}T{time}+00:00")


@dataclass(frozen=True, slots=True)
class Tick:
    """A price off the wire, of the instrument of one leg."""

    at: datetime
    leg: int
    raw: RawTick


@dataclass(frozen=True, slots=True)
class Told:
    """The broker says something of an order."""

    at: datetime
    order: str
    report: BrokerReport


@dataclass(frozen=True, slots=True)
class Answered:
    """The broker has answered completely what was asked about an order."""

    at: datetime
    order: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The broker has answered completely what it holds."""

    at: datetime
    positions: tuple[BrokerPosition, ...]


Item = Tick | Told | Answered | Counted


@dataclass(frozen=True, slots=True)
class Tape:
    """All that comes from outside, in the sequence of its times."""

    begins: datetime
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        times = [self.begins, *(item.at for item in self.items)]
        for earlier, later in pairwise(times):
            if later < earlier:
                raise ValueError(f"the tape steps back from {earlier} to {later}")

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The prices on it."""
        return tuple(item for item in self.items if isinstance(item, Tick))

    @property
    def told(self) -> tuple[Told, ...]:
        """The reports on it."""
        return tuple(item for item in self.items if isinstance(item, Told))


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a rehearsal takes place: account, limits, hours, instruments by leg, and what margin
    the broker takes: for an order, and for a whole group in each scenario.
    """

    account: str
    account_kind: AccountKind
    settings: LimitSettings
    rates: ExchangeRates
    profile: BrokerProfile
    instruments: tuple[Instrument, ...]
    calendar: Calendar
    margin: Margin
    group_margins: tuple[ScenarioMargin, ...] = ()

    def is_of(self, *queries: InstrumentQuery) -> bool:
        """Whether these are the instruments that a plan asks for, leg by leg."""
        asked = [(query.symbol, query.expiry, query.strike, query.right) for query in queries]
        return asked == [_identity(instrument) for instrument in self.instruments]


def _identity(instrument: Instrument) -> tuple[object, ...]:
    option = instrument.option
    terms = (option.expiry, option.strike, option.right) if option else (None, None, None)
    return (instrument.symbol, *terms)


@dataclass(frozen=True, slots=True)
class ScriptedOrder:
    """An order as the scripted broker numbers it; each method is one message about it."""

    name: str
    order_id: int
    perm_id: int
    side: Side

    def says(self, time: str, status: OrderStatus, filled: str = "0") -> Told:
        """An `orderStatus`."""
        at = moment(time)
        ids = (self.order_id, self.perm_id)
        return Told(at, self.name, StatusReported(*ids, status, Decimal(filled), "", at))

    def fills(self, time: str, exec_id: str, quantity: str, price: str) -> Told:
        """An `execDetails`, and under a higher version of its id a correction."""
        at = moment(time)
        ids = (exec_id, self.order_id, self.perm_id)
        amounts = (Decimal(quantity), Decimal(price))
        return Told(at, self.name, ExecutionReported(*ids, self.side, *amounts, at))

    def costs(self, time: str, exec_id: str, amount: str) -> Told:
        """A `commissionReport`."""
        report = CommissionReported(exec_id, Decimal(amount), "USD")
        return Told(moment(time), self.name, report)

    def answers(self, time: str) -> Answered:
        """The end of a complete answer about the order."""
        return Answered(moment(time), self.name)


def tick(
    time: str, field: TickField, price: str | None, leg: int = 0, happened: str | None = None
) -> Tick:
    """A price that comes at `time`, and happened then unless it is said to be older."""
    value = None if price is None else Decimal(price)
    return Tick(moment(time), leg, RawTick(field, value, moment(happened or time)))


def counted(time: str, *positions: tuple[int, str, str]) -> Counted:
    """What the broker holds: contract, signed quantity, average price."""
    held = (
        BrokerPosition(con_id, Decimal(quantity), Decimal(price))
        for con_id, quantity, price in positions
    )
    return Counted(moment(time), tuple(held))
