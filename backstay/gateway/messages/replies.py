"""What the gateway answers about contracts, accounts, positions and itself."""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.messages.data_replies import (
    HistoricalBars,
    HistoricalBarUpdate,
    MarketDataType,
    SnapshotEnd,
    TickBidAsk,
    TickGeneric,
    TickLast,
    TickMidPoint,
    TickOption,
    TickPrice,
    TickRequestParameters,
    TickSize,
    TickString,
)
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
