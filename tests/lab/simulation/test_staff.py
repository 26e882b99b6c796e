"""What the book of a run says of what is written in it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from backstay.accounts.file import create
from backstay.accounts.notices import Note
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode
from backstay.lab.oracle.happenings import Happening
from backstay.lab.simulation.recorder import Recorder
from backstay.lab.simulation.staff import BOOK_SECONDS, ToldStore
from backstay.lab.virtual_time import run

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
KILLED, UNKNOWN = IncidentKind.KILLED, IncidentKind.ORDER_UNKNOWN


class _Heard:
    """What a run's recorder is told."""

    def __init__(self) -> None:
        self.book_changes = 0
        self.kinds: list[IncidentKind] = []

    def note(self, note: Note) -> None:
        self.kinds.append(note.kind)

    def happened(self, happening: Happening) -> None:
        """A kill stands in the book."""


def _told(path: Path, *, beside_seconds: float | None = None, kills: int = 1) -> list[IncidentKind]:
    heard = _Heard()
    create(path, "DU1")

    async def kill(store: ToldStore) -> None:
        for _ in range(kills):
            await store.kill(KillMode.FLATTEN, "enough", "Ada", AT)

    async def note(store: ToldStore) -> None:
        if beside_seconds is not None:
            await asyncio.sleep(beside_seconds)
            await store.note(Note(UNKNOWN, "an order", "nobody says what became of it", AT))

    async def story() -> None:
        person, worker = (ToldStore(path, "DU1", cast("Recorder", heard)) for _ in range(2))
        await asyncio.gather(kill(person), note(worker))
        await person.close()
        await worker.close()

    run(story(), start_ns=0)
    return heard.kinds


@pytest.mark.parametrize("kills", [1, 2])
def test_each_kill_is_heard_of_once(tmp_path: Path, kills: int) -> None:
    assert _told(tmp_path / "book", kills=kills) == [KILLED] * kills


@pytest.mark.parametrize("part", range(1, 9))
def test_a_kill_is_heard_of_whatever_is_written_down_beside_it(tmp_path: Path, part: int) -> None:
    kinds = _told(tmp_path / "book", beside_seconds=part * BOOK_SECONDS / 5)
    assert sorted(kinds) == sorted([KILLED, UNKNOWN])
