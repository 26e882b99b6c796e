"""Edges as processes: killed with an order on the wire, frozen with another one standing by, ended.

The gateway lives in the test, behind a real port, so that what was really read off the wire can be
looked at while the processes live and die.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from json import loads
from typing import Any

import pytest

from backstay.domain.ids import Purpose
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import key
from tests.broker.tcp.quay import Quay, play
from tests.hanging import HANGS_AFTER_SECONDS

ENTRY, STOP = str(key(Purpose.ENTRY)), str(key(Purpose.PROTECT))

FROZEN = timedelta(seconds=7)


class Running:
    """One edge process, and what it has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self.complaints: list[str] = []
        self._readers = [
            asyncio.create_task(_read(process.stdout, self.said)),
            asyncio.create_task(_read(process.stderr, self.complaints)),
        ]

    async def says(self, words: str) -> None:
        """Wait until it has said so."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while words not in self.said:
                assert self.process.returncode is None, self.complaints
                await asyncio.sleep(0.005)

    async def ends(self, number: signal.Signals) -> int:
        """Its exit code, once it was told to end."""
        self.process.send_signal(number)
        code = await asyncio.wait_for(self.process.wait(), HANGS_AFTER_SECONDS)
        await asyncio.gather(*self._readers)
        return code


async def _read(stream: asyncio.StreamReader | None, lines: list[str]) -> None:
    assert stream is not None
    while line := await stream.readline():
        lines.append(line.decode().rstrip("\n"))


@asynccontextmanager
async def running(quay: Quay, *words: str) -> AsyncIterator[Running]:
    """An edge process before this gateway; none is left behind."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.process.edge_process",
        str(quay.house.port),
        WRITTEN_AT,
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    edge = Running(process)
    try:
        yield edge
    finally:
        if process.returncode is None:
            await edge.ends(signal.SIGKILL)


WRITTEN_AT = "2026-11-23T15:00:00+00:00"


def read(quay: Quay, message: str) -> list[dict[str, Any]]:
    """What was read off the wire of one kind of message, in order."""
    lines = map(loads, quay.wire)
    return [line for line in lines if line["dir"] == "in" and line["msg"] == message]


@pytest.mark.req("X.1")
def test_a_process_killed_with_an_order_on_the_wire_is_succeeded_by_one_that_sends_nothing() -> (
    None
):
    async def story(quay: Quay) -> None:
        async with running(quay) as first:
            await quay.until(lambda: len(quay.placed()) == 2)
            assert await first.ends(signal.SIGKILL) == -signal.SIGKILL
            assert "working" not in first.said
            assert "over" not in first.said
        async with running(quay) as second:
            await second.says("over")
            assert await second.ends(signal.SIGTERM) == 0
        assert quay.position() == 100

    late = rule("placement-acknowledged-late", delay="3s")
    quay = play(story, late)
    assert quay.placed() == [ENTRY, STOP]
    assert quay.standing()[STOP] in ("PreSubmitted", "Submitted")


def test_of_a_frozen_holder_and_who_stands_by_only_one_ever_sends() -> None:
    async def story(quay: Quay) -> None:
        async with running(quay, "101") as holder:
            await holder.says("armed")
            async with running(quay, "101") as standby:
                await standby.says("started")
                holder.process.send_signal(signal.SIGSTOP)
                frozen_at = quay.now
                await quay.until(lambda: quay.now - frozen_at >= FROZEN)
                # What is fresh when it thaws makes it want to send in its first turn.
                quay.trade("100.50")
                quay.trade("101.20")
                assert quay.placed() == []
                assert "ready" not in standby.said
                thawed_at = len(quay.wire)
                holder.process.send_signal(signal.SIGCONT)
                await holder.says("over")
                after = [loads(line) for line in quay.wire[thawed_at:]]
                heard = [line["msg"] for line in after if line["dir"] == "in"]
                assert "reqCurrentTime" in heard[: heard.index("placeOrder")]
                answered = [line["msg"] for line in after]
                assert answered.index("currentTime") < answered.index("placeOrder")
                assert await holder.ends(signal.SIGKILL) == -signal.SIGKILL
                await standby.says("over")
                assert await standby.ends(signal.SIGTERM) == 0
        assert quay.position() == 100

    quay = play(story)
    assert quay.placed() == [ENTRY, STOP]
    assert {line["conn"] for line in read(quay, "placeOrder")} == {1}


def test_a_process_that_is_told_to_end_hangs_up_and_leaves_everything_at_the_broker() -> None:
    async def story(quay: Quay) -> None:
        async with running(quay, "101") as edge:
            await edge.says("armed")
            assert await edge.ends(signal.SIGTERM) == 0
            assert edge.said[-1] == "closed"
            assert edge.complaints == []
        hung_up = "connection 1 has ended: the client has closed it"
        await quay.until(lambda: hung_up in quay.house.said)

    assert play(story).placed() == []
