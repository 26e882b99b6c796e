"""Steps of workflows: wanted, handed out, taken, failed, timed out.

Owns when somebody is asked to take one, and what becomes of the news that arrives meanwhile. One
that is taken again after a failure stands in no history until it succeeds, and one that is wanted
for updates alone until one of them is accepted. What a step asks for is carried out elsewhere.
"""

from collections.abc import Callable, Sequence
from functools import partial

from temporalio.api.enums.v1 import TimeoutType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import (
    HistoryEvent,
)
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.events import Histories
from backstay.lab.engine.queries import Queries
from backstay.lab.engine.queues import Poll, TaskQueue, Work
from backstay.lab.engine.runs import Prefix, Run, Step
from backstay.lab.engine.step_events import Cause, StepEvents
from backstay.lab.engine.tasks import StepTaken, TaskGoneError, WorkflowTask
from backstay.lab.engine.updates import Updates

Carry = Callable[[Run, Sequence[WorkflowCommand], int, Step], bool]

UNHANDLED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
CLOSED_FROM_OUTSIDE = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND
BY_WORKER = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE

LOYALTY_SECONDS = 1.0
"""How long a run waits for whoever has it in memory."""

SUGGESTS_AFTER_EVENTS = 4096
"""From when on a workflow is told to continue as new."""

_LONGER_FROM_ATTEMPT = 3
_LONGER_BY_SECONDS = 5.0
_LONGER_BY_MAX = 600.0

_ENDINGS = frozenset(
    {
        "cancel_workflow_execution",
        "complete_workflow_execution",
        "continue_as_new_workflow_execution",
        "fail_workflow_execution",
    }
)


