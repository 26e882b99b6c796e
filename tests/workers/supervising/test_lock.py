"""One keeper for a folder, and the second is told who the first is."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workers.supervising.errors import HouseError
from workers.supervising.lock import locked

NOW = datetime(2026, 11, 21, 16, 5, 33, tzinfo=UTC)


def refused(file: Path) -> str:
    with pytest.raises(HouseError) as raised, locked(file, NOW):
        pass
    return str(raised.value)


def test_who_comes_second_hears_who_holds_it_and_since_when(tmp_path: Path) -> None:
    file = tmp_path / "up.lock"
    with locked(file, NOW):
        assert refused(file) == (
            f"{tmp_path}: kept already, by process {os.getpid()} since 2026-11-21 16:05:33 UTC;"
            " one is enough"
        )
    with locked(file, NOW):
        assert str(os.getpid()) in file.read_text()


def test_what_stands_in_it_otherwise_hinders_nobody(tmp_path: Path) -> None:
    file = tmp_path / "up.lock"
    file.write_text("something else, and much longer than what is written into it otherwise" * 9)
    with locked(file, NOW):
        assert len(file.read_text()) < 100
        file.write_text("")
        assert refused(file) == f"{tmp_path}: kept already, by another process; one is enough"


def test_a_place_that_cant_be_written_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "none" / "up.lock"
    assert refused(file) == f"{file}: No such file or directory"
