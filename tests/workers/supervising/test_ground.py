"""The data folder: complete and sound, or refused with one line and left as it is."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from backstay.accounts.store import AccountStore
from backstay.domain.limits.kill import Halt
from workers.supervising.errors import HouseError
from workers.supervising.folder import DataFolder
from workers.supervising.ground import examine, make_book, make_folder

ACCOUNT = "DU1234567"
REMEDY = "bring it back, or name another folder as `data` to begin anew"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """As a house has left it that has lived."""
    made = DataFolder(tmp_path / "data")
    make_folder(made)
    assert make_book(made, ACCOUNT)
    for file in (made.engine, made.gateway):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE t (x)")
            connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 200)
            connection.commit()
    return made


def lived(folder: DataFolder) -> None:
    """Something stands in the book."""

    async def story() -> None:
        store = AccountStore(folder.book, ACCOUNT)
        await store.halt(Halt("earnings", "AAPL"))
        await store.close()

    asyncio.run(story())


def refused(folder: DataFolder, account: str = ACCOUNT, *, has_gateway: bool = True) -> str:
    """The line, if there is one."""
    files = (each for each in folder.path.iterdir() if each.is_file())
    before = {each: each.read_bytes() for each in files if not each.name.endswith("-shm")}
    said = ""
    try:
        asyncio.run(examine(folder, account, has_gateway=has_gateway))
    except HouseError as error:
        said = str(error)
    assert {each: each.read_bytes() for each in before} == before
    assert "\n" not in said
    return said


def test_a_fresh_folder_and_one_that_has_lived_are_fine(tmp_path: Path, folder: DataFolder) -> None:
    fresh = DataFolder(tmp_path / "fresh")
    make_folder(fresh)
    assert refused(fresh) == ""
    assert make_book(fresh, ACCOUNT)
    assert not make_book(fresh, ACCOUNT)
    assert refused(fresh) == ""
    lived(folder)
    assert refused(folder) == ""


def test_a_book_that_is_missing_beside_the_others_is_a_loss(folder: DataFolder) -> None:
    folder.book.unlink()
    assert refused(folder) == (
        f"{folder.book}: the account's book is missing beside engine.sqlite and gateway.sqlite;"
        f" {REMEDY}"
    )
    folder.engine.unlink()
    assert "beside gateway.sqlite;" in refused(folder)


@pytest.mark.parametrize(
    ("missing", "what"),
    [
        (lambda folder: folder.engine, "everything that the engine had"),
        (lambda folder: folder.gateway, "the state of the embedded gateway"),
    ],
)
def test_what_is_missing_beside_a_book_is_a_loss_once_the_book_was_written_in(
    folder: DataFolder, missing: Callable[[DataFolder], Path], what: str
) -> None:
    file = missing(folder)
    file.unlink()
    assert refused(folder) == ""
    lived(folder)
    assert refused(folder) == (
        f"{file}: {what} is missing beside accounts.sqlite, which was written in; {REMEDY}"
    )


def test_before_a_real_gateway_the_simulated_ones_state_is_not_missed(folder: DataFolder) -> None:
    lived(folder)
    folder.gateway.unlink()
    assert refused(folder, has_gateway=False) == ""


@pytest.mark.parametrize("name", ["book", "engine", "gateway"])
def test_a_file_that_is_none_of_sqlites_is_refused(folder: DataFolder, name: str) -> None:
    file: Path = getattr(folder, name)
    file.write_bytes(b"this is something else\n" * 100)
    assert refused(folder) == (f"{file}: the file is damaged (file is not a database); {REMEDY}")


@pytest.mark.parametrize("name", ["engine", "gateway"])
def test_a_file_with_a_page_that_was_overwritten_is_refused(folder: DataFolder, name: str) -> None:
    file: Path = getattr(folder, name)
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    file.write_bytes(content)
    said = refused(folder)
    assert said.startswith(f"{file}: the file is damaged (")
    assert said.endswith(REMEDY)


def test_a_log_that_a_killed_process_has_left_is_read_and_left(
    folder: DataFolder, tmp_path: Path
) -> None:
    copied = DataFolder(tmp_path / "killed")
    with closing(sqlite3.connect(folder.engine)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE later (x)")
        connection.commit()
        shutil.copytree(folder.path, copied.path)
    log = copied.engine.with_name("engine.sqlite-wal")
    before = log.read_bytes()
    assert before
    assert refused(copied) == ""
    assert log.read_bytes() == before


def test_a_book_of_another_account_is_refused(folder: DataFolder) -> None:
    assert refused(folder, "DU7654321") == (
        f"{folder.book} holds no book of DU7654321; name another folder as `data`, or that account"
    )


def test_a_folder_that_is_a_file_or_has_no_place_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("")
    with pytest.raises(HouseError) as raised:
        make_folder(DataFolder(file))
    assert str(raised.value) == f"{file}: this is a file; `data` has to name a folder"
    nowhere = tmp_path / "none" / "data"
    with pytest.raises(HouseError) as raised:
        make_folder(DataFolder(nowhere))
    assert str(raised.value) == f"{nowhere}: there is no folder {nowhere.parent} to make it in"


def test_a_folder_that_takes_nothing_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(HouseError) as raised:
        make_folder(DataFolder(tmp_path))
    assert str(raised.value) == f"{tmp_path}: the folder can't be written in"
