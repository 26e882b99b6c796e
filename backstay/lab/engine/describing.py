"""How a run is described to whoever asks."""

from temporalio.api.common.v1 import WorkflowType
from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState
from temporalio.api.workflow.v1 import (
    PendingActivityInfo,
    PendingChildExecutionInfo,
    PendingWorkflowTaskInfo,
    WorkflowExecutionConfig,
    WorkflowExecutionInfo,
)
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from backstay.lab.engine.lives import execution_of
from backstay.lab.engine.runs import RUNNING, Activity, Child, Listing, Run, Stand, stamp_of


def described(run: Run) -> DescribeWorkflowExecutionResponse:
    """All of it."""
    begun = run.begun
    return DescribeWorkflowExecutionResponse(
        execution_config=WorkflowExecutionConfig(
            task_queue=begun.task_queue,
            workflow_execution_timeout=begun.workflow_execution_timeout,
            workflow_run_timeout=begun.workflow_run_timeout,
            default_workflow_task_timeout=begun.workflow_task_timeout,
            user_metadata=run.metadata,
        ),
        workflow_execution_info=info_of(run, Listing(0.0, run.status, run.attributes)),
        pending_activities=[_activity(each) for each in run.activities.values()],
        pending_children=[_child(each) for each in run.children.values() if each.run is not None],
        pending_workflow_task=_step(run),
    )


def info_of(run: Run, shown: Listing) -> WorkflowExecutionInfo:
    """How it is listed."""
    info = WorkflowExecutionInfo(
        execution=execution_of(run),
        type=WorkflowType(name=run.kind),
        start_time=stamp_of(run.begun_at_ns),
        execution_time=stamp_of(run.begun_at_ns),
        close_time=stamp_of(run.closed_at_ns) if shown.status != RUNNING else None,
        status=shown.status,
        history_length=len(run.history),
        task_queue=run.queue,
        first_run_id=run.begun.first_execution_run_id,
        parent_execution=execution_of(run.parent.run) if run.parent is not None else None,
    )
    for name, value in run.memo.items():
        info.memo.fields[name].CopyFrom(value)
    for name, value in shown.attributes.items():
        if value.data and value.data != b"null":
            info.search_attributes.indexed_fields[name].CopyFrom(value)
    return info


def _activity(activity: Activity) -> PendingActivityInfo:
    terms = activity.terms
    info = PendingActivityInfo(
        activity_id=terms.activity_id,
        activity_type=terms.activity_type,
        state=_state(activity),
        heartbeat_details=activity.details,
        attempt=activity.attempt,
        maximum_attempts=terms.retry_policy.maximum_attempts,
        scheduled_time=stamp_of(activity.attempt_at_ns),
        last_failure=activity.failure,
        last_worker_identity=activity.identity,
    )
    if activity.taken_at_ns:
        info.last_started_time.CopyFrom(stamp_of(activity.taken_at_ns))
        info.last_heartbeat_time.CopyFrom(stamp_of(activity.sign_at_ns))
    return info


def _state(activity: Activity) -> PendingActivityState.ValueType:
    if activity.stand is not Stand.TAKEN:
        return PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    if activity.cancel_id:
        return PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
    return PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


def _child(child: Child) -> PendingChildExecutionInfo:
    assert child.run is not None
    return PendingChildExecutionInfo(
        workflow_id=child.terms.workflow_id,
        run_id=child.run.name.run_id,
        workflow_type_name=child.terms.workflow_type.name,
        initiated_id=child.initiated_id,
        parent_close_policy=child.terms.parent_close_policy,
    )


def _step(run: Run) -> PendingWorkflowTaskInfo | None:
    step = run.step
    if step is None:
        return None
    info = PendingWorkflowTaskInfo(
        state=PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED,
        scheduled_time=stamp_of(step.scheduled_at_ns),
        original_scheduled_time=stamp_of(step.scheduled_at_ns),
        attempt=step.attempt,
    )
    if step.is_started:
        info.state = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
        info.started_time.CopyFrom(stamp_of(step.started_at_ns))
    return info
