"""The engine's own list of trades: how it is asked for, and what it says of one.

The list is a moment behind, and knows of a trade only what the trade has had written there.
"""

import re
from datetime import UTC

from pydantic import ValidationError
from temporalio.client import WorkflowExecution, WorkflowExecutionDescription
from temporalio.common import SearchAttributeKey

from activities.attributes import ACCOUNT, STATE, SYMBOL
from activities.ports import Description, EngineSilentError, Wanted
from backstay.domain.trade.order import TradeOrder

TRADE = "Trade"
ORDER = "order"
"""Under which name a trade's order stands in its memo."""

_EVENTS_OF_A_START = 2
"""That it was started, and that somebody is looked for who runs it."""

_QUOTABLE = re.compile(r"[A-Za-z0-9_./ -]+")


def trades_query(account: str, wanted: Wanted) -> str:
    """How the engine is asked for trades."""
    parts = [f"WorkflowType = '{TRADE}'", f"{ACCOUNT.name} = {_quoted(account)}"]
    if wanted.running:
        parts.append("ExecutionStatus = 'Running'")
    if wanted.state is not None:
        parts.append(f"{STATE.name} = {_quoted(wanted.state.value)}")
    if wanted.symbol:
        parts.append(f"{SYMBOL.name} = {_quoted(wanted.symbol)}")
    return " AND ".join(parts)


async def listed(found: WorkflowExecution) -> Description:
    """What the list says of a workflow."""
    summary, begun = "", None
    if isinstance(found, WorkflowExecutionDescription):
        summary = await found.static_summary() or ""
        begun = found.history_length > _EVENTS_OF_A_START
    return Description(
        workflow_id=found.id,
        run_id=found.run_id,
        kind_of_workflow=found.workflow_type,
        status=status_of(found),
        started_at=found.start_time.astimezone(UTC),
        closed_at=None if found.close_time is None else found.close_time.astimezone(UTC),
        account=_attribute(found, ACCOUNT),
        symbol=_attribute(found, SYMBOL),
        state=_attribute(found, STATE),
        summary=summary,
        side=await _side(found),
        begun=begun,
    )


async def order_of(found: WorkflowExecution) -> TradeOrder:
    """What was asked for when a trade was started."""
    order: TradeOrder = await found.memo_value(ORDER, type_hint=TradeOrder)
    return order


def status_of(found: WorkflowExecution) -> str:
    """The engine's own word for how far a workflow is."""
    return "unknown" if found.status is None else found.status.name.lower()


async def _side(found: WorkflowExecution) -> str:
    """What another build has written may be no order to this one."""
    try:
        return (await order_of(found)).plan.side.value
    except (KeyError, ValidationError):
        return ""


def _quoted(text: str) -> str:
    if not _QUOTABLE.fullmatch(text):
        raise EngineSilentError(f"{text!r} can't be asked for in a list")
    return f"'{text}'"


def _attribute(found: WorkflowExecution, key: SearchAttributeKey[str]) -> str:
    return found.typed_search_attributes.get(key) or ""
