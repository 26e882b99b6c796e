"""An alarm rings at a broker time, and never before it, however slowly broker time runs."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backstay.broker.errands import Alarm
from backstay.gateway.times import SECOND_NS
from backstay.lab.virtual_time import run, running

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def play(story: Coroutine[Any, Any, None]) -> None:
    run(story, start_ns=1_795_446_000 * SECOND_NS)


@pytest.mark.parametrize("speed", [1.0, 0.9, 0.5])
def test_it_rings_once_and_not_before_its_time(speed: float) -> None:
    async def story() -> None:
        def now() -> datetime:
            return NOON + timedelta(seconds=running().time() * speed)

        rung: list[datetime] = []
        alarm = Alarm(now, lambda: rung.append(now()))
        alarm.set(NOON + timedelta(seconds=10))
        await asyncio.sleep(100)
        (at,) = rung
        assert timedelta(0) <= at - NOON - timedelta(seconds=10) < timedelta(milliseconds=1)

    play(story())


def test_what_is_past_rings_in_the_next_turn_and_what_is_cleared_never() -> None:
    async def story() -> None:
        rung: list[str] = []
        Alarm(lambda: NOON, lambda: rung.append("past")).set(NOON - timedelta(seconds=1))
        cleared = Alarm(lambda: NOON, lambda: rung.append("cleared"))
        cleared.set(NOON)
        cleared.clear()
        assert rung == []
        await asyncio.sleep(0.001)
        assert rung == ["past"]

    play(story())
