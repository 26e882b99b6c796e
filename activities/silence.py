"""What the engine's client throws, told in words of ours: silent, unknown, or refused.

Owns how long one waits. The client tries again by itself what can't be delivered, so all attempts
together are bounded here, and each one where it is made. An engine that is not there any more says
so to whoever looks, which is done beside every longer wait: nobody waits for the bound in vain.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.service import RPCError, RPCStatusCode

from activities.ports import CallRefusedError, EngineSilentError, UnknownWorkflowError

LOOK_SECONDS = 0.5
GONE_SECONDS = 1.5
"""How long nobody may be there before that counts: an engine may just be starting anew."""

_LOOK_WITHIN = timedelta(seconds=1)
_NOT_CONNECTED = "Failed client connect"
_UNREACHED = "the engine can't be reached"
_LATE = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)


@asynccontextmanager
async def asking(
    client: Client, what: str, within: timedelta, *, changes: bool = False
) -> AsyncIterator[None]:
    """Have what the engine answers to `what`, or one of our errors. What `changes` something may
    have done so although nobody was told.
    """
    may_happen = "; it may still happen" if changes else ""
    gone = asyncio.Event()
    try:
        async with asyncio.timeout(within.total_seconds()) as bound:
            watching = asyncio.create_task(_hang_up_where_nobody_is(client, bound, gone))
            try:
                yield
            finally:
                watching.cancel()
    except WorkflowUpdateFailedError as error:
        raise _refused(what, error.cause) from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        raise CallRefusedError(what, str(error)) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        _give_up_if_called_off()
        why = "the engine has gone" if gone.is_set() else "no answer yet"
        raise EngineSilentError(f"{what}: {why}{may_happen}") from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise UnknownWorkflowError(f"{what}: {error}") from error
        raise EngineSilentError(f"{what}: {_silence(error)}{may_happen}") from error
    except RuntimeError as error:
        # So a client says it that connects only when it is asked.
        if not str(error).startswith(_NOT_CONNECTED):
            raise
        raise EngineSilentError(f"{what}: {_UNREACHED}") from error


def _give_up_if_called_off() -> None:
    """The library takes being called off for silence; whoever called it off is owed that."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def why_of(error: BaseException) -> str:
    """What an error says, without the name of its sort."""
    return error.message if isinstance(error, FailureError) else str(error)


def _refused(what: str, cause: BaseException) -> CallRefusedError:
    sort = cause.type if isinstance(cause, ApplicationError) else None
    return CallRefusedError(what, why_of(cause), sort or "")


def _silence(error: RPCError) -> str:
    if error.status is RPCStatusCode.UNAVAILABLE:
        return _UNREACHED
    return "no answer yet" if error.status in _LATE else str(error)


async def _hang_up_where_nobody_is(
    client: Client, bound: asyncio.Timeout, gone: asyncio.Event
) -> None:
    loop = asyncio.get_running_loop()
    there_at = loop.time()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await client.service_client.check_health(timeout=_LOOK_WITHIN)
        except RPCError as error:
            if error.status is not RPCStatusCode.UNAVAILABLE:
                continue
            if loop.time() - there_at >= GONE_SECONDS:
                gone.set()
                bound.reschedule(loop.time())
                return
        else:
            there_at = loop.time()
