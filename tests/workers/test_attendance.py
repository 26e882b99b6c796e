"""Nobody serves an account's edge: told once, and only while it matters."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from backstay.broker.notices import Notice
from backstay.domain.incidents.kinds import IncidentKind
from workers.attendance import Attendance

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
QUEUE = "edge-arms:DU1"


class RollCall:
    """An engine whose workers give signs when the test says so."""

    def __init__(self) -> None:
        self.beats: dict[str, int] = {}
        self.is_trading = True
        self.is_away = False

    async def signs(self, queue: str) -> frozenset[tuple[str, datetime]]:
        assert queue == QUEUE
        if self.is_away:
            raise RPCError("gone", RPCStatusCode.UNAVAILABLE, b"")
        return frozenset(
            (key, AT + timedelta(seconds=2 * beats)) for key, beats in self.beats.items()
        )

    async def has_trades(self, account: str) -> bool:
        assert account == "DU1"
        return self.is_trading


class Watch:
    """An attendance, and what it has told; a look is every other second."""

    def __init__(self) -> None:
        self.roll_call = RollCall()
        self.told: list[Notice] = []
        self.attendance = Attendance(self.roll_call, "DU1", lambda: AT, self.told.append)
        self.at = 1000.0

    def look(self, times: int, beating: Iterable[str] = ()) -> None:
        for _ in range(times):
            for key in beating:
                self.roll_call.beats[key] = self.roll_call.beats.get(key, 0) + 1
            asyncio.run(self.attendance.look(self.at))
            self.at += 2


def test_what_nobody_serves_for_ten_seconds_is_told_once() -> None:
    watch = Watch()
    watch.look(5)
    assert (watch.told, watch.attendance.trouble) == ([], "")
    watch.look(1)
    text = f"nobody serves {QUEUE}: is a broker worker running, with its session?"
    assert watch.told == [Notice(IncidentKind.TASK_SILENT, QUEUE, text, AT)]
    assert watch.attendance.trouble == text
    watch.look(20)
    assert len(watch.told) == 1


def test_whoever_goes_on_giving_signs_is_there() -> None:
    watch = Watch()
    watch.look(20, ["first"])
    assert watch.told == []
    watch.look(4)
    assert watch.told == []
    watch.look(1)
    assert len(watch.told) == 1


def test_who_has_died_before_the_first_look_is_not_there() -> None:
    watch = Watch()
    watch.roll_call.beats["dead"] = 7
    watch.look(6)
    assert len(watch.told) == 1


def test_a_successor_is_there_whatever_the_dead_one_has_left() -> None:
    watch = Watch()
    watch.look(3, ["first"])
    watch.look(3)
    watch.look(10, ["second"])
    assert watch.told == []


def test_what_is_served_again_is_logged_and_may_be_told_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch = Watch()
    watch.look(6)
    watch.look(1, ["first"])
    assert watch.attendance.trouble == ""
    assert [record.getMessage() for record in caplog.records] == [f"{QUEUE} is served again"]
    watch.look(5)
    assert len(watch.told) == 2


def test_without_trades_nobody_need_be_there() -> None:
    watch = Watch()
    watch.roll_call.is_trading = False
    watch.look(20)
    assert watch.told == []
    watch.roll_call.is_trading = True
    watch.look(1)
    assert len(watch.told) == 1
    watch.roll_call.is_trading = False
    watch.look(1)
    assert watch.attendance.trouble == ""


def test_an_engine_that_does_not_answer_accuses_nobody(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    watch.look(5)
    watch.roll_call.is_away = True
    watch.look(3)
    watch.roll_call.is_away = False
    watch.look(5)
    assert watch.told == []
    assert len(caplog.records) == 1
    watch.look(1)
    assert len(watch.told) == 1
