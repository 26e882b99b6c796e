"""The library's own replay of histories, on a real loop and in its own threads.

A history that the library can't make sense of ends its replay early, and nothing is reported; so
it is counted up to which event a workflow was really taken. Nothing here may be called where a
virtual loop runs.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

from backstay.lab.engine.stretches import STARTED


@dataclass(frozen=True, slots=True)
class Replayed:
    """What has come of the replay of a history."""

    history: WorkflowHistory
    failure: Exception | None
    length: int
    """Up to which event the workflow was taken."""

    @property
    def is_whole(self) -> bool:
        """Whether the workflow was taken to the last step, and made of it what it had before."""
        steps = (event.event_id for event in self.history.events if event.event_type == STARTED)
        return self.failure is None and self.length >= max(steps, default=0)

    def __str__(self) -> str:
        name = f"{self.history.workflow_id} of {len(self.history.events)} events"
        if self.failure is not None:
            return f"{name}: {self.failure}"
        return f"{name}: {'whole' if self.is_whole else f'given up behind event {self.length}'}"


def replayed(
    histories: Iterable[WorkflowHistory], kinds: Sequence[type], converter: DataConverter
) -> tuple[Replayed, ...]:
    """What has come of all of them, in their order."""

    async def main() -> tuple[Replayed, ...]:
        return tuple([each async for each in replay(histories, kinds, converter)])

    return asyncio.run(main())


async def replay(
    histories: Iterable[WorkflowHistory],
    kinds: Sequence[type],
    converter: DataConverter,
    runner: WorkflowRunner | None = None,
) -> AsyncIterator[Replayed]:
    """Replay them one after the other, each from its beginning."""
    counting = _Counting(runner or UnsandboxedWorkflowRunner())
    replayer = Replayer(
        workflows=kinds,
        workflow_runner=counting,
        data_converter=converter,
        runtime=_silent(),
    )
    async with replayer.workflow_replay_iterator(_one_by_one(histories)) as results:
        async for result in results:
            yield Replayed(result.history, result.replay_failure, counting.length)


@cache
def _silent() -> Runtime:
    """What goes wrong is told by the results, not in the log. Its threads begin when it does."""
    return Runtime(telemetry=TelemetryConfig(logging=None))


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
