"""What the gateway answers about prices: ticks as they come, and bars of the past."""

from dataclasses import dataclass
from decimal import Decimal

_ZERO = Decimal(0)


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
