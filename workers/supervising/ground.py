"""What a house stands on: the data folder, complete and sound, before anything is started in it.

A file that is missing beside the others is a loss, and a new one in its place would have forgotten
what the others know. Only where the account's book has never been written in is nothing lost.
Nothing is repaired here, and nothing is changed in a folder that is refused.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from backstay.accounts import file as account_file
from backstay.accounts.errors import AccountsError, BookMissingError
from backstay.accounts.store import AccountStore
from workers.supervising.errors import HouseError
from workers.supervising.folder import DataFolder

UNTOUCHED = 1
"""The revision of a book in which nothing was written since it was made."""

_REMEDY = "bring it back, or name another folder as `data` to begin anew"


def make_folder(folder: DataFolder) -> None:
    """Have the folder there, and writable. HouseError if that can't be."""
    path = folder.path
    try:
        path.mkdir(exist_ok=True)
        folder.log("up").parent.mkdir(exist_ok=True)
    except FileExistsError:
        raise HouseError(f"{path}: this is a file; `data` has to name a folder") from None
    except FileNotFoundError:
        raise HouseError(f"{path}: there is no folder {path.parent} to make it in") from None
    except OSError as error:
        raise HouseError(f"{path}: {error.strerror}") from None
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise HouseError(f"{path}: the folder can't be written in")


async def examine(folder: DataFolder, account: str, *, has_gateway: bool) -> None:
    """Look at everything that is there. HouseError for what can't be gone on with."""
    for each in (folder.book, folder.engine, folder.gateway):
        if each.exists():
            await asyncio.to_thread(_look, each)
    if folder.book.exists():
        await _check_complete(folder, account, has_gateway=has_gateway)
        return
    others = [each.name for each in (folder.engine, folder.gateway) if each.exists()]
    if others:
        raise HouseError(
            f"{folder.book}: the account's book is missing beside {' and '.join(others)}; {_REMEDY}"
        )


def make_book(folder: DataFolder, account: str) -> bool:
    """Have a book of the account in a fresh folder; whether it was made."""
    if folder.book.exists():
        return False
    try:
        account_file.create(folder.book, account)
    except AccountsError as error:
        raise HouseError(str(error)) from None
    return True


async def _check_complete(folder: DataFolder, account: str, *, has_gateway: bool) -> None:
    store = AccountStore(folder.book, account)
    try:
        revision = await store.revision()
        await store.state()
    except BookMissingError as error:
        raise HouseError(f"{error}; name another folder as `data`, or that account") from None
    except AccountsError as error:
        raise HouseError(str(error)) from None
    finally:
        await store.close()
    if revision == UNTOUCHED:
        return
    for missing, what in _missing(folder, has_gateway=has_gateway):
        raise HouseError(
            f"{missing}: {what} is missing beside {folder.book.name}, which was written in;"
            f" {_REMEDY}"
        )


def _missing(folder: DataFolder, *, has_gateway: bool) -> Iterator[tuple[Path, str]]:
    if not folder.engine.exists():
        yield folder.engine, "everything that the engine had"
    if has_gateway and not folder.gateway.exists():
        yield folder.gateway, "the state of the embedded gateway"


def _look(path: Path) -> None:
    """Whether it is a sound file of SQLite. A log beside it, as a killed process leaves it, is read
    with it.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise HouseError(f"{path}: the file is damaged ({' '.join(found.split())}); {_REMEDY}")
