"""A workflow whose faults are its purpose, in a module that the sandbox can import by itself."""

import threading

from temporalio import workflow
from temporalio.exceptions import ApplicationError


@workflow.defn(name="Faulty")
class Faulty:
    """Fails in one way or another."""

    @workflow.run
    async def run(self, how: str) -> None:
        if how == "on purpose":
            raise ApplicationError("this is how it ends", non_retryable=True)
        if how == "at once":
            raise KeyError("nobody has foreseen this")
        if how == "without yielding":
            threading.Event().wait(3)
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    async def poke(self) -> None:
        raise ZeroDivisionError("a signal that fails")
