"""How each trade stands after each of its steps, seen in the workflow itself.

Owns nothing that decides: it only looks, so that the edges of every trade's life can be counted and
a standing that went back is found. While a run is gone through again, nobody looks.
"""

from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from backstay.domain.trade.standing import TradeStanding
from backstay.lab.simulation.marks import edges_between
from workflows.trade import Trade

_BEGUN = "backstay_trade_begun"


class Watching(Interceptor):
    """Remembers the trade of each run that a worker has in memory."""

    def __init__(self) -> None:
        self._trades: dict[str, Trade] = {}
        self._standings: dict[str, TradeStanding] = {}
        self._runs: dict[str, str] = {}
        """The last run of each workflow."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the name is the library's
    ) -> type[WorkflowInboundInterceptor]:
        """What stands around each workflow."""
        input.unsafe_extern_functions[_BEGUN] = self._begun
        return _Around

    def edges(self, run_id: str) -> tuple[str, ...]:
        """The edges that the trade has taken in the step that is over."""
        trade = self._trades.get(run_id)
        if trade is None:
            return ()
        before, now = self._standings.get(run_id), trade.state()
        self._standings[run_id] = now
        return () if before is None else edges_between(before.lifecycle, now.lifecycle)

    def standing(self, workflow_id: str) -> TradeStanding | None:
        """How the trade stood after its last step."""
        return self._standings.get(self._runs.get(workflow_id, ""))

    def _begun(self, workflow_id: str, run_id: str, trade: Trade) -> None:
        self._runs[workflow_id] = run_id
        self._trades[run_id] = trade
        self._standings.setdefault(run_id, trade.state())


class _Around(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        trade = workflow.instance()
        if isinstance(trade, Trade):
            begun: Callable[[str, str, Trade], None] = workflow.extern_functions()[_BEGUN]
            begun(workflow.info().workflow_id, workflow.info().run_id, trade)
        return await super().execute_workflow(input)
