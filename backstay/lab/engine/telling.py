"""The wording of what a workflow is told, and of what came of its step.

Pure: an event, an update or a question in, a job of the library out. It knows of no run.
"""

from collections.abc import Iterable, Iterator

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.update.v1 import Request
from temporalio.bridge.proto.workflow_activation import (
    CancelWorkflow,
    DoUpdate,
    InitializeWorkflow,
    NotifyHasPatch,
    QueryWorkflow,
    SignalWorkflow,
    UpdateRandomSeed,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from backstay.lab.engine.randomness import seed_of

Query = WorkflowQuery


def begun(workflow_id: str, event: HistoryEvent) -> WorkflowActivationJob:
    """A workflow begins."""
    given = event.workflow_execution_started_event_attributes
    job = WorkflowActivationJob(
        initialize_workflow=InitializeWorkflow(
            workflow_type=given.workflow_type.name,
            workflow_id=workflow_id,
            arguments=given.input.payloads,
            randomness_seed=seed_of(given.original_execution_run_id),
            identity=given.identity,
            continued_from_execution_run_id=given.continued_execution_run_id,
            continued_initiator=given.initiator,
            first_execution_run_id=given.first_execution_run_id,
            attempt=given.attempt,
            cron_schedule=given.cron_schedule,
            original_execution_run_id=given.original_execution_run_id,
            start_time=event.event_time,
        )
    )
    start = job.initialize_workflow
    for name in sorted(given.header.fields):
        start.headers[name].CopyFrom(given.header.fields[name])
    for name in _HANDED_ON:
        if given.HasField(name):  # type: ignore[arg-type]
            getattr(start, name).CopyFrom(getattr(given, name))
    if given.HasField("parent_workflow_execution"):
        start.parent_workflow_info.namespace = given.parent_workflow_namespace
        start.parent_workflow_info.workflow_id = given.parent_workflow_execution.workflow_id
        start.parent_workflow_info.run_id = given.parent_workflow_execution.run_id
    if given.HasField("root_workflow_execution"):
        start.root_workflow.CopyFrom(given.root_workflow_execution)
    return job


_HANDED_ON = (
    "continued_failure",
    "last_completion_result",
    "memo",
    "priority",
    "retry_policy",
    "search_attributes",
    "workflow_execution_expiration_time",
    "workflow_execution_timeout",
    "workflow_run_timeout",
    "workflow_task_timeout",
)


def signalled(event: HistoryEvent) -> WorkflowActivationJob:
    """Somebody has sent a signal."""
    given = event.workflow_execution_signaled_event_attributes
    signal = SignalWorkflow(
        signal_name=given.signal_name,
        input=given.input.payloads,
        identity=given.identity,
        originating_event_id=event.event_id,
    )
    for name in sorted(given.header.fields):
        signal.headers[name].CopyFrom(given.header.fields[name])
    return WorkflowActivationJob(signal_workflow=signal)


def called_off(event: HistoryEvent) -> WorkflowActivationJob:
    """Somebody asks the workflow to stop."""
    reason = event.workflow_execution_cancel_requested_event_attributes.cause
    return WorkflowActivationJob(cancel_workflow=CancelWorkflow(reason=reason))


def dice_anew(event: HistoryEvent) -> Iterator[WorkflowActivationJob]:
    """A run that was reset throws other dice from there on."""
    given = event.workflow_task_failed_event_attributes
    if given.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
        seed = UpdateRandomSeed(randomness_seed=seed_of(given.new_run_id))
        yield WorkflowActivationJob(update_random_seed=seed)


def patched(name: str) -> WorkflowActivationJob:
    """The history was made by a workflow that had this patch."""
    return WorkflowActivationJob(notify_has_patch=NotifyHasPatch(patch_id=name))


def update_asked(request: Request) -> WorkflowActivationJob:
    """Somebody asks for an update, which may be refused."""
    return _update(request, request.meta.update_id, must_be_checked=True)


def update_accepted(event: HistoryEvent) -> WorkflowActivationJob:
    """An update was asked for and accepted once."""
    given = event.workflow_execution_update_accepted_event_attributes
    return _update(given.accepted_request, given.protocol_instance_id, must_be_checked=False)


def _update(request: Request, instance: str, *, must_be_checked: bool) -> WorkflowActivationJob:
    update = DoUpdate(
        id=request.meta.update_id,
        protocol_instance_id=instance,
        name=request.input.name,
        input=request.input.args.payloads,
        meta=request.meta,
        run_validator=must_be_checked,
    )
    for name in sorted(request.input.header.fields):
        update.headers[name].CopyFrom(request.input.header.fields[name])
    return WorkflowActivationJob(do_update=update)


def asked(query_id: str, query: WorkflowQuery) -> WorkflowActivationJob:
    """Somebody asks a question."""
    job = QueryWorkflow(
        query_id=query_id, query_type=query.query_type, arguments=query.query_args.payloads
    )
    for name in sorted(query.header.fields):
        job.headers[name].CopyFrom(query.header.fields[name])
    return WorkflowActivationJob(query_workflow=job)


def taken_step(
    commands: Iterable[WorkflowCommand], flags: Iterable[int]
) -> WorkflowActivationCompletion:
    """A step of which these commands came."""
    completion = WorkflowActivationCompletion()
    completion.successful.SetInParent()
    completion.successful.commands.extend(commands)
    completion.successful.used_internal_flags.extend(flags)
    return completion


def failed_step(
    message: str,
    cause: WorkflowTaskFailedCause.ValueType = (
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED
    ),
) -> WorkflowActivationCompletion:
    """A step that nobody could take."""
    completion = WorkflowActivationCompletion()
    failed = completion.failed
    failed.force_cause = cause
    about = ApplicationFailureInfo()
    failed.failure.CopyFrom(Failure(message=message, application_failure_info=about))
    return completion
