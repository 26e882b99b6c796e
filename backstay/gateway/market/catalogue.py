"""What is listed: real stocks, funds and one index, with IB's own numbers for them.

Prices are where a seeded walk begins and swings around; they are plausible, and nobody's forecast.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.market.grid import RULES, STOCK_RULE
from backstay.gateway.market.hours import INDEX, STOCKS
from backstay.gateway.market.words import Instrument
from backstay.gateway.values.contract import Contract

ORDER_TYPES = (
    "ACTIVETIM,ADJUST,ALERT,ALLOC,AVGCOST,BASKET,COND,DAY,GAT,GTC,GTD,GTT,IOC,LIT,LMT,MIT,MKT,"
    "NONALGO,OCA,SCALE,STP,STPLMT,TRAIL,TRAILLIT,TRAILLMT,WHATIF"
)
_EXCHANGES = "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX,PSX"


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry: who it is, and how it behaves.

    `number` is its place in the numbers of its options: from 0 to 15, its own, and never changed.
    `trades_per_minute` and `volume_per_minute` are those of regular hours.
    """

    number: int
    con_id: int
    symbol: str
    long_name: str
    primary_exchange: str
    reference: Decimal
    volatility: float
    strike_step: Decimal
    volume_per_minute: int
    trades_per_minute: int
    spread_ticks: int = 1
    sec_type: str = "STK"
    stock_type: str = "COMMON"
    industry: str = ""
    category: str = ""
    subcategory: str = ""

    @property
    def is_index(self) -> bool:
        """Whether it is only a figure, which nobody can trade."""
        return self.sec_type == "IND"


def _fund(
    number: int, con_id: int, symbol: str, long_name: str, figures: tuple[str, float, str, int, int]
) -> Listing:
    reference, volatility, strike_step, volume, trades = figures
    return Listing(
        number,
        con_id,
        symbol,
        long_name,
        "NASDAQ" if symbol == "QQQ" else "ARCA",
        Decimal(reference),
        volatility,
        Decimal(strike_step),
        volume,
        trades,
        stock_type="ETF",
    )


def _stock(
    number: int,
    con_id: int,
    names: tuple[str, str, str],
    figures: tuple[str, float, str, int, int, int],
    trade: tuple[str, str, str],
) -> Listing:
    symbol, long_name, primary_exchange = names
    reference, volatility, strike_step, volume, trades, spread_ticks = figures
    industry, category, subcategory = trade
    return Listing(
        number,
        con_id,
        symbol,
        long_name,
        primary_exchange,
        Decimal(reference),
        volatility,
        Decimal(strike_step),
        volume,
        trades,
        spread_ticks,
        industry=industry,
        category=category,
        subcategory=subcategory,
    )


CATALOGUE: tuple[Listing, ...] = (
    Listing(
        0,
        416904,
        "SPX",
        "S&P 500 Stock Index",
        "CBOE",
        Decimal("6000.00"),
        0.15,
        Decimal(5),
        0,
        120,
        sec_type="IND",
        stock_type="",
        industry="Indices",
        category="Broad Range Equity Index",
        subcategory="*",
    ),
    _fund(1, 756733, "SPY", "SPDR S&P 500 ETF TRUST", ("600.00", 0.15, "5", 150_000, 120)),
    _fund(2, 320227571, "QQQ", "INVESCO QQQ TRUST SERIES 1", ("520.00", 0.20, "5", 90_000, 110)),
    _fund(3, 9579970, "IWM", "ISHARES RUSSELL 2000 ETF", ("225.00", 0.22, "5", 60_000, 90)),
    _stock(
        4,
        265598,
        ("AAPL", "APPLE INC", "NASDAQ"),
        ("189.00", 0.25, "5", 120_000, 110, 1),
        ("Technology", "Computers", "Computers"),
    ),
    _stock(
        5,
        272093,
        ("MSFT", "MICROSOFT CORP", "NASDAQ"),
        ("430.00", 0.24, "5", 50_000, 90, 2),
        ("Technology", "Software", "Applications Software"),
    ),
    _stock(
        6,
        4815747,
        ("NVDA", "NVIDIA CORP", "NASDAQ"),
        ("178.00", 0.42, "5", 400_000, 120, 1),
        ("Technology", "Semiconductors", "Electronic Compo-Semicon"),
    ),
    _stock(
        7,
        3691937,
        ("AMZN", "AMAZON.COM INC", "NASDAQ"),
        ("205.00", 0.30, "5", 90_000, 100, 1),
        ("Communications", "Internet", "E-Commerce/Products"),
    ),
    _stock(
        8,
        76792991,
        ("TSLA", "TESLA INC", "NASDAQ"),
        ("242.00", 0.55, "5", 220_000, 120, 2),
        ("Consumer, Cyclical", "Auto Manufacturers", "Auto-Cars/Light Trucks"),
    ),
    _stock(
        9,
        107113386,
        ("META", "META PLATFORMS INC-CLASS A", "NASDAQ"),
        ("580.00", 0.32, "10", 35_000, 80, 4),
        ("Communications", "Internet", "Internet Content-Entmnt"),
    ),
    _stock(
        10,
        4391,
        ("AMD", "ADVANCED MICRO DEVICES", "NASDAQ"),
        ("155.00", 0.48, "5", 110_000, 100, 1),
        ("Technology", "Semiconductors", "Electronic Compo-Semicon"),
    ),
    _stock(
        11,
        1520593,
        ("JPM", "JPMORGAN CHASE & CO", "NYSE"),
        ("235.00", 0.22, "5", 22_000, 60, 2),
        ("Financial", "Banks", "Diversified Banking Inst"),
    ),
    _stock(
        12,
        8894,
        ("KO", "COCA-COLA CO/THE", "NYSE"),
        ("68.00", 0.15, "1", 35_000, 40, 1),
        ("Consumer, Non-cyclical", "Beverages", "Beverages-Non-alcoholic"),
    ),
    _stock(
        13,
        9599491,
        ("F", "FORD MOTOR CO", "NYSE"),
        ("11.50", 0.33, "0.5", 130_000, 50, 1),
        ("Consumer, Cyclical", "Auto Manufacturers", "Auto-Cars/Light Trucks"),
    ),
)


def instrument_of(listing: Listing) -> Instrument:
    """The listed thing itself; its options are the affair of `options`."""
    exchange = listing.primary_exchange if listing.is_index else "SMART"
    return Instrument(
        contract=Contract(
            con_id=listing.con_id,
            symbol=listing.symbol,
            sec_type=listing.sec_type,
            exchange=exchange,
            primary_exchange=listing.primary_exchange,
            currency="USD",
            local_symbol=listing.symbol,
            trading_class=_trading_class(listing),
        ),
        calendar=INDEX if listing.is_index else STOCKS,
        long_name=listing.long_name,
        market_name=_trading_class(listing),
        order_types="" if listing.is_index else ORDER_TYPES,
        valid_exchanges=listing.primary_exchange if listing.is_index else _EXCHANGES,
        market_rule_id=STOCK_RULE,
        steps=RULES[STOCK_RULE],
        industry=listing.industry,
        category=listing.category,
        subcategory=listing.subcategory,
        stock_type=listing.stock_type,
        is_tradable=not listing.is_index,
    )


def _trading_class(listing: Listing) -> str:
    """NMS for what Nasdaq lists, IND for figures; elsewhere the symbol."""
    if listing.is_index:
        return "IND"
    return "NMS" if listing.primary_exchange == "NASDAQ" else listing.symbol
