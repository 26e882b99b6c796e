"""How a trade says that it stands, or that it has ended."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.lifecycle import Lifecycle
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.sides import Side
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.lab.oracle.told_by_hand import ACCOUNT, CON_ID, SYMBOL, TRADE


def standing_of(doing: Doing, **filled: int) -> TradeStanding:
    """It does this, and says that its orders have filled so much."""
    orders = {purpose: _order(Purpose(purpose), count) for purpose, count in filled.items()}
    return TradeStanding(
        account=ACCOUNT,
        plan_id="plan",
        trade=TRADE,
        symbol=SYMBOL,
        side=Side.BUY,
        lifecycle=Lifecycle(hedge_first=False),
        doing=doing,
        at=datetime(2026, 11, 23, 15, tzinfo=UTC),
        entry=orders.pop("EN", None),
        exits=tuple(orders.values()),
    )


def _order(purpose: Purpose, filled: int) -> OrderSummary:
    return OrderSummary(
        key=IntentKey(TRADE, 0, purpose, 1),
        side=Side.BUY if purpose is Purpose.ENTRY else Side.SELL,
        quantity=Decimal(100),
        filled=Decimal(filled),
        value=Decimal(filled) * 100,
        average_price=Decimal(100),
        commissions=(),
        executions=1,
        first_fill_at=None,
        last_fill_at=None,
        is_acknowledged=True,
        is_settled=False,
        end=None,
        perm_ids=(),
    )


def _key(purpose: str) -> dict[str, Any]:
    return {"trade": TRADE, "leg": 0, "purpose": purpose, "generation": 1}


def settled(profit: str | None = "0", **filled: int) -> dict[str, Any]:
    orders = [{"key": _key(purpose), "filled": str(count)} for purpose, count in filled.items()]
    fields = {"trade": TRADE, "state": "closed", "con_id": CON_ID, "profit": profit}
    return {**fields, "orders": orders}
