"""One trade as a line: what the engine lists of it, and what the trade itself says if it answers.

A trade that is over is read from what is written down; one that runs is asked, and takes a worker
to answer. What is not known stays empty and is never made up.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from activities.ports import CallRefusedError, Description, Ended, Engine, EngineSilentError
from backstay.cli.trade.finding import plan_of
from backstay.domain.ids import Purpose, trade_id
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.trade.standing import Doing, TradeStanding

ANSWER_SECONDS = 2.0
"""How long a trade may take to say how it stands."""


@dataclass(frozen=True, slots=True)
class TradeLine:
    """How a trade stands. `answered` says that the figures are known; `begun`, whether a worker has
    ever taken it up, or nothing where that was not asked. `doing` is what it is about, or waits
    for; `left` is what is open.
    """

    plan_id: str
    trade: str
    workflow_id: str
    symbol: str
    side: str
    state: str
    doing: str
    why: str
    started_at: datetime
    closed_at: datetime | None
    filled: Decimal | None = None
    quantity: Decimal | None = None
    left: Decimal | None = None
    answered: bool = False
    begun: bool | None = None

    @property
    def is_over(self) -> bool:
        """Whether it runs no more."""
        return self.closed_at is not None or self.doing == Doing.OVER


async def line_of(engine: Engine, found: Description, seconds: float = ANSWER_SECONDS) -> TradeLine:
    """How a trade stands, as far as it can be learnt in this time."""
    try:
        async with asyncio.timeout(seconds):
            if found.begun is False:
                return listed(found)
            if found.closed_at is None:
                return by_itself(found, await engine.standing(found.workflow_id))
            ended = await engine.ended(found.workflow_id)
            return listed(found) if ended is None else _by_its_end(found, ended)
    except (TimeoutError, EngineSilentError, CallRefusedError):
        return listed(found)


def listed(found: Description) -> TradeLine:
    """What the list alone says."""
    plan_id = plan_of(found)
    return TradeLine(
        plan_id=plan_id,
        trade=trade_id(found.account, plan_id),
        workflow_id=found.workflow_id,
        symbol=found.symbol,
        side=found.side,
        state=found.state,
        doing="" if found.closed_at is None else Doing.OVER.value,
        why="",
        started_at=found.started_at,
        closed_at=found.closed_at,
        begun=found.begun,
    )


def by_itself(found: Description, standing: TradeStanding) -> TradeLine:
    """What the trade says of itself."""
    return TradeLine(
        plan_id=standing.plan_id,
        trade=standing.trade,
        workflow_id=found.workflow_id,
        symbol=standing.symbol,
        side=standing.side.value,
        state=standing.lifecycle.state.value,
        doing=standing.doing.value,
        why=standing.why,
        started_at=found.started_at,
        closed_at=found.closed_at,
        filled=standing.entered,
        quantity=standing.quantity,
        left=standing.left,
        answered=True,
        begun=True,
    )


def _by_its_end(found: Description, ended: Ended) -> TradeLine:
    """What it has come to; one that was broken off has come to nothing that is known."""
    line = listed(found)
    if ended.settlement is None:
        state = line.state if ended.status == "failed" else ended.status
        return replace(line, state=state, why=ended.why)
    entry = next((each for each in ended.settlement.orders if _is_entry(each)), None)
    return replace(
        line,
        state=ended.settlement.state.value,
        why=ended.why,
        filled=Decimal(0) if entry is None else entry.filled,
        quantity=None if entry is None else entry.quantity,
        left=ended.settlement.left_over,
        answered=True,
    )


def _is_entry(order: OrderSummary) -> bool:
    return order.key.purpose is Purpose.ENTRY
