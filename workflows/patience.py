"""How a workflow waits for somebody to carry out what it asks.

An activity that nobody takes up, or that fails for good, is no reason to give a trade up: there may
be a position behind it. A person is told, once for each such trouble, and the call is made again
for as long as it takes. What is called is idempotent, so asking again does nothing twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, TimeoutType
from temporalio.exceptions import TimeoutError as CallTimeoutError

with workflow.unsafe.imports_passed_through():
    from activities import calls
    from backstay.domain.incidents.kinds import IncidentKind

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


def growing(first: timedelta, longest: timedelta) -> Iterator[timedelta]:
    """Pauses, each twice as long as the one before: a history has room for so many events only."""
    while True:
        yield first
        first = min(first * 2, longest)


class Patience:
    """The patience of one workflow, which tells `account`'s people about `subject`; what they hear
    is `told` to the workflow itself, too.
    """

    def __init__(
        self, account: str, subject: str, told: Callable[[str], None] | None = None
    ) -> None:
        self._account = account
        self._subject = subject
        self._told = told
        self._telling: list[asyncio.Task[None]] = []

    async def ask(
        self,
        call: Callable[Concatenate[calls.Wait, Asked], Awaitable[Answer]],
        *asked: Asked.args,
        **more: Asked.kwargs,
    ) -> Answer:
        """Make the call until it is answered."""
        wait, pauses = calls.Wait.TELL, growing(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            try:
                return await call(wait, *asked, **more)
            except ActivityError as error:
                if _nobody_took_it(error):
                    wait = calls.Wait.FOR_EVER
                    text = f"nobody takes up {error.activity_type}: is the worker running?"
                    self.tell(IncidentKind.TASK_SILENT, text)
                    continue
                self.tell(IncidentKind.TASK_FAILED, _evidence(error))
            await workflow.sleep(next(pauses), summary="then it is tried again")

    def tell(self, kind: IncidentKind, text: str) -> None:
        """Have a person told, while everything else goes on."""
        if self._told is not None:
            self._told(f"{kind.value}: {text}")
        alert = calls.Alert(self._account, kind, self._subject, text)
        self._telling.append(asyncio.create_task(self._hand_on(alert)))

    async def all_told(self) -> None:
        """Wait until everything that was to be told has been handed on."""
        await asyncio.gather(*self._telling)

    async def _hand_on(self, alert: calls.Alert) -> None:
        """That a person can't be told ends nothing: it is tried again for as long as it takes."""
        for pause in growing(FIRST_PAUSE, LONGEST_PAUSE):
            try:
                await calls.alert(self._account, alert, f"{alert.kind.value}: {alert.text}")
            except ActivityError:
                await workflow.sleep(pause, summary="then a person is told again")
            else:
                return


def _nobody_took_it(error: ActivityError) -> bool:
    cause = error.cause
    return isinstance(cause, CallTimeoutError) and cause.type is TimeoutType.SCHEDULE_TO_START


def _evidence(error: ActivityError) -> str:
    return f"{error.activity_type} fails for good: {error.cause or error}"


async def within(span: timedelta, condition: Callable[[], bool]) -> bool:
    """Whether it comes true in time."""
    try:
        await workflow.wait_condition(condition, timeout=span)
    except TimeoutError:
        return False
    return True
