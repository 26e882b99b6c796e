"""The library's own replay, and how far it has come.

A history that the library can't make sense of ends its replay early, and nothing is reported; so
it is counted up to which event a workflow was really taken.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

from activities.converting import VALUES
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

_STARTED = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
_SILENT = Runtime(telemetry=TelemetryConfig(logging=None))
"""What goes wrong is told by the results, not in the log."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What has come of the replay of a history."""

    history: WorkflowHistory
    failure: Exception | None
    length: int
    """Up to which event the workflow was taken."""

    @property
    def is_whole(self) -> bool:
        """Whether the workflow was taken to the last task, and made of it what it had before."""
        tasks = (event.event_id for event in self.history.events if event.event_type == _STARTED)
        return self.failure is None and self.length >= max(tasks)


async def replay(
    histories: Iterable[WorkflowHistory], runner: WorkflowRunner | None = None
) -> AsyncIterator[Replayed]:
    """Replay them one after the other, each from its beginning."""
    counting = _Counting(runner or UnsandboxedWorkflowRunner())
    replayer = Replayer(
        workflows=[Trade, Exit, DryRun],
        workflow_runner=counting,
        data_converter=VALUES,
        runtime=_SILENT,
    )
    async with replayer.workflow_replay_iterator(_one_by_one(histories)) as results:
        async for result in results:
            yield Replayed(result.history, result.replay_failure, counting.length)


async def _one_by_one(histories: Iterable[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    for history in histories:
        yield history


class _Counting(WorkflowRunner):
    """Runs workflows as another runner does, and notes how far the newest was taken."""

    def __init__(self, runner: WorkflowRunner) -> None:
        self._runner = runner
        self.length = 0

    def prepare_workflow(self, defn: Any) -> None:
        """Get ready for workflows of this kind."""
        self._runner.prepare_workflow(defn)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:
        """Which exceptions end a workflow."""
        self._runner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow whose steps are noted."""
        self.length = 0
        instance = self._runner.create_instance(det)
        activate = instance.activate

        def noted(act: WorkflowActivation) -> WorkflowActivationCompletion:
            self.length = max(self.length, act.history_length)
            return activate(act)

        instance.activate = noted  # type: ignore[method-assign]
        return instance
