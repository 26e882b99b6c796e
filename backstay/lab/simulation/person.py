"""A trader: hands in plans, changes trades by hand, kills, and clears up when all is quiet.

Owns what is asked of the engine from outside, through the same port as every command. Each deed is
told with its answer. Nobody waits for the answer but the deed itself: a trader has two hands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from activities.engine import TemporalEngine
from activities.ports import CallRefusedError, EngineSilentError, UnknownWorkflowError
from backstay.domain.limits.kill import KillMode
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.profile import BrokerProfile
from backstay.domain.sides import Side
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.standing import Doing, TradeStanding
from backstay.lab.simulation.scenario import Act, Deed, Kill, TradeAsked

WHO = "trader"
LOOK_SECONDS = 0.5
LOOK_SECONDS_MAX = 8.0
_REFUSALS = (CallRefusedError, EngineSilentError, UnknownWorkflowError, RPCError)

Told = Callable[[dict[str, Any]], None]


class PlanUnreadableError(ValueError):
    """A scenario with a plan that nobody could hand in."""


def order_of(asked: TradeAsked, account: str, profile: BrokerProfile) -> TradeOrder:
    """What is handed in."""
    plan = read_toml(asked.plan)
    if not isinstance(plan, TradePlan):
        raise PlanUnreadableError("; ".join(map(str, plan)))
    return TradeOrder(plan, account, profile)


class Person:
    """One trader of one account."""

    def __init__(
        self, engine: TemporalEngine, client: Client, orders: Sequence[TradeOrder], told: Told
    ) -> None:
        self._engine = engine
        self._client = client
        self.orders = orders
        self._told = told
        self._handed_in: dict[str, TradeOrder] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._leaves = False

    def submit(self, number: int) -> None:
        """Hand in a plan."""
        order = self.orders[number]
        self._begin("submit", order.plan.id, lambda: self._start(order))

    def act(self, act: Act) -> None:
        """Ask something of a trade."""
        order = self.orders[act.trade % len(self.orders)]
        for _ in range(act.times):
            self._begin(act.deed.value, order.plan.id, lambda: self._asked(act, order))

    def kill(self, kill: Kill) -> None:
        """Stop all trading."""
        for _ in range(kill.times):
            self._begin(f"kill {kill.mode.value}", "", lambda: self._kill(kill.mode))

    def close_everything(self) -> None:
        """Have every trade that is under way come to its end."""
        for order in self._handed_in.values():
            self._begin("clear up", order.plan.id, partial(self._clear_up, order))

    async def standings(self) -> dict[str, TradeStanding | None]:
        """How each trade stands by its own words; None for one that says nothing."""
        found: dict[str, TradeStanding | None] = {}
        for name in self._handed_in:
            try:
                found[name] = await self._engine.standing(name)
            except _REFUSALS:
                found[name] = None
        return found

    @property
    def handed_in(self) -> tuple[TradeOrder, ...]:
        """What the engine has taken, in the order in which it came."""
        return tuple(self._handed_in.values())

    async def leave(self) -> None:
        """Wait for no more answers."""
        self._leaves = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- the deeds ---

    async def _start(self, order: TradeOrder) -> str:
        """Until the engine has answered: the same plan again is the same trade."""
        self._handed_in.setdefault(order.workflow_id, order)
        while not self._leaves:
            try:
                return (await self._engine.start(order)).kind
            except EngineSilentError:
                await asyncio.sleep(LOOK_SECONDS)
        return "never answered"

    async def _asked(self, act: Act, order: TradeOrder) -> str:
        name, deed = order.workflow_id, act.deed
        match deed:
            case Deed.SUBMIT_AGAIN:
                return await self._start(order)
            case Deed.SUBMIT_CHANGED:
                plan = order.plan.model_copy(update={"side": _other(order.plan.side)})
                changed = TradeOrder(plan, order.account, order.profile)
                return await self._start(changed)
            case Deed.CANCEL_WORKFLOW:
                await self._client.get_workflow_handle(name).cancel()
                return "asked for"
            case Deed.MOVE_STOP | Deed.TIGHTEN_TRAIL:
                return str(await self._engine.update(name, deed.value, [act.amount or Decimal(1)]))
            case _:
                return str(await self._engine.update(name, deed.value))

    async def _kill(self, mode: KillMode) -> str:
        account = self.orders[0].account
        told = await self._engine.kill(account, mode, "by the scenario", WHO)
        return f"epoch {told.state.epoch}, {len(told.told)} told, {len(told.untold)} untold"

    async def _clear_up(self, order: TradeOrder) -> str:
        """Close it, and say that the broker does not have its entry where that is unknown."""
        name, pause = order.workflow_id, LOOK_SECONDS
        while not self._leaves:
            try:
                if await self._engine.ended(name) is not None:
                    return "over"
                standing = await self._engine.standing(name)
                if standing.doing is Doing.UNKNOWN:
                    word = [WHO, "it is not in TWS"]
                    await self._engine.update(name, "declare_absent", word)
                else:
                    await self._engine.update(name, Deed.CLOSE.value)
            except CallRefusedError:
                pass  # it is on its way
            except EngineSilentError:
                pass  # asked again
            except UnknownWorkflowError:
                return "never begun"
            await asyncio.sleep(pause)
            pause = min(pause * 2, LOOK_SECONDS_MAX)
        return "still under way"

    def _begin(self, deed: str, plan: str, work: Callable[[], Awaitable[str]]) -> None:
        self._tasks.append(asyncio.create_task(self._do(deed, plan, work)))

    async def _do(self, deed: str, plan: str, work: Callable[[], Awaitable[str]]) -> None:
        self._told({"deed": deed, "plan": plan})
        try:
            answer = await work()
        except _REFUSALS as error:
            answer = f"refused: {error}"
        self._told({"deed": deed, "plan": plan, "answer": answer})


def _other(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY
