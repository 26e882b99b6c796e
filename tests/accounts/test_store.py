"""The store of an account: one transaction for each thing, off the loop, asked again at will."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from backstay.accounts.errors import (
    BookBusyError,
    BookDamagedError,
    BookMissingError,
    SettlementDiffersError,
)
from backstay.accounts.file import create
from backstay.accounts.killing import Approach
from backstay.accounts.notices import NOTICES_KEPT, Note, NoteCount
from backstay.accounts.store import AccountStore
from backstay.domain.incidents.kinds import IncidentKind, Severity
from backstay.domain.incidents.resumption import NotYet
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.trade.admission import Admitted
from tests.accounts.cases import TIGHT, request, round_trip
from tests.domain.limits.samples import ACCOUNT, NOW, OTHER_TRADE, SETTINGS, SHARE, TRADE, later

NOTE = Note(IncidentKind.NAKED_POSITION, "AAPL", "50 shares", NOW)


@asynccontextmanager
async def store(path: Path, busy_seconds: float = 2.0) -> AsyncIterator[AccountStore]:
    opened = AccountStore(path, ACCOUNT, busy_seconds)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with an empty book."""
    path = tmp_path / "accounts.db"
    create(path, ACCOUNT)
    return path


def test_what_was_settled_lately_is_found_in_the_order_of_its_settlements(path: Path) -> None:
    async def scenario() -> None:
        early, late = "T0000001", "A0000002"
        moments = {early: later(-60), OTHER_TRADE: later(-7200), late: later(-59.5)}
        async with store(path) as opened:
            for trade, at in moments.items():
                await opened.admit(request(trade), SETTINGS)
                await opened.settle(replace(round_trip(trade), at=at))
            await opened.admit(request(), SETTINGS)
            found = await opened.settled_since(later(-60))
            assert [record.trade for record in found] == [early, late]
            assert found[0] == await opened.record(early)
            assert len(await opened.settled_since(later(-7201))) == 3
            assert await opened.settled_since(NOW) == ()

    asyncio.run(scenario())


