"""The role `trades`: it runs workflows, and the doors that need no broker."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.account import AccountDoor
from activities.alerts import AlertDoor
from activities.books import AccountBooks
from activities.calls import TRADES_QUEUE
from workers import clock
from workers.bootstrap import BUILD, Foundation
from workers.faults import FaultInterceptor, Faults
from workers.health import HealthReport, Role
from workers.polling import poll
from workflows.exit import Exit
from workflows.trade import Trade

OUR_OWN = ("activities", "backstay", "pydantic", "pydantic_core")
"""Pure or not used by any workflow: the sandbox need not import them again for each of them."""


class TradesRole:
    """Runs workflows."""

    role = Role.TRADES

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self._watch = foundation.kill_watch(lambda _: None)
        self._faults = Faults(foundation.board, clock.now)
        self._is_polling = False

    async def run(self) -> None:
        """Take calls until cancelled."""
        base, capacity = self._foundation, self._foundation.settings.capacity
        limits = base.settings.bounds
        books = AccountBooks([base.store], {} if limits is None else {limits.account: limits})
        account = AccountDoor(books, base.board)
        tasks_max = capacity.workflow_tasks_max
        with ThreadPoolExecutor(tasks_max, thread_name_prefix="workflow") as threads:
            worker = Worker(
                base.client,
                task_queue=TRADES_QUEUE,
                workflows=[Trade, Exit],
                activities=[account.admit, account.settle, AlertDoor(base.board).alert],
                identity=f"trades/{base.settings.account}/{base.boot}",
                build_id=BUILD,
                interceptors=[FaultInterceptor(self._faults.heard)],
                workflow_runner=sandbox(),
                workflow_task_executor=threads,
                max_cached_workflows=capacity.workflows_cached_max,
                max_concurrent_workflow_tasks=tasks_max,
            )
            self._is_polling = True
            try:
                await poll([worker], _for_ever())
            finally:
                self._is_polling = False

    async def close(self) -> None:
        """Finish telling."""
        await self._faults.close()

    def report(self) -> HealthReport:
        """How it stands."""
        return self._foundation.report(self.role, self._watch.trouble, polls=self._is_polling)


def sandbox() -> SandboxedWorkflowRunner:
    """Where workflows run: what is our own or pure is not imported again for each of them."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*OUR_OWN)
    return SandboxedWorkflowRunner(restrictions=restrictions)


async def _for_ever() -> None:
    await asyncio.Event().wait()
