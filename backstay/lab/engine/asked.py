"""What a workflow has asked for and waits for, and what it is told when that comes to an end.

Owns the wording of the library's core: which failure stands around which, and what a workflow hears
of a call, a timer or a child. An event and what was asked in, a job for the workflow out.
"""

from typing import Any

from temporalio.api.common.v1 import ActivityType, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import RetryState, TimeoutType
from temporalio.api.failure.v1 import (
    ActivityFailureInfo,
    CanceledFailureInfo,
    ChildWorkflowExecutionFailureInfo,
    Failure,
    TerminatedFailureInfo,
    TimeoutFailureInfo,
)
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import (
    FireTimer,
    ResolveActivity,
    ResolveChildWorkflowExecution,
    ResolveChildWorkflowExecutionStart,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import (
    ActivityCancellationType,
    ScheduleActivity,
    StartChildWorkflowExecution,
    StartTimer,
)

_CANCELLED = Failure(canceled_failure_info=CanceledFailureInfo())


class Timer:
    """A timer; its id is the number that the workflow gave it."""

    __slots__ = ("event_id", "seq")

    def __init__(self, given: StartTimer) -> None:
        self.seq = given.seq
        self.event_id = 0

    def fired(self) -> WorkflowActivationJob:
        """Its time has come."""
        return WorkflowActivationJob(fire_timer=FireTimer(seq=self.seq))


class Call:
    """An activity."""

    __slots__ = ("_id", "_kind", "cancellation", "event_id", "is_over", "seq")

    def __init__(self, given: ScheduleActivity) -> None:
        self.seq = given.seq
        self._id = given.activity_id
        self._kind = given.activity_type
        self.cancellation = given.cancellation_type
        self.event_id = 0
        self.is_over = False

    @property
    def is_abandoned(self) -> bool:
        """Whether it goes on by itself where it is called off."""
        return self.cancellation == ActivityCancellationType.ABANDON

    def completed(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It has an answer."""
        job = WorkflowActivationJob()
        resolved = job.resolve_activity
        resolved.seq = self.seq
        done = resolved.result.completed
        done.SetInParent()
        attributes = event.activity_task_completed_event_attributes
        if attributes.HasField("result"):
            done.result.CopyFrom(attributes.result.payloads[0])
        return job

    def failed(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It has come to nothing."""
        attributes = event.activity_task_failed_event_attributes
        return self._failed("Activity task failed", attributes, attributes.identity)

    def timed_out(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It has taken too long."""
        attributes = event.activity_task_timed_out_event_attributes
        return self._failed("Activity task timed out", attributes, "")

    def cancelled(self, event: HistoryEvent | None) -> WorkflowActivationJob:
        """It was called off, as the event says or because the workflow does not wait for one."""
        job = WorkflowActivationJob(resolve_activity=ResolveActivity(seq=self.seq))
        failure = job.resolve_activity.result.cancelled.failure
        failure.message = "Activity cancelled"
        failure.cause.CopyFrom(_CANCELLED)
        about = self._about(failure, RetryState.RETRY_STATE_CANCEL_REQUESTED)
        if event is not None:
            attributes = event.activity_task_canceled_event_attributes
            if attributes.HasField("details"):
                failure.cause.canceled_failure_info.details.CopyFrom(attributes.details)
            about.identity = attributes.identity
            about.scheduled_event_id = attributes.scheduled_event_id
            about.started_event_id = attributes.started_event_id
        return job

    def _failed(self, message: str, attributes: Any, identity: str) -> WorkflowActivationJob:
        job = WorkflowActivationJob(resolve_activity=ResolveActivity(seq=self.seq))
        failure = job.resolve_activity.result.failed.failure
        failure.message = message
        if attributes.HasField("failure"):
            failure.cause.CopyFrom(attributes.failure)
        about = self._about(failure, attributes.retry_state)
        about.identity = identity
        about.scheduled_event_id = attributes.scheduled_event_id
        about.started_event_id = attributes.started_event_id
        return job

    def _about(self, failure: Failure, state: RetryState.ValueType) -> ActivityFailureInfo:
        about = failure.activity_failure_info
        about.activity_type.CopyFrom(ActivityType(name=self._kind))
        about.activity_id = self._id
        about.retry_state = state
        return about


class Child:
    """A workflow that was begun by another."""

    __slots__ = (
        "_id",
        "_kind",
        "_namespace",
        "_run_id",
        "_started_id",
        "cancellation",
        "event_id",
        "is_over",
        "seq",
    )

    def __init__(self, given: StartChildWorkflowExecution) -> None:
        self.seq = given.seq
        self._id = given.workflow_id
        self._kind = given.workflow_type
        self._namespace = given.namespace
        self._run_id = ""
        self._started_id = 0
        self.cancellation = given.cancellation_type
        self.event_id = 0
        self.is_over = False

    @property
    def workflow_id(self) -> str:
        """How it is called."""
        return self._id

    def started(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It has begun."""
        attributes = event.child_workflow_execution_started_event_attributes
        self._run_id = attributes.workflow_execution.run_id
        self._started_id = event.event_id
        job = self._start()
        job.resolve_child_workflow_execution_start.succeeded.run_id = self._run_id
        return job

    def not_started(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It could not begin."""
        attributes = event.start_child_workflow_execution_failed_event_attributes
        job = self._start()
        failed = job.resolve_child_workflow_execution_start.failed
        failed.workflow_id = self._id
        failed.workflow_type = self._kind
        # The same causes have the same numbers in both places.
        failed.cause = attributes.cause  # type: ignore[assignment]
        return job

    def never_asked_for(self, reason: str) -> WorkflowActivationJob:
        """It was called off before anybody had heard of it."""
        job = self._start()
        failure = job.resolve_child_workflow_execution_start.cancelled.failure
        failure.message = f"Child Workflow Execution cancelled before scheduled: {reason}"
        failure.cause.CopyFrom(_CANCELLED)
        self._about(failure, RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE)
        return job

    def completed(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It has come to an end."""
        attributes = event.child_workflow_execution_completed_event_attributes
        job = self._end()
        done = job.resolve_child_workflow_execution.result.completed
        done.SetInParent()
        if attributes.HasField("result"):
            done.result.CopyFrom(attributes.result.payloads[0])
        return job

    def failed(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It has failed."""
        attributes = event.child_workflow_execution_failed_event_attributes
        cause = attributes.failure if attributes.HasField("failure") else None
        return self._failed("Child Workflow execution failed", cause, attributes.retry_state)

    def timed_out(self, event: HistoryEvent) -> WorkflowActivationJob:
        """It has taken too long."""
        about = TimeoutFailureInfo(timeout_type=TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE)
        cause = Failure(message="Timed out", timeout_failure_info=about)
        state = event.child_workflow_execution_timed_out_event_attributes.retry_state
        return self._failed("Child Workflow execution timed out", cause, state)

    def terminated(self) -> WorkflowActivationJob:
        """Somebody has ended it."""
        about = TerminatedFailureInfo()
        cause = Failure(message="Terminated", terminated_failure_info=about)
        state = RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
        return self._failed("Child Workflow execution terminated", cause, state)

    def cancelled(self) -> WorkflowActivationJob:
        """It was called off."""
        job = self._end()
        failure = job.resolve_child_workflow_execution.result.cancelled.failure
        failure.message = "Child Workflow execution cancelled"
        failure.cause.CopyFrom(_CANCELLED)
        self._about(failure, RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE)
        return job

    def _failed(
        self, message: str, cause: Failure | None, state: RetryState.ValueType
    ) -> WorkflowActivationJob:
        job = self._end()
        failure = job.resolve_child_workflow_execution.result.failed.failure
        failure.message = message
        if cause is not None:
            failure.cause.CopyFrom(cause)
        self._about(failure, state)
        return job

    def _start(self) -> WorkflowActivationJob:
        start = ResolveChildWorkflowExecutionStart(seq=self.seq)
        return WorkflowActivationJob(resolve_child_workflow_execution_start=start)

    def _end(self) -> WorkflowActivationJob:
        end = ResolveChildWorkflowExecution(seq=self.seq)
        return WorkflowActivationJob(resolve_child_workflow_execution=end)

    def _about(self, failure: Failure, state: RetryState.ValueType) -> None:
        failure.child_workflow_execution_failure_info.CopyFrom(
            ChildWorkflowExecutionFailureInfo(
                namespace=self._namespace,
                workflow_execution=WorkflowExecution(workflow_id=self._id, run_id=self._run_id),
                workflow_type=WorkflowType(name=self._kind),
                initiated_event_id=self.event_id,
                started_event_id=self._started_id,
                retry_state=state,
            )
        )


Asked = Timer | Call | Child
