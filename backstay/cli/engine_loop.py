"""The loop of a command that asks the engine.

The engine's library tells what it has to tell from threads of its own, and one of them may come
when the command has its answer and the loop is closed. Nobody waits for that any more.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

Answer = TypeVar("Answer")
Told = TypeVarTuple("Told")


class PatientLoop(asyncio.SelectorEventLoop):
    """Takes no offence at what comes after its end."""

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Told], object],
        *args: *Told,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """As ever; once the loop is closed, nothing happens."""
        try:
            return super().call_soon_threadsafe(callback, *args, context=context)
        except RuntimeError:
            if not self.is_closed():
                raise
            return asyncio.Handle(callback, args, self, context)


def run(asked: Coroutine[Any, Any, Answer]) -> Answer:
    """Run it to its end, on a loop of its own."""
    with asyncio.Runner(loop_factory=PatientLoop) as runner:
        return runner.run(asked)
