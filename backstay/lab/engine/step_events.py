"""The events of a step: looked for, taken up, succeeded, failed, too late."""

from collections.abc import Sequence
from typing import TypeAlias

from temporalio.api.common.v1 import WorkerVersionStamp
from temporalio.api.enums.v1 import EventType, TaskQueueKind, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import (
    HistoryEvent,
    WorkflowTaskCompletedEventAttributes,
    WorkflowTaskFailedEventAttributes,
    WorkflowTaskScheduledEventAttributes,
    WorkflowTaskStartedEventAttributes,
    WorkflowTaskTimedOutEventAttributes,
)
from temporalio.api.sdk.v1 import WorkflowTaskCompletedMetadata
from temporalio.api.taskqueue.v1 import TaskQueue as QueueName
from temporalio.service import __version__ as sdk_version

from backstay.lab.engine.events import Histories
from backstay.lab.engine.runs import Run, Step, duration_of, stamp_of

Cause: TypeAlias = "WorkflowTaskFailedCause.ValueType"

CORE_FLAGS = (1, 2, 3, 4)
"""By which rules of the library's core the commands came about; it reads them at a replay."""


class StepEvents:
    """Writes them."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories

    def beginning(self, run: Run, step: Step) -> None:
        """What a step begins with, where it does not stand there yet."""
        if not step.is_written:
            self.scheduled(run, step)
            self.started(run, step)

    def scheduled(self, run: Run, step: Step) -> None:
        """Somebody is looked for who takes it."""
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
            step.scheduled_at_ns,
            workflow_task_scheduled_event_attributes=_scheduled(run, step),
        )
        step.scheduled_id = event.event_id
        step.is_written = True

    def started(self, run: Run, step: Step) -> None:
        """Somebody has taken it up."""
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
            step.started_at_ns,
            workflow_task_started_event_attributes=_started(step),
        )
        step.started_id = event.event_id

    def completed(self, run: Run, step: Step, flags: Sequence[int]) -> int:
        """It has succeeded."""
        metadata = WorkflowTaskCompletedMetadata(lang_used_flags=flags)
        if not run.settled:
            metadata.core_used_flags.extend(CORE_FLAGS)
            metadata.sdk_name, metadata.sdk_version = "temporal-python", sdk_version
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
            workflow_task_completed_event_attributes=WorkflowTaskCompletedEventAttributes(
                scheduled_event_id=step.scheduled_id,
                started_event_id=step.started_id,
                identity=step.identity,
                worker_version=WorkerVersionStamp(),
                sdk_metadata=metadata,
            ),
        )
        return event.event_id

    def failed(self, run: Run, step: Step, cause: Cause, failure: Failure | None) -> None:
        """It has failed."""
        self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
            workflow_task_failed_event_attributes=WorkflowTaskFailedEventAttributes(
                scheduled_event_id=step.scheduled_id,
                started_event_id=step.started_id,
                cause=cause,
                failure=failure,
                identity=step.identity,
            ),
        )

    def timed_out(self, run: Run, step: Step, kind: TimeoutType.ValueType) -> None:
        """Nobody has come to its end in time."""
        self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
            workflow_task_timed_out_event_attributes=WorkflowTaskTimedOutEventAttributes(
                scheduled_event_id=step.scheduled_id,
                started_event_id=step.started_id,
                timeout_type=kind,
            ),
        )

    def as_if_written(self, run: Run, step: Step) -> list[HistoryEvent]:
        """The history with the beginning of this step, which it has only once it succeeds."""
        step.scheduled_id = len(run.history) + 1
        step.started_id = step.scheduled_id + 1
        scheduled = HistoryEvent(
            event_id=step.scheduled_id,
            event_time=stamp_of(step.scheduled_at_ns),
            event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
            workflow_task_scheduled_event_attributes=_scheduled(run, step),
        )
        started = HistoryEvent(
            event_id=step.started_id,
            event_time=stamp_of(step.started_at_ns),
            event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
            workflow_task_started_event_attributes=_started(step),
        )
        return [*run.history, scheduled, started]


def _scheduled(run: Run, step: Step) -> WorkflowTaskScheduledEventAttributes:
    queue = QueueName(name=run.queue, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL)
    if step.wanted:
        queue = QueueName(
            name=f"{run.queue}/{step.wanted}",
            kind=TaskQueueKind.TASK_QUEUE_KIND_STICKY,
            normal_name=run.queue,
        )
    return WorkflowTaskScheduledEventAttributes(
        task_queue=queue,
        start_to_close_timeout=duration_of(run.step_seconds),
        attempt=step.attempt,
    )


def _started(step: Step) -> WorkflowTaskStartedEventAttributes:
    return WorkflowTaskStartedEventAttributes(
        scheduled_event_id=step.scheduled_id,
        identity=step.identity,
        request_id=f"step-{step.token}",
        suggest_continue_as_new=step.suggests,
    )
