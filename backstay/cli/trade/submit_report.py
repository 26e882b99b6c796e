"""What became of a plan that was handed in, as values: started, known before, or refused."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from activities.ports import Differs, Engine, EngineSilentError, Same
from backstay.cli.trade.line import TradeLine, line_of
from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.standing import Doing

WAIT_SECONDS = 2.0
"""How long a trade that has just begun is watched for a refusal."""

LOOK_SECONDS = 0.05
_BEFORE_THE_VERDICT = (Doing.LEARNING, Doing.ADMITTING)


class Outcome(StrEnum):
    """What became of it."""

    STARTED = "started"
    SAME = "same"
    """It was started before, and is the same trade."""
    DIFFERS = "differs"
    """Another plan has this id."""
    REFUSED = "refused"
    """It was started, and refused at once."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The trade, and where another plan has its id, the parts in which that one differs. Nothing of
    the trade is known where the engine fell silent once it had begun.
    """

    outcome: Outcome
    workflow_id: str
    plan_id: str
    code: str
    trade: TradeLine | None
    differs: tuple[str, ...] = ()


async def submitted(engine: Engine, order: TradeOrder, seconds: float) -> Submission:
    """Hand `order` in, and see for so long what becomes of it."""
    answer = await engine.start(order)
    is_new = not isinstance(answer, Same | Differs)
    try:
        line = await _watched(engine, order.workflow_id, seconds if is_new else 0)
    except EngineSilentError:
        line = None
    outcome = Outcome(answer.kind)
    if is_new and line is not None and line.state == TradeState.REJECTED:
        outcome = Outcome.REFUSED
    return Submission(
        outcome=outcome,
        workflow_id=order.workflow_id,
        plan_id=order.plan.id,
        code=order.trade,
        trade=line,
        differs=answer.tables if isinstance(answer, Differs) else (),
    )


async def _watched(engine: Engine, workflow_id: str, seconds: float) -> TradeLine:
    """How it stands, once it has been refused or has begun to wait or to enter."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        line = await line_of(engine, await engine.describe(workflow_id))
        if _is_told(line) or loop.time() >= until:
            return line
        await asyncio.sleep(LOOK_SECONDS)


def _is_told(line: TradeLine) -> bool:
    return line.is_over or (line.answered and line.doing not in _BEFORE_THE_VERDICT)
