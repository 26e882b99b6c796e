"""Histories that are written by hand, event by event."""

from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import ActivityType, Payloads, WorkflowType
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.client import WorkflowHistory

from activities.converting import VALUES
from backstay.lab.engine.adapter import Kinds
from backstay.lab.engine.steps import Run
from backstay.lab.engine.tasks import RunName, StepTaken, WorkflowTask
from tests.lab.engine.toys import KINDS

NAME = RunName("toy", "run")
CORE_FLAGS = (1, 2, 3, 4)


class Grown:
    """A history that grows."""

    def __init__(self, kind: str, *args: Any) -> None:
        self.events: list[HistoryEvent] = []
        self.add(
            "WORKFLOW_EXECUTION_STARTED",
            workflow_type=WorkflowType(name=kind),
            task_queue=TaskQueue(name="toys"),
            original_execution_run_id="run",
            attempt=1,
            input=Payloads(payloads=VALUES.payload_converter.to_payloads(args)),
        )

    def add(self, kind: str, **attributes: Any) -> int:
        """One more event; its id."""
        number = EventType.Value(f"EVENT_TYPE_{kind}")
        event = HistoryEvent(event_id=len(self.events) + 1, event_type=number)
        event.event_time.FromSeconds(1_795_000_000 + len(self.events))
        given = getattr(event, f"{kind.lower()}_event_attributes")
        given.SetInParent()
        for name, value in attributes.items():
            if isinstance(value, Message):
                getattr(given, name).CopyFrom(value)
            else:
                setattr(given, name, value)
        self.events.append(event)
        return event.event_id

    def asked(self) -> int:
        """A step is begun."""
        scheduled = self.add("WORKFLOW_TASK_SCHEDULED")
        return self.add("WORKFLOW_TASK_STARTED", scheduled_event_id=scheduled)

    def stepped(self) -> int:
        """A step is begun and taken."""
        started = self.asked()
        completed = self.add(
            "WORKFLOW_TASK_COMPLETED", scheduled_event_id=started - 1, started_event_id=started
        )
        metadata = self.events[-1].workflow_task_completed_event_attributes.sdk_metadata
        metadata.core_used_flags.extend(CORE_FLAGS)
        return completed

    def failed(self) -> int:
        """A step is begun, and comes to nothing."""
        started = self.asked()
        return self.add(
            "WORKFLOW_TASK_FAILED", scheduled_event_id=started - 1, started_event_id=started
        )

    def calls(self, name: str, activity_id: str = "1") -> int:
        """An activity is scheduled."""
        kind = ActivityType(name=name)
        return self.add("ACTIVITY_TASK_SCHEDULED", activity_id=activity_id, activity_type=kind)

    def hears(self, signal: str = "go", *args: Any) -> int:
        """A signal arrives."""
        given = Payloads(payloads=VALUES.payload_converter.to_payloads(args))
        return self.add("WORKFLOW_EXECUTION_SIGNALED", signal_name=signal, input=given)

    @property
    def history(self) -> WorkflowHistory:
        """As the library reads it."""
        return WorkflowHistory(NAME.workflow_id, self.events)

    def task(self, **more: Any) -> WorkflowTask:
        """As it is handed out."""
        return WorkflowTask(len(self.events), NAME, "", 1, list(self.events), **more)


def a_run() -> Run:
    """A run of any toy, of which nothing is in memory."""
    return Run(NAME, Kinds("toys", KINDS, VALUES))


def wants(step: StepTaken) -> list[str]:
    """The commands of a step, by name."""
    assert step.completion is not None
    return [each.WhichOneof("variant") or "" for each in step.completion.successful.commands]