class WorkflowTasks:
    """Every step that is wanted or under way. `carry` does what one asks for; whether it has made
    news of its own.
    """

    def __init__(
        self,
        histories: Histories,
        alarms: Alarms,
        queue: Callable[[str], TaskQueue],
        updates: Updates,
        queries: Queries,
        token: Callable[[], int],
    ) -> None:
        self._histories = histories
        self._events = StepEvents(histories)
        self._alarms = alarms
        self._queue = queue
        self._updates = updates
        self._queries = queries
        self._steps: dict[int, Run] = {}
        self._token = token
        self.carry: Carry | None = None
        self.loyalty_seconds = LOYALTY_SECONDS
        self.suggests_after_events = SUGGESTS_AFTER_EVENTS

    def wants(self, run: Run) -> None:
        """There is news: have a step taken, unless one is to be taken anyway."""
        if run.step is None and not run.is_closed:
            self._schedule(run)

    def wants_for_update(self, run: Run) -> None:
        """There is an update to be handed out."""
        if run.step is None and not run.is_closed:
            is_quiet = bool(run.settled) and len(run.history) == run.settled
            self._schedule(run, is_passing=is_quiet and run.attempt == 1)

    def complete(self, token: int, taken: StepTaken) -> None:
        """Take in what came of a step. Whoever hears that nobody waits for it has to forget the
        run, for it has gone on without him.
        """
        run = self._steps.get(token)
        if run is None or run.step is None or run.step.token != token:
            raise TaskGoneError("nobody waits for this step")
        step, completion = run.step, taken.completion
        if completion is None or completion.HasField("failed"):
            self._failed(run, step, taken)
            return
        commands = completion.successful.commands
        ends = any(command.WhichOneof("variant") in _ENDINGS for command in commands)
        if ends and (run.buffered or self._updates.waits(run, step)):
            self._again(run, step, UNHANDLED, None)
            raise TaskGoneError("there is news that the workflow has not heard")
        self._completed(run, step, commands, taken)

    def drop(self, run: Run) -> None:
        """Its run is ended from outside."""
        step = run.step
        if step is None:
            return
        self._put_down(run, step)
        if step.is_started and step.is_written:
            self._events.failed(run, step, CLOSED_FROM_OUTSIDE, None)
        self._histories.release(run)
        run.questions.extend(step.questions)

    def leave(self, run: Run) -> None:
        """The engine goes: a step that was wanted for updates alone goes with them."""
        step = run.step
        if step is not None and step.is_passing and not step.is_written:
            self._put_down(run, step)
            if run.buffered:
                self._schedule(run)

    # --- wanted ---

    def _schedule(self, run: Run, *, is_passing: bool = False) -> None:
        if self._histories.release(run):
            run.attempt = 1
        whose = run.loyalty if self._queue(run.queue).is_served_by(run.loyalty) else ""
        now_ns = self._histories.now_ns()
        step = Step(self._token(), run.attempt, now_ns, len(run.history), whose)
        step.is_passing = is_passing
        if step.attempt == 1 and not is_passing:
            self._events.scheduled(run, step)
        run.step = step
        self._steps[step.token] = run
        if whose:
            late = partial(self._not_taken, run, step)
            step.alarm = self._alarms.after(self.loyalty_seconds, late)
        self._offer(run, step)

    def _offer(self, run: Run, step: Step) -> None:
        work = Work(
            lambda: run.step is step and not step.is_started,
            partial(self._give, run, step),
            lambda: step.wanted,
        )
        self._queue(run.queue).offer(work)

    def _not_taken(self, run: Run, step: Step) -> None:
        """Whoever has it in memory does not come: it is anybody's now."""
        self._put_down(run, step)
        run.loyalty = ""
        if step.is_written:
            self._events.timed_out(run, step, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START)
        self._schedule(run, is_passing=step.is_passing and len(run.history) == step.length)

    def _give(self, run: Run, step: Step, poll: Poll) -> None:
        self._alarms.call_off(step.alarm)
        if not step.is_written and step.length != len(run.history):
            # There is news since it was scheduled, so it is a step like any other.
            step.attempt = run.attempt = 1
            self._events.scheduled(run, step)
        step.identity = poll.identity
        step.started_at_ns = self._histories.now_ns()
        step.suggests = len(run.history) >= self.suggests_after_events
        history: Sequence[HistoryEvent]
        if step.is_written:
            self._events.started(run, step)
            history = Prefix(run.history, len(run.history))
        else:
            history = self._events.as_if_written(run, step)
        step.is_started = True
        step.questions = tuple(self._queries.of(run))
        late = partial(self._took_too_long, run, step)
        step.alarm = self._alarms.after(_bound(run, step.attempt), late)
        task = WorkflowTask(
            step.token,
            run.name,
            run.kind,
            step.attempt,
            history,
            self._updates.hand_out(run, step),
            {question.name: question.query for question in step.questions},
        )
        self._hand(run, step, task, poll)

    def _hand(self, run: Run, step: Step, task: WorkflowTask, poll: Poll) -> None:
        step.identity = poll.identity
        poll.call.when_dropped = partial(self._given_back, run, step, task)
        poll.call.answer(task)

    def _given_back(self, run: Run, step: Step, task: WorkflowTask) -> None:
        """Whoever had asked wants it no more, and has done nothing with it."""
        if run.step is step:
            work = Work(
                lambda: run.step is step,
                partial(self._hand, run, step, task),
                lambda: "",
            )
            self._queue(run.queue).offer(work)

    # --- over ---

    def _completed(
        self, run: Run, step: Step, commands: Sequence[WorkflowCommand], taken: StepTaken
    ) -> None:
        self._put_down(run, step)
        run.attempt = 1
        run.loyalty = step.identity
        completed_id = 0
        is_quiet = step.is_passing and not step.is_written and not run.buffered
        if not is_quiet or not self._updates.only_refuses(run, commands):
            self._events.beginning(run, step)
            flags = taken.completion.successful.used_internal_flags if taken.completion else ()
            completed_id = self._events.completed(run, step, flags)
        assert self.carry is not None
        has_news = self.carry(run, commands, completed_id, step)
        run.settled = len(run.history)
        self._updates.left(run, step)
        has_news = self._histories.release(run) or has_news
        if has_news:
            self.wants(run)
        elif self._updates.waits(run, step):
            self.wants_for_update(run)
        self._queries.answered(run, step.questions, taken.answers)

    def _failed(self, run: Run, step: Step, taken: StepTaken) -> None:
        """Only the first failure is heard of: then the step is tried again when its time is over,
        which gives somebody time to mend what is wrong.
        """
        if step.attempt == 1:
            cause: Cause = BY_WORKER
            failure: Failure | None = None
            if taken.completion is not None:
                failed = taken.completion.failed
                cause, failure = failed.force_cause or cause, failed.failure
            self._again(run, step, cause, failure)

    def _took_too_long(self, run: Run, step: Step) -> None:
        self._put_down(run, step)
        if step.attempt == 1:
            self._events.beginning(run, step)
            self._events.timed_out(run, step, TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE)
        self._next_attempt(run, step)

    def _again(self, run: Run, step: Step, cause: Cause, failure: Failure | None) -> None:
        self._put_down(run, step)
        if step.attempt == 1:
            self._events.beginning(run, step)
            self._events.failed(run, step, cause, failure)
        self._next_attempt(run, step)

    def _next_attempt(self, run: Run, step: Step) -> None:
        """Whoever had it in memory does not count as one who has tried it."""
        self._updates.forget_lost(run)
        run.questions.extend(step.questions)
        if run.loyalty:
            run.loyalty = ""
        else:
            run.attempt += 1
        self._schedule(run)

    def _put_down(self, run: Run, step: Step) -> None:
        self._alarms.call_off(step.alarm)
        step.alarm = None
        self._steps.pop(step.token, None)
        run.step = None


def _bound(run: Run, attempt: int) -> float:
    """How long a step may take: longer and longer where it does not succeed."""
    if attempt < _LONGER_FROM_ATTEMPT:
        return run.step_seconds
    longer = _LONGER_BY_SECONDS * 2.0 ** min(attempt - _LONGER_FROM_ATTEMPT, 10)
    return run.step_seconds + min(longer, _LONGER_BY_MAX)
