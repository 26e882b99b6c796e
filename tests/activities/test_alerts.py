"""What is told is counted, logged and kept, whoever tells it and whatever the disk does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import alerts
from activities.alerts import AlertDoor, NoticeBoard, NoticeBoards, NoticeMetrics
from activities.calls import Alert
from backstay.accounts.file import create
from backstay.accounts.notices import Note
from backstay.accounts.store import AccountStore
from backstay.broker.notices import Notice
from backstay.domain.incidents.kinds import IncidentKind
from tests.domain.limits.samples import ACCOUNT, NOW, later

ALERT = Alert(ACCOUNT, IncidentKind.NAKED_POSITION, "AAPL", "50 shares")
NOTICE = Notice(IncidentKind.EXIT_WAITS, "AAPL", "the market is halted", later(1))


@dataclass(frozen=True)
class House:
    board: NoticeBoard
    store: AccountStore
    path: Path
    registry: CollectorRegistry

    async def kept(self) -> list[Note]:
        """What is on the disk."""
        return [each.note for each in await self.store.notes(100)]

    def counted(self, kind: IncidentKind, severity: str) -> float | None:
        """How often that was told."""
        labels = {"account": ACCOUNT, "kind": kind.value, "severity": severity}
        return self.registry.get_sample_value("backstay_notices_total", labels)

    def sample(self, name: str) -> float | None:
        """A figure of the account."""
        return self.registry.get_sample_value(name, {"account": ACCOUNT})


@asynccontextmanager
async def house(tmp_path: Path) -> AsyncIterator[House]:
    path = tmp_path / "accounts.db"
    create(path, ACCOUNT)
    store, registry = AccountStore(path, ACCOUNT), CollectorRegistry()
    board = NoticeBoard(store, lambda: NOW, NoticeMetrics(registry), "boot-1")
    yield House(board, store, path, registry)
    await store.close()


async def until_written(board: NoticeBoard) -> None:
    async with asyncio.timeout(10):
        while board.waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.req("S1.10")
def test_an_alert_is_kept_counted_and_logged_when_the_activity_is_done(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            door, environment = AlertDoor(NoticeBoards([home.board])), ActivityEnvironment()
            for _ in range(2):
                await environment.run(door.alert, ALERT)
            assert [
                (note.kind, note.subject, note.text, note.at) for note in await home.kept()
            ] == [(ALERT.kind, "AAPL", "50 shares", NOW)], (
                "an attempt whose result was lost tells nobody twice"
            )
            assert home.counted(ALERT.kind, "p1") == 1
            environment.info = replace(environment.info, activity_id="another")
            await environment.run(door.alert, ALERT)
            assert len(await home.kept()) == 2

    with caplog.at_level(logging.INFO):
        asyncio.run(scenario())
    lines = [record for record in caplog.records if record.name == "backstay.alerts"]
    assert [record.getMessage() for record in lines] == ["P1 naked position, AAPL: 50 shares"] * 2
    assert lines[0].levelno == logging.CRITICAL
    assert vars(lines[0])["incident"] == "naked position"
    assert (vars(lines[0])["account"], vars(lines[0])["severity"]) == (ACCOUNT, "p1")


def test_an_alert_that_nobody_keeps_is_logged_and_not_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> None:
        with pytest.raises(ApplicationError) as failed:
            await ActivityEnvironment().run(AlertDoor(NoticeBoards([])).alert, ALERT)
        assert failed.value.type == "BookMissing"

    asyncio.run(scenario())
    assert "naked position, AAPL: 50 shares" in caplog.text


def test_a_notice_is_put_down_in_the_turn_and_written_by_the_boards_own_task(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            running = asyncio.create_task(home.board.run())
            for number in range(3):
                home.board.tell(replace(NOTICE, text=f"news {number}"))
            assert home.board.waiting == 3
            assert home.sample("backstay_notices_waiting") == 3
            assert home.counted(NOTICE.kind, "p2") == 3
            await until_written(home.board)
            home.board.tell(replace(NOTICE, text="news 3"))
            await until_written(home.board)
            running.cancel()
            kept = await home.kept()
            assert [note.text for note in kept] == [f"news {number}" for number in range(4)]
            assert {note.at for note in kept} == {NOTICE.at}
            assert home.sample("backstay_notices_waiting") == 0

    asyncio.run(scenario())


def test_notices_wait_while_the_file_is_gone_and_are_written_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "AGAIN_SECONDS", 0.01)

    async def scenario() -> None:
        async with house(tmp_path) as home:
            aside = tmp_path / "aside.db"
            home.path.rename(aside)
            running = asyncio.create_task(home.board.run())
            home.board.tell(NOTICE)
            await asyncio.sleep(0.1)
            assert home.board.waiting == 1
            assert not running.done()
            aside.rename(home.path)
            await until_written(home.board)
            running.cancel()
            assert [note.text for note in await home.kept()] == [NOTICE.text]

    asyncio.run(scenario())


def test_what_is_still_waiting_at_the_end_is_written_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            running = asyncio.create_task(home.board.run())
            home.board.tell(NOTICE)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            running.cancel()  # in the middle of the writing, which goes on
            await asyncio.gather(running, return_exceptions=True)
            assert home.board.waiting == 1
            await home.board.close()
            assert home.board.waiting == 0
            assert len(await home.kept()) == 1

    asyncio.run(scenario())


def test_what_stays_unwritten_at_the_end_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            home.path.unlink()
            home.board.tell(NOTICE)
            await home.board.close()
            assert home.board.waiting == 1

    asyncio.run(scenario())
    assert "1 notices stay in the log only" in caplog.text


def test_more_than_can_wait_drops_the_oldest_and_counts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "WAITING_MAX", 2)

    async def scenario() -> None:
        async with house(tmp_path) as home:
            for number in range(5):
                home.board.tell(replace(NOTICE, text=f"news {number}"))
            await home.board.close()
            assert [note.text for note in await home.kept()] == ["news 3", "news 4"]
            assert home.sample("backstay_notices_dropped_total") == 3
            assert home.counted(NOTICE.kind, "p2") == 5

    asyncio.run(scenario())


def test_what_is_dropped_while_the_disk_writes_takes_nothing_else_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "WAITING_MAX", 2)

    async def scenario() -> None:
        async with house(tmp_path) as home:
            tell = [replace(NOTICE, text=f"news {number}") for number in range(4)]
            home.board.tell(tell[0])
            home.board.tell(tell[1])
            writing = asyncio.create_task(home.board.close())
            await asyncio.sleep(0)  # the first two are on their way to the disk
            home.board.tell(tell[2])
            home.board.tell(tell[3])
            await writing
            assert [note.text for note in await home.kept()] == [each.text for each in tell]

    asyncio.run(scenario())
