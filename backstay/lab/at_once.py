"""In place of a thread: what is to be done in one is done in the loop, a moment later.

So a store that works in a thread of its own works under a virtual clock, too. Between asking and
doing lies a moment, and another between doing and hearing of it: in each a process can die.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any


class AtOnce(Executor):
    """Does everything after `seconds`, one thing after the other."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def do(self, answer: asyncio.Future[Any], work: Callable[..., Any], *arguments: Any) -> None:
        """Do it, and say what came of it to whoever still waits."""
        try:
            result = work(*arguments)
        except Exception as error:  # noqa: BLE001 - it is for whoever asked
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(result)