@pytest.mark.req("S1.14")
def test_what_was_admitted_is_known_to_the_store_that_comes_after(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as first:
            answer = await first.admit(request(), SETTINGS)
            state = await first.state()
        async with store(path) as second:
            assert await second.state() == state
            assert await second.admit(request(), SETTINGS) == answer
            assert await second.state() == state
            assert [record.plan_id for record in await second.open_records()] == [f"plan-{TRADE}"]

    asyncio.run(scenario())


@pytest.mark.req("S1.5")
def test_stores_that_ask_at_once_never_take_more_than_there_is(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as one, store(path) as two:
            asks = [request(f"T000000{number}", at=later(number)) for number in range(6)]
            answers = await asyncio.gather(
                *(each.admit(ask, TIGHT) for ask in asks for each in (one, two))
            )
            admitted = [answer for answer in answers if isinstance(answer, Admitted)]
            assert len(admitted) == 2
            assert admitted[0] == admitted[1], "the same request, asked by both"
            state = await one.state()
            assert state.book.position_at_most(SHARE.con_id) == 100

    asyncio.run(scenario())


def test_a_trade_that_is_settled_makes_room_for_the_next(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            await opened.admit(request(), TIGHT)
            assert isinstance(await opened.admit(request(OTHER_TRADE), TIGHT), Refused)
            settled = await opened.settle(round_trip())
            assert settled.is_over
            assert await opened.settle(round_trip()) == settled
            assert isinstance(
                await opened.admit(request(OTHER_TRADE, at=later(1)), TIGHT), Admitted
            )
            record = await opened.record(TRADE)
            assert record is not None
            assert record.settlement == round_trip()
            with pytest.raises(SettlementDiffersError):
                await opened.settle(round_trip(closed=1))

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_a_kill_outlives_the_process_and_names_the_trades_that_it_finds_open(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            await opened.admit(request(), SETTINGS)
            await opened.admit(request(OTHER_TRADE, at=later(2)), SETTINGS)
            await opened.settle(round_trip())
            kept = await opened.kill(KillMode.FREEZE, "too fast", "Ada", NOW)
            assert kept.plan_ids == (f"plan-{OTHER_TRADE}",)
        async with store(path) as opened:
            assert await opened.kill_state() == kept.state == KillState(1, KillMode.FREEZE)
            refused = await opened.admit(request("T0000009", at=later(9)), SETTINGS)
            assert isinstance(refused, Refused)
            assert refused.code is RefusalCode.KILLED
            now = NOW + timedelta(days=1)
            verdict = await opened.resume(Approach("Grace", "mended"), now, now.date())
            assert isinstance(verdict, NotYet)
            assert (await opened.kill_state()).mode is KillMode.FREEZE

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_a_trade_that_cannot_be_read_keeps_nobody_from_a_kill(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            await opened.admit(request(), SETTINGS)
            with closing(sqlite3.connect(path, isolation_level=None)) as harm:
                harm.execute("UPDATE trades SET record = 'torn'")
            kept = await opened.kill(KillMode.FREEZE, "too fast", "Ada", NOW)
            assert kept.plan_ids == (f"plan-{TRADE}",)
            with pytest.raises(BookDamagedError):
                await opened.settle(round_trip())

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_a_kill_is_a_notice_that_says_who_why_and_in_which_mode(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            await opened.kill(KillMode.FLATTEN, "too fast", "Ada", NOW)
            await opened.kill(KillMode.FREEZE, " ", "Grace", later(1))
            kept = [each.note for each in await opened.notes(9)]
        stays = "freeze by Grace: not given, and flatten stays in force"
        assert kept == [
            Note(IncidentKind.KILLED, ACCOUNT, "flatten by Ada: too fast", NOW, "kill:1"),
            Note(IncidentKind.KILLED, ACCOUNT, stays, later(1), "kill:2"),
        ]

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
@pytest.mark.parametrize("harm", ["DROP TABLE notices", "DROP TABLE notice_counts"])
def test_notices_that_take_nothing_keep_nobody_from_a_kill(path: Path, harm: str) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            await opened.admit(request(), SETTINGS)
            with closing(sqlite3.connect(path, isolation_level=None)) as harmed:
                harmed.execute(harm)
            kept = await opened.kill(KillMode.FREEZE, "too fast", "Ada", NOW)
            assert kept.plan_ids == (f"plan-{TRADE}",)
            assert await opened.kill_state() == KillState(1, KillMode.FREEZE)

    asyncio.run(scenario())


class Inline(Executor):
    """Where everything happens at once, in the thread of whoever asks."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        """Do it."""
        future: Future[object] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_a_store_can_work_in_the_thread_of_its_loop(path: Path) -> None:
    """So that a simulation sees every step in its own order."""

    async def scenario() -> None:
        opened = AccountStore(path, ACCOUNT, thread=Inline())
        assert isinstance(await opened.admit(request(), SETTINGS), Admitted)
        assert await opened.revision() == 2
        await opened.close()

    asyncio.run(scenario())


def test_the_revision_grows_with_each_change_and_stays_with_each_look(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened, store(path) as other:
            seen = [await other.revision()]
            for change in (
                opened.admit(request(), SETTINGS),
                opened.admit(request(), SETTINGS),
                opened.halt(Halt("data lost")),
                opened.halt(Halt("data lost")),
                opened.lift(Halt("data lost")),
                opened.note(NOTE),
                opened.kill(KillMode.FREEZE, "", "", NOW),
                opened.settle(round_trip()),
            ):
                await change
                seen.append(await other.revision())
            grown = [after - before for before, after in pairwise(seen)]
            assert grown == [1, 0, 1, 0, 1, 0, 1, 1]

    asyncio.run(scenario())


def test_the_loop_goes_on_while_another_process_holds_the_file(path: Path) -> None:
    async def scenario() -> None:
        async with store(path, busy_seconds=0.3) as opened:
            await opened.state()
            turns = 0

            async def turn() -> None:
                nonlocal turns
                while True:
                    await asyncio.sleep(0.005)
                    turns += 1

            turning = asyncio.create_task(turn())
            with closing(sqlite3.connect(path, isolation_level=None)) as holder:
                holder.execute("BEGIN IMMEDIATE")
                with pytest.raises(BookBusyError):
                    await opened.admit(request(), SETTINGS)
            turning.cancel()
            assert turns >= 10
            assert isinstance(await opened.admit(request(), SETTINGS), Admitted)

    asyncio.run(scenario())


def test_what_nobody_waits_for_any_more_is_finished_and_answered_when_asked_again(
    path: Path,
) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            asking = asyncio.create_task(opened.admit(request(), SETTINGS))
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            answer = await opened.admit(request(), SETTINGS)
            assert isinstance(answer, Admitted)
            assert await opened.revision() == 2

    asyncio.run(scenario())


def test_a_store_without_a_file_refuses_and_makes_none(path: Path) -> None:
    path.unlink()

    async def scenario() -> None:
        opened = AccountStore(path, ACCOUNT)
        for asking in (opened.admit(request(), SETTINGS), opened.kill_state(), opened.note(NOTE)):
            with pytest.raises(BookMissingError):
                await asking
        await opened.close()

    asyncio.run(scenario())
    assert not path.exists()


def test_notices_are_kept_in_their_order_and_counted_by_kind(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            notes = [replace(NOTE, text=f"{number} shares") for number in range(3)]
            manual = replace(NOTE, kind=IncidentKind.MANUAL_ACTION)
            assert await opened.note(*notes, manual) == (*notes, manual)
            kept = await opened.notes(2)
            assert [each.note for each in kept] == [notes[2], manual]
            assert [each.number for each in kept] == [3, 4]
            assert await opened.note_counts() == (
                NoteCount(IncidentKind.MANUAL_ACTION, Severity.P4, 1),
                NoteCount(IncidentKind.NAKED_POSITION, Severity.P1, 3),
            )

    asyncio.run(scenario())


def test_a_notice_with_a_name_is_kept_and_counted_once(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            named = replace(NOTE, name="a run:7")
            assert await opened.note(named) == (named,)
            assert await opened.note(named, replace(NOTE, name="a run:8")) == (
                replace(NOTE, name="a run:8"),
            )
            assert [each.note.name for each in await opened.notes(10)] == ["a run:7", "a run:8"]
            assert [each.count for each in await opened.note_counts()] == [2]

    asyncio.run(scenario())


def test_of_many_notices_the_newest_are_kept_and_all_are_counted(path: Path) -> None:
    async def scenario() -> None:
        async with store(path) as opened:
            await opened.note(*[NOTE] * NOTICES_KEPT)
            await opened.note(replace(NOTE, text="the last"), replace(NOTE, text="the very last"))
            kept = await opened.notes(NOTICES_KEPT + 10)
            assert [kept[0].number, kept[-1].number] == [3, NOTICES_KEPT + 2]
            assert len(kept) == NOTICES_KEPT
            assert kept[-1].note.text == "the very last"
            assert [each.count for each in await opened.note_counts()] == [NOTICES_KEPT + 2]

    asyncio.run(scenario())
