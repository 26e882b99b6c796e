"""The role `trades`: it runs workflows, and the doors that need no broker.

Workflows run without the library's sandbox, which takes longer for each of them than all of its
steps. What it would catch, a clock, a die or a sleep, a house rule finds in the source, and the
replay of every history from after each event finds the rest.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.account import AccountDoor
from activities.alerts import AlertDoor
from activities.books import AccountBooks
from activities.calls import TRADES_QUEUE
from workers import clock
from workers.attendance import Attendance, EngineRollCall
from workers.bootstrap import BUILD, Foundation
from workers.faults import FaultInterceptor, Faults
from workers.health import HealthReport, Role
from workers.polling import poll
from workers.serving import Pages
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

LOYALTY = timedelta(seconds=1)
"""How long a workflow waits for the process that has it in memory before any other may go on with
it from its history. Whoever was killed is waited for as long as this, at every trade."""


class TradesRole:
    """Runs workflows."""

    role = Role.TRADES

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self._watch = foundation.kill_watch(lambda _: None)
        self._faults = Faults(foundation.board, clock.now)
        roll_call = EngineRollCall(foundation.client)
        account = foundation.settings.account
        self._attendance = Attendance(roll_call, account, clock.now, foundation.board.tell)
        foundation.keep("attendance", self._attendance.run)
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
                workflows=[Trade, Exit, DryRun],
                activities=[
                    account.admit,
                    account.preflight,
                    account.settle,
                    AlertDoor(base.board).alert,
                ],
                identity=f"trades/{base.settings.account}/{base.boot}",
                build_id=BUILD,
                interceptors=[FaultInterceptor(self._faults.heard)],
                workflow_runner=UnsandboxedWorkflowRunner(),
                workflow_task_executor=threads,
                max_cached_workflows=capacity.workflows_cached_max,
                max_concurrent_workflow_tasks=tasks_max,
                sticky_queue_schedule_to_start_timeout=LOYALTY,
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
        return self._foundation.report(
            self.role,
            self._watch.trouble,
            polls=self._is_polling,
            unattended=self._attendance.trouble,
        )

    def pages(self) -> Pages:
        """What runs here the engine shows."""
        return {}


async def _for_ever() -> None:
    await asyncio.Event().wait()
