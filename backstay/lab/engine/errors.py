"""How the engine refuses what a client asks: a status, a text, and what the library looks for."""

from enum import StrEnum

from google.protobuf.message import Message
from temporalio.api.common.v1 import GrpcStatus
from temporalio.api.errordetails.v1 import (
    NotFoundFailure,
    QueryFailedFailure,
    WorkflowExecutionAlreadyStartedFailure,
)
from temporalio.service import RPCError, RPCStatusCode

from backstay.lab.engine.runs import Run


class Refused(StrEnum):
    """Why something is not done."""

    NOT_FOUND = "not found"
    QUERY_FAILED = "query failed"
    BAD = "bad"
    CONTINUES = "continues"
    """It goes on as another run; ask again."""

    GONE = "gone"
    LATE = "late"
    UNKNOWN_CALL = "unknown call"


_STATUS = {
    Refused.NOT_FOUND: RPCStatusCode.NOT_FOUND,
    Refused.QUERY_FAILED: RPCStatusCode.INVALID_ARGUMENT,
    Refused.BAD: RPCStatusCode.INVALID_ARGUMENT,
    Refused.CONTINUES: RPCStatusCode.ABORTED,
    Refused.GONE: RPCStatusCode.UNAVAILABLE,
    Refused.LATE: RPCStatusCode.DEADLINE_EXCEEDED,
    Refused.UNKNOWN_CALL: RPCStatusCode.UNIMPLEMENTED,
}
_DETAILS = {Refused.NOT_FOUND: NotFoundFailure, Refused.QUERY_FAILED: QueryFailedFailure}


def refusal(why: Refused, text: str) -> RPCError:
    """The error that says so."""
    detail = _DETAILS.get(why)
    return _error(_STATUS[why], text, None if detail is None else detail())


def already_started(run: Run) -> RPCError:
    """The error for an id that is taken."""
    detail = WorkflowExecutionAlreadyStartedFailure(
        run_id=run.name.run_id, first_execution_run_id=run.begun.first_execution_run_id
    )
    text = f"Workflow execution is already running or over: {run.name}"
    return _error(RPCStatusCode.ALREADY_EXISTS, text, detail)


def _error(status: RPCStatusCode, text: str, detail: Message | None) -> RPCError:
    packed = GrpcStatus(code=status, message=text)
    if detail is not None:
        packed.details.add().Pack(detail)
    return RPCError(text, status, packed.SerializeToString(deterministic=True))
