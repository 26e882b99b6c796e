"""An edge for the stories: it stands for the arm, the guard and the ways out of one trade.

What happens at the broker is told by the story, in words of trading; what the workflow asks for is
done as the real edge would do it. A story may put another answer before any of these.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from temporalio.client import WorkflowHandle

from activities import calls
from backstay.domain.edge.arms import AmendAnswer, Amended, ArmPhase, ArmReport, FireNow, Gone
from backstay.domain.edge.changing import CancelReport, CancelStanding
from backstay.domain.edge.guards import (
    Exit,
    ExitBegun,
    Guard,
    GuardEnd,
    GuardEnded,
    GuardResult,
    LeaveNow,
    NotSplit,
    Split,
    SplitAnswer,
    SplitOff,
    Target,
    TargetReached,
)
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.protection.naked import NakedTime
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.workflows import cast
from tests.workflows.house import House, Script, house
from tests.workflows.ways import Broker, Way
from workflows.trade import Trade

Leg = tuple[str, int]


@dataclass
class Edge:
    """The edge of one trade, as far as its workflow can see it."""

    order: TradeOrder
    broker: Broker = field(default_factory=Broker)
    filled: int = 0
    quantity: int = 100
    guard: Guard | None = None
    ways: dict[Leg, Way] = field(default_factory=dict)
    guard_quantity: Decimal | None = None
    """What the guard has left to close, where that is not what has filled."""

    entry_rests_on_cancel: bool = False
    """The broker does not answer cancels of the entry."""

    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _report: ArmReport | None = None
    _results: list[GuardResult] = field(default_factory=list)
    _told: int = 0
    _seconds: float = 0
    _split: Decimal = Decimal(0)

    def script(self, script: Script) -> None:
        """Answer everything that the script does not say otherwise."""
        script.always |= {
            "prospect": cast.prospect_of,
            "admit": cast.admitted,
            "arm": self._arm,
            "guard": self._guard,
            "walk": self._walk,
            "release": self._release,
            "cancel": self._cancel,
            "amend_arm": self._amend_arm,
            "amend_guard": self._amend_guard,
            "split_off": self._split_off,
        }

    @property
    def now(self) -> datetime:
        """Broker time: each thing that happens takes a second."""
        return cast.at(self._seconds)

    # --- what happens in the story ---

    async def reports(self, phase: ArmPhase, **more: Any) -> None:
        """News of the entry."""
        revision = 1 if self._report is None else self._report.revision + 1
        self._seconds += 1
        report = cast.report(
            self.order,
            phase,
            revision=revision,
            filled=self.filled,
            seconds=self._seconds,
            quantity=self.quantity,
        )
        self._report = replace(report, **more)
        await self._wake()

    async def fills(self, quantity: int, phase: ArmPhase = ArmPhase.WORKING) -> None:
        """So much more of the entry has filled."""
        self.filled += quantity
        whole = self.filled >= self.quantity
        await self.reports(ArmPhase.OVER if whole else phase)

    async def stop_is_hit(self, entry: int | None = None) -> None:
        """The stop is confirmed, and the first exit leaves in that turn; the way out tells of an
        entry of that quantity.
        """
        await self._leave(Exit.STOP, entry=entry)

    async def target_is_reached(self, target: Target | None = None) -> None:
        """The price of the part's target is reached."""
        guard = self._guarding
        reached = target or guard.target
        assert reached is not None
        self._told += 1
        news = TargetReached(guard.key, 1, self._told, reached, guard.guarded, self.now)
        await self._tell(news)

    async def guard_ends(self, why: GuardEnd, *orders: Any) -> None:
        """The guard is over without an exit of its own."""
        guard = self._guarding
        naked, split = NakedTime(Decimal(2), Decimal(0), self.now), self._split
        end = GuardEnded(guard.key, 1, why, guard.guarded, self.now, orders, naked, split_off=split)
        await self._tell(end)

    # --- what the workflow asks for ---

    async def _arm(self, asked: calls.ArmCall) -> ArmReport:
        async with self._news:
            await self._news.wait_for(
                lambda: self._report is not None and self._report.revision > asked.after
            )
        assert self._report is not None
        return self._report

    async def begins(self, asked: calls.GuardCall) -> None:
        """The position is watched."""
        if self.guard is None:
            self.guard = asked.guard
        await self._wake()

    async def _guard(self, asked: calls.GuardCall) -> GuardResult:
        await self.begins(asked)
        async with self._news:
            await self._news.wait_for(lambda: self._result_after(asked.after) is not None)
        result = self._result_after(asked.after)
        assert result is not None
        return result

    def _result_after(self, after: int) -> GuardResult | None:
        for news in self._results:
            if not isinstance(news, TargetReached) or news.revision > after:
                return news
        return None

    async def _walk(self, asked: Walk) -> Walked:
        key = asked.way_out.key
        way = self.ways.setdefault((key.trade, key.leg), Way(self.broker, self.now))
        return way.walk(asked)

    async def _release(self, asked: calls.Release) -> AmendAnswer:
        if self._report is not None and self._report.phase is not ArmPhase.WAITING:
            return Gone(asked.key, f"the entry is {self._report.phase.value}")
        await self.reports(ArmPhase.WITHDRAWN, why="released", version=asked.version)
        return Amended(asked.key, asked.version)

    async def _cancel(self, key: IntentKey) -> CancelReport:
        if self.entry_rests_on_cancel:
            return CancelReport(key, CancelStanding.PENDING)
        if self._report is not None and not self._report.phase.is_final:
            await self.reports(ArmPhase.OVER)
        return CancelReport(key, CancelStanding.ENDED)

    async def _amend_arm(self, asked: calls.AmendArm) -> AmendAnswer:
        if isinstance(asked.change, FireNow):
            await self.reports(ArmPhase.WORKING, version=asked.version)
        return Amended(asked.key, asked.version)

    async def _amend_guard(self, asked: calls.AmendGuard) -> AmendAnswer:
        if self.guard is None or self._is_over:
            return Gone(asked.key, "nothing of this key is guarded")
        if isinstance(asked.change, LeaveNow):
            await self._leave(Exit.HAND, asked.change.exit.intent.key)
        return Amended(asked.key, asked.version)

    async def _split_off(self, asked: SplitOff) -> SplitAnswer:
        guard = self._guarding
        if self._is_over:
            return NotSplit(asked.key, "the exit has begun", is_over=True)
        self._split += asked.part
        rest = self.filled - self._split
        self.guard = replace(guard, quantity=rest, target=asked.target)
        return Split(asked.key, asked.version, asked.part, rest, self.now)

    # --- inside ---

    @property
    def _guarding(self) -> Guard:
        assert self.guard is not None, "the story guards nothing yet"
        return self.guard

    @property
    def _is_over(self) -> bool:
        return bool(self._results) and not isinstance(self._results[-1], TargetReached)

    async def _leave(
        self, why: Exit, first: IntentKey | None = None, entry: int | None = None
    ) -> None:
        guard = self._guarding
        rules: LadderRules = guard.ladder
        if first is not None:
            rules = replace(rules, first_key=first)
        quantity = self.guard_quantity
        if quantity is None:
            quantity = Decimal(self.filled) - self._split
        shield: OrderIntent | None = guard.shield
        if shield is not None:
            shield = replace(shield, quantity=quantity) if quantity else None
        way = self.ways[guard.key.trade, guard.key.leg] = Way(self.broker, self.now)
        if entry is not None:
            key = IntentKey(self.order.trade, 0, Purpose.ENTRY, 1)
            way.entry = cast.summary(key, self.quantity, entry)
        ladder = way.begin(rules, quantity, shield)
        naked = NakedTime(Decimal(1), Decimal(0), self.now)
        split = self._split
        begun = ExitBegun(
            guard.key, 1, why, ladder, guard.guarded, self.now, naked, split_off=split
        )
        await self._tell(begun)

    async def _tell(self, news: GuardResult) -> None:
        self._seconds += 1
        self._results.append(news)
        await self._wake()

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()


