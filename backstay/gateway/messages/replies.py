"""What the gateway answers about contracts, data, accounts, positions and itself."""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.messages.order_replies import (
    CommissionReport,
    CompletedOrder,
    CompletedOrdersEnd,
    ExecutionDetails,
    ExecutionsEnd,
    OpenOrder,
    OpenOrdersEnd,
    OrderStatus,
)
from backstay.gateway.values.contract import Contract, TagValue

_ZERO = Decimal(0)
NO_REQUEST = -1
"""The request id of what nobody asked for."""


@dataclass(frozen=True, slots=True)
class ManagedAccounts:
    """15."""

    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextValidId:
    """9."""

    order_id: int


@dataclass(frozen=True, slots=True)
class Notice:
    """4: an error, a warning or news; `req_id` is a request, an order, or -1."""

    req_id: int
    code: int
    text: str
    reject_json: str = ""


@dataclass(frozen=True, slots=True)
class CurrentTime:
    """49: whole seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class ContractDetails:
    """10."""

    req_id: int
    contract: Contract
    market_name: str
    min_tick: Decimal
    order_types: str
    valid_exchanges: str
    price_magnifier: int = 1
    under_con_id: int = 0
    long_name: str = ""
    contract_month: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    time_zone: str = ""
    trading_hours: str = ""
    liquid_hours: str = ""
    ev_rule: str = ""
    ev_multiplier: Decimal = _ZERO
    sec_ids: tuple[TagValue, ...] = ()
    agg_group: int = 0
    under_symbol: str = ""
    under_sec_type: str = ""
    market_rule_ids: str = ""
    real_expiration: str = ""
    stock_type: str = ""
    last_trade_time: str = ""
    min_size: Decimal = Decimal(1)
    size_increment: Decimal = Decimal(1)
    suggested_size_increment: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class ContractDetailsEnd:
    """52."""

    req_id: int


@dataclass(frozen=True, slots=True)
class OptionChain:
    """75: one exchange and trading class; strikes and expiries are independent lists."""

    req_id: int
    exchange: str
    under_con_id: int
    trading_class: str
    multiplier: str
    expiries: tuple[str, ...]
    strikes: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class OptionChainEnd:
    """76."""

    req_id: int


@dataclass(frozen=True, slots=True)
class PriceStep:
    """From `low_edge` on, prices are multiples of `increment`."""

    low_edge: Decimal
    increment: Decimal


@dataclass(frozen=True, slots=True)
class MarketRule:
    """93."""

    rule_id: int
    steps: tuple[PriceStep, ...]


@dataclass(frozen=True, slots=True)
class MarketDataType:
    """58."""

    req_id: int
    data_type: int


@dataclass(frozen=True, slots=True)
class TickRequestParameters:
    """81."""

    req_id: int
    min_tick: Decimal
    bbo_exchange: str
    snapshot_permissions: int


@dataclass(frozen=True, slots=True)
class TickPrice:
    """1: `field` 1 bid, 2 ask, 4 last, 6 high, 7 low, 9 close, 14 open.

    A size only comes with 1, 2 and 4.
    """

    req_id: int
    field: int
    price: Decimal
    size: Decimal = _ZERO
    attributes: int = 0


@dataclass(frozen=True, slots=True)
class TickSize:
    """2: `field` 0 bid, 3 ask, 5 last, 8 volume."""

    req_id: int
    field: int
    size: Decimal


@dataclass(frozen=True, slots=True)
class TickGeneric:
    """45: `field` 49 halted."""

    req_id: int
    field: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class TickString:
    """46: `field` 45 time of the last trade, 48 RTVolume, 32 and 33 exchanges."""

    req_id: int
    field: int
    value: str


@dataclass(frozen=True, slots=True)
class TickOption:
    """21: greeks; `field` 10 bid, 11 ask, 12 last, 13 model."""

    req_id: int
    field: int
    implied_volatility: Decimal
    delta: Decimal
    price: Decimal
    pv_dividend: Decimal
    gamma: Decimal
    vega: Decimal
    theta: Decimal
    under_price: Decimal
    attributes: int = 1


@dataclass(frozen=True, slots=True)
class SnapshotEnd:
    """57."""

    req_id: int


@dataclass(frozen=True, slots=True)
class TickLast:
    """99, kind 1 (Last) or 2 (AllLast)."""

    req_id: int
    tick_type: int
    seconds: int
    price: Decimal
    size: Decimal
    mask: int = 0
    exchange: str = ""
    conditions: str = ""


@dataclass(frozen=True, slots=True)
class TickBidAsk:
    """99, kind 3."""

    req_id: int
    seconds: int
    bid: Decimal
    ask: Decimal
    bid_size: Decimal
    ask_size: Decimal
    mask: int = 0


@dataclass(frozen=True, slots=True)
class TickMidPoint:
    """99, kind 4."""

    req_id: int
    seconds: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of history; `date` as the client asked for it."""

    date: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    average: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class HistoricalBars:
    """17."""

    req_id: int
    start: str
    end: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class HistoricalBarUpdate:
    """90: the running bar of a request that keeps itself up to date."""

    req_id: int
    bar: Bar


