"""An engine by script: it knows what it is told, answers what it was given, and keeps what it was
asked.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pytest

from activities.ports import (
    Description,
    Ended,
    EngineSilentError,
    StartAnswer,
    Started,
    Trades,
    UnknownWorkflowError,
    Wanted,
)
from backstay.cli import asking
from backstay.domain.ids import trade_id
from backstay.domain.lifecycle import Lifecycle, TradeState
from backstay.domain.sides import Side
from backstay.domain.trade.naming import workflow_id
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.accounts.cases import summary
from tests.cli.typed import Typed, typed
from tests.domain.limits.samples import key
from workers.config import Settings

ACCOUNT = "DU1234567"
STARTED_AT = datetime(2026, 11, 23, 14, 30, 15, tzinfo=UTC)
CLOSED_AT = datetime(2026, 11, 23, 16, 5, 36, tzinfo=UTC)
PLAN = """
id = "aapl-0312"
side = "buy"
[instrument]
symbol = "AAPL"
[size]
quantity = 100
[entry]
order = "LMT"
limit = 190.00
[stop]
price = 187.00
"""


@dataclass
class Scripted:
    """One trade: what the list says, what it says itself, and how it has ended. A trade that is to
    be `silent` answers nothing; one that `hangs` never comes back.
    """

    found: Description
    standing: TradeStanding | None = None
    ended: Ended | None = None
    hangs: bool = False


@dataclass
class ScriptedEngine:
    """The port `Engine`, as far as commands go through it."""

    trades_known: dict[str, Scripted] = field(default_factory=dict)
    starts: list[StartAnswer | Exception] = field(default_factory=list)
    answers: dict[str, str | Exception] = field(default_factory=dict)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    after_start: list[Scripted] = field(default_factory=list)
    silent: str = ""

    def knows(self, *trades: Scripted) -> Self:
        """These trades exist, the newest last."""
        for each in trades:
            self.trades_known[each.found.workflow_id] = each
        return self

    async def start(self, order: TradeOrder) -> StartAnswer:
        self.asked.append(("start", order))
        self.knows(*self.after_start)
        answer = self.starts.pop(0) if self.starts else Started(order.workflow_id, "run")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def update(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> Any:
        self.asked.append(("update", workflow_id, name, tuple(args)))
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def describe(self, workflow_id: str) -> Description:
        self.asked.append(("describe", workflow_id))
        if self.silent:
            raise EngineSilentError(self.silent)
        return self._known(workflow_id).found

    async def standing(self, workflow_id: str) -> TradeStanding:
        self.asked.append(("standing", workflow_id))
        known = self._known(workflow_id)
        if known.hangs:
            await asyncio.Event().wait()
        if known.standing is None:
            raise EngineSilentError("no answer yet")
        return known.standing

    async def ended(self, workflow_id: str) -> Ended | None:
        return self._known(workflow_id).ended

    async def trades(self, account: str, wanted: Wanted, limit: int) -> Trades:
        self.asked.append(("trades", account, wanted, limit))
        known = [each.found for each in reversed(self.trades_known.values())]
        found = [each for each in known if each.closed_at is None or not wanted.running]
        return Trades(tuple(found[:limit]), more=len(found) > limit)

    def _known(self, workflow_id: str) -> Scripted:
        try:
            return self.trades_known[workflow_id]
        except KeyError:
            raise UnknownWorkflowError(f"describe {workflow_id}: not found") from None


def a_trade(
    plan_id: str = "aapl-0312",
    state: TradeState = TradeState.VALIDATED,
    doing: Doing | None = Doing.WAITING,
    *,
    filled: int = 0,
    why: str = "",
    minutes: int = 0,
    hangs: bool = False,
) -> Scripted:
    """One that runs; without a `doing` it does not answer."""
    found = Description(
        workflow_id=workflow_id(ACCOUNT, plan_id),
        run_id="run",
        kind_of_workflow="Trade",
        status="running",
        started_at=STARTED_AT + timedelta(minutes=minutes),
        closed_at=None,
        account=ACCOUNT,
        symbol="AAPL",
        state=state.value,
        summary="",
        side="buy",
    )
    code = trade_id(ACCOUNT, plan_id)
    standing = (
        None
        if doing is None
        else TradeStanding(
            account=ACCOUNT,
            plan_id=plan_id,
            trade=code,
            symbol="AAPL",
            side=Side.BUY,
            lifecycle=Lifecycle(hedge_first=False, state=state),
            doing=doing,
            at=STARTED_AT,
            quantity=Decimal(100),
            entry=summary(key(trade=code), filled) if filled else None,
            why=why,
        )
    )
    return Scripted(found, standing, hangs=hangs)


def one_that_is_over(
    plan_id: str = "aapl-0312",
    ended: Ended | None = None,
    state: TradeState = TradeState.CLOSED,
) -> Scripted:
    """One that has ended."""
    running = a_trade(plan_id, state, None)
    found = replace(running.found, status="completed", closed_at=CLOSED_AT)
    return Scripted(found, None, ended)


@dataclass
class Desk:
    """A folder with settings and a plan, and the engine that every command finds."""

    folder: Path
    engine: ScriptedEngine

    @property
    def plan(self) -> Path:
        """The plan's file."""
        return self.folder / "plan.toml"

    @property
    def config(self) -> Path:
        """The settings' file."""
        return self.folder / "backstay.toml"

    def types(self, *words: str) -> Typed:
        """Type a command with these settings."""
        return typed(*words, "--config", str(self.config))


def desk_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose engine knows nothing yet."""
    (folder / "backstay.toml").write_text(f'account = "{ACCOUNT}"\n')
    (folder / "plan.toml").write_text(PLAN)
    built = Desk(folder, ScriptedEngine())

    async def engine_of(settings: Settings, within: timedelta) -> ScriptedEngine:
        built.engine.asked.append(("connect", settings.account, within))
        return built.engine

    monkeypatch.setattr(asking, "engine_of", engine_of)
    return built
