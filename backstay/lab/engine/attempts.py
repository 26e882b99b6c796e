"""One attempt of an activity, from its task to what is reported of it.

Owns what the library does around the code of an activity: its context, its end in the engine's
words, and why it is cancelled. Of an attempt that the engine does not know any more nobody hears.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.activity import ActivityCancellationDetails
from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse
from temporalio.converter import DataConverter
from temporalio.exceptions import CancelledError

from backstay.lab.engine.adapter import Doors, Flag, LetGoError, Reason
from backstay.lab.engine.beats import Beats, beats_every
from backstay.lab.engine.persistence import reported
from backstay.lab.engine.tasks import (
    ActivityDone,
    ActivityEnd,
    ActivityFailed,
    EngineGoneError,
    TaskGoneError,
    TaskSource,
)

OVERDUE_AFTER = timedelta(seconds=5)
"""How long past its time an attempt is let run before its own worker calls it off."""

SHUTDOWN = ActivityCancellationDetails(worker_shutdown=True)
OVERDUE = ActivityCancellationDetails(not_found=True, timed_out=True)

_SHUT_DOWN = Failure(
    message="Worker is shutting down and this activity did not complete in time",
    application_failure_info=ApplicationFailureInfo(type="WorkerShutdown"),
)


class Attempt:
    """Carries one out; `shutdown` tells whether its worker stops."""

    def __init__(
        self,
        task: PollActivityTaskQueueResponse,
        doors: Doors,
        converter: DataConverter,
        source: TaskSource,
        shutdown: Flag,
        beats_within: timedelta,
    ) -> None:
        self._task = task
        self._doors = doors
        self._values = converter.payload_converter
        self._failures = converter.failure_converter
        self._source = source
        self._shutdown = shutdown
        self._cancelled = Flag()
        self._why = Reason()
        self._fault: Exception | None = None
        self._has_begun = False
        self._has_ended = False
        self._clock: asyncio.TimerHandle | None = None
        self._is_put_off = False
        self._span = self._due = 0.0
        self._running: asyncio.Task[None] | None = None
        every = beats_every(task.heartbeat_timeout.ToTimedelta() or None, beats_within)
        self._beats = Beats(
            self._beat, self._written, every, self.cancel, self._could_not_write, self._put_off
        )

    def begin(self) -> asyncio.Task[None]:
        """Carry it out in a task of its own."""
        self._set_clock()
        self._running = asyncio.get_running_loop().create_task(self._live())
        return self._running

    def cancel(self, why: ActivityCancellationDetails) -> None:
        """Have it stop; only the first reason counts."""
        if self._why.details is not None:
            return
        self._why.details = why
        self._call_off()

    def _call_off(self) -> None:
        self._cancelled.set()
        # A task that is cancelled before its first step never takes one.
        if self._running is not None and self._has_begun and not self._has_ended:
            self._running.cancel("Activity cancelled")

    async def _live(self) -> None:
        end = await self._carried_out()
        if self._clock is not None:
            self._clock.cancel()
        is_known = self._why.details is None or not self._why.details.not_found
        must_flush = is_known and not isinstance(end, ActivityDone)
        await self._beats.close(must_flush=must_flush)
        if end is None or not is_known:
            return
        token = self._task.task_token
        try:
            await reported(lambda: self._source.complete_activity_task(token, end))
        except (TaskGoneError, EngineGoneError):
            return

    async def _carried_out(self) -> ActivityEnd | None:
        self._has_begun = True
        try:
            try:
                result = await self._called()
            finally:
                self._has_ended = True
            return ActivityDone(Payloads(payloads=self._values.to_payloads([result])))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - all of it is told
            return ActivityFailed(self._failure(error))
        except LetGoError:
            return None

    async def _called(self) -> Any:
        function, arguments = self._doors.opened(self._task)
        info = self._doors.info(self._task)
        self._doors.enter(info, self._give, self._cancelled, self._shutdown, self._why)
        if self._why.details is not None:
            raise asyncio.CancelledError("Activity cancelled")
        return await function(*arguments)

    def _failure(self, error: BaseException) -> Failure:
        if isinstance(error, asyncio.CancelledError | CancelledError):
            if self._fault is not None:
                error = self._fault
            elif self._why.details is not None and self._why.details.worker_shutdown:
                return _SHUT_DOWN
            elif self._why.details is not None and self._why.details.cancel_requested:
                error = CancelledError("Cancelled")
        failure = Failure()
        try:
            self._failures.to_failure(_without_traces(error), self._values, failure)
        except Exception as inner:  # noqa: BLE001 - what can't be told is told as such
            message = f"Failed building exception result: {inner}"
            return Failure(message=message, application_failure_info=ApplicationFailureInfo())
        return failure

    # --- signs of life ---

    def _give(self, *details: Any) -> None:
        if not self._has_ended:
            self._beats.give(details)

    async def _beat(self, details: Payloads | None) -> bool:
        return await self._source.heartbeat(self._task.task_token, details)

    def _written(self, details: tuple[Any, ...]) -> Payloads | None:
        return Payloads(payloads=self._values.to_payloads(details)) if details else None

    def _could_not_write(self, fault: Exception) -> None:
        self._fault = fault
        self._call_off()

    # --- its time ---

    def _set_clock(self) -> None:
        """Whichever of its two bounds is the shorter one; a heartbeat that has come through puts
        off its own.
        """
        beat, whole = self._task.heartbeat_timeout, self._task.start_to_close_timeout
        bounds = [span.ToTimedelta() or timedelta.max for span in (beat, whole)]
        shorter = min(bounds)
        if shorter is timedelta.max:
            return
        self._is_put_off = bounds[0] == shorter
        self._span = (shorter + OVERDUE_AFTER).total_seconds()
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self._span
        self._clock = loop.call_later(self._span, self._look_at_clock)

    def _put_off(self) -> None:
        if self._is_put_off:
            self._due = asyncio.get_running_loop().time() + self._span

    def _look_at_clock(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._due:
            self._clock = loop.call_at(self._due, self._look_at_clock)
        else:
            self.cancel(OVERDUE)


def _without_traces(error: BaseException) -> BaseException:
    """The same, without the places in the source, which take long to write and differ between
    machines.
    """
    each: BaseException | None = error
    while each is not None and each.__traceback__ is not None:
        each.__traceback__ = None
        each = each.__cause__ or each.__context__
    return error
