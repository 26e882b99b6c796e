"""The trades of an account, as values: the engine's list, and what each of them says of itself."""

import asyncio
from dataclasses import dataclass

from activities.ports import Description, Engine, Wanted
from backstay.cli.trade.line import TradeLine, line_of, listed

ASKED_AT_ONCE = 16
ANSWERS_SECONDS = 3.0
"""How long all of them together may take; whoever has not answered then is shown as listed."""


@dataclass(frozen=True, slots=True)
class TradeList:
    """Trades of one account, in the order in which the engine lists them; there may be `more`."""

    account: str
    trades: tuple[TradeLine, ...]
    more: bool


async def trade_list(engine: Engine, account: str, wanted: Wanted, limit: int) -> TradeList:
    """The trades that are wanted, as they stand."""
    listed_ones = await engine.trades(account, wanted, limit)
    return TradeList(account, await _lines(engine, listed_ones.found), listed_ones.more)


async def _lines(engine: Engine, found: tuple[Description, ...]) -> tuple[TradeLine, ...]:
    at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(one: Description) -> TradeLine:
        async with at_once:
            return await line_of(engine, one)

    asked = [asyncio.ensure_future(ask(one)) for one in found]
    if asked:
        await asyncio.wait(asked, timeout=ANSWERS_SECONDS)
    return tuple(
        answer.result() if answer.done() else listed(one)
        for one, answer in zip(found, asked, strict=True)
    )
