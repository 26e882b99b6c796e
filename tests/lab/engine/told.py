"""Real histories, and the tasks that a server has handed out while they grew."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.update.v1 import Request
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.client import WorkflowHistory

from activities.converting import VALUES
from backstay.lab.engine.adapter import Kinds
from backstay.lab.engine.steps import Run
from backstay.lab.engine.stretches import ACCEPTED, COMMANDED, COMPLETED, STARTED
from backstay.lab.engine.tasks import RunName, WorkflowTask
from tests.replay.record import FOLDER
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

RUN_ID = "run"
START_NS = 1_795_000_000_000_000_000

each_history = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem
)


def kinds() -> Kinds:
    """What a worker of trades knows."""
    return Kinds("trades", [Trade, Exit, DryRun], VALUES)


def name_of(history: WorkflowHistory) -> RunName:
    """How its run is called here."""
    return RunName(history.workflow_id, RUN_ID)


def a_run(history: WorkflowHistory) -> Run:
    """Its run, of which nothing is in memory."""
    return Run(name_of(history), kinds())


def longest(kind: str) -> Path:
    """The history of this kind with the most in it."""
    found = (path for path in FOLDER.glob("*.json") if f".{kind}-" in path.name)
    return max(found, key=lambda path: path.stat().st_size)


def steps_of(history: WorkflowHistory) -> Iterator[tuple[WorkflowTask, Sequence[HistoryEvent]]]:
    """Each step that was taken, as it was handed out, and the events that came of it."""
    events = list(history.events)
    for place, event in enumerate(events):
        if event.event_type == STARTED and events[place + 1].event_type == COMPLETED:
            came = tuple(_commanded(events, place + 2))
            yield a_task(history, place + 1, updates=tuple(_asked(came))), came


def questions_to(history: WorkflowHistory, length: int, *names: str) -> WorkflowTask:
    """Questions to a run that has come so far."""
    queries = {name: WorkflowQuery(query_type=name) for name in names}
    return a_task(history, length, queries=queries, is_query_only=True)


def a_task(
    history: WorkflowHistory,
    length: int,
    *,
    updates: tuple[Request, ...] = (),
    queries: Mapping[str, WorkflowQuery] | None = None,
    is_query_only: bool = False,
) -> WorkflowTask:
    """A task with so many events."""
    return WorkflowTask(
        token=length,
        run=name_of(history),
        kind="",
        attempt=1,
        history=list(history.events[:length]),
        updates=updates,
        queries=queries,
        is_query_only=is_query_only,
    )


def _commanded(events: Sequence[HistoryEvent], place: int) -> Iterator[HistoryEvent]:
    while place < len(events) and events[place].event_type in COMMANDED:
        yield events[place]
        place += 1


def _asked(came: Sequence[HistoryEvent]) -> Iterator[Request]:
    for event in came:
        if event.event_type == ACCEPTED:
            yield event.workflow_execution_update_accepted_event_attributes.accepted_request


class Told:
    """Values as they travel. The newer of two may say more than the older: these histories were
    made by a build that knew less.
    """

    def __init__(self, payloads: Iterable[Payload]) -> None:
        self.values = [json.loads(payload.data or b"null") for payload in payloads]

    def __eq__(self, older: object) -> bool:
        return isinstance(older, Told) and _says(self.values, older.values)

    __hash__ = None  # type: ignore[assignment]


def _says(newer: Any, older: Any) -> bool:
    match newer, older:
        case dict(), dict():
            return all(name in newer and _says(newer[name], older[name]) for name in older)
        case list(), list():
            return len(newer) == len(older) and all(map(_says, newer, older))
        case _:
            return bool(newer == older)


def content(event: HistoryEvent) -> object:
    """All that a command can have said of the event that it has brought about."""
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            call = event.activity_task_scheduled_event_attributes
            name, queue, given = call.activity_type.name, call.task_queue.name, call.input.payloads
            within = call.start_to_close_timeout.ToTimedelta()
            beat = call.heartbeat_timeout.ToTimedelta()
            return call.activity_id, name, queue, Told(given), within, beat
        case EventType.EVENT_TYPE_TIMER_STARTED:
            timer = event.timer_started_event_attributes
            return timer.timer_id, timer.start_to_fire_timeout.ToTimedelta()
        case EventType.EVENT_TYPE_TIMER_CANCELED:
            return event.timer_canceled_event_attributes.timer_id
        case EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
            child = event.start_child_workflow_execution_initiated_event_attributes
            return child.workflow_id, child.workflow_type.name, Told(child.input.payloads)
        case EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
            upsert = event.upsert_workflow_search_attributes_event_attributes
            fields = upsert.search_attributes.indexed_fields
            return {name: Told([fields[name]]) for name in fields}
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            update = event.workflow_execution_update_accepted_event_attributes
            return update.protocol_instance_id, "accepted"
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            outcome = event.workflow_execution_update_completed_event_attributes
            said = outcome.outcome
            return outcome.meta.update_id, said.failure.message, Told(said.success.payloads)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            return Told(event.workflow_execution_completed_event_attributes.result.payloads)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
            return event.workflow_execution_failed_event_attributes.failure.message
        case unknown:
            raise AssertionError(EventType.Name(unknown))


def wish(command: WorkflowCommand) -> object:
    """The same of the command."""
    match command.WhichOneof("variant"):
        case "schedule_activity":
            call = command.schedule_activity
            whole = call.schedule_to_close_timeout.ToTimedelta()
            return (
                call.activity_id,
                call.activity_type,
                call.task_queue,
                Told(call.arguments),
                # No attempt may take longer than all of them together.
                min(call.start_to_close_timeout.ToTimedelta(), whole or timedelta.max),
                call.heartbeat_timeout.ToTimedelta(),
            )
        case "start_timer":
            timer = command.start_timer
            return str(timer.seq), timer.start_to_fire_timeout.ToTimedelta()
        case "cancel_timer":
            return str(command.cancel_timer.seq)
        case "start_child_workflow_execution":
            child = command.start_child_workflow_execution
            return child.workflow_id, child.workflow_type, Told(child.input)
        case "upsert_workflow_search_attributes":
            upsert = command.upsert_workflow_search_attributes
            fields = upsert.search_attributes.indexed_fields
            return {name: Told([fields[name]]) for name in fields}
        case "update_response":
            update = command.update_response
            if update.HasField("accepted"):
                return update.protocol_instance_id, "accepted"
            said = [update.completed] if update.HasField("completed") else []
            return update.protocol_instance_id, update.rejected.message, Told(said)
        case "complete_workflow_execution":
            return Told([command.complete_workflow_execution.result])
        case "fail_workflow_execution":
            return command.fail_workflow_execution.failure.message
        case unknown:
            raise AssertionError(unknown)
