"""A dry run, asked for at the engine: begun, waited for, and called silent where nobody runs it.

Owns how long whoever has asked waits. A dry run leaves nothing behind but its history: it has no
search attributes, so no list of trades shows it and nobody takes it for one under way.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from activities.calls import TRADES_QUEUE
from activities.silence import asking, why_of
from backstay.domain.trade.dry_run import DryRunReport, Unanswered, dry_run_id
from backstay.domain.trade.order import TradeOrder

DRY_RUN = "DryRun"
BEGINS_WITHIN = timedelta(seconds=5)
ENDS_WITHIN = timedelta(seconds=30)
"""As long as it may take in all: its questions have bounds of their own, which are shorter."""

_REPORT: Any = DryRunReport
"""A union is no class, which is what the client asks for; its converter reads both."""

_NOBODY = "no trades worker takes calls: none is running, or none serves this engine"
_EVENTS_OF_A_START = 2
"""That it was started, and that somebody is looked for who runs it."""


async def dry_run(
    client: Client, order: TradeOrder, at: datetime, answer_within: timedelta
) -> DryRunReport:
    """What it comes to; EngineSilentError if the engine does not answer."""
    what = f"dry run of {order.plan.id}"
    async with asking(client, what, answer_within):
        handle: WorkflowHandle[Any, DryRunReport] = await client.start_workflow(
            DRY_RUN,
            order,
            id=dry_run_id(order, at),
            task_queue=TRADES_QUEUE,
            execution_timeout=ENDS_WITHIN,
            result_type=_REPORT,
            static_summary=f"{what}: {order.plan.side} {order.plan.instrument.symbol}",
            rpc_timeout=answer_within,
        )
    async with asking(client, what, ENDS_WITHIN + answer_within):
        return await _result(handle, order)


async def _result(handle: WorkflowHandle[Any, DryRunReport], order: TradeOrder) -> DryRunReport:
    result = asyncio.create_task(handle.result())
    try:
        done, _ = await asyncio.wait((result,), timeout=BEGINS_WITHIN.total_seconds())
        if not done and (await handle.describe()).history_length <= _EVENTS_OF_A_START:
            await handle.terminate("nobody has taken it up")
            return Unanswered(order, _NOBODY)
        return await result
    except WorkflowFailureError as error:
        return Unanswered(order, f"the dry run has not come to its end: {why_of(error.cause)}")
    finally:
        result.cancel()
