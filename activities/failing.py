"""How an error of the edge reaches the engine.

Owns the one translation. What the edge can't do now it may do at the next attempt, so every error
of it is tried again, for as long as it takes, under a name that says what it was. A value that
makes no sense stays senseless, and is not tried again. Nothing else is touched: a defect is a
failure with its own name and its whole trace.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from temporalio.exceptions import ApplicationError

from backstay.broker.doors.wire import EdgeError
from backstay.domain.edge.session import EdgeHealth

BAD_VALUE = "BadValue"
NOT_ANSWERED = "NotAnswered"
TIMED_OUT = "TimedOut"
EDGE_CLOSED = "EdgeClosed"
TIME_UNKNOWN = "TimeUnknown"


def failed(text: str, kind: str) -> ApplicationError:
    """What is tried again."""
    return ApplicationError(text, type=kind)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Have whatever keeps the edge from `doing` something told in the engine's words."""
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # Nobody has called this attempt off: the edge has let go of whoever waited.
        raise failed(f"{doing}: the edge is closing", EDGE_CLOSED) from None
    except EdgeError as error:
        kind = type(error).__name__.removesuffix("Error")
        raise failed(f"{doing}: {error}", kind) from error
    except TimeoutError as error:
        text = str(error) or "it has taken too long"
        raise failed(f"{doing}: {text}", TIMED_OUT) from error
    except ValueError as error:
        text = f"{doing}: {error}"
        raise ApplicationError(text, type=BAD_VALUE, non_retryable=True) from error


def broker_now(health: EdgeHealth) -> datetime:
    """Broker time; where it is not known yet, that is asked again."""
    if health.time is None:
        raise failed("the broker has not told its time yet", TIME_UNKNOWN)
    return health.time.at
