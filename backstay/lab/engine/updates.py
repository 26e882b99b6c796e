"""Updates: admitted, handed out with a step, accepted or refused by the workflow, answered.

Owns who is told what, and when. Until its workflow has accepted one it stands nowhere, and is lost
with the engine; a refusal leaves nothing behind. A caller draws a name for what he asks; here it
gets another one, by its number, and only answers bear the caller's.
"""

from collections.abc import Callable, Sequence

from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.enums.v1 import EventType, UpdateWorkflowExecutionLifecycleStage
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import (
    WorkflowExecutionUpdateAcceptedEventAttributes,
    WorkflowExecutionUpdateCompletedEventAttributes,
)
from temporalio.api.update.v1 import Outcome, Request, UpdateRef
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionResponse
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from backstay.lab.engine.errors import Refused, refusal
from backstay.lab.engine.events import Histories
from backstay.lab.engine.runs import Run, Stage, Step, Update
from backstay.lab.engine.wires import Call

_STAGES = {
    Stage.ADMITTED: (
        UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED
    ),
    Stage.ACCEPTED: (
        UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED
    ),
    Stage.DONE: (
        UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
    ),
}
_ORDER = tuple(Stage)

NOT_PROCESSED = "Workflow Update is rejected because it wasn't processed by worker."
CLOSED_FIRST = "Workflow Update failed because the Workflow completed before the Update completed."


