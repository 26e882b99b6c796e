"""Activities: scheduled, taken up, tried again, timed out, called off, over.

Owns what becomes of an attempt. That one was begun is written down only when the activity is over;
until then it is known here. A report may get lost on its way, where somebody wishes it so.
"""

from collections.abc import Callable
from functools import partial

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType, RetryState, TaskQueueKind
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import (
    ActivityTaskCanceledEventAttributes,
    ActivityTaskCancelRequestedEventAttributes,
    ActivityTaskCompletedEventAttributes,
    ActivityTaskFailedEventAttributes,
    ActivityTaskScheduledEventAttributes,
    ActivityTaskStartedEventAttributes,
    ActivityTaskTimedOutEventAttributes,
)
from temporalio.api.taskqueue.v1 import TaskQueue as QueueName
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType, WorkflowCommand

from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.events import Histories
from backstay.lab.engine.queues import Poll, TaskQueue, Work
from backstay.lab.engine.retrying import retry_of, with_defaults
from backstay.lab.engine.runs import Activity, Run, Stand
from backstay.lab.engine.tasks import ActivityDone, ActivityEnd, TaskGoneError
from backstay.lab.engine.trying import (
    INSTANT,
    SCHEDULE_TO_CLOSE,
    TRIED_AGAIN,
    Attempt,
    Timeout,
    attempt_of,
    bounds_of,
    task_of,
    too_late,
)


