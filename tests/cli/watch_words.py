"""What tests of the live table speak of: words of the engine and of the edge, put together."""

from dataclasses import dataclass
from typing import Any

from activities.ports import Description, EngineSilentError, Trades, Wanted
from backstay.cli.live.watch_page import page
from backstay.cli.live.watch_report import (
    EdgeWord,
    EngineTrade,
    EngineWord,
    WatchReport,
    report_of,
)
from backstay.cli.trade.line import TradeLine
from backstay.domain.edge.live import LiveLeg
from backstay.domain.ids import trade_id
from backstay.domain.limits.facts import AccountKind
from backstay.domain.trade.naming import read_name
from backstay.domain.trade.standing import Doing
from tests.cli.live_samples import (
    ACCOUNT,
    NOW,
    OTHER,
    PLAN,
    live_page,
)

SILENT_ENGINE = "127.0.0.1:1: no engine answers here: Connection refused"
GONE = "no broker worker answers here; is `backstay up` running?"
HEADER = " PAPER  DU1234567  session ready  broker 15:00:02 UTC  last tick 0.4 s ago"


def line(plan_id: str, doing: Doing | None, **more: Any) -> TradeLine:
    """What a trade says of itself, or that it does not."""
    return TradeLine(
        plan_id=plan_id,
        trade=trade_id(ACCOUNT, plan_id),
        workflow_id=f"trade:{ACCOUNT}:{plan_id}",
        symbol="AAPL",
        side="buy",
        state="validated",
        doing="" if doing is None else doing.value,
        why="",
        started_at=NOW,
        closed_at=None,
        answered=doing is not None,
        **more,
    )


def trade(plan_id: str, found: TradeLine | None = None) -> EngineTrade:
    return EngineTrade(plan_id, trade_id(ACCOUNT, plan_id), "AAPL", "buy", found)


def report(engine: EngineWord, edge: EdgeWord, *names: str) -> WatchReport:
    read = [read_name(name) for name in names]
    return report_of(ACCOUNT, AccountKind.PAPER, read, engine, edge)


def shown(found: WatchReport, width: int = 80, height: int | None = None) -> list[str]:
    return [text.plain for text in page(found, width, height)]


def live(*legs: LiveLeg, **edge: Any) -> EdgeWord:
    return EdgeWord(live_page(*legs, **edge))


BOTH = EngineWord((trade(PLAN), trade(OTHER)))


@dataclass
class FakeEngine:
    """An engine with some trades; it says how they stand only where it is asked to."""

    plans: tuple[str, ...]
    asked: list[str]

    async def trades(self, account: str, wanted: Wanted, limit: int) -> Trades:
        assert wanted.running
        assert limit >= len(self.plans)
        found = [
            Description(
                workflow_id=f"trade:{account}:{plan}",
                run_id="run",
                kind_of_workflow="Trade",
                status="running",
                started_at=NOW,
                closed_at=None,
                account=account,
                symbol="AAPL",
                state="validated",
                summary="",
                side="buy",
            )
            for plan in self.plans
        ]
        return Trades(tuple(found), more=True)

    async def standing(self, workflow_id: str) -> Any:
        self.asked.append(workflow_id)
        raise EngineSilentError("no worker")
