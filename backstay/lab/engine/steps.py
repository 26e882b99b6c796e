"""One run of a workflow in a worker's memory: its history in, its commands out.

Owns what the library's core does between the engine and the library: it cuts a history into what
the workflow saw at each of its steps, tells it so, and holds what comes out against what came out
before. Whoever has no run in memory begins at event 1; a workflow that then decides otherwise is
told of, and its step fails.

What leaves here are the library's own commands, as they are, but for what the core does to them:
what was asked for and called off in one step is not in it, the end of a workflow stands last, and a
workflow that continues as new takes its memo, its attributes and its retries with it. `tasks` says
how their numbers become the names in a history.
"""

from collections.abc import Iterator, Mapping, Sequence

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.exceptions import ApplicationError

from backstay.lab.engine import telling
from backstay.lab.engine.adapter import Instance, Kinds
from backstay.lab.engine.identities import patch_of
from backstay.lab.engine.ledger import Ledger, NondeterminismError
from backstay.lab.engine.stretches import (
    ACCEPTED,
    COMMANDED,
    COMPLETED,
    ENDS,
    STARTED,
    end_of_stretch,
)
from backstay.lab.engine.tasks import QueryAnswer, RunName, StepTaken, WorkflowTask

Jobs = list[WorkflowActivationJob]

_BEGUN = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
_CALLED_OFF = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
_FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
_MARKED = EventType.EVENT_TYPE_MARKER_RECORDED
_SIGNALLED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED

_TERMINAL = frozenset(
    {
        "cancel_workflow_execution",
        "complete_workflow_execution",
        "continue_as_new_workflow_execution",
        "fail_workflow_execution",
    }
)

_OF_NO_MATTER = frozenset(
    {
        EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
        EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
        EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
        EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    }
)


class _FailedError(Exception):
    """A step has failed; the completion says how."""

    def __init__(self, completion: WorkflowActivationCompletion) -> None:
        super().__init__(completion.failed.failure.message)
        self.completion = completion


