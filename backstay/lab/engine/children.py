"""Children of workflows: asked for, begun, called off, ended, and left by their parents.

Owns what a parent is told. A child begins a moment after it was asked for, and its end is told a
moment after it has come.
"""

from functools import partial
from typing import Any

from temporalio.api.common.v1 import Payloads, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import (
    EventType,
    ParentClosePolicy,
    RetryState,
    StartChildWorkflowExecutionFailedCause,
    TaskQueueKind,
)
from temporalio.api.history import v1 as history
from temporalio.api.taskqueue.v1 import TaskQueue as QueueName
from temporalio.bridge.proto.child_workflow import ChildWorkflowCancellationType
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.events import CHILD_ENDS, Histories
from backstay.lab.engine.lives import STEP_SECONDS, Lives, execution_of
from backstay.lab.engine.naming import NAMESPACE, NAMESPACE_ID
from backstay.lab.engine.registry import Registry, may_follow
from backstay.lab.engine.runs import CONTINUED, Child, Parent, Run, duration_of, seconds_of
from backstay.lab.engine.workflow_tasks import WorkflowTasks

_WHERE: Any = {"namespace": NAMESPACE, "namespace_id": NAMESPACE_ID}
_TAKEN = StartChildWorkflowExecutionFailedCause.Value(
    "START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS"
)


class Children:
    """Every child that is not over."""

    def __init__(
        self,
        registry: Registry,
        histories: Histories,
        alarms: Alarms,
        tasks: WorkflowTasks,
        lives: Lives,
    ) -> None:
        self._registry = registry
        self._histories = histories
        self._alarms = alarms
        self._tasks = tasks
        self._lives = lives
        lives.followers.append(self._ended)
        lives.followers.append(self._left)

    def start(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        """Have one begun."""
        given = command.start_child_workflow_execution
        terms = _terms(run, command, completed_id)
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
            start_child_workflow_execution_initiated_event_attributes=terms,
            user_metadata=command.user_metadata if command.HasField("user_metadata") else None,
            event_group_markers=command.event_group_markers,
        )
        child = Child(given.seq, event, given.cancellation_type)
        run.children[child.initiated_id] = child
        run.child_seqs[child.seq] = child.initiated_id
        self._alarms.next(partial(self._begin, run, child, event))

    def cancel(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        """Have one asked to end, unless it is to be left alone."""
        given = command.cancel_child_workflow_execution
        child = run.children.get(run.child_seqs.get(given.child_workflow_seq, 0))
        if child is None or child.cancellation == ChildWorkflowCancellationType.ABANDON:
            return
        execution = WorkflowExecution(workflow_id=child.terms.workflow_id)
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
            request_cancel_external_workflow_execution_initiated_event_attributes=(
                history.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(
                    workflow_task_completed_event_id=completed_id,
                    workflow_execution=execution,
                    child_workflow_only=True,
                    reason=given.reason,
                    **_WHERE,
                )
            ),
        )
        self._alarms.next(partial(self._ask_to_end, run, child, event.event_id, given.reason))

    # --- a moment later ---

    def _begin(self, run: Run, child: Child, event: history.HistoryEvent) -> None:
        terms = child.terms
        if run.is_closed and terms.parent_close_policy != _ABANDON:
            return
        before = self._registry.newest(terms.workflow_id)
        if before is not None and not (
            before.is_closed and may_follow(before, terms.workflow_id_reuse_policy)
        ):
            self._not_begun(run, child)
            return
        parent = Parent(run, child.initiated_id)
        begun = history.WorkflowExecutionStartedEventAttributes(
            workflow_type=terms.workflow_type,
            task_queue=terms.task_queue,
            input=_told(terms, "input"),
            workflow_execution_timeout=_told(terms, "workflow_execution_timeout"),
            workflow_run_timeout=terms.workflow_run_timeout,
            workflow_task_timeout=terms.workflow_task_timeout,
            memo=_told(terms, "memo"),
            search_attributes=_told(terms, "search_attributes"),
            header=terms.header,
        )
        metadata = event.user_metadata if event.HasField("user_metadata") else None
        name = self._registry.name(terms.workflow_id)
        child.run = begun_run = self._lives.begin(name, begun, metadata, parent)
        if not run.is_closed:
            self._histories.happens(
                run,
                EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
                child_workflow_execution_started_event_attributes=(
                    history.ChildWorkflowExecutionStartedEventAttributes(
                        initiated_event_id=child.initiated_id,
                        workflow_execution=execution_of(begun_run),
                        workflow_type=terms.workflow_type,
                        header=terms.header,
                        **_WHERE,
                    )
                ),
            )
            self._tasks.wants(run)
        self._tasks.wants(begun_run)

    def _not_begun(self, run: Run, child: Child) -> None:
        run.children.pop(child.initiated_id, None)
        if run.is_closed:
            return
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED,
            start_child_workflow_execution_failed_event_attributes=(
                history.StartChildWorkflowExecutionFailedEventAttributes(
                    workflow_id=child.terms.workflow_id,
                    workflow_type=child.terms.workflow_type,
                    cause=_TAKEN,
                    initiated_event_id=child.initiated_id,
                    workflow_task_completed_event_id=child.terms.workflow_task_completed_event_id,
                    **_WHERE,
                )
            ),
        )
        self._tasks.wants(run)

    def _ask_to_end(self, run: Run, child: Child, initiated_id: int, reason: str) -> None:
        if child.run is not None:
            self._lives.cancel(child.run, reason, "", Parent(run, initiated_id))
        if run.is_closed:
            return
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
            external_workflow_execution_cancel_requested_event_attributes=(
                history.ExternalWorkflowExecutionCancelRequestedEventAttributes(
                    initiated_event_id=initiated_id,
                    workflow_execution=WorkflowExecution(workflow_id=child.terms.workflow_id),
                    **_WHERE,
                )
            ),
        )
        self._tasks.wants(run)

    # --- ends ---

    def _ended(self, run: Run) -> None:
        """Tell the parent."""
        if run.parent is not None and run.status != CONTINUED:
            self._alarms.next(partial(self._tell, run, run.parent))

    def _tell(self, run: Run, parent: Parent) -> None:
        child = parent.run.children.pop(parent.initiated_id, None)
        if child is None or parent.run.is_closed:
            return
        kind, parts = _end_of(run)
        attributes = CHILD_ENDS[kind]
        end = getattr(history, _class_of(attributes))(
            workflow_execution=execution_of(run),
            workflow_type=WorkflowType(name=run.kind),
            initiated_event_id=parent.initiated_id,
            started_event_id=_started_id(parent),
            namespace=NAMESPACE,
            namespace_id=NAMESPACE_ID,
            **parts,
        )
        self._histories.happens(parent.run, kind, **{attributes: end})
        self._tasks.wants(parent.run)

    def _left(self, run: Run) -> None:
        """Its parent is over: what becomes of a child was said when it was asked for."""
        for child in tuple(run.children.values()):
            if child.run is None or child.run.is_closed:
                continue
            match child.terms.parent_close_policy:
                case ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON:
                    pass
                case ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL:
                    ask = partial(self._lives.cancel, child.run, "by parent close policy", "")
                    self._alarms.next(ask)
                case _:
                    self._alarms.next(partial(self._terminate, child.run))

    def _terminate(self, run: Run) -> None:
        if not run.is_closed:
            self._lives.terminate(run, "by parent close policy", "")


