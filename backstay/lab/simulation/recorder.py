"""Where everything comes together that happens in a run: it is written down, judged and looked at.

Owns what of it becomes a line of the journal, and that each line is read once. A message that tells
the judge nothing, such as a tick or a figure of the account, is written down by its name alone. It
knows when last something has happened that leads on.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import to_json
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from backstay.accounts.notices import Note
from backstay.gateway.wire_log import Said
from backstay.lab.engine.tasks import RunName
from backstay.lab.oracle.happenings import Happening
from backstay.lab.oracle.judge import Judge
from backstay.lab.oracle.lines import HEEDED
from backstay.lab.simulation.journal import Journal, Source
from backstay.lab.simulation.scenario import Sight
from backstay.lab.simulation.senses import Saw, Senses

_IN_FULL = HEEDED | {"hello"}
"""The messages that are written down with all they say, because the judge or a story reads it."""

_STARTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
_SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
_COMPLETED = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
_PREFIX = "EVENT_TYPE_"


def _written(line: Mapping[str, Any]) -> str:
    return to_json(line).decode()


class Recorder:
    """Hears everything. `now` is broker time."""

    def __init__(self, journal: Journal, judge: Judge, saw: Saw, now: Callable[[], int]) -> None:
        self.senses = Senses(saw)
        self.judge = judge
        self.moved_ns = 0
        """When last the account changed, a call was made or answered, or a person told."""

        self.book_changes = 0
        """How often the book of the account was written to."""
        self._journal = journal
        self._saw = saw
        self._now = now
        self._calls: dict[tuple[str, int], str] = {}

    def audit(self, text: str) -> None:
        """A line of the account's own record."""
        line: Mapping[str, Any] = json.loads(text)
        self._journal.write(line["t"], Source.AUDIT, text.rstrip("\n"))
        self.moved_ns = line["t"]
        self.judge.audit(line)
        self.senses.audit(line)

    def said(self, said: Said) -> None:
        """A message on the wire."""
        if said.name not in _IN_FULL:
            text = f"{said.conn} {said.direction} {said.name}"
            self._journal.write(said.time_ns, Source.WIRE, text)
            if said.direction == "out":
                self.senses.heard(said.name)
            return
        line = said.line()
        self._journal.write(said.time_ns, Source.WIRE, _written(line))
        self.judge.wire(line)
        self.senses.wire(line)

    def event(self, run: RunName, event: HistoryEvent) -> None:
        """The engine has written something down."""
        kind, number = event.event_type, event.event_id
        name = ""
        if kind == _SCHEDULED:
            name = event.activity_task_scheduled_event_attributes.activity_type.name
            self._calls[run.run_id, number] = name
        elif kind == _COMPLETED:
            done = event.activity_task_completed_event_attributes
            name = self._calls.get((run.run_id, done.scheduled_event_id), "")
            self._saw(Sight.CALL_ANSWERED, name)
        elif kind == _STARTED:
            name = event.workflow_execution_started_event_attributes.workflow_type.name
            self._saw(Sight.WORKFLOW_STARTED, name)
        if name:
            self.moved_ns = self._now()
        what = EventType.Name(kind).removeprefix(_PREFIX).lower()
        line = {"run": run.workflow_id, "id": number, "what": what, "name": name}
        self._tell(Source.ENGINE, line)
        self.judge.history(run, event)

    def taken(self, call: str) -> None:
        """A worker has taken up a call."""
        self._saw(Sight.CALL_TAKEN, call)

    def note(self, note: Note) -> None:
        """A person was told something."""
        self.moved_ns = self._now()
        self._tell(
            Source.NOTICE, {"kind": note.kind.value, "subject": note.subject, "text": note.text}
        )
        self.judge.notice(self._now(), note.kind, note.subject, note.text)

    def told(self, source: Source, line: Mapping[str, Any]) -> None:
        """What a person, the market or a trouble does."""
        self._tell(source, line)

    def happened(self, happening: Happening) -> None:
        """What no log tells."""
        self.judge.happened(self._now(), happening)

    def _tell(self, source: Source, line: Mapping[str, Any]) -> None:
        self._journal.write(self._now(), source, _written(line))