class Run:
    """A run in memory."""

    def __init__(self, name: RunName, kinds: Kinds) -> None:
        self.name = name
        self.fault: str | None = None
        """Why it is of no use any more."""
        self.is_astray = False
        """Whether that is because it has decided otherwise than before."""
        self.is_over = False
        """Whether the workflow has come to its end."""
        self._kinds = kinds
        self._instance: Instance | None = None
        self._start = WorkflowExecutionStartedEventAttributes()
        self._attributes: dict[str, Payload] = {}
        self._ledger = Ledger()
        self._seen = 0
        """How many events it was told."""
        self._begin = 0
        """Where the events begin that stand behind its last step."""
        self._before_void: tuple[int, int] | None = None
        """Where it stood before its last step, if that only refused what it was asked for."""
        self._flags: dict[int, None] = {}
        self._used: dict[int, None] = {}
        self._library = ""
        self._now = Timestamp()
        self._size = 0
        self._is_long = False

    def fits(self, history: Sequence[HistoryEvent]) -> bool:
        """Whether this is the history that it has taken part in, and has not gone another way."""
        if self.fault is not None:
            return False
        behind = history[self._begin] if self._begin < len(history) else None
        if not self._begin or (behind is not None and behind.event_type == COMPLETED):
            return True
        if self._before_void is None:
            return False
        # The engine has no trace of a step in which it was only refused something.
        self._begin, self._seen = self._before_void
        self._before_void = None
        return len(history) >= self._seen

    def take(self, task: WorkflowTask) -> StepTaken:
        """Take a step, or answer questions."""
        completion: WorkflowActivationCompletion | None
        try:
            completion = self._catch_up(task)
        except _FailedError as failed:
            self.fault = str(failed)
            completion = failed.completion
        except NondeterminismError as error:
            self.is_astray = True
            self.fault = f"[TMPRL1100] Nondeterminism error: {error}"
            cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
            completion = telling.failed_step(self.fault, cause)
        if completion is not None:
            completion.run_id = self.name.run_id
        answers = self._answers(task.queries or {})
        return StepTaken(None if task.is_query_only else completion, answers)

    def evict(self) -> None:
        """Out of memory."""
        instance, self._instance = self._instance, None
        if instance is not None:
            instance.evict(self.name.run_id)

    # --- reading ---

    def _catch_up(self, task: WorkflowTask) -> WorkflowActivationCompletion | None:
        """Go through what it has not seen, stretch by stretch; the last is the step itself."""
        history, completion = task.history, None
        while self._seen < len(history):
            end = end_of_stretch(history, self._begin)
            is_live = end == len(history) and not task.is_query_only
            # Two events are those of the step itself.
            before = self._begin, end - 2
            jobs = self._read(history, end)
            if is_live:
                jobs += [self._update(telling.update_asked(each)) for each in task.updates]
            else:
                jobs += self._ahead(history, end)
            is_asked_only = is_live and all(job.HasField("do_update") for job in jobs)
            completion = self._activate(jobs, is_live=is_live)
            is_void = is_asked_only and all(map(_refuses, completion.successful.commands))
            self._before_void = before if is_void else None
        return completion

    def _read(self, history: Sequence[HistoryEvent], end: int) -> Jobs:
        jobs: Jobs = []
        for event in history[self._seen : end]:
            kind = event.event_type
            if kind in COMMANDED:
                self._ledger.confirm(event)
            elif kind == COMPLETED:
                self._note_flags(event)
            else:
                self.is_over = self.is_over or kind in ENDS
                self._ledger.nothing_is_left(event)
                jobs.extend(self._heard(event))
        last = history[end - 1]
        if last.event_type == STARTED:
            self._begin = end
            self._now = last.event_time
        self._seen = end
        if end < len(history) and history[end].event_type == COMPLETED:
            self._note_flags(history[end])
        return jobs

    def _heard(self, event: HistoryEvent) -> Iterator[WorkflowActivationJob]:
        kind = event.event_type
        if self._ledger.hears(event):
            job = self._ledger.heard(event)
            if job is not None:
                yield job
        elif kind == STARTED:
            started = event.workflow_task_started_event_attributes
            self._size = started.history_size_bytes
            self._is_long = started.suggest_continue_as_new
        elif kind == _BEGUN:
            self._start = event.workflow_execution_started_event_attributes
            self._note_attributes(self._start.search_attributes.indexed_fields)
            yield telling.begun(self.name.workflow_id, event)
        elif kind == _SIGNALLED:
            yield telling.signalled(event)
        elif kind == _CALLED_OFF:
            yield telling.called_off(event)
        elif kind == _FAILED:
            yield from telling.dice_anew(event)
        elif kind not in _OF_NO_MATTER:
            raise NotImplementedError(f"{EventType.Name(kind)} is not known here")

    def _ahead(self, history: Sequence[HistoryEvent], end: int) -> Iterator[WorkflowActivationJob]:
        """What the workflow was told at this step that shows only in what came of it."""
        for event in history[end : end_of_stretch(history, end)]:
            if event.event_type == ACCEPTED:
                yield self._update(telling.update_accepted(event))
            elif event.event_type == _MARKED:
                patch = patch_of(event)
                if patch is not None:
                    yield telling.patched(patch)

    def _update(self, job: WorkflowActivationJob) -> WorkflowActivationJob:
        self._ledger.update_begins(job.do_update.protocol_instance_id, job.do_update.id)
        return job

    def _note_flags(self, event: HistoryEvent) -> None:
        metadata = event.workflow_task_completed_event_attributes.sdk_metadata
        self._flags.update(dict.fromkeys(metadata.lang_used_flags))
        self._library = metadata.sdk_version or self._library

    def _note_attributes(self, fields: Mapping[str, Payload]) -> None:
        self._attributes.update((name, fields[name]) for name in sorted(fields))

    # --- stepping ---

    def _activate(self, jobs: Jobs, *, is_live: bool) -> WorkflowActivationCompletion:
        """Tell the workflow; what comes out may have to be told at once, and so on."""
        first: WorkflowActivationCompletion | None = None
        commands: list[WorkflowCommand] = []
        while jobs:
            completion = self._told(jobs, is_live=is_live)
            first = first or completion
            taken = self._in_order(completion.successful.commands)
            commands += taken
            jobs = self._ledger.wishes(taken)
            if commands and _is_terminal(commands[-1]):
                self.is_over = True
                break
        kept = self._ledger.close_step()
        if first is None:
            return telling.taken_step((), ())
        used, self._used = self._used, {}
        if len(kept) == len(first.successful.commands) and len(kept) == len(commands):
            return first
        return telling.taken_step(kept, used)

    def _told(self, jobs: Jobs, *, is_live: bool) -> WorkflowActivationCompletion:
        # The core sorts them, and the library sorts them again.
        instance = self._instance or self._begun(jobs[0])
        completion = instance.activate(self._activation(jobs, is_replaying=not is_live))
        if completion.HasField("failed"):
            raise _FailedError(completion)
        used = dict.fromkeys(completion.successful.used_internal_flags)
        self._used.update(used)
        self._flags.update(used)
        return completion

    def _begun(self, job: WorkflowActivationJob) -> Instance:
        start = job.initialize_workflow
        try:
            self._instance = self._kinds.begun(self.name.run_id, start, self._now)
        except ApplicationError as error:
            raise _FailedError(telling.failed_step(str(error))) from error
        return self._instance

    def _activation(self, jobs: Jobs, *, is_replaying: bool) -> WorkflowActivation:
        return WorkflowActivation(
            run_id=self.name.run_id,
            timestamp=self._now,
            is_replaying=is_replaying,
            history_length=self._seen,
            jobs=jobs,
            available_internal_flags=self._flags,
            history_size_bytes=self._size,
            continue_as_new_suggested=self._is_long,
            last_sdk_version=self._library,
        )

    def _in_order(self, commands: Sequence[WorkflowCommand]) -> list[WorkflowCommand]:
        """The end of a workflow comes last, and there is one."""
        others = [command for command in commands if not _is_terminal(command)]
        for command in others:
            if command.HasField("upsert_workflow_search_attributes"):
                given = command.upsert_workflow_search_attributes.search_attributes
                self._note_attributes(given.indexed_fields)
        if len(others) < len(commands):
            end = next(command for command in commands if _is_terminal(command))
            if end.HasField("continue_as_new_workflow_execution"):
                self._hand_on(end)
            others.append(end)
        return others

    def _hand_on(self, command: WorkflowCommand) -> None:
        new = command.continue_as_new_workflow_execution
        for name in sorted(self._start.memo.fields) if not new.memo else ():
            new.memo[name].CopyFrom(self._start.memo.fields[name])
        if not new.HasField("retry_policy") and self._start.HasField("retry_policy"):
            new.retry_policy.CopyFrom(self._start.retry_policy)
        if not new.HasField("search_attributes"):
            for name, value in self._attributes.items():
                new.search_attributes.indexed_fields[name].CopyFrom(value)

    # --- questions ---

    def _answers(self, queries: Mapping[str, telling.Query]) -> Mapping[str, QueryAnswer]:
        if not queries:
            return {}
        if self.fault is not None or self._instance is None:
            return dict.fromkeys(queries, QueryAnswer(failure=self.fault or "it has not begun"))
        jobs = [telling.asked(name, query) for name, query in queries.items()]
        completion = self._instance.activate(self._activation(jobs, is_replaying=True))
        if completion.HasField("failed"):
            self.fault = completion.failed.failure.message
            return dict.fromkeys(queries, QueryAnswer(failure=self.fault))
        answers: dict[str, QueryAnswer] = {}
        for command in completion.successful.commands:
            answer = command.respond_to_query
            if answer.HasField("failed"):
                answers[answer.query_id] = QueryAnswer(failure=answer.failed.message)
            else:
                value = Payloads(payloads=[answer.succeeded.response])
                answers[answer.query_id] = QueryAnswer(success=value)
        return answers


def _is_terminal(command: WorkflowCommand) -> bool:
    return command.WhichOneof("variant") in _TERMINAL


def _refuses(command: WorkflowCommand) -> bool:
    return command.HasField("update_response") and command.update_response.HasField("rejected")