@dataclass(frozen=True, slots=True)
class PositionReport:
    """61."""

    account: str
    contract: Contract
    quantity: Decimal
    average_cost: Decimal


@dataclass(frozen=True, slots=True)
class PositionsEnd:
    """62."""


@dataclass(frozen=True, slots=True)
class AccountValue:
    """6."""

    key: str
    value: str
    currency: str
    account: str


@dataclass(frozen=True, slots=True)
class PortfolioValue:
    """7."""

    contract: Contract
    quantity: Decimal
    market_price: Decimal
    market_value: Decimal
    average_cost: Decimal
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    account: str


@dataclass(frozen=True, slots=True)
class AccountTime:
    """8: hours and minutes."""

    time: str


@dataclass(frozen=True, slots=True)
class AccountDownloadEnd:
    """54."""

    account: str


@dataclass(frozen=True, slots=True)
class AccountValueMulti:
    """73."""

    req_id: int
    account: str
    model_code: str
    key: str
    value: str
    currency: str


@dataclass(frozen=True, slots=True)
class AccountValuesMultiEnd:
    """74."""

    req_id: int


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """63."""

    req_id: int
    account: str
    tag: str
    value: str
    currency: str


@dataclass(frozen=True, slots=True)
class AccountSummaryEnd:
    """64."""

    req_id: int


@dataclass(frozen=True, slots=True)
class Pnl:
    """94."""

    req_id: int
    daily: Decimal
    unrealized: Decimal
    realized: Decimal


@dataclass(frozen=True, slots=True)
class PnlSingle:
    """95."""

    req_id: int
    quantity: Decimal
    daily: Decimal
    unrealized: Decimal
    realized: Decimal
    value: Decimal


Reply = (
    ManagedAccounts
    | NextValidId
    | Notice
    | CurrentTime
    | ContractDetails
    | ContractDetailsEnd
    | OptionChain
    | OptionChainEnd
    | MarketRule
    | MarketDataType
    | TickRequestParameters
    | TickPrice
    | TickSize
    | TickGeneric
    | TickString
    | TickOption
    | SnapshotEnd
    | TickLast
    | TickBidAsk
    | TickMidPoint
    | HistoricalBars
    | HistoricalBarUpdate
    | OpenOrder
    | OrderStatus
    | OpenOrdersEnd
    | CompletedOrder
    | CompletedOrdersEnd
    | ExecutionDetails
    | ExecutionsEnd
    | CommissionReport
    | PositionReport
    | PositionsEnd
    | AccountValue
    | PortfolioValue
    | AccountTime
    | AccountDownloadEnd
    | AccountValueMulti
    | AccountValuesMultiEnd
    | AccountSummary
    | AccountSummaryEnd
    | Pnl
    | PnlSingle
)
