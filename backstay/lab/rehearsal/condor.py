"""The script of the condor: a hedge that fills by halves, and a fill that is taken back.

Data, and nothing but data. The call hedge fills two of five first, so only two calls may be sold
against it. When the group stands, the broker takes three of its fills back, and the market order
that makes up for it fills slowly and never completely.
"""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from backstay.domain.hedging.stress import Scenario, ScenarioMargin
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.limits.facts import AccountKind, Margin
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.reports import OrderStatus
from backstay.domain.prices import PriceBand, PriceGrid
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.sessions.trading_hours import read_calendar
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import TickField
from backstay.lab.rehearsal.tape import Scene, ScriptedOrder, Tape, counted, moment, tick

ACCOUNT = "DU1234567"
ZONE = "America/Chicago"
GRID = PriceGrid((PriceBand(Decimal(0), Decimal("0.05")), PriceBand(Decimal(3), Decimal("0.10"))))


def _option(con_id: int, strike: int, right: Right) -> Instrument:
    terms = OptionTerms(date(2026, 12, 18), Decimal(strike), right)
    return Instrument(con_id, "SPX", "CBOE", "USD", Decimal(100), GRID, ZONE, terms)


SCENE = Scene(
    account=ACCOUNT,
    account_kind=AccountKind.PAPER,
    settings=LimitSettings(
        account=ACCOUNT,
        base_currency="USD",
        exposure_max=Decimal(100_000),
        share_position_max=Decimal(500),
        trading=TradingMode.PAPER,
    ),
    rates=ExchangeRates("USD"),
    profile=PESSIMISTIC,
    instruments=(
        _option(700001, 5600, Right.PUT),
        _option(700002, 5700, Right.PUT),
        _option(700003, 6400, Right.CALL),
        _option(700004, 6300, Right.CALL),
    ),
    calendar=read_calendar(
        "20261123:0830-20261123:1515", "20261123:0830-20261123:1515", ZoneInfo(ZONE)
    ),
    margin=Margin(required=Decimal(9_000), available=Decimal(60_000)),
    group_margins=(
        ScenarioMargin(Scenario.LOWER, Decimal(21_400)),
        ScenarioMargin(Scenario.SAME, Decimal(18_900)),
        ScenarioMargin(Scenario.HIGHER, Decimal(22_300)),
    ),
)

BID, ASK = TickField.BID, TickField.ASK

PUT_HEDGE = ScriptedOrder("0:EN:1", 201, 900201, Side.BUY)
CALL_HEDGE = ScriptedOrder("2:EN:1", 202, 900202, Side.BUY)
PUT_RISK = ScriptedOrder("1:EN:1", 203, 900203, Side.SELL)
CALL_RISK = ScriptedOrder("3:EN:1", 204, 900204, Side.SELL)
CALL_RISK_AGAIN = ScriptedOrder("3:EN:2", 205, 900205, Side.SELL)
LEVELS = tuple(
    ScriptedOrder(f"2:HG:{level}", 205 + level, 900205 + level, Side.BUY) for level in (1, 2, 3)
)

_BIDS = ("21.10", "31.80", "8.10", "15.40")
_ASKS = ("21.40", "32.20", "8.30", "15.70")
_QUOTES = tuple(
    tick("15:00:00.200", field, price, leg)
    for field, prices in ((BID, _BIDS), (ASK, _ASKS))
    for leg, price in enumerate(prices)
)

_BUILT = (
    PUT_HEDGE.fills("15:00:00.600", "0002a1.01.01", "5", "21.40"),
    CALL_HEDGE.fills("15:00:01.500", "0002a1.02.01", "2", "8.30"),
    PUT_RISK.fills("15:00:02.500", "0002a1.03.01", "5", "31.80"),
    CALL_RISK.fills("15:00:03.500", "0002a1.04.01", "2", "15.40"),
    CALL_HEDGE.fills("15:00:04.300", "0002a1.05.01", "3", "8.30"),
    CALL_HEDGE.says("15:00:04.350", OrderStatus.FILLED, "5"),
    CALL_RISK_AGAIN.fills("15:00:04.600", "0002a1.06.01", "3", "15.40"),
)

_BROKEN = (
    CALL_HEDGE.fills("15:00:20.000", "0002a1.05.02", "0", "8.30"),
    LEVELS[0].fills("15:00:21.000", "0002a1.07.01", "1", "8.60"),
    LEVELS[0].says("15:00:25.400", OrderStatus.CANCELLED, "1"),
    LEVELS[0].answers("15:00:25.500"),
    LEVELS[1].fills("15:00:27.100", "0002a1.08.01", "1", "8.90"),
    LEVELS[1].says("15:00:30.900", OrderStatus.CANCELLED, "1"),
    LEVELS[1].answers("15:00:31.000"),
    LEVELS[2].says("15:00:36.300", OrderStatus.CANCELLED),
    LEVELS[2].answers("15:00:36.400"),
    counted(
        "15:00:40.000",
        (700001, "5", "21.40"),
        (700002, "-5", "31.80"),
        (700003, "4", "8.525"),
        (700004, "-5", "15.40"),
    ),
)

TAPE = Tape(moment("15:00:00.000"), (*_QUOTES, *_BUILT, *_BROKEN))