_ABANDON = ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON


def _terms(
    run: Run, command: WorkflowCommand, completed_id: int
) -> history.StartChildWorkflowExecutionInitiatedEventAttributes:
    given = command.start_child_workflow_execution
    terms = history.StartChildWorkflowExecutionInitiatedEventAttributes(
        workflow_id=given.workflow_id,
        task_queue=QueueName(
            name=given.task_queue or run.queue, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL
        ),
        input=Payloads(payloads=given.input) if given.input else None,
        workflow_execution_timeout=_told(given, "workflow_execution_timeout"),
        workflow_run_timeout=given.workflow_run_timeout,
        workflow_task_timeout=given.workflow_task_timeout,
        parent_close_policy=_POLICIES[given.parent_close_policy],
        workflow_task_completed_event_id=completed_id,
        workflow_id_reuse_policy=given.workflow_id_reuse_policy,
        **_WHERE,
    )
    terms.workflow_type.name = given.workflow_type
    if not seconds_of(terms.workflow_task_timeout):
        terms.workflow_task_timeout.CopyFrom(duration_of(STEP_SECONDS))
    terms.header.SetInParent()
    for name, value in given.headers.items():
        terms.header.fields[name].CopyFrom(value)
    for name, value in given.memo.items():
        terms.memo.fields[name].CopyFrom(value)
    if given.HasField("search_attributes"):
        terms.search_attributes.CopyFrom(given.search_attributes)
    return terms


def _told(message: Any, field: str) -> Any:
    """A part of a message that somebody has given; None if nobody has."""
    return getattr(message, field) if message.HasField(field) else None


_POLICIES = (
    ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE,
    ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE,
    ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON,
    ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
)
"""By the number that the library has for each."""


def _started_id(parent: Parent) -> int:
    """The event by which a parent knows that its child has begun; 0 if it still waits."""
    for event in parent.run.history[parent.initiated_id :]:
        started = event.child_workflow_execution_started_event_attributes
        if started.initiated_event_id == parent.initiated_id:
            return event.event_id
    return 0


def _end_of(run: Run) -> tuple[EventType.ValueType, dict[str, Any]]:
    """How the end of a run is told to its parent."""
    last = run.history[-1]
    state = {"retry_state": RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET}
    match last.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            completed = last.workflow_execution_completed_event_attributes
            result = completed.result if completed.HasField("result") else None
            return EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED, {"result": result}
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
            failure = last.workflow_execution_failed_event_attributes.failure
            kind = EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED
            return kind, {"failure": failure, **state}
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
            details = last.workflow_execution_canceled_event_attributes.details
            return EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED, {"details": details}
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
            timed_out = {"retry_state": RetryState.RETRY_STATE_TIMEOUT}
            return EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT, timed_out
        case _:
            return EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED, {}


def _class_of(attributes: str) -> str:
    """The message that an attribute of an event holds."""
    return "".join(word.capitalize() for word in attributes.split("_"))
