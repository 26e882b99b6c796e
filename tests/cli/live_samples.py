"""What is live, as samples: legs, orders, and a server that shows them or answers nonsense."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from backstay.domain.edge.live import (
    BrokerStop,
    Distance,
    EdgeNow,
    EngineStop,
    LegPhase,
    LiveLeg,
    LivePage,
    LivePrice,
    LiveTrigger,
    Nakedness,
    Profit,
    StopStanding,
)
from backstay.domain.edge.ordered import OrdersPage
from backstay.domain.edge.session import BrokerTime, SessionReport, SessionState
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.intent import StopLimit
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource

ACCOUNT = "DU1234567"
NOW = datetime(2026, 11, 23, 15, 0, 2, tzinfo=UTC)
PLAN, OTHER = "aapl-breakout-0312", "tsla-breakdown-0312"
TRADE, OTHER_TRADE = trade_id(ACCOUNT, PLAN), trade_id(ACCOUNT, OTHER)
NOTHING = Decimal(0)

EDGE = EdgeNow(
    account=ACCOUNT,
    kind=AccountKind.PAPER,
    client_id=1,
    at=NOW,
    time=BrokerTime(NOW, 0.25),
    session=SessionReport(SessionState.READY, NOW - timedelta(minutes=5)),
    last_tick_at=NOW - timedelta(milliseconds=400),
)


def key(purpose: Purpose, generation: int = 1, trade: str = TRADE) -> IntentKey:
    """A key of the one trade."""
    return IntentKey(trade, 0, purpose, generation)


def away(price: str, percent: str) -> Distance:
    """How far it is to something."""
    return Distance(Decimal(price), Decimal(percent))


GUARDED = LiveLeg(
    key=key(Purpose.ENTRY),
    trade=TRADE,
    leg=0,
    con_id=265598,
    symbol="AAPL",
    option=None,
    side=Side.BUY,
    phase=LegPhase.GUARDING,
    quantity=Decimal(81),
    filled=Decimal(81),
    open=Decimal(81),
    average_price=Decimal("190.03"),
    price=LivePrice(Decimal("191.20"), PriceSource.LAST, NOW),
    trigger=None,
    stop=EngineStop(Decimal("187.00"), away("4.20", "2.1967")),
    at_broker=BrokerStop(
        StopStanding.ACKNOWLEDGED,
        Decimal(81),
        key(Purpose.PROTECT),
        StopLimit(Decimal("183.26"), Decimal("174.09")),
        away("7.94", "4.1527"),
    ),
    targets=(),
    leave_at=None,
    naked=Nakedness(Decimal("0.82"), NOTHING, NOTHING),
    profit=Profit("USD", NOTHING, Decimal("94.77"), (), True, Decimal("93.77")),
)
WAITING = replace(
    GUARDED,
    key=key(Purpose.ENTRY, trade=OTHER_TRADE),
    trade=OTHER_TRADE,
    symbol="TSLA",
    side=Side.SELL,
    phase=LegPhase.WAITING,
    quantity=Decimal(60),
    filled=NOTHING,
    open=NOTHING,
    average_price=None,
    price=LivePrice(Decimal("244.80"), PriceSource.BID, NOW),
    trigger=LiveTrigger(Decimal("240.00"), Crossing.BELOW, PriceSource.BID, away("4.80", "1.9608")),
    stop=None,
    at_broker=BrokerStop(StopStanding.NONE),
    naked=Nakedness(NOTHING, NOTHING, NOTHING),
    profit=Profit("USD", NOTHING, NOTHING, (), True, NOTHING),
)
MISSING = replace(
    GUARDED,
    at_broker=BrokerStop(StopStanding.MISSING),
    naked=Nakedness(Decimal(260), Decimal(81), Decimal("3.21")),
    profit=Profit("USD", NOTHING, Decimal("-120.40"), (), False, None),
)


def live_page(*legs: LiveLeg, **edge: Any) -> LivePage:
    """The page of these legs."""
    return LivePage(replace(EDGE, **edge), len(legs), legs, ())


def told(kind: Any, value: object) -> bytes:
    """As it is served."""
    return TypeAdapter(kind).dump_json(value)


@contextmanager
def served(
    trades: LivePage | bytes | None = None,
    orders: OrdersPage | bytes | None = None,
    status: int = 200,
) -> Iterator[str]:
    """A broker worker's pages, and where they are; bytes are served as they are."""
    bodies = {
        "/trades": told(LivePage, trades) if isinstance(trades, LivePage) else trades,
        "/orders": told(OrdersPage, orders) if isinstance(orders, OrdersPage) else orders,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies.get(self.path.partition("?")[0])
            self.send_response(404 if body is None else status)
            self.end_headers()
            self.wfile.write(body or b"Not Found\n")

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings_file(folder: Path) -> str:
    """Settings whose engine and whose workers are nowhere."""
    file = folder / "backstay.toml"
    file.write_text(
        f'account = "{ACCOUNT}"\n'
        '[temporal]\naddress = "127.0.0.1:1"\n'
        '[metrics]\nhost = "127.0.0.1"\nport = 2\n'
    )
    return str(file)


def roster_file(folder: Path, address: str) -> None:
    """The roster of a house whose broker worker is there."""
    began = {"pid": 1, "began": "then"}
    running = {
        "part": "broker",
        "process": began,
        "address": address,
        "since": NOW.isoformat(),
        "restarts": 0,
    }
    data = folder / "data"
    data.mkdir()
    roster = {"keeper": began, "ui": "http://127.0.0.1:8233", "running": [running]}
    (data / "processes.json").write_text(json.dumps(roster))
