"""How often the doctor looks for signs of life before it says that nobody serves a queue."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from unittest.mock import AsyncMock, MagicMock, patch

import pytest
from temporalio.client import Client

from activities.calls import Door
from workers.examining import walk
from workers.examining.crew import Sign

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Signs = tuple[Sign, ...]


def signs(seconds: int, *doors: Door) -> Signs:
    """Whoever serves these queues, and when they gave a sign."""
    at = NOON + timedelta(seconds=seconds)
    return tuple(Sign(door, door.value, "somebody", "", at) for door in doors)


def looked(*told: Signs) -> tuple[Signs, int]:
    """What is known in the end if the engine tells this look by look, and after how many; what it
    tells last it goes on telling.
    """
    answers: Iterator[Signs] = chain(told, repeat(told[-1]))
    pauses = AsyncMock()
    with (
        patch("workers.examining.crew.signs_of", AsyncMock(side_effect=answers)),
        patch("workers.examining.walk.asyncio.sleep", pauses),
    ):
        _, later = asyncio.run(walk._two_looks(MagicMock(spec=Client), "DU1234567"))
    return later, pauses.await_count


def test_whoever_has_only_begun_is_waited_for() -> None:
    begun = signs(2, *Door)
    assert looked((), (), begun) == (begun, 2)


def test_where_nobody_ever_gives_a_sign_it_is_said_soon() -> None:
    assert looked(()) == ((), walk.LOOKS_MIN)


def test_as_soon_as_everybody_has_given_another_sign_no_more_is_asked() -> None:
    assert looked(signs(0, *Door), signs(2, *Door)) == (signs(2, *Door), 1)


@pytest.mark.parametrize("told", [signs(0, *Door), signs(0, Door.ARMS, Door.OPS)])
def test_who_gives_no_other_sign_has_had_time_enough(told: Signs) -> None:
    assert looked(told) == (told, walk.LOOKS_MAX)
