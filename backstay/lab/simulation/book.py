"""The book of the account for one run: a file that every worker of the run opens.

It is the real one, and lasts through every crash. An empty one is made once in a process and copied
for each run; where the machine has a folder in memory, it lies there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from backstay.accounts.file import create

NAME = "accounts.sqlite"
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only a folder inside of it is used


@contextmanager
def book_folder(account: str) -> Iterator[Path]:
    """A folder with an empty book in it, for as long as it is used."""
    with TemporaryDirectory(prefix="backstay-", dir=_place()) as folder:
        (Path(folder) / NAME).write_bytes(_empty(account))
        yield Path(folder)


@cache
def _empty(account: str) -> bytes:
    with TemporaryDirectory(prefix="backstay-", dir=_place()) as folder:
        path = Path(folder) / NAME
        create(path, account)
        return path.read_bytes()


@cache
def _place() -> Path | None:
    return _IN_MEMORY if _IN_MEMORY.is_dir() else None
