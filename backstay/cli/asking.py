"""What a command asks of the engine: one connection, and one line where nobody answers.

It loads the engine's library, which takes half a second; so a command imports this when it runs.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from activities.books import AccountBooks
from activities.engine import TemporalEngine
from activities.ports import CallRefusedError, EngineSilentError, UnknownWorkflowError
from backstay.cli.exits import Exit
from backstay.cli.given import end
from workers import clock
from workers.bootstrap import StartError, connected
from workers.config import Settings

Answer = TypeVar("Answer")


def ask(settings: Settings, question: Callable[[TemporalEngine], Awaitable[Answer]]) -> Answer:
    """What the engine answers, or the end of the command with one line."""
    try:
        return asyncio.run(_ask(settings, question))
    except StartError as error:
        text = f"{error}; is `backstay up` running, or is [temporal] address another one?"
        raise end(text, Exit.CANNOT_TELL) from None
    except EngineSilentError as error:
        raise end(str(error), Exit.CANNOT_TELL) from None
    except (UnknownWorkflowError, CallRefusedError) as error:
        raise end(str(error), Exit.NEGATIVE) from None


async def _ask(
    settings: Settings, question: Callable[[TemporalEngine], Awaitable[Answer]]
) -> Answer:
    client = await connected(settings.temporal)
    return await question(TemporalEngine(client, AccountBooks([], {}), clock.now))
