"""What a command asks of the engine: one connection, and one line where nobody answers.

It loads the engine's library, which takes half a second; so a command imports this when it runs.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache
from typing import TypeVar

from pydantic import ValidationError
from temporalio.exceptions import TemporalError
from temporalio.runtime import Runtime, TelemetryConfig

from activities.books import AccountBooks
from activities.engine import ANSWER_WITHIN, TemporalEngine
from activities.ports import CallRefusedError, EngineSilentError, UnknownWorkflowError
from backstay.cli.engine_loop import run
from backstay.cli.exits import Exit, SaysNoError
from backstay.cli.given import end
from workers import clock
from workers.bootstrap import StartError, connected
from workers.config import Settings

Answer = TypeVar("Answer")

CONNECTED_WITHIN_SECONDS = 2.0


def ask(
    settings: Settings,
    question: Callable[[TemporalEngine], Awaitable[Answer]],
    within: timedelta = ANSWER_WITHIN,
) -> Answer:
    """What the engine answers, or the end of the command with one line."""

    async def asked() -> Answer:
        return await question(await engine_of(settings, within))

    try:
        return run(asked())
    except StartError as error:
        text = f"{error}; is `backstay up` running, or is [temporal] address another one?"
        raise end(text, Exit.CANNOT_TELL) from None
    except EngineSilentError as error:
        raise end(str(error), Exit.CANNOT_TELL) from None
    except (UnknownWorkflowError, CallRefusedError, SaysNoError) as error:
        raise end(str(error), Exit.NEGATIVE) from None
    except ValidationError as error:
        text = f"the engine keeps something that this build can't read: {error.title}"
        raise end(text, Exit.CANNOT_TELL) from None
    except TemporalError as error:
        raise end(f"the engine says: {error}", Exit.CANNOT_TELL) from None


async def engine_of(settings: Settings, within: timedelta = ANSWER_WITHIN) -> TemporalEngine:
    """The engine, reached; StartError if nobody answers there for two seconds."""
    where = settings.temporal
    try:
        async with asyncio.timeout(CONNECTED_WITHIN_SECONDS):
            client = await connected(where, quiet())
    except TimeoutError:
        text = f"{where.address}: no engine answers here within {CONNECTED_WITHIN_SECONDS:g} s"
        raise StartError(text) from None
    return TemporalEngine(client, AccountBooks([], {}), clock.now, within)


@cache
def quiet() -> Runtime:
    """The library's threads, without a log: what goes wrong is told once, by the command, and
    standard output is no place for it.
    """
    return Runtime(telemetry=TelemetryConfig(logging=None))
