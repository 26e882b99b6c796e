"""The engine as clients see it: the library's own client speaks to this in place of a socket.

Owns what a client does when nobody answers: as the library itself, it tries again what can't be
delivered, for ten seconds at most, and passes on everything else.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn, TypeVar

from google.protobuf.message import Message
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionUpdateResponse
from temporalio.service import ConnectConfig, RPCError, RPCStatusCode, ServiceClient

from backstay.lab.engine.errors import Refused, refusal
from backstay.lab.engine.tasks import EngineGoneError
from backstay.lab.engine.wires import Call, LateError, Latency, Wires

ANSWER_WITHIN_SECONDS = 60.0
"""How long one waits where nobody says."""

FIRST_PAUSE_SECONDS = 0.1
BACKOFF = 1.7
PAUSE_SECONDS_MAX = 5.0
TRIED_FOR_SECONDS = 10.0
TRIES_MAX = 10

_TRIED_AGAIN = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.DATA_LOSS,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.OUT_OF_RANGE,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,
    }
)
_LONG = frozenset({"get_workflow_execution_history", "poll_workflow_execution_update"})
"""What is asked for as long as it takes, unless somebody sets a bound."""

Handler = Callable[[Any, Call], None]
_Response = TypeVar("_Response", bound=Message)


class MemoryService(ServiceClient):
    """Every request goes to the engine in memory."""

    def __init__(
        self, handlers: Mapping[str, Handler], wires: Wires, latency: Latency, identity: str
    ) -> None:
        super().__init__(ConnectConfig(target_host="memory", identity=identity))
        self._handlers = handlers
        self._wires = wires
        self._latency = latency

    @property
    def worker_service_client(self) -> NoReturn:
        """The library's own workers have no way to an engine in memory."""
        raise NotImplementedError("workers of the library need a socket")

    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        """There is nobody who reads it."""

    def update_api_key(self, api_key: str | None) -> None:
        """There is nobody who asks for one."""

    async def _rpc_call(
        self,
        rpc: str,
        req: Message,
        resp_type: type[_Response],
        *,
        service: str,  # noqa: ARG002 - the names of requests are unlike each other
        retry: bool,
        metadata: Mapping[str, str | bytes],  # noqa: ARG002 - nobody reads it
        timeout: timedelta | None,  # noqa: ASYNC109 - so the library names it
    ) -> _Response:
        handler = self._handlers.get(rpc)
        if handler is None:
            raise refusal(Refused.UNKNOWN_CALL, f"{rpc} is not known here")
        within = None if rpc in _LONG else ANSWER_WITHIN_SECONDS
        if timeout is not None:
            within = timeout.total_seconds()
        answer = await (self._again if retry else self._once)(handler, req, within)
        if resp_type is PollWorkflowExecutionUpdateResponse:
            answer = resp_type(
                outcome=answer.outcome if answer.HasField("outcome") else None,
                stage=answer.stage,
                update_ref=answer.update_ref,
            )
        assert isinstance(answer, resp_type)
        return answer

    async def _again(self, handler: Handler, asked: Message, within: float | None) -> Any:
        now = asyncio.get_running_loop().time
        begun, pause, tries = now(), FIRST_PAUSE_SECONDS, 1
        while True:
            try:
                return await self._once(handler, asked, within)
            except RPCError as error:
                is_over = now() + pause - begun > TRIED_FOR_SECONDS or tries >= TRIES_MAX
                if error.status not in _TRIED_AGAIN or is_over:
                    raise
            await asyncio.sleep(pause)
            tries += 1
            pause = min(pause * BACKOFF, PAUSE_SECONDS_MAX)

    async def _once(self, handler: Handler, asked: Message, within: float | None) -> Any:
        act = partial(_handle, handler, asked)
        try:
            return await self._wires.ask(act, self._latency, within)
        except EngineGoneError as error:
            raise refusal(Refused.GONE, str(error)) from None
        except LateError as error:
            raise refusal(Refused.LATE, str(error)) from None


def _handle(handler: Handler, asked: Message, call: Call) -> None:
    try:
        handler(asked, call)
    except RPCError as error:
        call.refuse(error)
