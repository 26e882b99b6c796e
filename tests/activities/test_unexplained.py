"""What nothing explains is told once, with its contract and the trades that it may come from."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from activities.unexplained import LATELY, LOOKS, NAMED_MAX, PAUSE_SECONDS, UnexplainedPositions
from backstay.accounts.errors import BookDamagedError
from backstay.accounts.state import AccountState, KeptAnswer, Settled, TradeRecord
from backstay.broker.notices import Notice
from backstay.domain.edge.snapshot import BookedExecution, BrokerSnapshot, Completeness
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits import check
from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import Claim
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.kill import KillState
from backstay.domain.orders.reports import ExecutionReported
from backstay.domain.positions.answers import BrokerPosition
from backstay.domain.sides import Side
from backstay.domain.trade.admission import Admitted
from backstay.lab.virtual_time import run
from tests.accounts.cases import request, round_trip
from tests.broker.edge.stage import START_NS
from tests.domain.limits.samples import ACCOUNT, OTHER_TRADE, SETTINGS, SHARE, TRADE, key

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
WHOLE = Completeness(AT, AT, AT, AT, AT)
CLAIM = Claim(key(), SHARE.con_id, Side.SELL, Decimal(100), Decimal(100), Decimal(0))


class Account:
    """A book with what it is given."""

    def __init__(self) -> None:
        self.book = Book()
        self.records: tuple[TradeRecord, ...] = ()
        self.is_damaged = False
        self.asked: list[datetime] = []

    async def state(self) -> AccountState:
        if self.is_damaged:
            raise BookDamagedError("it can't be read")
        return AccountState(ACCOUNT, self.book)

    async def settled_since(self, since: datetime) -> tuple[TradeRecord, ...]:
        self.asked.append(since)
        return self.records


class Edge:
    """An edge that shows what is held."""

    def __init__(self, held: int) -> None:
        self.has_synced = asyncio.Event()
        self.has_synced.set()
        self.held = held
        self.executed: tuple[BookedExecution, ...] = ()
        self.completeness = WHOLE

    async def synced(self) -> None:
        await self.has_synced.wait()

    def snapshot(self) -> BrokerSnapshot:
        held = BrokerPosition(SHARE.con_id, Decimal(self.held), Decimal(100))
        positions = (held,) if self.held else ()
        return BrokerSnapshot(ACCOUNT, AT, self.completeness, positions, (), (), self.executed, ())


class Scene:
    """One that looks, and everything around it."""

    def __init__(self, held: int) -> None:
        self.account, self.edge = Account(), Edge(held)
        self.told: list[Notice] = []
        self.looking = UnexplainedPositions(self.account, self.edge, self.told.append, lambda: AT)


def settled(trade: str = TRADE, *, is_over: bool = True) -> TradeRecord:
    _, approvals = check.admit(request(trade).requests, Book(), SETTINGS, AT)
    assert not isinstance(approvals, Refused)
    answer = KeptAnswer("digest", Admitted(approvals, KillState()))
    return TradeRecord(trade, "plan", (answer,), round_trip(trade), Settled(is_over=is_over))


def executed(exec_id: str) -> BookedExecution:
    fill = ExecutionReported(exec_id, 1, 7, Side.BUY, Decimal(100), Decimal(100), AT)
    return BookedExecution(SHARE.con_id, key(), fill)


def play(held: int, story: Callable[[Scene], Awaitable[None]]) -> list[Notice]:
    """What is told in a story, after which a minute and some more pass."""

    async def main() -> list[Notice]:
        scene = Scene(held)
        scene.account.records = (settled(),)
        looking = asyncio.ensure_future(scene.looking.run())
        await story(scene)
        await asyncio.sleep((LOOKS + 1) * PAUSE_SECONDS)
        assert looking.done(), "it looks for no longer"
        await looking
        return scene.told

    return run(main(), start_ns=START_NS)


@pytest.mark.req("L3", "L1")
def test_what_nothing_explains_is_told_once_it_has_stood_for_longer_than_a_report_lags() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(4.9)
        assert scene.told == []
        await asyncio.sleep(0.2)
        assert len(scene.told) == 1
        assert scene.account.asked == [AT - LATELY] * 2

    (notice,) = play(-100, story)
    text = (
        "-100 are held, and what trades have left over, and others executed, comes to 0: a fill"
        " was taken back, or somebody has traded, while nobody here could hear of it, and nobody"
        " looks after the rest"
    )
    subject = f"AAPL, contract {SHARE.con_id}, of {TRADE}"
    assert notice == Notice(IncidentKind.UNEXPECTED_POSITION, subject, text, AT)


def test_an_account_that_holds_nothing_costs_no_look_into_the_book() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(0)
        scene.edge.held = -100
        await asyncio.sleep(60)
        assert len(scene.account.asked) <= 1

    assert play(0, story) == []


def test_what_was_settled_long_ago_says_nothing_of_what_is_held() -> None:
    async def story(scene: Scene) -> None:
        scene.account.records = ()

    assert play(500, story) == []


def test_a_report_that_lags_is_waited_for() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(4)
        scene.edge.held = 0

    assert play(-100, story) == []


def test_a_settlement_that_is_under_way_is_waited_for() -> None:
    async def story(scene: Scene) -> None:
        scene.account.book, scene.account.records = Book(claims=(CLAIM,)), ()
        await asyncio.sleep(22)
        assert scene.told == []
        scene.account.book, scene.account.records = Book(), (settled(),)
        await asyncio.sleep(6)
        assert scene.told == [], "it has to stand from then on"

    assert len(play(-100, story)) == 1


def test_a_trade_that_goes_on_looks_after_itself() -> None:
    async def story(scene: Scene) -> None:
        scene.account.book = Book(claims=(CLAIM,))
        await asyncio.sleep(LOOKS * PAUSE_SECONDS)
        scene.account.book = Book()

    assert play(-100, story) == []


def test_a_trade_that_is_settled_in_part_explains_nothing_yet() -> None:
    async def story(scene: Scene) -> None:
        scene.account.records = (settled(is_over=False),)

    assert play(-100, story) == []


def test_what_is_executed_after_the_first_reading_is_told_by_others() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(4)
        scene.edge.executed = (executed("0000e.1.01"),)

    assert play(-100, story) == []


def test_what_had_been_executed_before_takes_nothing_away() -> None:
    async def story(scene: Scene) -> None:
        scene.edge.executed = (executed("0000e.1.01"),)

    assert len(play(-100, story)) == 1


def test_nothing_is_said_on_half_a_reading_or_without_a_book() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(4)
        scene.edge.has_synced.clear()
        scene.edge.completeness = Completeness()
        await asyncio.sleep(10)
        scene.edge.has_synced.set()
        await asyncio.sleep(4)
        scene.edge.completeness, scene.account.is_damaged = WHOLE, True
        await asyncio.sleep(10)
        assert scene.told == []
        scene.account.is_damaged = False

    assert len(play(-100, story)) == 1


def test_of_many_trades_in_a_contract_the_last_ones_are_named() -> None:
    trades = [f"T00000{number:02}" for number in range(NAMED_MAX + 3)]

    async def story(scene: Scene) -> None:
        scene.account.records = tuple(map(settled, trades))

    (notice,) = play(-100, story)
    assert notice.subject.endswith(f", of {' and '.join(trades[-NAMED_MAX:])}")


def test_a_contract_whose_approvals_are_not_kept_has_its_number() -> None:
    async def story(scene: Scene) -> None:
        scene.account.records = (replace(settled(OTHER_TRADE), answers=()),)

    (notice,) = play(-100, story)
    assert notice.subject == f"contract {SHARE.con_id}, of {OTHER_TRADE}"


def test_the_last_days_are_more_than_a_long_weekend() -> None:
    assert timedelta(days=4) < LATELY
