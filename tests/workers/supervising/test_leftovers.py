"""What an earlier run has left: ended if it is ours beyond doubt, and told."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.workers.supervising.sleepers import SLEEP, started
from workers.supervising.errors import HouseError
from workers.supervising.identity import began, lives, myself
from workers.supervising.leftovers import end_leftovers
from workers.supervising.roster import Part, Process, Roster, Running, read_roster, write_roster

SINCE = datetime(2026, 11, 21, 16, tzinfo=UTC)
DEAD = Process(1, "long ago")
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


def roster(*processes: Process, keeper: Process = DEAD) -> Roster:
    running = [
        Running(part, process, "127.0.0.1:1", SINCE)
        for part, process in zip(Part, processes, strict=False)
    ]
    return Roster(keeper, "http://127.0.0.1:2", tuple(running))


def told(file: Path) -> list[str]:
    lines: list[str] = []
    asyncio.run(end_leftovers(file, lines.append))
    return lines


def test_what_is_ours_is_ended_and_what_only_has_its_id_is_not(tmp_path: Path) -> None:
    file = tmp_path / "processes.json"
    with started() as ours, started() as other:
        mine = Process(ours.pid, began(ours.pid) or "")
        stranger = Process(other.pid, began(other.pid) or "")
        write_roster(file, roster(mine, Process(other.pid, "another time")))
        assert told(file) == [
            f"engine: ended process {ours.pid}, which an earlier run had left",
        ]
        assert lives(stranger)
        assert not lives(mine)


def test_one_that_does_not_listen_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.supervising.leftovers.END_SECONDS_MAX", 0.2)
    file = tmp_path / "processes.json"
    with started(STUBBORN) as child:
        write_roster(file, roster(Process(child.pid, began(child.pid) or "")))
        assert len(told(file)) == 1
        assert child.wait(10) < 0


@pytest.mark.parametrize("text", ["", "{", '{"keeper": {"pid": 1', "\x00\xff", "[]"])
def test_a_roster_that_is_half_written_or_none_is_said_and_no_obstacle(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "processes.json"
    file.write_text(text)
    assert told(file) == [
        f"{file}: this is no roster of processes, so no leftovers can be found by it"
    ]


def test_without_a_roster_or_with_a_dead_one_nothing_is_said(tmp_path: Path) -> None:
    file = tmp_path / "processes.json"
    assert told(file) == []
    write_roster(file, roster(Process(myself().pid, "another time")))
    assert told(file) == []


def test_while_its_keeper_lives_nothing_of_it_is_touched(tmp_path: Path) -> None:
    file = tmp_path / "processes.json"
    with started() as keeper, started() as child:
        process = Process(child.pid, began(child.pid) or "")
        write_roster(file, roster(process, keeper=Process(keeper.pid, began(keeper.pid) or "")))
        with pytest.raises(HouseError) as raised:
            told(file)
        assert str(raised.value) == (
            f"{tmp_path}: kept already, by process {keeper.pid}; one is enough"
        )
        assert lives(process)


def test_a_part_whose_address_is_not_known_yet_has_none(tmp_path: Path) -> None:
    file = tmp_path / "processes.json"
    found = Roster(DEAD, "", (Running(Part.BROKER, DEAD, "", SINCE),))
    write_roster(file, found)
    assert read_roster(file) == found
    assert found.address(Part.BROKER) is None
    assert found.address(Part.ENGINE) is None
