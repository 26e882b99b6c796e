"""The entries that trades wait to learn of, by the engine: what is left to ask where the edge is
silent. It loads the engine's library, so a command imports this when it runs.
"""

import asyncio

from pydantic import ValidationError
from temporalio.exceptions import TemporalError

from activities.ports import CallRefusedError, Engine, EngineSilentError, Wanted
from backstay.cli.asking import engine_of
from backstay.cli.live.orders_report import UnknownTrade
from backstay.cli.trade.finding import plan_of
from backstay.cli.trade.line import line_of
from backstay.domain.ids import trade_id
from backstay.domain.trade.standing import Doing
from workers.bootstrap import StartError
from workers.config import Settings

TRADES_MAX = 500
ASKED_AT_ONCE = 16


async def ask_engine(settings: Settings) -> tuple[tuple[UnknownTrade, ...], str]:
    """The trades that wait to learn of their entry, and why the engine can't be heard."""
    try:
        return await unknown_trades(await engine_of(settings), settings.account), ""
    except (StartError, EngineSilentError, CallRefusedError) as error:
        return (), str(error)
    except (ValidationError, TemporalError) as error:
        return (), str(error).partition("\n")[0]


async def unknown_trades(engine: Engine, account: str) -> tuple[UnknownTrade, ...]:
    """The running trades that wait to learn what became of their entry."""
    found = (await engine.trades(account, Wanted(running=True), TRADES_MAX)).found
    at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(number: int) -> UnknownTrade | None:
        async with at_once:
            line = await line_of(engine, found[number])
        if line.doing != Doing.UNKNOWN:
            return None
        plan_id = plan_of(found[number])
        code = trade_id(account, plan_id)
        return UnknownTrade(plan_id, code, line.symbol, line.side, line.why)

    answers = await asyncio.gather(*(ask(number) for number in range(len(found))))
    return tuple(each for each in answers if each is not None)
