"""Who takes calls from the engine: the port between what a process does and the engine's library.

Owns how a worker of the library is made, with every setting that a worker of ours has. Whatever
else hands out calls makes workers of its own behind the same port.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from workers.config import CapacityTable
from workers.faults import FaultInterceptor, Heard

LOYALTY = timedelta(seconds=1)
"""How long a workflow waits for the process that has it in memory before any other may go on with
it from its history. Whoever was killed is waited for as long as this, at every trade."""

BEATS_WITHIN = timedelta(seconds=8)
"""A heartbeat is passed on this soon at least, or four fifths of its timeout: what a guard or a way
out has come to is never much older for whoever goes on with it after a crash. By itself the library
would keep it back for a minute."""

Activities = Sequence[Callable[..., Any]]


class Polling(Protocol):
    """A worker."""

    async def run(self) -> None:
        """Take calls until told to stop; raises what it dies of."""

    async def shutdown(self) -> None:
        """Give back what it holds, and stop."""


class Labour(Protocol):
    """Makes workers."""

    def of_workflows(
        self,
        queue: str,
        kinds: Sequence[type],
        activities: Activities,
        identity: str,
        heard: Heard,
    ) -> Polling:
        """One that runs workflows of these kinds, and `activities` beside them; what a workflow
        raises that nobody has foreseen is `heard`.
        """

    def of_activities(self, queue: str, activities: Activities, identity: str) -> Polling:
        """One that carries out activities."""


class EngineLabour:
    """Workers of the engine's own library. `build` is what the library calls the code that runs:
    unless it is told, it works it out from every module, which is half a second without a turn.
    """

    def __init__(self, client: Client, capacity: CapacityTable, build: str) -> None:
        self._client = client
        self._capacity = capacity
        self._build = build

    def of_workflows(
        self,
        queue: str,
        kinds: Sequence[type],
        activities: Activities,
        identity: str,
        heard: Heard,
    ) -> Polling:
        """Runs workflows without the library's sandbox, which takes longer for each of them than
        all of its steps. What it would catch, a clock, a die or a sleep, a house rule finds in the
        source, and the replay of every history from after each event finds the rest.
        """
        tasks_max = self._capacity.workflow_tasks_max
        threads = ThreadPoolExecutor(tasks_max, thread_name_prefix="workflow")
        worker = Worker(
            self._client,
            task_queue=queue,
            workflows=kinds,
            activities=activities,
            identity=identity,
            build_id=self._build,
            interceptors=[FaultInterceptor(heard)],
            workflow_runner=UnsandboxedWorkflowRunner(),
            workflow_task_executor=threads,
            max_cached_workflows=self._capacity.workflows_cached_max,
            max_concurrent_workflow_tasks=tasks_max,
            sticky_queue_schedule_to_start_timeout=LOYALTY,
        )
        return _InThreads(worker, threads)

    def of_activities(self, queue: str, activities: Activities, identity: str) -> Polling:
        """Carries out as many as the process has room for."""
        return Worker(
            self._client,
            task_queue=queue,
            activities=activities,
            identity=identity,
            build_id=self._build,
            max_concurrent_activities=self._capacity.arms_max,
            max_heartbeat_throttle_interval=BEATS_WITHIN,
        )


class _InThreads:
    """A worker, and the threads in which its workflows run."""

    def __init__(self, worker: Worker, threads: ThreadPoolExecutor) -> None:
        self._worker = worker
        self._threads = threads

    async def run(self) -> None:
        with self._threads:
            await self._worker.run()

    async def shutdown(self) -> None:
        await self._worker.shutdown()