@dataclass
class Play:
    """A trade on the stage: its workflow, its edge, and the script behind both."""

    edge: Edge
    script: Script
    house: House
    life: WorkflowHandle[Trade, Settlement]

    @property
    def order(self) -> TradeOrder:
        """What was asked for."""
        return self.edge.order

    async def standing(self) -> TradeStanding:
        """How the trade stands."""
        return await self.life.query(Trade.state)

    async def comes_to(
        self, doing: Doing, holds: Callable[[TradeStanding], bool] = lambda _: True
    ) -> TradeStanding:
        """Wait until the trade is about this; a hang is a failure of the story."""
        while True:
            standing = await self.standing()
            if standing.doing is doing and holds(standing):
                return standing

    async def is_guarded(self, quantity: int = 100) -> TradeStanding:
        """Fill the entry, and wait until it is guarded."""
        await self.script.was_asked("arm")
        await self.edge.fills(quantity)
        await self.script.was_asked("guard")
        return await self.comes_to(
            Doing.GUARDING, lambda standing: standing.entered == self.edge.filled
        )

    async def wants(self, name: str, *args: Any, **more: Any) -> str:
        """A person wants something; what is answered."""
        answer: str = await self.life.execute_update(name, args=args, result_type=str, **more)
        return answer

    async def settled(self) -> Settlement:
        """What it has come to."""
        return await self.life.result()

    async def history(self) -> list[Any]:
        """The events of its history."""
        return list((await self.life.fetch_history()).events)

    async def skips(self, span: timedelta) -> None:
        """So much time passes."""
        await self.house.env.sleep(span)


@asynccontextmanager
async def playing(
    more: str = "",
    *,
    plan: str = cast.PLAN,
    prepare: Callable[[Edge, Script], None] = lambda _edge, _script: None,
    order: TradeOrder | None = None,
) -> AsyncIterator[Play]:
    """A trade that has begun; what `prepare` puts into the script comes first."""
    asked = order or cast.an_order(more, plan)
    edge, script = Edge(asked), Script()
    edge.script(script)
    prepare(edge, script)
    async with house(script) as built:
        yield Play(edge, script, built, await built.start(asked))


def waits(cue: asyncio.Event, then: Callable[[Any], Awaitable[Any]]) -> Any:
    """An answer that is not given before its cue."""

    async def answer(asked: Any) -> Any:
        await cue.wait()
        return await then(asked)

    return answer
