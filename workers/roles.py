"""What a process does, by its role: which calls it takes, and when.

`trades` runs workflows and the doors that need no broker. `broker` holds the session of one account
and client id: nothing of its edge begins before the kill state was read.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.account import AccountDoor
from activities.alerts import AlertDoor, NoticeBoards
from activities.books import AccountBooks
from activities.calls import TRADES_QUEUE, Door
from activities.changes import EngineChanges
from activities.edge import EdgeActivities
from backstay.broker.edge import Edge
from backstay.domain.edge.session import EdgeHealth
from workers import clock
from workers.bootstrap import Foundation
from workers.faults import FaultInterceptor, Faults
from workers.health import HealthReport, Role, troubles
from workers.lives import Lives
from workers.measuring import EdgeMeasures
from workers.polling import poll
from workers.predecessor import Identity
from workflows.exit import Exit
from workflows.trade import Trade

BUILD = version("backstay")
"""Unless it is told, the library works it out from every module: half a second without a turn."""

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
        boards = NoticeBoards([base.board])
        account = AccountDoor(books, boards)
        tasks_max = capacity.workflow_tasks_max
        with ThreadPoolExecutor(tasks_max, thread_name_prefix="workflow") as threads:
            worker = Worker(
                base.client,
                task_queue=TRADES_QUEUE,
                workflows=[Trade, Exit],
                activities=[account.admit, account.settle, AlertDoor(boards).alert],
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
        return report(self._foundation, self.role, self._watch.trouble, polls=self._is_polling)


class BrokerRole:
    """Holds the session of one account and client id."""

    role = Role.BROKER

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        settings = foundation.settings
        self._edge = Edge(settings.edge, foundation.board.tell, clock.now())
        self._has_started = False
        self._watch = foundation.kill_watch(self._edge.set_epoch)
        foundation.registry.register(EdgeMeasures(self._edge.health))
        changes = EngineChanges(foundation.client)
        self._activities = EdgeActivities(self._edge, changes)
        identity = Identity(settings.account, settings.broker.client_id, foundation.boot)
        self._lives = Lives(foundation.client, self._edge, identity, self._workers)

    async def run(self) -> None:
        """Hold the session, and take calls while it is ours; until cancelled."""
        await self._watch.known()
        self._has_started = True
        self._edge.start()
        await self._lives.run()

    async def close(self) -> None:
        """Hang up; at the broker everything stays as it is."""
        await self._edge.close()

    def report(self) -> HealthReport:
        """How it stands."""
        edge = self._edge.health() if self._has_started else None
        polls = self._lives.is_polling
        return report(self._foundation, self.role, self._watch.trouble, edge, polls=polls)

    def _workers(self, identity: Identity) -> Sequence[Worker]:
        settings = self._foundation.settings
        return [
            Worker(
                self._foundation.client,
                task_queue=door.queue(settings.account),
                activities=activities,
                identity=str(identity),
                build_id=BUILD,
                max_concurrent_activities=settings.capacity.arms_max,
            )
            for door, activities in (
                (Door.ARMS, self._activities.lasting()),
                (Door.OPS, self._activities.short()),
            )
        ]


def sandbox() -> SandboxedWorkflowRunner:
    """Where workflows run: what is our own or pure is not imported again for each of them."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*OUR_OWN)
    return SandboxedWorkflowRunner(restrictions=restrictions)


def report(
    base: Foundation, role: Role, book: str, edge: EdgeHealth | None = None, *, polls: bool
) -> HealthReport:
    """How a process stands."""
    tasks = base.health.report()
    return HealthReport(
        role=role,
        account=base.settings.account,
        boot=base.boot,
        at=clock.now(),
        trouble=troubles(base.engine_trouble, book, tasks, edge),
        takes_calls=polls,
        engine=base.engine_trouble,
        book=book,
        limits=base.settings.limits is not None,
        loop_lag_seconds=base.watchdog.last_seconds,
        loop_lag_seconds_max=base.watchdog.worst_seconds,
        notices_waiting=base.board.waiting,
        tasks=tasks,
        edge=edge,
    )


async def _for_ever() -> None:
    await asyncio.Event().wait()
