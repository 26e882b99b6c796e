"""Whether an attempt that has failed is followed by another one, and when."""

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import RetryPolicy
from temporalio.api.enums.v1 import RetryState, TimeoutType
from temporalio.api.failure.v1 import Failure

from backstay.lab.engine.runs import Activity, duration_of, seconds_of

FIRST_SECONDS = 1.0
BACKOFF = 2.0
LAST_IN_FIRSTS = 100.0
"""The longest rest, in first ones, where nobody says otherwise."""

EXPONENT_MAX = 64

_ONLY_THESE = (TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE, TimeoutType.TIMEOUT_TYPE_HEARTBEAT)


def with_defaults(asked: RetryPolicy) -> RetryPolicy:
    """The policy as it is written down: what nobody has said is the engine's own."""
    policy = RetryPolicy()
    policy.CopyFrom(asked)
    if not seconds_of(policy.initial_interval):
        policy.initial_interval.CopyFrom(duration_of(FIRST_SECONDS))
    if not policy.backoff_coefficient:
        policy.backoff_coefficient = BACKOFF
    if not seconds_of(policy.maximum_interval):
        longest: Duration = duration_of(seconds_of(policy.initial_interval) * LAST_IN_FIRSTS)
        policy.maximum_interval.CopyFrom(longest)
    return policy


def rest_of(activity: Activity, failure: Failure | None) -> float:
    """How long to wait before the next attempt."""
    if failure is not None:
        told = failure.application_failure_info.next_retry_delay
        if asked := seconds_of(told):
            return asked
    policy = activity.terms.retry_policy
    rest = seconds_of(policy.initial_interval)
    rest *= policy.backoff_coefficient ** min(activity.attempt - 1, EXPONENT_MAX)
    return min(rest, seconds_of(policy.maximum_interval))


def retry_of(
    activity: Activity, failure: Failure, spent_seconds: float
) -> tuple[RetryState.ValueType, float]:
    """Whether there is a next attempt, and after which rest."""
    policy = activity.terms.retry_policy
    if activity.cancel_id:
        return RetryState.RETRY_STATE_CANCEL_REQUESTED, 0.0
    if not _may_be_tried_again(failure, policy):
        return RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE, 0.0
    if 0 < policy.maximum_attempts <= activity.attempt:
        return RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED, 0.0
    rest = rest_of(activity, failure)
    whole = seconds_of(activity.terms.schedule_to_close_timeout)
    if whole and spent_seconds + rest > whole:
        return RetryState.RETRY_STATE_TIMEOUT, 0.0
    return RetryState.RETRY_STATE_IN_PROGRESS, rest


def _may_be_tried_again(failure: Failure, policy: RetryPolicy) -> bool:
    match failure.WhichOneof("failure_info"):
        case "terminated_failure_info" | "canceled_failure_info":
            return False
        case "timeout_failure_info":
            return failure.timeout_failure_info.timeout_type in _ONLY_THESE
        case "server_failure_info":
            return not failure.server_failure_info.non_retryable
        case "application_failure_info":
            info = failure.application_failure_info
            return not info.non_retryable and info.type not in policy.non_retryable_error_types
        case _:
            return True
