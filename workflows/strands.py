"""Several lines of work in one workflow, none of which can fail unseen.

An exception in a task that nobody waits for would wait, too, until it is too late. Here the first
one ends the wait of whoever waits for all, at once. Nobody has foreseen it, so it must not end the
workflow either: what a position needs next is known to whoever mends the code, not to the engine.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from temporalio import workflow


class Strands:
    """What runs side by side in one workflow."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._running = 0
        self._fault: BaseException | None = None

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it run beside the others."""
        self._running += 1
        self._tasks.append(asyncio.create_task(self._run(work)))

    async def all_done(self) -> None:
        """Wait for all, also for those that begin meanwhile; where one fails, the workflow waits to
        be mended.
        """
        await workflow.wait_condition(lambda: self._fault is not None or not self._running)
        if self._fault is not None:
            raise RuntimeError("a strand has failed") from self._fault

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except BaseException as fault:
            self._fault = self._fault or fault
            raise
        finally:
            self._running -= 1
