"""What has happened once is decided alike again: after a crash at any point of it.

The histories are real: `make histories` records them anew. A change of a workflow that turns one of
them red strands every trade that is under way where it is rolled out.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import NondeterminismError

from activities.calls import TERMS
from tests.durable.histories import load
from tests.replay.handing_out import handed_out
from tests.replay.record import FOLDER
from tests.replay.replaying import Replayed, replay

HISTORIES = sorted(FOLDER.glob("*.json"))
ELSEWHERE = {"alert"}
"""What no story here needs; tests/workflows tells of it."""

WHO = re.compile(r"trades/test|edge/DU1234567/1/boot[0-9.]+|")

each_history = pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)


def replayed(
    histories: Iterable[WorkflowHistory], runner: WorkflowRunner | None = None
) -> list[Replayed]:
    """What comes of them."""

    async def main() -> list[Replayed]:
        return [each async for each in replay(histories, runner)]

    return asyncio.run(main())


@each_history
def test_a_workflow_goes_on_from_each_event_of_its_history(path: Path) -> None:
    history = load(path)
    results = replayed(handed_out(history))
    assert results[-1].history.events == history.events
    astray = [(len(each.history.events), each.failure) for each in results if not each.is_whole]
    assert astray == []


# --- what the replay would notice ---


def renamed_activity(event: HistoryEvent) -> None:
    event.activity_task_scheduled_event_attributes.activity_type.name = "another"


def renamed_child(event: HistoryEvent) -> None:
    initiated = event.start_child_workflow_execution_initiated_event_attributes
    initiated.workflow_type.name = "Another"


def memo_instead(event: HistoryEvent) -> None:
    event.event_type = EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED
    event.workflow_properties_modified_event_attributes.SetInParent()


CHANGES: dict[EventType.ValueType, Callable[[HistoryEvent], None]] = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: renamed_activity,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: renamed_child,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: memo_instead,
}


@pytest.mark.parametrize("kind", CHANGES, ids=EventType.Name)
def test_a_history_in_which_one_step_is_another_is_refused(kind: EventType.ValueType) -> None:
    history = load(max(HISTORIES, key=lambda path: path.stat().st_size))
    places = [place for place, event in enumerate(history.events) if event.event_type == kind]
    assert places
    for result in replayed(changed(history, place, CHANGES[kind]) for place in places):
        assert isinstance(result.failure, NondeterminismError)


def changed(
    history: WorkflowHistory, place: int, change: Callable[[HistoryEvent], None]
) -> WorkflowHistory:
    """The same history, but for one event."""
    other = HistoryEvent()
    other.CopyFrom(history.events[place])
    change(other)
    events = [*history.events[:place], other, *history.events[place + 1 :]]
    return WorkflowHistory(history.workflow_id, events)


@pytest.mark.parametrize("kind", ["trade", "exit", "dry-run"])
def test_a_workflow_keeps_to_what_the_library_s_sandbox_allows(kind: str) -> None:
    """It runs without it, for the sake of time; a clock or a die would be refused here."""
    ours = ("activities", "backstay", "pydantic", "pydantic_core")
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*ours)
    longest = max(
        (path for path in HISTORIES if f".{kind}-" in path.name),
        key=lambda path: path.stat().st_size,
    )
    (result,) = replayed([load(longest)], SandboxedWorkflowRunner(restrictions=restrictions))
    assert result.is_whole, result.failure


# --- what is kept ---


def test_every_call_is_made_in_some_history() -> None:
    called = {
        event.activity_task_scheduled_event_attributes.activity_type.name
        for path in HISTORIES
        for event in load(path).events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    }
    assert called == set(TERMS) - ELSEWHERE


@each_history
def test_a_history_tells_nothing_of_where_it_was_recorded(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    identities = set(re.findall(r'"identity":"([^"]*)"', text))
    assert all(
        re.fullmatch(r"trades/test|edge/DU1234567/1/boot[0-9.]+|", each) for each in identities
    )
    assert "stackTrace" not in text
