"""What the engine has written down of a workflow, read like a book.

Owns how a history is fetched, and which orders it intends and since when.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from backstay.domain.ids import IntentKey, Purpose


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


async def lives_of(client: Client, workflow_id: str) -> list[Life]:
    """A trade and its ways out."""
    life = await _life(client, workflow_id)
    return [life, *[await _life(client, name) for name in life.children()]]


async def _life(client: Client, workflow_id: str) -> Life:
    history = await client.get_workflow_handle(workflow_id).fetch_history()
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