class Activities:
    """All that are not over. `wants` has a run take a step."""

    def __init__(
        self,
        histories: Histories,
        alarms: Alarms,
        queue: Callable[[str], TaskQueue],
        wants: Callable[[Run], None],
    ) -> None:
        self._histories = histories
        self._alarms = alarms
        self._queue = queue
        self._wants = wants
        self._taken: dict[bytes, tuple[Run, Activity]] = {}
        self.taken: Callable[[Attempt], None] | None = None
        """Hears of every attempt that is taken up."""
        self.lost: Callable[[Attempt], None] | None = None
        """Hears of every report that got lost."""
        self.lose_count = 0
        self.lose_kind = ""

    # --- what a workflow asks for ---

    def schedule(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        """Have one carried out."""
        given = command.schedule_activity
        terms = ActivityTaskScheduledEventAttributes(
            activity_id=given.activity_id,
            input=Payloads(payloads=given.arguments) if given.arguments else None,
            task_queue=QueueName(
                name=given.task_queue or run.queue, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL
            ),
            schedule_to_close_timeout=given.schedule_to_close_timeout,
            schedule_to_start_timeout=given.schedule_to_start_timeout,
            start_to_close_timeout=given.start_to_close_timeout,
            heartbeat_timeout=given.heartbeat_timeout,
            workflow_task_completed_event_id=completed_id,
            retry_policy=with_defaults(given.retry_policy),
            priority=given.priority,
        )
        terms.activity_type.name = given.activity_type
        terms.header.SetInParent()
        for name, value in given.headers.items():
            terms.header.fields[name].CopyFrom(value)
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
            activity_task_scheduled_event_attributes=terms,
            user_metadata=command.user_metadata if command.HasField("user_metadata") else None,
            event_group_markers=command.event_group_markers,
        )
        now, now_ns = self._alarms.now, self._histories.now_ns()
        activity = Activity(given.seq, event, given.cancellation_type, now, now_ns)
        run.activities[activity.scheduled_id] = activity
        run.activity_ids[given.activity_id] = activity.scheduled_id
        run.activity_seqs[given.seq] = activity.scheduled_id
        self._offer(run, activity)

    def request_cancel(self, run: Run, seq: int, completed_id: int) -> bool:
        """Have one stop; whether it is over at once, because nobody had begun it."""
        scheduled_id = run.activity_seqs.get(seq)
        if scheduled_id is None:
            return False
        activity = run.activities.get(scheduled_id)
        if activity is not None and activity.cancellation == ActivityCancellationType.ABANDON:
            return False
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
            activity_task_cancel_requested_event_attributes=(
                ActivityTaskCancelRequestedEventAttributes(
                    scheduled_event_id=scheduled_id, workflow_task_completed_event_id=completed_id
                )
            ),
        )
        if activity is None:
            return False
        activity.cancel_id = event.event_id
        if activity.stand is Stand.TAKEN:
            return False
        self._cancelled(run, activity, None)
        return True

    def forget(self, run: Run) -> None:
        """Their run is over: nobody waits for them any more."""
        for activity in run.activities.values():
            self._put_down(activity)
        run.activities.clear()

    # --- what a worker says ---

    def beat(self, token: bytes, details: Payloads | None) -> bool:
        """Take a sign of life; whether the attempt is asked to stop."""
        _, activity = self._of(token)
        activity.details = details
        activity.sign_at, activity.sign_at_ns = self._alarms.now, self._histories.now_ns()
        return bool(activity.cancel_id)

    def end(self, token: bytes, end: ActivityEnd) -> None:
        """Take what came of an attempt, unless its report gets lost."""
        run, activity = self._of(token)
        if self.lose_count and self.lose_kind in ("", activity.terms.activity_type.name):
            self.lose_count -= 1
            if self.lost is not None:
                self.lost(attempt_of(run, activity))
        elif isinstance(end, ActivityDone):
            self._completed(run, activity, end.result)
        elif end.failure.HasField("canceled_failure_info") and activity.cancel_id:
            self._cancelled(run, activity, end.failure.canceled_failure_info.details)
        else:
            self._failed(run, activity, end.failure)

    def fail(self, run: Run, activity_id: str, failure: Failure) -> bool:
        """Fail an attempt on behalf of whoever has it; whether anybody has."""
        activity = run.activities.get(run.activity_ids.get(activity_id, 0))
        if activity is None or activity.stand is not Stand.TAKEN:
            return False
        self._failed(run, activity, failure)
        return True

    def _of(self, token: bytes) -> tuple[Run, Activity]:
        found = self._taken.get(token)
        if found is None:
            raise TaskGoneError("nobody waits for this attempt")
        return found

    # --- attempts ---

    def _offer(self, run: Run, activity: Activity) -> None:
        attempt = activity.attempt
        activity.stand = Stand.WAITS
        self._watch(run, activity)
        work = Work(
            lambda: _waits(run, activity, attempt),
            partial(self._give, run, activity),
            _anybody,
        )
        self._queue(activity.terms.task_queue.name).offer(work)

    def _give(self, run: Run, activity: Activity, poll: Poll) -> None:
        now, now_ns = self._alarms.now, self._histories.now_ns()
        activity.stand = Stand.TAKEN
        activity.identity = poll.identity
        activity.taken_at = activity.sign_at = now
        activity.taken_at_ns = activity.sign_at_ns = now_ns
        token = f"{run.name.run_id}/{activity.scheduled_id}/{activity.attempt}"
        activity.token = token.encode()
        self._taken[activity.token] = (run, activity)
        self._watch(run, activity)
        poll.call.when_dropped = partial(self._given_back, run, activity, activity.token)
        poll.call.answer(task_of(run, activity))
        if self.taken is not None:
            self.taken(attempt_of(run, activity))

    def _given_back(self, run: Run, activity: Activity, token: bytes) -> None:
        """Whoever had asked wants it no more; he has not begun it."""
        if self._taken.pop(token, None) is not None:
            self._offer(run, activity)

    def _retry(self, run: Run, activity: Activity, failure: Failure) -> RetryState.ValueType:
        """Try it again later, if its terms allow that."""
        spent = self._alarms.now - activity.begun_at
        state, rest = retry_of(activity, failure, spent)
        if state == RetryState.RETRY_STATE_IN_PROGRESS:
            self._put_down(activity)
            activity.attempt += 1
            activity.failure = failure
            activity.stand = Stand.RESTS
            activity.due = self._alarms.now + rest
            self._watch(run, activity)
        return state

    # --- ends ---

    def _completed(self, run: Run, activity: Activity, result: Payloads | None) -> None:
        started_id = self._closes(run, activity)
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
            activity_task_completed_event_attributes=ActivityTaskCompletedEventAttributes(
                result=result,
                scheduled_event_id=activity.scheduled_id,
                started_event_id=started_id,
                identity=activity.identity,
            ),
        )
        self._wants(run)

    def _failed(self, run: Run, activity: Activity, failure: Failure) -> None:
        state = self._retry(run, activity, failure)
        if state == RetryState.RETRY_STATE_IN_PROGRESS:
            return
        started_id = self._closes(run, activity)
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
            activity_task_failed_event_attributes=ActivityTaskFailedEventAttributes(
                failure=failure,
                scheduled_event_id=activity.scheduled_id,
                started_event_id=started_id,
                identity=activity.identity,
                retry_state=state,
            ),
        )
        self._wants(run)

    def _cancelled(self, run: Run, activity: Activity, details: Payloads | None) -> None:
        started_id = self._closes(run, activity)
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
            activity_task_canceled_event_attributes=ActivityTaskCanceledEventAttributes(
                details=details,
                latest_cancel_requested_event_id=activity.cancel_id,
                scheduled_event_id=activity.scheduled_id,
                started_event_id=started_id,
                identity=activity.identity,
            ),
        )
        self._wants(run)

    def _timed_out(self, run: Run, activity: Activity, kind: Timeout) -> None:
        failure = too_late(activity, kind)
        state: RetryState.ValueType = RetryState.RETRY_STATE_TIMEOUT
        if kind in TRIED_AGAIN:
            state = self._retry(run, activity, failure)
            if state == RetryState.RETRY_STATE_IN_PROGRESS:
                return
            if state == RetryState.RETRY_STATE_TIMEOUT:
                failure = too_late(activity, SCHEDULE_TO_CLOSE)
        if activity.failure is not None and kind not in TRIED_AGAIN:
            failure.cause.CopyFrom(activity.failure)
        started_id = self._closes(run, activity)
        self._histories.happens(
            run,
            EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
            activity_task_timed_out_event_attributes=ActivityTaskTimedOutEventAttributes(
                failure=failure,
                scheduled_event_id=activity.scheduled_id,
                started_event_id=started_id,
                retry_state=state,
            ),
        )
        self._wants(run)

    def _closes(self, run: Run, activity: Activity) -> int:
        """It is over: say who had begun it, if anybody had."""
        is_taken = activity.stand is Stand.TAKEN
        self._put_down(activity)
        del run.activities[activity.scheduled_id]
        del run.activity_ids[activity.terms.activity_id]
        if not is_taken:
            return 0
        event = self._histories.happens(
            run,
            EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
            activity.taken_at_ns,
            activity_task_started_event_attributes=ActivityTaskStartedEventAttributes(
                scheduled_event_id=activity.scheduled_id,
                identity=activity.identity,
                request_id=activity.token.decode(),
                attempt=activity.attempt,
                last_failure=activity.failure,
            ),
        )
        return event.event_id

    def _put_down(self, activity: Activity) -> None:
        self._alarms.call_off(activity.alarm)
        activity.alarm = None
        self._taken.pop(activity.token, None)

    # --- time ---

    def _watch(self, run: Run, activity: Activity) -> None:
        """Have the next bound looked at when it is reached."""
        self._alarms.call_off(activity.alarm)
        due = min((due for due, _ in bounds_of(activity)), default=None)
        activity.alarm = None
        if due is not None:
            rest = max(due - self._alarms.now, 0.0)
            activity.alarm = self._alarms.after(rest, partial(self._look, run, activity))

    def _look(self, run: Run, activity: Activity) -> None:
        """A bound has been reached, unless there was a sign of life meanwhile."""
        now = self._alarms.now
        for due, kind in sorted(bounds_of(activity), key=lambda bound: bound[0]):
            if due <= now + INSTANT:
                if kind is None:
                    activity.attempt_at, activity.attempt_at_ns = now, self._histories.now_ns()
                    self._offer(run, activity)
                else:
                    self._timed_out(run, activity, kind)
                return
        self._watch(run, activity)


def _anybody() -> str:
    return ""


def _waits(run: Run, activity: Activity, attempt: int) -> bool:
    return (
        activity.scheduled_id in run.activities
        and activity.stand is Stand.WAITS
        and activity.attempt == attempt
    )
