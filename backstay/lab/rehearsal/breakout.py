"""The script of the breakout: one day of AAPL, and a broker that does not make it easy.

Data, and nothing but data. The fills of the entry come in the wrong sequence and twice, the market
runs over the limit of the exit, and the broker says that an order is cancelled before it tells of
the order's last fill.
"""

from decimal import Decimal
from zoneinfo import ZoneInfo

from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import AccountKind, Margin
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.reports import OrderStatus
from backstay.domain.prices import PriceGrid
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.sessions.trading_hours import read_calendar
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import TickField
from backstay.lab.rehearsal.tape import Scene, ScriptedOrder, Tape, counted, moment, tick

ACCOUNT = "DU1234567"
ZONE = "America/New_York"
AAPL = Instrument(
    con_id=265598,
    symbol="AAPL",
    exchange="SMART",
    currency="USD",
    multiplier=Decimal(1),
    grid=PriceGrid.uniform(Decimal("0.01")),
    time_zone=ZONE,
)
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
    instruments=(AAPL,),
    calendar=read_calendar(
        "20261123:0400-20261123:2000", "20261123:0930-20261123:1600", ZoneInfo(ZONE)
    ),
    margin=Margin(required=Decimal(3848), available=Decimal(60_000)),
)

BID, ASK, LAST = TickField.BID, TickField.ASK, TickField.LAST

ENTRY = ScriptedOrder("0:EN:1", 101, 900101, Side.BUY)
STOP = ScriptedOrder("0:PR:1", 102, 900102, Side.SELL)
LIMIT = ScriptedOrder("0:XS:1", 103, 900103, Side.SELL)
MARKET = ScriptedOrder("0:XS:2", 104, 900104, Side.SELL)

_TO_THE_TRIGGER = (
    tick("14:30:00.310", BID, "189.38"),
    tick("14:30:00.310", ASK, "189.41"),
    tick("14:30:00.900", LAST, "189.40"),
    tick("14:30:41.020", LAST, "-1"),
    tick("14:31:02.150", LAST, "190.60", happened="14:30:57.900"),
    tick("14:31:04.400", BID, "190.03"),
    tick("14:31:04.410", ASK, "190.05"),
    tick("14:31:08.700", LAST, "190.00"),
    tick("14:31:12.480", LAST, "190.02"),
)

_ENTERED = (
    ENTRY.says("14:31:12.610", OrderStatus.SUBMITTED),
    STOP.says("14:31:12.610", OrderStatus.PRE_SUBMITTED),
    ENTRY.fills("14:31:12.930", "0001f4.02.01", "41", "190.04"),
    ENTRY.fills("14:31:12.940", "0001f4.02.01", "41", "190.04"),
    ENTRY.says("14:31:13.060", OrderStatus.FILLED, "81"),
    ENTRY.fills("14:31:13.240", "0001f4.01.01", "40", "190.03"),
    ENTRY.says("14:31:13.250", OrderStatus.SUBMITTED),
    ENTRY.costs("14:31:13.300", "0001f4.01.01", "0.49"),
    ENTRY.costs("14:31:13.300", "0001f4.02.01", "0.51"),
)

_UP = (
    tick("14:52:20.100", LAST, "193.80"),
    tick("14:52:20.300", LAST, "191.31"),
    tick("15:04:10.200", LAST, "191.97"),
    tick("15:04:10.900", LAST, "191.99"),
    tick("15:04:12.000", LAST, "191.60"),
    tick("15:19:42.500", LAST, "193.10"),
    tick("15:19:43.100", LAST, "193.20"),
    tick("15:19:47.300", LAST, "192.80"),
    tick("15:41:30.000", LAST, "194.50"),
    tick("15:41:30.400", LAST, "194.58"),
)

_BACK = (
    tick("16:02:10.000", LAST, "192.70"),
    tick("16:02:10.200", LAST, "193.20"),
    tick("16:05:30.100", LAST, "192.90"),
    tick("16:05:30.800", ASK, "192.75"),
    tick("16:05:30.800", BID, "192.72"),
    tick("16:05:31.000", LAST, "192.78"),
    tick("16:05:31.240", LAST, "192.74"),
)

_OUT = (
    STOP.says("16:05:31.420", OrderStatus.CANCELLED),
    STOP.answers("16:05:31.480"),
    LIMIT.says("16:05:31.600", OrderStatus.SUBMITTED),
    LIMIT.fills("16:05:31.700", "0001f4.03.01", "30", "192.66"),
    tick("16:05:31.900", BID, "191.60"),
    LIMIT.answers("16:05:33.560"),
    LIMIT.says("16:05:34.700", OrderStatus.CANCELLED, "40"),
    LIMIT.fills("16:05:34.820", "0001f4.04.01", "10", "192.03"),
    LIMIT.answers("16:05:34.820"),
    MARKET.says("16:05:34.930", OrderStatus.SUBMITTED),
    MARKET.fills("16:05:34.950", "0001f4.05.01", "41", "191.55"),
    LIMIT.costs("16:05:35.000", "0001f4.03.01", "0.45"),
    LIMIT.costs("16:05:35.000", "0001f4.04.01", "0.15"),
    MARKET.costs("16:05:35.000", "0001f4.05.01", "0.62"),
    counted("16:05:36.200"),
)

TAPE = Tape(moment("14:29:30.000"), (*_TO_THE_TRIGGER, *_ENTERED, *_UP, *_BACK, *_OUT))
