"""The way from a caller to the engine and back: it takes its time, and it breaks.

Owns what becomes of a call whose caller dies, gives up or is not answered in time, and of every
call when the engine goes. What arrives is done in the engine's own context, never in its caller's.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

from backstay.lab.engine.tasks import EngineGoneError
from backstay.lab.processes import Process, process_of

Latency = Callable[[], float]
"""How many seconds the next message is on its way."""


class LateError(Exception):
    """There was no answer in time."""


class Call:
    """Something asked, until it is answered."""

    __slots__ = ("_latency", "_wires", "future", "is_over", "number", "process", "when_dropped")

    def __init__(self, wires: "Wires", number: int, latency: Latency) -> None:
        self._wires = wires
        self._latency = latency
        self.number = number
        self.process = process_of()
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.is_over = False
        """Whether nobody wants an answer any more, or one is on its way."""
        self.when_dropped: Callable[[], None] | None = None
        """What is to be done where its caller has given up, with an answer on its way or not."""

    def answer(self, value: object) -> None:
        """Say it."""
        self._send(_told, value)

    def refuse(self, error: Exception) -> None:
        """Say why not."""
        self._send(_refused, error)

    def _send(self, tell: Callable[["Wires", "Call", Any], None], what: Any) -> None:
        if not self.is_over:
            self.is_over = True
            self._wires.later(self._latency(), tell, self._wires, self, what)


class Wires:
    """Every call that is under way."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._count = 0
        self._open: dict[int, Call] = {}
        self.is_away = False

    def leave(self) -> None:
        """The engine is gone: nothing that was asked is answered, or heard of any more."""
        self.is_away = True
        dropped, self._open = self._open, {}
        for call in dropped.values():
            call.is_over = True
            call.when_dropped = None
            if not call.future.done():
                call.future.set_exception(EngineGoneError("the engine has gone"))

    def come_back(self) -> None:
        """It can be reached again."""
        self.is_away = False

    async def ask(
        self, act: Callable[[Call], None], latency: Latency, within: float | None = None
    ) -> Any:
        """Have something done over there, and what it comes to."""
        if is_dead(process_of()):
            # Whatever is torn down with its process reaches nobody, and hears nothing.
            return await self._loop.create_future()
        self._count += 1
        call = Call(self, self._count, latency)
        self._open[call.number] = call
        self.later(latency(), self._arrives, call, act)
        bound = None if within is None else self.later(within, self._too_late, call)
        try:
            return await call.future
        except asyncio.CancelledError:
            self.later(0.0, self._given_up, call)
            raise
        except GeneratorExit:
            # Its process is dead: an answer that is on its way reaches nobody.
            self._open.pop(call.number, None)
            call.is_over = True
            raise
        finally:
            if bound is not None:
                bound.cancel()

    def tell(self, act: Callable[[], None], latency: Latency) -> None:
        """Have something done over there; whoever asks does not wait for it."""
        if not is_dead(process_of()):
            self.later(latency(), self._told, act)

    def later(
        self, seconds: float, act: Callable[..., object], *arguments: Any
    ) -> asyncio.TimerHandle:
        """Have it done by the engine."""
        return self._loop.call_later(seconds, act, *arguments, context=self._context)

    def over(self, call: Call) -> bool:
        """Forget a call; whether somebody still waits for it."""
        return self._open.pop(call.number, None) is not None and not call.future.done()

    def _arrives(self, call: Call, act: Callable[[Call], None]) -> None:
        if self.is_away:
            if self.over(call):
                call.future.set_exception(EngineGoneError("the engine can't be reached"))
        elif call.number in self._open or not _is_broken(call):
            act(call)

    def _told(self, act: Callable[[], None]) -> None:
        if not self.is_away:
            act()

    def _too_late(self, call: Call) -> None:
        if self.over(call):
            call.is_over = True
            call.future.set_exception(LateError("there was no answer in time"))

    def _given_up(self, call: Call) -> None:
        self._open.pop(call.number, None)
        call.is_over = True
        if call.when_dropped is not None:
            call.when_dropped()


def _is_broken(call: Call) -> bool:
    """Whether the engine has gone while it was on its way."""
    future = call.future
    return future.done() and not future.cancelled() and _gone(future.exception())


def _gone(error: BaseException | None) -> bool:
    return isinstance(error, EngineGoneError)


def _told(wires: Wires, call: Call, value: object) -> None:
    if wires.over(call):
        call.future.set_result(value)


def _refused(wires: Wires, call: Call, error: Exception) -> None:
    if wires.over(call):
        call.future.set_exception(error)


def is_dead(process: Process | None) -> bool:
    """Whether nothing leaves it any more."""
    return process is not None and process.is_dead


def is_alive(process: Process | None) -> bool:
    """Whether a caller can hear; nobody's process always can."""
    return process is None or not process.is_gone
