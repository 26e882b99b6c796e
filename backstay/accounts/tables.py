"""The tables of the file, and how it comes into being.

A file is made once, by somebody who asks for it: beside its place, complete, and then put there in
one step that fails if something is there already. So there is never half a file, and never a new
one in place of a damaged one.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from backstay.accounts.errors import BookExistsError

APPLICATION_ID = 0x4253_5459
"""`BSTY`: whose file it is, in the header that SQLite keeps for this."""

VERSION = 1

_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE accounts (
    account TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE TABLE trades (
    account TEXT NOT NULL REFERENCES accounts,
    trade TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    record TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (account, trade)
) STRICT;
CREATE INDEX open_trades ON trades (account) WHERE is_open;
CREATE TABLE notices (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES accounts,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    name TEXT
) STRICT;
CREATE INDEX notices_by_account ON notices (account, number);
CREATE UNIQUE INDEX notices_by_name ON notices (account, name) WHERE name IS NOT NULL;
CREATE TABLE notice_counts (
    account TEXT NOT NULL REFERENCES accounts,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (account, kind, severity)
) STRICT;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
COMMIT;
"""


def make_file(path: Path) -> None:
    """A file with empty tables at `path`, where there is none; its folder has to exist."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with closing(sqlite3.connect(beside, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLES)
        os.link(beside, path)
    except FileExistsError as fault:
        raise BookExistsError(f"{path} exists") from fault
    finally:
        beside.unlink(missing_ok=True)
    _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    """Have the folder's own entry survive a loss of power, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
