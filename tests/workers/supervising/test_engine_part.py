"""The engine as a part of a house: how it first begins on a machine whose ports are wanted."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.hanging import HANGS_AFTER_SECONDS
from tests.workers.supervising.scripted import Heard
from tests.workers.unlucky import PANIC, WORDLESS, lives, unlucky_engine
from workers import clock, embedded
from workers.config import Settings
from workers.supervising import parts
from workers.supervising.folder import DataFolder
from workers.supervising.keeper import Keeper, NotServingError
from workers.supervising.parts import EngineStarter

Story = Callable[[Keeper, EngineStarter], Awaitable[None]]


@pytest.fixture
def ui_ports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Those that the engine's page is offered one after the other; no two are the same."""
    found = sorted({embedded.free_port() for _ in range(9)})
    offered = iter(found)
    monkeypatch.setattr(parts, "free_port", lambda: next(offered))
    return found


def kept(folder: Path, story: Story, ui_port: int = 0) -> None:
    """Have an engine on a port that nobody has while the story lasts."""
    address = f"127.0.0.1:{embedded.free_port()}"
    settings = Settings.model_validate({"account": "DU1", "temporal": {"address": address}})

    async def main() -> None:
        starter = EngineStarter(settings, DataFolder(folder), ui_port)
        keeper = Keeper(starter, Heard(), clock.now)
        try:
            async with asyncio.timeout(HANGS_AFTER_SECONDS):
                await story(keeper, starter)
        finally:
            await keeper.leave()
            await keeper.end()

    asyncio.run(main())


def told_ui_ports(folder: Path) -> list[int]:
    return [int(words[words.index("--ui-port") + 1]) for words in lives(folder)]


@pytest.mark.parametrize("last_act", [PANIC, WORDLESS])
def test_one_that_panics_or_dies_without_a_word_is_begun_again_with_another_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ui_ports: list[int], last_act: str
) -> None:
    monkeypatch.setattr(embedded, "BINARY", unlucky_engine(tmp_path, 2, last_act))

    async def story(keeper: Keeper, starter: EngineStarter) -> None:
        await keeper.begin()
        assert told_ui_ports(tmp_path) == ui_ports[:3]
        assert starter.ui == f"http://127.0.0.1:{ui_ports[2]}"
        assert keeper.report().restarts == 0

    kept(tmp_path, story)


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_page_that_was_asked_for_and_one_that_has_served_stay_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ui_ports: list[int], *, is_asked: bool
) -> None:
    monkeypatch.setattr(embedded, "BINARY", unlucky_engine(tmp_path, 1, WORDLESS))

    async def story(_: Keeper, starter: EngineStarter) -> None:
        unlucky = await starter.start()
        with pytest.raises(NotServingError, match="it has ended while it started: exit code 1"):
            await unlucky.ready()
        for _life in range(2):
            process = await starter.start()
            await process.ready()
            await process.end()

    first, second, *_, asked = ui_ports
    kept(tmp_path, story, ui_port=asked if is_asked else 0)
    assert told_ui_ports(tmp_path) == ([asked] * 3 if is_asked else [first, second, second])


def test_one_whose_file_is_no_database_is_refused_at_once_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "BINARY", unlucky_engine(tmp_path, 0, WORDLESS))
    DataFolder(tmp_path).engine.write_bytes(b"no database" * 1000)

    async def story(keeper: Keeper, _: EngineStarter) -> None:
        with pytest.raises(NotServingError) as raised:
            await keeper.begin()
        text = str(raised.value)
        assert text.startswith("it has ended while it started: exit code 1: Error: ")
        assert text.endswith("file is not a database (26)")

    kept(tmp_path, story)
    assert len(lives(tmp_path)) == 1
