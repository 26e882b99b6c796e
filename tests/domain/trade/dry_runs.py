"""What a dry run of the sample trade finds: the market, the broker's figures, the verdicts."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from backstay.domain.edge.contracts import Previewed
from backstay.domain.edge.market import MarketFacts
from backstay.domain.limits.book import Book
from backstay.domain.limits.facts import AccountKind, Margin, Touch
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.preflight import judge
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.money import ExchangeRates
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.trade.admission import request_for_room
from backstay.domain.trade.dry_run import Foreseen
from backstay.domain.trade.opening import first_orders
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.preflight import Preflight, RoomTaken
from backstay.domain.trade.prospect import Prospect
from tests.domain.trade.samples import LIMITS, NOW, an_order, prospect_of

ORDER = an_order()
MARKET = MarketFacts(
    at=NOW,
    account_kind=AccountKind.PAPER,
    phase=MarketPhase.REGULAR,
    trading_day=NOW.date(),
    rates=ExchangeRates("USD"),
    touch=Touch(Decimal("99.98"), Decimal("100.02"), NOW),
    position=Decimal(0),
)
PREVIEW = Previewed(
    Margin(Decimal(3000), Decimal(100_000)),
    Decimal(2),
    maintenance=Decimal(2500),
    commission=Decimal(1),
    commission_currency="USD",
)
ROOM = RoomTaken("USD", Decimal(0), Decimal(10_010), Decimal(1_000_000), 0, 1, 100)


def seen_prospect(order: TradeOrder) -> Prospect:
    """What the broker says of it, with what it was taken from."""
    return replace(prospect_of(order), market=MARKET, preview=PREVIEW)


def preflight(
    settings: LimitSettings | None = LIMITS, order: TradeOrder = ORDER, **changes: Any
) -> Preflight:
    """What an empty account says."""
    prospect = seen_prospect(order)
    first = first_orders(
        order.plan, order.account, prospect.instrument, prospect.sized, order.profile
    )
    asked = request_for_room(order, first, prospect)
    _, orders = judge(asked.requests, Book(), settings, asked.at)
    said = Preflight(orders, None, KillState(), (), ROOM, None, asked.at)
    return replace(said, **changes)


def foreseen(
    order: TradeOrder = ORDER, settings: LimitSettings | None = LIMITS, **changes: Any
) -> Foreseen:
    """The whole of it; `changes` are of what the account says."""
    return Foreseen(order, seen_prospect(order), preflight(settings, order, **changes))
