"""What lasts gives signs of life, with what the next attempt needs to go on.

Owns the heartbeat. Its details are those of the newest standing, and until there is one those that
this attempt began with: a heartbeat that knows less than the one before would take the next attempt
back to the start.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import ValidationError
from temporalio import activity

from activities.converting import reader

BEATS_A_TIMEOUT = 3
"""So many, that two may be lost."""

LAIN_AFTER = timedelta(seconds=1)
"""A call that is taken up later than this was scheduled while nobody served its queue."""

UNTIMED_BEAT = timedelta(seconds=10)
"""Where nobody says within which time a sign is expected."""

_Result = TypeVar("_Result")
_Details = TypeVar("_Details")


async def attended(
    work: Coroutine[Any, Any, _Result],
    newest: Callable[[], object | None],
    *beside: Coroutine[Any, Any, None],
) -> _Result:
    """Do the work with a heartbeat all the while, and `beside` it whatever else there is to do.

    What fails fails all of it, and all of it ends with the work. Calling this off calls the work
    off. What happens at once is looked at in the order in which it is named here.
    """
    working = asyncio.ensure_future(work)
    tasks = (working, *map(asyncio.ensure_future, (_beat(newest), *beside)))
    try:
        while not working.done():
            pending = [task for task in tasks if not task.done()]
            await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        return working.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def is_later_attempt() -> bool:
    """Whether another process may have begun this before."""
    info = activity.info()
    return info.attempt > 1 or bool(info.heartbeat_details)


def has_lain() -> bool:
    """Whether this was asked for so long ago that it may have been taken back since."""
    info = activity.info()
    return info.started_time - info.current_attempt_scheduled_time > LAIN_AFTER


def earlier(kind: type[_Details]) -> _Details | None:
    """What the last attempt's heartbeat has left, if anything that can be read."""
    details = activity.info().heartbeat_details
    if not details:
        return None
    try:
        found: _Details = reader(kind).validate_json(json.dumps(details[0]))
    except ValidationError as error:
        activity.logger.error("the last heartbeat can't be read, and is left aside: %s", error)
        return None
    return found


async def _beat(newest: Callable[[], object | None]) -> None:
    info = activity.info()
    timeout = info.heartbeat_timeout
    every = timeout / BEATS_A_TIMEOUT if timeout else UNTIMED_BEAT
    details = info.heartbeat_details
    while True:
        standing = newest()
        if standing is not None:
            details = [standing]
        activity.heartbeat(*details)
        await asyncio.sleep(every.total_seconds())
