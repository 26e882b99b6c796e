"""Attempts of activities: what a worker is told, which bounds there are, what breaking one says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from temporalio.api.common.v1 import WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import TimeoutType
from temporalio.api.failure.v1 import Failure, TimeoutFailureInfo
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse

from backstay.lab.engine.naming import NAMESPACE
from backstay.lab.engine.runs import Activity, Run, Stand, seconds_of, stamp_of
from backstay.lab.engine.tasks import RunName

Timeout: TypeAlias = "TimeoutType.ValueType"
Bound: TypeAlias = "tuple[float, Timeout | None]"

SCHEDULE_TO_START = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START
SCHEDULE_TO_CLOSE = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
START_TO_CLOSE = TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
HEARTBEAT = TimeoutType.TIMEOUT_TYPE_HEARTBEAT

INSTANT = 1e-6
"""What lies within it is now: the loop counts whole nanoseconds, and sums of floats do not."""

TRIED_AGAIN = (START_TO_CLOSE, HEARTBEAT)
"""After which there may be another attempt."""

_WORDS = {
    SCHEDULE_TO_START: "ScheduleToStart",
    SCHEDULE_TO_CLOSE: "ScheduleToClose",
    START_TO_CLOSE: "StartToClose",
    HEARTBEAT: "Heartbeat",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that somebody has taken up."""

    run: RunName
    kind: str
    activity_id: str
    number: int
    identity: str


def attempt_of(run: Run, activity: Activity) -> Attempt:
    """The one that is under way."""
    terms = activity.terms
    return Attempt(
        run.name, terms.activity_type.name, terms.activity_id, activity.attempt, activity.identity
    )


def bounds_of(activity: Activity) -> Iterator[Bound]:
    """When it has taken too long, and how; without a how its rest is over."""
    terms = activity.terms
    if whole := seconds_of(terms.schedule_to_close_timeout):
        yield activity.begun_at + whole, SCHEDULE_TO_CLOSE
    if activity.stand is Stand.RESTS:
        yield activity.due, None
    elif activity.stand is Stand.WAITS:
        if wait := seconds_of(terms.schedule_to_start_timeout):
            yield activity.attempt_at + wait, SCHEDULE_TO_START
    else:
        if length := seconds_of(terms.start_to_close_timeout):
            yield activity.taken_at + length, START_TO_CLOSE
        if silence := seconds_of(terms.heartbeat_timeout):
            yield activity.sign_at + silence, HEARTBEAT


def too_late(activity: Activity, kind: Timeout) -> Failure:
    """The failure of whoever has taken too long."""
    info = TimeoutFailureInfo(timeout_type=kind, last_heartbeat_details=activity.details)
    return Failure(
        message=f"activity {_WORDS[kind]} timeout", source="Server", timeout_failure_info=info
    )


def task_of(run: Run, activity: Activity) -> PollActivityTaskQueueResponse:
    """What a worker is told."""
    terms = activity.terms
    return PollActivityTaskQueueResponse(
        task_token=activity.token,
        workflow_namespace=NAMESPACE,
        workflow_type=WorkflowType(name=run.kind),
        workflow_execution=WorkflowExecution(
            workflow_id=run.name.workflow_id, run_id=run.name.run_id
        ),
        activity_type=terms.activity_type,
        activity_id=terms.activity_id,
        header=terms.header,
        input=terms.input,
        heartbeat_details=activity.details,
        scheduled_time=stamp_of(activity.begun_at_ns),
        current_attempt_scheduled_time=stamp_of(activity.attempt_at_ns),
        started_time=stamp_of(activity.taken_at_ns),
        attempt=activity.attempt,
        schedule_to_close_timeout=terms.schedule_to_close_timeout,
        start_to_close_timeout=terms.start_to_close_timeout,
        heartbeat_timeout=terms.heartbeat_timeout,
        retry_policy=terms.retry_policy,
        priority=terms.priority,
    )
