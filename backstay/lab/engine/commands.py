"""What a step asks for, carried out in its order.

Owns which event each command becomes where it is no more than an event. A worker has called off by
itself what was asked for and taken back in one step, and has put the end of a run last.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType, RetryState, WorkflowExecutionStatus
from temporalio.api.history import v1 as history
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from backstay.lab.engine.activities import Activities
from backstay.lab.engine.children import Children
from backstay.lab.engine.events import Histories
from backstay.lab.engine.lives import Lives
from backstay.lab.engine.runs import RUNNING, Run, Step
from backstay.lab.engine.timers import Timers
from backstay.lab.engine.updates import Updates

PATCH_MARKER = "core_patch"
PATCH_ATTRIBUTE = "TemporalChangeVersion"


class Commands:
    """Carries out what workflows ask for."""

    def __init__(
        self,
        histories: Histories,
        activities: Activities,
        timers: Timers,
        children: Children,
        updates: Updates,
        lives: Lives,
    ) -> None:
        self._histories = histories
        self._activities = activities
        self._timers = timers
        self._children = children
        self._updates = updates
        self._lives = lives

    def carry(
        self, run: Run, commands: Sequence[WorkflowCommand], completed_id: int, step: Step
    ) -> bool:
        """Do all of it; whether that alone is news for the workflow."""
        has_news = False
        for command in commands:
            variant = command.WhichOneof("variant") or ""
            match variant:
                case "request_cancel_activity":
                    seq = command.request_cancel_activity.seq
                    has_news |= self._activities.request_cancel(run, seq, completed_id)
                case "cancel_timer":
                    self._timers.cancel(run, command, completed_id, step)
                case "update_response":
                    self._updates.responds(run, command, step)
                case _:
                    self._carried[variant](self, run, command, completed_id)
        return has_news

    def _start_timer(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        self._timers.start(run, command, completed_id)

    def _schedule(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        self._activities.schedule(run, command, completed_id)

    def _start_child(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        self._children.start(run, command, completed_id)

    def _cancel_child(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        self._children.cancel(run, command, completed_id)

    def _go_on(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        self._lives.go_on(run, command, completed_id)

    def _complete(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        given = command.complete_workflow_execution
        result = Payloads(payloads=[given.result]) if given.HasField("result") else None
        self._lives.close(
            run,
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
            workflow_execution_completed_event_attributes=(
                history.WorkflowExecutionCompletedEventAttributes(
                    result=result, workflow_task_completed_event_id=completed_id
                )
            ),
        )

    def _fail(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        self._lives.close(
            run,
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
            workflow_execution_failed_event_attributes=(
                history.WorkflowExecutionFailedEventAttributes(
                    failure=command.fail_workflow_execution.failure,
                    retry_state=RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET,
                    workflow_task_completed_event_id=completed_id,
                )
            ),
        )

    def _cancel(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        given = command.cancel_workflow_execution
        self._lives.close(
            run,
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
            workflow_execution_canceled_event_attributes=(
                history.WorkflowExecutionCanceledEventAttributes(
                    details=given.details if given.HasField("details") else None,
                    workflow_task_completed_event_id=completed_id,
                )
            ),
        )

    def _upsert(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        given = command.upsert_workflow_search_attributes.search_attributes
        self._histories.write(
            run,
            EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
            upsert_workflow_search_attributes_event_attributes=(
                history.UpsertWorkflowSearchAttributesEventAttributes(
                    workflow_task_completed_event_id=completed_id, search_attributes=given
                )
            ),
        )
        run.attributes.update(given.indexed_fields)
        self._histories.lists(run, RUNNING)

    def _modify(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        memo = command.modify_workflow_properties.upserted_memo
        self._histories.write(
            run,
            EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
            workflow_properties_modified_event_attributes=(
                history.WorkflowPropertiesModifiedEventAttributes(
                    workflow_task_completed_event_id=completed_id, upserted_memo=memo
                )
            ),
        )
        run.memo.update(memo.fields)

    def _patch(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        given = command.set_patch_marker
        text = json.dumps({"id": given.patch_id, "deprecated": given.deprecated})
        data = Payloads(payloads=[_json(text)])
        self._histories.write(
            run,
            EventType.EVENT_TYPE_MARKER_RECORDED,
            marker_recorded_event_attributes=history.MarkerRecordedEventAttributes(
                marker_name=PATCH_MARKER,
                details={"patch-data": data},
                workflow_task_completed_event_id=completed_id,
            ),
        )
        if given.deprecated:
            return
        known = run.attributes.get(PATCH_ATTRIBUTE)
        patches = [*([] if known is None else json.loads(known.data)), given.patch_id]
        upserted = WorkflowCommand()
        fields = upserted.upsert_workflow_search_attributes.search_attributes.indexed_fields
        fields[PATCH_ATTRIBUTE].CopyFrom(_json(json.dumps(patches), type=b"KeywordList"))
        self._upsert(run, upserted, completed_id)

    _carried: ClassVar[Mapping[str, Callable[..., None]]] = {
        "cancel_child_workflow_execution": _cancel_child,
        "cancel_workflow_execution": _cancel,
        "complete_workflow_execution": _complete,
        "continue_as_new_workflow_execution": _go_on,
        "fail_workflow_execution": _fail,
        "modify_workflow_properties": _modify,
        "schedule_activity": _schedule,
        "set_patch_marker": _patch,
        "start_child_workflow_execution": _start_child,
        "start_timer": _start_timer,
        "upsert_workflow_search_attributes": _upsert,
    }


def _json(text: str, **more: bytes) -> Payload:
    return Payload(metadata={"encoding": b"json/plain", **more}, data=text.encode())
