"""What a client sends, one value a message."""

from dataclasses import dataclass

from backstay.gateway.values.contract import Contract, TagValue
from backstay.gateway.values.order import Order


@dataclass(frozen=True, slots=True)
class StartApi:
    """71: the first message after the handshake; it claims a client id."""

    client_id: int
    capabilities: str = ""


@dataclass(frozen=True, slots=True)
class RequestIds:
    """8: the next order id, please."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class RequestManagedAccounts:
    """17."""


@dataclass(frozen=True, slots=True)
class SetLogLevel:
    """14: accepted and without effect."""

    level: int


@dataclass(frozen=True, slots=True)
class RequestCurrentTime:
    """49."""


@dataclass(frozen=True, slots=True)
class RequestContractDetails:
    """9."""

    req_id: int
    contract: Contract


@dataclass(frozen=True, slots=True)
class RequestOptionChain:
    """78 (reqSecDefOptParams)."""

    req_id: int
    symbol: str
    exchange: str
    sec_type: str
    con_id: int


@dataclass(frozen=True, slots=True)
class RequestMarketRule:
    """91."""

    rule_id: int


@dataclass(frozen=True, slots=True)
class RequestMarketData:
    """1."""

    req_id: int
    contract: Contract
    generic_ticks: str = ""
    snapshot: bool = False
    regulatory_snapshot: bool = False
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelMarketData:
    """2."""

    req_id: int


@dataclass(frozen=True, slots=True)
class RequestMarketDataType:
    """59: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    data_type: int


@dataclass(frozen=True, slots=True)
class RequestTickByTick:
    """97: `tick_type` is Last, AllLast, BidAsk or MidPoint."""

    req_id: int
    contract: Contract
    tick_type: str
    count: int = 0
    ignore_size: bool = False


@dataclass(frozen=True, slots=True)
class CancelTickByTick:
    """98."""

    req_id: int


@dataclass(frozen=True, slots=True)
class RequestHistoricalBars:
    """20."""

    req_id: int
    contract: Contract
    end: str
    bar_size: str
    duration: str
    use_rth: bool
    what: str
    date_format: int
    keep_up_to_date: bool = False
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelHistoricalBars:
    """25."""

    req_id: int


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """3: a new order, or a change of a live one with the same id, or a what-if."""

    order_id: int
    contract: Contract
    order: Order


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """4."""

    order_id: int
    manual_cancel_time: str = ""


@dataclass(frozen=True, slots=True)
class CancelAll:
    """58 (reqGlobalCancel)."""


@dataclass(frozen=True, slots=True)
class RequestOpenOrders:
    """5: those of the asking client."""


@dataclass(frozen=True, slots=True)
class RequestAllOpenOrders:
    """16: those of all clients and of TWS."""


@dataclass(frozen=True, slots=True)
class RequestAutoOpenOrders:
    """15: client 0 hears of TWS's orders from now on, and may bind them."""

    bind: bool


@dataclass(frozen=True, slots=True)
class RequestCompletedOrders:
    """99."""

    api_only: bool = False


@dataclass(frozen=True, slots=True)
class RequestExecutions:
    """7, with its filter; an empty field filters nothing."""

    req_id: int
    client_id: int = 0
    account: str = ""
    time: str = ""
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class RequestPositions:
    """61."""


@dataclass(frozen=True, slots=True)
class CancelPositions:
    """64."""


@dataclass(frozen=True, slots=True)
class RequestAccountUpdates:
    """6."""

    subscribe: bool
    account: str = ""


@dataclass(frozen=True, slots=True)
class RequestAccountUpdatesMulti:
    """76."""

    req_id: int
    account: str = ""
    model_code: str = ""
    ledger_only: bool = False


@dataclass(frozen=True, slots=True)
class CancelAccountUpdatesMulti:
    """77."""

    req_id: int


@dataclass(frozen=True, slots=True)
class RequestAccountSummary:
    """62: `tags` with commas between them."""

    req_id: int
    group: str
    tags: str


@dataclass(frozen=True, slots=True)
class CancelAccountSummary:
    """63."""

    req_id: int


@dataclass(frozen=True, slots=True)
class RequestPnl:
    """92."""

    req_id: int
    account: str
    model_code: str = ""


@dataclass(frozen=True, slots=True)
class CancelPnl:
    """93."""

    req_id: int


@dataclass(frozen=True, slots=True)
class RequestPnlSingle:
    """94."""

    req_id: int
    account: str
    model_code: str
    con_id: int


@dataclass(frozen=True, slots=True)
class CancelPnlSingle:
    """95."""

    req_id: int


Request = (
    StartApi
    | RequestIds
    | RequestManagedAccounts
    | SetLogLevel
    | RequestCurrentTime
    | RequestContractDetails
    | RequestOptionChain
    | RequestMarketRule
    | RequestMarketData
    | CancelMarketData
    | RequestMarketDataType
    | RequestTickByTick
    | CancelTickByTick
    | RequestHistoricalBars
    | CancelHistoricalBars
    | PlaceOrder
    | CancelOrder
    | CancelAll
    | RequestOpenOrders
    | RequestAllOpenOrders
    | RequestAutoOpenOrders
    | RequestCompletedOrders
    | RequestExecutions
    | RequestPositions
    | CancelPositions
    | RequestAccountUpdates
    | RequestAccountUpdatesMulti
    | CancelAccountUpdatesMulti
    | RequestAccountSummary
    | CancelAccountSummary
    | RequestPnl
    | CancelPnl
    | RequestPnlSingle
    | CancelPnlSingle
)
