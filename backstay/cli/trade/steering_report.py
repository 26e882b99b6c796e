"""One thing that a person wants of a trade: whether the trade does it, and how it stands then."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from activities.ports import (
    CallRefusedError,
    Description,
    Engine,
    EngineSilentError,
    UnknownWorkflowError,
)
from backstay.cli.exits import SaysNoError
from backstay.cli.trade.finding import find, plan_of
from backstay.cli.trade.line import TradeLine, line_of
from backstay.domain.edge.hands import COULD_LEAVE
from backstay.domain.ids import trade_id
from backstay.domain.trade.naming import Name
from backstay.lab.words import instant_text
from workers.config import Settings

ANSWER_WITHIN = timedelta(seconds=15)
"""A trade may take ten seconds until what is wanted is done; then it says that it is under way."""

TAKEN_UP_SECONDS = 3.0
"""So long nobody may answer before a person is told that nobody does."""


@dataclass(frozen=True, slots=True)
class Steered:
    """What was wanted of a trade, and how the trade stands after it."""

    wanted: str
    plan_id: str
    trade: str
    workflow_id: str
    state: str
    doing: str


async def steered(
    engine: Engine,
    settings: Settings,
    name: Name,
    wanted: str,
    args: Sequence[Any],
    say: Callable[[str], None],
) -> Steered:
    """Ask it of the trade; SaysNoError if there is none, if it is over, or if it will not. What is
    to be known while it is waited for is said to `say`.
    """
    found = await find(engine, settings, name)
    plan_id = plan_of(found)
    if found.closed_at is not None:
        raise await _over(engine, found)
    looking = asyncio.create_task(_say_if_nobody_works(engine, found, say))
    try:
        answer: str = await engine.update(found.workflow_id, wanted, args)
    except CallRefusedError as error:
        why = error.why.removeprefix(f"{wanted}: ")
        hint = f"; to leave: backstay trade close {plan_id}" if why.endswith(COULD_LEAVE) else ""
        raise SaysNoError(f"{plan_id}: {why}{hint}") from error
    except UnknownWorkflowError:
        raise await _over(engine, await engine.describe(found.workflow_id)) from None
    finally:
        looking.cancel()
    state, _, doing = answer.partition(": ")
    code = trade_id(found.account, plan_id)
    return Steered(wanted, plan_id, code, found.workflow_id, state, doing)


async def _say_if_nobody_works(
    engine: Engine, found: Description, say: Callable[[str], None]
) -> None:
    """A trade that a worker has taken up says at once how it stands, whatever it is about."""
    with suppress(CallRefusedError, UnknownWorkflowError):
        try:
            async with asyncio.timeout(TAKEN_UP_SECONDS):
                await engine.standing(found.workflow_id)
        except (TimeoutError, EngineSilentError):
            text = f"no worker answers; waiting for one, {ANSWER_WITHIN.seconds} s at most"
            say(f"{plan_of(found)}: {text}")


async def _over(engine: Engine, found: Description) -> SaysNoError:
    return SaysNoError(over_text(await line_of(engine, found)))


def over_text(line: TradeLine) -> str:
    """How a trade has ended, in one line."""
    on = "" if line.closed_at is None else f" since {instant_text(line.closed_at)}"
    why = f", {line.why}" if line.why else ""
    return f"{line.plan_id} is over{on}: {line.state}{why}"
