"""What the market says: instruments, quotes, depth, phases, and the news of their changes."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from backstay.gateway.messages.replies import PriceStep
from backstay.gateway.values.contract import Contract

_ZERO = Decimal(0)


class Phase(StrEnum):
    """What a market does at an instant."""

    CLOSED = "closed"
    EXTENDED = "extended"
    REGULAR = "regular"


@dataclass(frozen=True, slots=True)
class Instrument:
    """What can be traded, and how.

    `contract` is complete, with the con_id. `calendar` names the hours it keeps; instruments with
    one calendar change their phase together. `steps` are its price increments.
    """

    contract: Contract
    calendar: str
    long_name: str
    market_name: str
    order_types: str
    valid_exchanges: str
    market_rule_id: int
    steps: tuple[PriceStep, ...]
    under_con_id: int = 0
    under_symbol: str = ""
    under_sec_type: str = ""
    contract_month: str = ""
    last_trade_time: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    stock_type: str = ""
    is_tradable: bool = True

    @property
    def con_id(self) -> int:
        """IB's number for it."""
        return self.contract.con_id

    @property
    def multiplier(self) -> Decimal:
        """How much of the underlying one of it moves."""
        return Decimal(self.contract.multiplier or 1)

    @property
    def min_tick(self) -> Decimal:
        """The finest of its price increments."""
        return min(step.increment for step in self.steps)

    @property
    def is_option(self) -> bool:
        """Whether the rules for options hold."""
        return self.contract.sec_type == "OPT"


@dataclass(frozen=True, slots=True)
class Quote:
    """What is displayed for one instrument; `None` where there is nothing."""

    time_ns: int
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal = _ZERO
    ask_size: Decimal = _ZERO
    last: Decimal | None = None
    last_size: Decimal = _ZERO
    last_time_ns: int = 0
    volume: Decimal = _ZERO
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    halted: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A price at which so much is offered or wanted."""

    price: Decimal
    size: Decimal


@dataclass(frozen=True, slots=True)
class Chain:
    """The options of one underlying at one exchange in one trading class."""

    exchange: str
    trading_class: str
    multiplier: str
    expiries: tuple[str, ...]
    strikes: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Greeks:
    """An option's model price and how it answers to what moves it.

    `vega` is for a point of volatility in a hundred, `theta` for a calendar day.
    """

    implied_volatility: float
    price: float
    delta: float
    gamma: float
    vega: float
    theta: float
    under_price: float


@dataclass(frozen=True, slots=True)
class Moved:
    """A quote has changed; `printed` says that a trade was among it."""

    instrument: Instrument
    before: Quote
    after: Quote
    printed: bool


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """A calendar's market has opened, closed or changed its hours."""

    calendar: str
    phase: Phase
    time_ns: int


@dataclass(frozen=True, slots=True)
class Split:
    """Each share of a stock becomes `ratio` shares; its prices follow."""

    instrument: Instrument
    ratio: Decimal


News = Moved | PhaseChanged | Split
