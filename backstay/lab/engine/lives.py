"""The lives of runs: how one begins, goes on as another one, is asked to end, and ends.

Owns that whatever was under way for a run ends with it, and that everybody is told who waits for
its end. It refuses to know why anybody wants what he wants.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.enums.v1 import (
    ContinueAsNewInitiator,
    EventType,
    RetryState,
    TaskQueueKind,
    WorkflowExecutionStatus,
)
from temporalio.api.history import v1 as history
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.api.taskqueue.v1 import TaskQueue as QueueName
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.events import Histories, Kind
from backstay.lab.engine.naming import NAMESPACE, NAMESPACE_ID
from backstay.lab.engine.queries import Queries
from backstay.lab.engine.registry import Registry
from backstay.lab.engine.runs import (
    CONTINUED,
    RUNNING,
    Parent,
    Run,
    duration_of,
    seconds_of,
    stamp_of,
)
from backstay.lab.engine.tasks import RunName
from backstay.lab.engine.updates import Updates
from backstay.lab.engine.workflow_tasks import WorkflowTasks

Begun = history.WorkflowExecutionStartedEventAttributes

STEP_SECONDS = 10.0
"""How long a step may take where nobody says."""


class Lives:
    """Begins and ends every run; `forget` is done with whatever one has under way at its end."""

    def __init__(
        self,
        registry: Registry,
        histories: Histories,
        alarms: Alarms,
        tasks: WorkflowTasks,
        updates: Updates,
        queries: Queries,
        forget: Sequence[Callable[[Run], None]],
    ) -> None:
        self._registry = registry
        self._histories = histories
        self._alarms = alarms
        self._tasks = tasks
        self._updates = updates
        self._queries = queries
        self._forget = forget
        self.followers: list[Callable[[Run], None]] = []
        """Who hears of the end of every run."""

    def begin(
        self,
        name: RunName,
        begun: Begun,
        metadata: UserMetadata | None,
        parent: Parent | None = None,
    ) -> Run:
        """Begin a run, whose first step somebody has to want."""
        now_ns = self._histories.now_ns()
        _complete(name, begun, parent, now_ns)
        run = Run(name, begun, metadata, parent, now_ns)
        self._registry.add(run)
        self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
            workflow_execution_started_event_attributes=begun,
            user_metadata=metadata,
        )
        self._histories.lists(run, RUNNING)
        bounds = (begun.workflow_run_timeout, begun.workflow_execution_timeout)
        seconds = min((length for each in bounds if (length := seconds_of(each))), default=0.0)
        if seconds:
            run.alarm = self._alarms.after(seconds, partial(self._time_out, run))
        return run

    def go_on(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        """End a run and begin the next one under its id."""
        begun, name = _next_of(run, command), self._registry.name(run.name.workflow_id)
        self.close(
            run,
            CONTINUED,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
            workflow_execution_continued_as_new_event_attributes=(
                history.WorkflowExecutionContinuedAsNewEventAttributes(
                    new_execution_run_id=name.run_id,
                    workflow_type=begun.workflow_type,
                    task_queue=begun.task_queue,
                    input=begun.input,
                    workflow_run_timeout=begun.workflow_run_timeout,
                    workflow_task_timeout=begun.workflow_task_timeout,
                    workflow_task_completed_event_id=completed_id,
                    backoff_start_interval=duration_of(0.0),
                    initiator=begun.initiator,
                    header=begun.header,
                    memo=begun.memo,
                    search_attributes=begun.search_attributes,
                )
            ),
        )
        follower = self.begin(name, begun, run.metadata, run.parent)
        if run.parent is not None:
            child = run.parent.run.children.get(run.parent.initiated_id)
            if child is not None:
                child.run = follower
        self._tasks.wants(follower)

    def close(
        self, run: Run, status: WorkflowExecutionStatus.ValueType, kind: Kind, **parts: Any
    ) -> None:
        """It has come to its end."""
        self._histories.write(run, kind, **parts)
        run.status = status
        run.closed_at_ns = self._histories.now_ns()
        self._histories.lists(run, status)
        self._alarms.call_off(run.alarm)
        for forget in self._forget:
            forget(run)
        self._updates.closed(run, goes_on=status == CONTINUED)
        told, run.when_closed = run.when_closed, []
        for tell in told:
            tell()
        for follow in self.followers:
            follow(run)

    def cancel(self, run: Run, cause: str, identity: str, by: Parent | None = None) -> None:
        """Ask it to end; asked again, nothing happens."""
        if run.is_closed or run.is_cancel_requested:
            return
        run.is_cancel_requested = True
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
            workflow_execution_cancel_requested_event_attributes=(
                history.WorkflowExecutionCancelRequestedEventAttributes(
                    cause=cause,
                    identity=identity,
                    external_initiated_event_id=0 if by is None else by.initiated_id,
                    external_workflow_execution=None if by is None else execution_of(by.run),
                )
            ),
        )
        self._tasks.wants(run)

    def terminate(
        self, run: Run, reason: str, identity: str, details: Payloads | None = None
    ) -> None:
        """End it, whatever it is about."""
        self._end(
            run,
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
            workflow_execution_terminated_event_attributes=(
                history.WorkflowExecutionTerminatedEventAttributes(
                    reason=reason, details=details, identity=identity
                )
            ),
        )

    def _time_out(self, run: Run) -> None:
        self._end(
            run,
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
            workflow_execution_timed_out_event_attributes=(
                history.WorkflowExecutionTimedOutEventAttributes(
                    retry_state=RetryState.RETRY_STATE_TIMEOUT
                )
            ),
        )

    def _end(
        self, run: Run, status: WorkflowExecutionStatus.ValueType, kind: Kind, **parts: Any
    ) -> None:
        self._tasks.drop(run)
        self.close(run, status, kind, **parts)
        self._queries.alone(run)


def execution_of(run: Run) -> WorkflowExecution:
    """Its names."""
    return WorkflowExecution(workflow_id=run.name.workflow_id, run_id=run.name.run_id)


def _complete(name: RunName, begun: Begun, parent: Parent | None, now_ns: int) -> None:
    """Say what nobody has to ask for."""
    begun.workflow_id = name.workflow_id
    begun.attempt = 1
    begun.original_execution_run_id = name.run_id
    begun.first_execution_run_id = begun.first_execution_run_id or name.run_id
    begun.first_workflow_task_backoff.SetInParent()
    begun.task_queue.kind = TaskQueueKind.TASK_QUEUE_KIND_NORMAL
    if not seconds_of(begun.workflow_task_timeout):
        begun.workflow_task_timeout.CopyFrom(duration_of(STEP_SECONDS))
    if seconds := seconds_of(begun.workflow_execution_timeout):
        expires_ns = now_ns + round(seconds * 1e9)
        begun.workflow_execution_expiration_time.CopyFrom(stamp_of(expires_ns))
    if parent is not None:
        begun.parent_workflow_namespace = NAMESPACE
        begun.parent_workflow_namespace_id = NAMESPACE_ID
        begun.parent_workflow_execution.CopyFrom(execution_of(parent.run))
        begun.parent_initiated_event_id = parent.initiated_id
        root = parent.run
        while root.parent is not None:
            root = root.parent.run
        begun.root_workflow_execution.CopyFrom(execution_of(root))


def _next_of(run: Run, command: WorkflowCommand) -> Begun:
    """How the run begins that follows one; what the workflow does not say stays as it is."""
    given, before = command.continue_as_new_workflow_execution, run.begun
    begun = Begun(
        task_queue=QueueName(name=given.task_queue or run.queue),
        input=Payloads(payloads=given.arguments) if given.arguments else None,
        workflow_execution_timeout=before.workflow_execution_timeout,
        workflow_run_timeout=before.workflow_run_timeout,
        workflow_task_timeout=before.workflow_task_timeout,
        continued_execution_run_id=run.name.run_id,
        first_execution_run_id=before.first_execution_run_id,
        initiator=ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW,
    )
    begun.workflow_type.name = given.workflow_type or run.kind
    if given.HasField("workflow_run_timeout"):
        begun.workflow_run_timeout.CopyFrom(given.workflow_run_timeout)
    if given.HasField("workflow_task_timeout"):
        begun.workflow_task_timeout.CopyFrom(given.workflow_task_timeout)
    begun.header.SetInParent()
    for name, value in given.headers.items():
        begun.header.fields[name].CopyFrom(value)
    for name, value in (given.memo or run.memo).items():
        begun.memo.fields[name].CopyFrom(value)
    attributes = given.search_attributes.indexed_fields or run.attributes
    for name, value in attributes.items():
        begun.search_attributes.indexed_fields[name].CopyFrom(value)
    return begun
