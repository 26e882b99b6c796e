"""What the engine has written down of a workflow, read like a book.

Owns how a history is fetched, which orders it intends and since when, and how it is put into a file
that tells nothing of the machine on which it was made.
"""

import json
import re
import socket
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle, WorkflowHistory

from backstay.domain.ids import IntentKey, Purpose

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Intent:
    """That an order may leave, and since when this is written down."""

    key: IntentKey
    at: datetime

    def covers(self, sent: IntentKey) -> bool:
        """Whether the order that was sent is one of this: approved once, for each generation."""
        return replace(sent, generation=self.key.generation) == self.key


@dataclass(frozen=True, slots=True)
class Life:
    """One workflow, as it was written down."""

    workflow_id: str
    events: tuple[HistoryEvent, ...]

    @property
    def kind(self) -> str:
        """The type of the workflow."""
        return self.events[0].workflow_execution_started_event_attributes.workflow_type.name

    def intents(self) -> Iterator[Intent]:
        """Every order that an activity was ever asked to send, or allowed to."""
        for event in self.events:
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                at = event.event_time.ToDatetime(tzinfo=UTC)
                for payload in event.activity_task_scheduled_event_attributes.input.payloads:
                    yield from (Intent(key, at) for key in _keys(json.loads(payload.data)))

    def calls(self) -> list[str]:
        """The activities that were asked for, in order."""
        return [
            event.activity_task_scheduled_event_attributes.activity_type.name
            for event in self.events
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        ]

    def children(self) -> list[str]:
        """The workflows that it has started."""
        kind = EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
        return [
            event.start_child_workflow_execution_initiated_event_attributes.workflow_id
            for event in self.events
            if event.event_type == kind
        ]


async def lives_of(handle: WorkflowHandle[Any, Any]) -> list[Life]:
    """A trade and its ways out."""
    life = await _life(handle)
    client = handle._client
    exits = [await _life(client.get_workflow_handle(name)) for name in life.children()]
    return [life, *exits]


async def _life(handle: WorkflowHandle[Any, Any]) -> Life:
    history = await handle.fetch_history()
    return Life(history.workflow_id, tuple(history.events))


def _keys(value: Any) -> Iterator[IntentKey]:
    match value:
        case {"trade": str(trade), "leg": int(leg), "purpose": str(why), "generation": int(number)}:
            yield IntentKey(trade, leg, Purpose(why), number)
        case dict():
            for each in value.values():
                yield from _keys(each)
        case list():
            for each in value:
                yield from _keys(each)
        case _:
            pass


# --- into a file, and out of it ---


def export(life: Life, folder: Path, story: str) -> None:
    """Write it down as `<story>.<workflow>.json`, in a line for each event."""
    events = WorkflowHistory(life.workflow_id, life.events).to_json_dict()["events"]
    lines = [json.dumps(_stripped(event), separators=(",", ":")) for event in events]
    told = "\n".join((*lines, *_payloads(events)))
    for secret in (socket.gethostname(), str(ROOT), f"{Path.home()}/"):
        assert secret not in told, f"{story}: {secret} stands in the history of {life.workflow_id}"
    name = re.sub("[^A-Za-z0-9]+", "-", life.workflow_id)
    text = '{"events":[\n' + ",\n".join(lines) + "\n]}\n"
    (folder / f"{story}.{name}.json").write_text(text, encoding="utf-8")


def load(path: Path) -> WorkflowHistory:
    """Read it again."""
    history = WorkflowHistory.from_json("", path.read_text(encoding="utf-8"))
    started = history.events[0].workflow_execution_started_event_attributes
    return WorkflowHistory(started.workflow_id, history.events)


def _stripped(value: Any) -> Any:
    """Without the traces of errors: they name files of this machine, and replay needs none."""
    match value:
        case dict():
            return {key: _stripped(each) for key, each in value.items() if key != "stackTrace"}
        case list():
            return [_stripped(each) for each in value]
        case _:
            return value


def _payloads(value: Any) -> Iterator[str]:
    """What stands in the payloads, which are written in base 64."""
    match value:
        case {"data": str(data), "metadata": dict()}:
            yield b64decode(data).decode()
        case dict():
            for each in value.values():
                yield from _payloads(each)
        case list():
            for each in value:
                yield from _payloads(each)
        case _:
            pass
