"""What a client asks of the engine about workflows, request by request.

Owns how a request becomes what the engine does, and what is answered. Whoever asks draws names for
his requests; they serve to know a repetition, and get nowhere else.
"""

from collections.abc import Callable

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import (
    EventType,
    HistoryEventFilterType,
    WorkflowIdConflictPolicy,
    WorkflowIdReusePolicy,
)
from temporalio.api.history import v1 as history
from temporalio.api.workflowservice import v1 as service

from backstay.lab.engine.activities import Activities
from backstay.lab.engine.describing import described
from backstay.lab.engine.errors import Refused, already_started, refusal
from backstay.lab.engine.events import Histories
from backstay.lab.engine.lives import Lives
from backstay.lab.engine.queries import Queries
from backstay.lab.engine.registry import Registry, may_follow
from backstay.lab.engine.runs import RUNNING, Run
from backstay.lab.engine.tasks import RunName
from backstay.lab.engine.updates import Updates, stage_of
from backstay.lab.engine.wires import Call
from backstay.lab.engine.workflow_tasks import WorkflowTasks

CLOSE_EVENT = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT
TERMINATES = WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
USES_EXISTING = WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
TERMINATES_IF_RUNNING = WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING


class Requests:
    """Answers what is asked of workflows."""

    def __init__(
        self,
        registry: Registry,
        histories: Histories,
        tasks: WorkflowTasks,
        activities: Activities,
        updates: Updates,
        queries: Queries,
        lives: Lives,
    ) -> None:
        self._registry = registry
        self._histories = histories
        self._tasks = tasks
        self._activities = activities
        self._updates = updates
        self._queries = queries
        self._lives = lives
        self._started: dict[str, Run] = {}
        self.knows: Callable[[str], bool] = lambda _: True
        """Whether a search attribute is registered."""
        self.is_twice = False
        """Whether each signal arrives twice."""
        self.doubled: Callable[[RunName, str], None] | None = None
        """Hears of each signal that has."""

    def start(self, asked: service.StartWorkflowExecutionRequest, call: Call) -> None:
        """Begin a workflow, unless its id is taken."""
        repeated = self._started.get(asked.request_id)
        if repeated is not None:
            call.answer(_begun(repeated, is_new=True))
            return
        self._check(asked)
        before = self._registry.newest(asked.workflow_id)
        if before is not None and not before.is_closed:
            if asked.workflow_id_conflict_policy == USES_EXISTING:
                call.answer(_begun(before, is_new=False))
                return
            if (
                asked.workflow_id_conflict_policy != TERMINATES
                and asked.workflow_id_reuse_policy != TERMINATES_IF_RUNNING
            ):
                raise already_started(before)
            self._lives.terminate(before, "TerminateIfRunning WorkflowIdReusePolicy Policy", "")
        elif before is not None and not may_follow(before, asked.workflow_id_reuse_policy):
            raise already_started(before)
        begun = history.WorkflowExecutionStartedEventAttributes(
            workflow_type=asked.workflow_type,
            task_queue=asked.task_queue,
            input=asked.input if asked.HasField("input") else None,
            workflow_execution_timeout=asked.workflow_execution_timeout,
            workflow_run_timeout=asked.workflow_run_timeout,
            workflow_task_timeout=asked.workflow_task_timeout,
            identity=asked.identity,
            memo=asked.memo if asked.HasField("memo") else None,
            search_attributes=(
                asked.search_attributes if asked.HasField("search_attributes") else None
            ),
            header=asked.header if asked.HasField("header") else None,
        )
        metadata = asked.user_metadata if asked.HasField("user_metadata") else None
        run = self._lives.begin(self._registry.name(asked.workflow_id), begun, metadata)
        if asked.request_id:
            self._started[asked.request_id] = run
        self._tasks.wants(run)
        call.answer(_begun(run, is_new=True))

    def signal(self, asked: service.SignalWorkflowExecutionRequest, call: Call) -> None:
        """Tell a workflow something; told again under the same name, it is told once."""
        execution = asked.workflow_execution
        run = self._registry.running(execution.workflow_id, execution.run_id)
        if not asked.request_id or asked.request_id not in run.heard_requests:
            run.heard_requests[asked.request_id] = None
            self._signalled(run, asked)
            if self.is_twice:
                self._signalled(run, asked)
                if self.doubled is not None:
                    self.doubled(run.name, asked.signal_name)
        call.answer(service.SignalWorkflowExecutionResponse())

    def update(self, asked: service.UpdateWorkflowExecutionRequest, call: Call) -> None:
        """Ask a workflow to do something."""
        execution = asked.workflow_execution
        run = self._registry.find(execution.workflow_id, execution.run_id)
        stage = stage_of(asked.wait_policy.lifecycle_stage)
        self._updates.admit(run, asked.request, stage, call, self._tasks.wants_for_update)

    def poll_update(self, asked: service.PollWorkflowExecutionUpdateRequest, call: Call) -> None:
        """Wait for what comes of that."""
        execution = asked.update_ref.workflow_execution
        run = self._registry.find(execution.workflow_id, execution.run_id)
        stage = stage_of(asked.wait_policy.lifecycle_stage)
        self._updates.poll(run, asked.update_ref.update_id, stage, call)

    def query(self, asked: service.QueryWorkflowRequest, call: Call) -> None:
        """Ask a workflow how it stands."""
        run = self._registry.find(asked.execution.workflow_id, asked.execution.run_id)
        self._queries.ask(run, asked.query, call)

    def describe(self, asked: service.DescribeWorkflowExecutionRequest, call: Call) -> None:
        """Say how a run stands, as far as the engine knows."""
        run = self._registry.find(asked.execution.workflow_id, asked.execution.run_id)
        call.answer(described(run))

    def history(self, asked: service.GetWorkflowExecutionHistoryRequest, call: Call) -> None:
        """Hand out a history, or only its end; where somebody waits for it, once it has come."""
        run = self._registry.find(asked.execution.workflow_id, asked.execution.run_id)
        is_end = asked.history_event_filter_type == CLOSE_EVENT
        if is_end and asked.wait_new_event and not run.is_closed:
            run.when_closed.append(lambda: call.answer(_history(run.history[-1:])))
        else:
            call.answer(_history(run.history[-1:] if is_end else run.history))

    def cancel(self, asked: service.RequestCancelWorkflowExecutionRequest, call: Call) -> None:
        """Ask a workflow to end."""
        execution = asked.workflow_execution
        run = self._registry.running(execution.workflow_id, execution.run_id)
        self._lives.cancel(run, asked.reason, asked.identity)
        call.answer(service.RequestCancelWorkflowExecutionResponse())

    def terminate(self, asked: service.TerminateWorkflowExecutionRequest, call: Call) -> None:
        """End a workflow."""
        execution = asked.workflow_execution
        run = self._registry.running(execution.workflow_id, execution.run_id)
        details = asked.details if asked.HasField("details") else None
        self._lives.terminate(run, asked.reason, asked.identity, details)
        call.answer(service.TerminateWorkflowExecutionResponse())

    def fail_activity(
        self, asked: service.RespondActivityTaskFailedByIdRequest, call: Call
    ) -> None:
        """Fail an attempt that somebody else has begun."""
        run = self._registry.running(asked.workflow_id, asked.run_id)
        if not self._activities.fail(run, asked.activity_id, asked.failure):
            raise refusal(Refused.NOT_FOUND, "cannot find pending activity with that ID")
        call.answer(service.RespondActivityTaskFailedByIdResponse())

    def _check(self, asked: service.StartWorkflowExecutionRequest) -> None:
        """Refuse what nothing here knows how to do."""
        if asked.cron_schedule or asked.HasField("retry_policy"):
            raise refusal(Refused.UNKNOWN_CALL, "no workflow is begun again by itself here")
        fields: dict[str, Payload] = dict(asked.search_attributes.indexed_fields)
        unknown = [name for name in fields if not self.knows(name)]
        if unknown:
            raise refusal(Refused.BAD, f"no such search attributes: {', '.join(unknown)}")

    def _signalled(self, run: Run, asked: service.SignalWorkflowExecutionRequest) -> None:
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
            workflow_execution_signaled_event_attributes=(
                history.WorkflowExecutionSignaledEventAttributes(
                    signal_name=asked.signal_name,
                    input=asked.input if asked.HasField("input") else None,
                    identity=asked.identity,
                    header=asked.header if asked.HasField("header") else None,
                )
            ),
        )
        self._tasks.wants(run)


def _begun(run: Run, *, is_new: bool) -> service.StartWorkflowExecutionResponse:
    return service.StartWorkflowExecutionResponse(
        run_id=run.name.run_id,
        first_execution_run_id=run.begun.first_execution_run_id,
        started=is_new,
        status=RUNNING,
    )


def _history(events: list[history.HistoryEvent]) -> service.GetWorkflowExecutionHistoryResponse:
    return service.GetWorkflowExecutionHistoryResponse(history=history.History(events=events))
