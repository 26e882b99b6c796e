"""One SQLite file with the books of one or more accounts, as one account sees it.

Every change is one transaction that begins by taking the file for itself: what it reads is what it
decides on, in however many processes. It is on the disk before anybody hears of it. What is read
has to be what was written: the file's own marks, the place where it lies, and a digest over each
text are looked at each time.

Everything here blocks, and belongs to one thread.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from backstay.accounts.errors import (
    AccountsError,
    BookBusyError,
    BookDamagedError,
    BookExistsError,
    BookForeignError,
    BookMissingError,
    DiskError,
)
from backstay.accounts.state import AccountState, TradeRecord
from backstay.accounts.tables import APPLICATION_ID, VERSION, make_file

BUSY_SECONDS = 2.0
"""How long we wait for another process; the callers ask again after that."""

V = TypeVar("V")
Mark = tuple[tuple[int, ...], ...]

_STATE: TypeAdapter[AccountState] = TypeAdapter(AccountState)
_RECORD: TypeAdapter[TradeRecord] = TypeAdapter(TradeRecord)


def create(path: Path, account: str) -> None:
    """An empty book for `account`, in a new file or in one that holds other accounts."""
    if not path.exists():
        try:
            make_file(path)
        except BookExistsError:
            pass  # somebody else was faster; it is one file all the same
        except (sqlite3.Error, OSError) as fault:
            raise DiskError(f"{path} can't be made: {fault}") from fault
    file = AccountFile(path, account)
    try:
        with file.transaction() as connection:
            known = connection.execute("SELECT 1 FROM accounts WHERE account = ?", (account,))
            if known.fetchone() is not None:
                raise BookExistsError(f"{path} holds a book of {account} already")
            text = _STATE.dump_json(AccountState(account)).decode()
            connection.execute(
                "INSERT INTO accounts VALUES (?, 1, ?, ?)", (account, text, _digest(text))
            )
    finally:
        file.close()


class AccountFile:
    """The connection of one thread to the book of one account."""

    def __init__(self, path: Path, account: str, busy_seconds: float = BUSY_SECONDS) -> None:
        self._path = path
        self._account = account
        self._busy_seconds = busy_seconds
        self._connection: sqlite3.Connection | None = None
        self._place: tuple[int, int] | None = None

    @property
    def account(self) -> str:
        """Whose book it is."""
        return self._account

    def close(self) -> None:
        """Let the file go; it is opened again when something is asked for."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def mark(self) -> Mark:
        """What has become of the file and its log, at the price of a glance: each write changes it,
        but for two within the tick of the clock that dates files. It needs no transaction, and may
        be asked by any thread.
        """
        return tuple(map(_glance, (self._path, self._path.with_name(f"{self._path.name}-wal"))))

    @contextmanager
    def transaction(self, *, writes: bool = True) -> Iterator[sqlite3.Connection]:
        """Everything that is done in it happens at once, or not at all."""
        try:
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            self._check_place()
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as fault:
            self._undo()
            raise self._translated(fault) from fault
        except BaseException:
            self._undo()
            raise

    def state(self, connection: sqlite3.Connection) -> AccountState:
        """The account as it stands."""
        row = connection.execute(
            "SELECT state, digest FROM accounts WHERE account = ?", (self._account,)
        ).fetchone()
        if row is None:
            raise BookMissingError(f"{self._path} holds no book of {self._account}")
        state = self._value(_STATE, f"the book of {self._account}", *row)
        if state.account != self._account:
            raise self._damaged(f"the book of {self._account} is that of {state.account}")
        return state

    def revision(self, connection: sqlite3.Connection) -> int:
        """How often the account has changed."""
        row = connection.execute(
            "SELECT revision FROM accounts WHERE account = ?", (self._account,)
        ).fetchone()
        if row is None:
            raise BookMissingError(f"{self._path} holds no book of {self._account}")
        return int(row[0])

    def keep(self, connection: sqlite3.Connection, state: AccountState) -> None:
        """Write the account down."""
        text = _STATE.dump_json(state).decode()
        connection.execute(
            "UPDATE accounts SET revision = revision + 1, state = ?, digest = ? WHERE account = ?",
            (text, _digest(text), self._account),
        )

    def record(self, connection: sqlite3.Connection, trade: str) -> TradeRecord | None:
        """What is kept of a trade."""
        row = connection.execute(
            "SELECT record, digest FROM trades WHERE account = ? AND trade = ?",
            (self._account, trade),
        ).fetchone()
        return None if row is None else self._value(_RECORD, f"the trade {trade}", *row)

    def open_records(self, connection: sqlite3.Connection) -> tuple[TradeRecord, ...]:
        """Every trade for which something was approved and that has not ended."""
        rows = connection.execute(
            "SELECT trade, record, digest FROM trades WHERE account = ? AND is_open ORDER BY trade",
            (self._account,),
        ).fetchall()
        return tuple(
            self._value(_RECORD, f"the trade {trade}", text, digest) for trade, text, digest in rows
        )

    def settled_since(
        self, connection: sqlite3.Connection, since: datetime
    ) -> tuple[TradeRecord, ...]:
        """Every trade whose settlement is of then or later, in the order of these."""
        rows = connection.execute(
            "SELECT trade, record, digest,"
            " julianday(json_extract(record, '$.settlement.at')) AS day"
            " FROM trades WHERE account = ? AND NOT is_open AND day >= julianday(?)"
            " ORDER BY day, trade",
            (self._account, since.isoformat()),
        ).fetchall()
        return tuple(
            self._value(_RECORD, f"the trade {trade}", text, digest)
            for trade, text, digest, _ in rows
        )

    def open_plans(self, connection: sqlite3.Connection) -> tuple[str, ...]:
        """The plans of the open trades. A record that can't be read keeps nobody from a kill."""
        rows = connection.execute(
            "SELECT plan_id FROM trades WHERE account = ? AND is_open ORDER BY plan_id",
            (self._account,),
        ).fetchall()
        return tuple(str(plan_id) for (plan_id,) in rows)

    def keep_record(self, connection: sqlite3.Connection, record: TradeRecord) -> None:
        """Write a trade down."""
        text = _RECORD.dump_json(record).decode()
        connection.execute(
            "INSERT INTO trades VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, trade) DO UPDATE"
            " SET plan_id = excluded.plan_id, is_open = excluded.is_open,"
            " record = excluded.record, digest = excluded.digest",
            (
                self._account,
                record.trade,
                record.plan_id,
                int(record.is_open),
                text,
                _digest(text),
            ),
        )

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        place = self._place_now()
        uri = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(
            uri, uri=True, timeout=self._busy_seconds, isolation_level=None
        )
        try:
            self._check_marks(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        self._connection, self._place = connection, place
        return connection

    def _check_marks(self, connection: sqlite3.Connection) -> None:
        marks = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "journal_mode")
        ]
        if marks != [APPLICATION_ID, VERSION, "wal"]:
            raise BookForeignError(
                f"{self._path} is no book of accounts of version {VERSION}:"
                f" application {marks[0]:#x}, version {marks[1]}, journal {marks[2]}"
            )

    def _check_place(self) -> None:
        """A file that was moved or deleted under us takes what we write along."""
        if self._place_now() != self._place:
            raise BookMissingError(f"{self._path} is another file than the one that was opened")

    def _place_now(self) -> tuple[int, int]:
        try:
            found = os.stat(self._path)
        except FileNotFoundError as fault:
            raise BookMissingError(
                f"{self._path} does not exist; a book is made on purpose, or brought back"
            ) from fault
        except OSError as fault:
            raise DiskError(f"{self._path} can't be looked at: {fault}") from fault
        return found.st_dev, found.st_ino

    def _undo(self) -> None:
        """Leave nothing behind: whoever comes next starts from what is on the disk."""
        try:
            self.close()
        except sqlite3.Error:
            self._connection = None

    def _value(self, adapter: TypeAdapter[V], what: str, text: str, digest: str) -> V:
        if _digest(text) != digest:
            raise self._damaged(f"{what} is not what was written")
        try:
            return adapter.validate_json(text)
        except ValidationError as fault:
            raise self._damaged(f"{what} can't be read: {fault}") from fault

    def _damaged(self, text: str) -> BookDamagedError:
        return BookDamagedError(f"{self._path}: {text}")

    def _translated(self, fault: sqlite3.Error) -> AccountsError:
        # An extended code has the primary one in its lowest byte.
        code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        text = f"{self._path}: {fault}"
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return BookBusyError(f"{text}, for {self._busy_seconds:g} s")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            return BookDamagedError(text)
        return DiskError(text)


def _glance(path: Path) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