class Updates:
    """Every update of every run."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self._count = 0

    def admit(
        self, run: Run, request: Request, stage: Stage, call: Call, wants: Callable[[Run], None]
    ) -> None:
        """Take one in, or a repetition of one, and answer once it has come as far as `stage`."""
        asked_as = request.meta.update_id
        name = run.update_names.get(asked_as)
        if name is not None:
            update = run.updates[name]
            update.is_forgotten = False
            self._answer_from(run, update, stage, call)
            return
        if run.is_closed:
            call.refuse(refusal(Refused.NOT_FOUND, "workflow execution already completed"))
            return
        self._count += 1
        name = f"update-{self._count}"
        renamed = Request()
        renamed.CopyFrom(request)
        renamed.meta.update_id = name
        run.update_names[asked_as] = name
        update = run.updates[name] = Update(name, asked_as, renamed)
        self._answer_from(run, update, stage, call)
        wants(run)

    def poll(self, run: Run, asked_as: str, stage: Stage, call: Call) -> None:
        """Answer once it has come so far."""
        name = run.update_names.get(asked_as)
        if name is None:
            call.refuse(refusal(Refused.NOT_FOUND, f"update {asked_as} not found"))
        else:
            self._answer_from(run, run.updates[name], stage, call)

    def hand_out(self, run: Run, step: Step) -> tuple[Request, ...]:
        """What goes along with a step: whatever was not accepted with an earlier one."""
        waiting = [update for update in run.updates.values() if update.stage is Stage.ADMITTED]
        for update in waiting:
            update.sent = step.token
        return tuple(update.request for update in waiting)

    def waits(self, run: Run, step: Step) -> bool:
        """Whether one has come since this step was handed out."""
        return any(
            update.stage is Stage.ADMITTED and update.sent != step.token
            for update in run.updates.values()
        )

    def only_refuses(self, run: Run, commands: Sequence[WorkflowCommand]) -> bool:
        """Whether a step has done nothing but refuse what went along with it."""
        for command in commands:
            update = run.updates.get(command.update_response.protocol_instance_id)
            is_refusal = command.update_response.HasField("rejected")
            if update is None or update.stage is not Stage.ADMITTED or not is_refusal:
                return False
        return True

    def responds(self, run: Run, command: WorkflowCommand, step: Step) -> None:
        """Take in what a workflow says to one."""
        response = command.update_response
        update = run.updates.get(response.protocol_instance_id)
        if update is None:
            return
        match response.WhichOneof("response"):
            case "accepted":
                self._accepted(run, update, command, step)
            case "completed":
                outcome = Outcome(success=Payloads(payloads=[response.completed]))
                self._completed(run, update, command, outcome)
            case _:
                outcome = Outcome(failure=response.rejected)
                if update.stage is Stage.ACCEPTED:
                    self._completed(run, update, command, outcome)
                else:
                    self._refused(run, update, outcome)

    def left(self, run: Run, step: Step) -> None:
        """Refuse what went along with a step that has said nothing to it."""
        for update in tuple(run.updates.values()):
            if update.stage is Stage.ADMITTED and update.sent == step.token:
                info = ApplicationFailureInfo(type="UnprocessedUpdate", non_retryable=True)
                failure = Failure(message=NOT_PROCESSED, application_failure_info=info)
                self._refused(run, update, Outcome(failure=failure))

    def closed(self, run: Run, *, goes_on: bool) -> None:
        """Its run is over: tell whoever waits."""
        for update in tuple(run.updates.values()):
            if update.stage is Stage.ACCEPTED:
                info = ApplicationFailureInfo(
                    type="AcceptedUpdateCompletedWorkflow", non_retryable=True
                )
                failure = Failure(message=CLOSED_FIRST, application_failure_info=info)
                update.stage, update.outcome = Stage.DONE, Outcome(failure=failure)
                self._tell(run, update)
            elif update.stage is Stage.ADMITTED:
                self._forget(run, update)
                why = Refused.CONTINUES if goes_on else Refused.NOT_FOUND
                for call, _ in update.waiting:
                    call.refuse(refusal(why, "workflow execution already completed"))

    def leave(self, run: Run) -> None:
        """The engine goes: what no workflow has accepted is lost, unless one is just about to."""
        for update in tuple(run.updates.values()):
            update.waiting.clear()
            if update.stage is Stage.ADMITTED:
                update.is_forgotten = True
                if not run.is_stepping or run.step is None or update.sent != run.step.token:
                    self._forget(run, update)

    def forget_lost(self, run: Run) -> None:
        """The step is over with which it could still have been accepted."""
        for update in tuple(run.updates.values()):
            if update.is_forgotten and update.stage is Stage.ADMITTED:
                self._forget(run, update)

    def _accepted(self, run: Run, update: Update, command: WorkflowCommand, step: Step) -> None:
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
            workflow_execution_update_accepted_event_attributes=(
                WorkflowExecutionUpdateAcceptedEventAttributes(
                    protocol_instance_id=update.name,
                    accepted_request_message_id=f"{update.name}/request",
                    accepted_request_sequencing_event_id=step.started_id - 1,
                    accepted_request=update.request,
                )
            ),
            event_group_markers=command.event_group_markers,
        )
        update.stage, update.accepted_id = Stage.ACCEPTED, event.event_id
        self._tell(run, update)

    def _completed(
        self, run: Run, update: Update, command: WorkflowCommand, outcome: Outcome
    ) -> None:
        self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
            workflow_execution_update_completed_event_attributes=(
                WorkflowExecutionUpdateCompletedEventAttributes(
                    meta=update.request.meta, accepted_event_id=update.accepted_id, outcome=outcome
                )
            ),
            event_group_markers=command.event_group_markers,
        )
        update.stage, update.outcome = Stage.DONE, outcome
        self._tell(run, update)

    def _refused(self, run: Run, update: Update, outcome: Outcome) -> None:
        self._forget(run, update)
        update.stage, update.outcome = Stage.DONE, outcome
        self._tell(run, update)

    def _forget(self, run: Run, update: Update) -> None:
        del run.updates[update.name]
        del run.update_names[update.asked_as]

    def _tell(self, run: Run, update: Update) -> None:
        waiting, update.waiting = update.waiting, []
        for call, stage in waiting:
            self._answer_from(run, update, stage, call)

    def _answer_from(self, run: Run, update: Update, stage: Stage, call: Call) -> None:
        if _ORDER.index(update.stage) < _ORDER.index(stage):
            update.waiting.append((call, stage))
            return
        call.answer(
            UpdateWorkflowExecutionResponse(
                update_ref=UpdateRef(
                    workflow_execution=WorkflowExecution(
                        workflow_id=run.name.workflow_id, run_id=run.name.run_id
                    ),
                    update_id=update.asked_as,
                ),
                stage=_STAGES[update.stage],
                outcome=update.outcome,
            )
        )


def stage_of(asked: int) -> Stage:
    """How far somebody wants to wait, by the engine's own number; nothing said is acceptance."""
    for stage, number in _STAGES.items():
        if number == asked:
            return stage
    return Stage.ACCEPTED
