"""What the exchange and the accounts have, in one file that survives the process.

One row for each order, execution, commission, sequence, and row of the accounts; a turn writes what
it changed in one transaction, flushed to the disk, before a byte of what it says leaves. So nothing
that a client was told is lost, however the process ends. With a turn comes what it adds to the
audit, and stays until the next one's: the process may end before it is there. The file belongs to
one process at a time, and is refused with one clear line when it is another's, damaged, or of a
later version.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from backstay.gateway.account.state import (
    AccountChange,
    AccountsState,
    CashState,
    DayState,
    HoldingState,
    TradeState,
)
from backstay.gateway.audit_file import Pending
from backstay.gateway.events import (
    CommissionCharged,
    Event,
    Executed,
    ExecutionForgotten,
    OrderChanged,
    OrderForgotten,
)
from backstay.gateway.exchange.state import (
    ExchangeState,
    ExecutionState,
    OrderState,
    SequenceState,
)
from backstay.gateway.times import ZONE, to_ns
from backstay.gateway.values.execution import Commission

SCHEMA = 1
_APPLICATION_ID = 0x42535459
_ORDER, _EXECUTION, _COMMISSION, _SEQUENCE = "order", "execution", "commission", "sequence"
_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    _ORDER: TypeAdapter(OrderState),
    _EXECUTION: TypeAdapter(ExecutionState),
    _COMMISSION: TypeAdapter(Commission),
    _SEQUENCE: TypeAdapter(SequenceState),
    CashState.kind: TypeAdapter(CashState),
    HoldingState.kind: TypeAdapter(HoldingState),
    TradeState.kind: TypeAdapter(TradeState),
    DayState.kind: TypeAdapter(DayState),
}

_TABLE = (
    "CREATE TABLE rows (kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, "
    "PRIMARY KEY (kind, id))"
)
_CREATE = (
    _TABLE,
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA}",
)
# A row that is written again keeps its place, so that what is loaded is in the order of coming.
_WRITE = (
    "INSERT INTO rows (kind, id, json) VALUES (?, ?, ?) "
    "ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json"
)
_DELETE = "DELETE FROM rows WHERE kind = ? AND id = ?"
_READ = "SELECT kind, id, json FROM rows ORDER BY rowid"

# One row at most. A file of before it was thought of gets the table when it is opened; who knows
# nothing of it passes over it, so it is no new schema.
_PENDING_TABLE = (
    "CREATE TABLE IF NOT EXISTS pending (id INTEGER PRIMARY KEY CHECK (id = 1), "
    "path BLOB NOT NULL, size INTEGER NOT NULL, tail BLOB NOT NULL, data BLOB NOT NULL)"
)
_WRITE_PENDING = (
    "INSERT OR REPLACE INTO pending (id, path, size, tail, data) VALUES (1, ?, ?, ?, ?)"
)
_READ_PENDING = "SELECT path, size, tail, data FROM pending"

Key = tuple[str, str]


class Exchange(Protocol):
    """What the store asks of the exchange."""

    def order_state(self, perm_id: int) -> OrderState | None:
        """One order as it is now, if it is not forgotten."""

    def sequences(self) -> tuple[SequenceState, ...]:
        """All sequences as they are now."""

    def restore(self, state: ExchangeState) -> None:
        """Go on from there."""


class Accounts(Protocol):
    """What the store asks of the accounts."""

    @property
    def names(self) -> tuple[str, ...]:
        """Those that there are."""

    def changes(self) -> tuple[AccountChange, ...]:
        """The rows that are new since this was last asked for."""

    def restore(self, state: AccountsState) -> None:
        """Go on from there."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Everything that a file holds."""

    accounts: AccountsState
    exchange: ExchangeState


class Store:
    """The file, and what of the running turn it doesn't have yet."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._unsaved: dict[Key, object | None] = {}
        self._touched: dict[int, None] = {}
        self._sequences: dict[str, int] = {}
        self._rooms: tuple[Exchange, Accounts] | None = None

    @classmethod
    def open(cls, path: Path | str) -> "Store":
        """Open or create the file at `path`; ValueError if it can't be this process's store."""
        path = Path(path)
        connection = _naming(path, lambda: sqlite3.connect(path, timeout=0, isolation_level=None))
        try:
            _naming(path, lambda: _prepare(path, connection))
        except ValueError:
            connection.close()
            raise
        return cls(path, connection)

    def close(self) -> None:
        """Let the file go; what is not saved is not saved."""
        self._connection.close()

    def begin(self, exchange: Exchange, accounts: Accounts) -> None:
        """Let both go on from what was saved, and save from now on what they change.

        ValueError if it belongs to an account that isn't there: its orders would have nobody to
        fill for.
        """
        saved = self.load()
        if saved is not None:
            self._find_owners(saved, accounts.names)
        # The accounts remember what changed from the first time that they are asked.
        self._gather(exchange, accounts)
        if saved is not None:
            accounts.restore(saved.accounts)
            exchange.restore(saved.exchange)
        self._rooms = (exchange, accounts)

    def load(self) -> Saved | None:
        """What was saved last, or None if nothing ever was."""
        found: dict[str, list[Any]] = {kind: [] for kind in _ADAPTERS}
        rows: list[tuple[str, str, str]] = _naming(
            self.path, lambda: self._connection.execute(_READ).fetchall()
        )
        for kind, row, json in rows:
            if kind not in _ADAPTERS:
                raise ValueError(f'{self.path}: holds a row of the unknown kind "{kind}"')
            try:
                found[kind].append(_ADAPTERS[kind].validate_json(json))
            except ValidationError as error:
                raise ValueError(f"{self.path}: its {kind} {row} can't be read") from error
        if not found[DayState.kind]:
            return None
        self._sequences = {each.name: each.following for each in found[_SEQUENCE]}
        return Saved(
            AccountsState(
                day=found[DayState.kind][0].day,
                cash=tuple(found[CashState.kind]),
                holdings=tuple(found[HoldingState.kind]),
                trades=tuple(found[TradeState.kind]),
            ),
            ExchangeState(
                orders=tuple(found[_ORDER]),
                executions=_with_commissions(found[_EXECUTION], found[_COMMISSION]),
                sequences=tuple(found[_SEQUENCE]),
            ),
        )

    def latest_ns(self) -> int | None:
        """The last moment that anything speaks of; None if nothing was ever saved."""
        saved = self.load()
        if saved is None:
            return None
        moments = [to_ns(datetime.combine(saved.accounts.day, time(), ZONE))]
        for state in saved.exchange.orders:
            held = state.held
            moments += (held.accepted_ns, held.changed_ns, held.completed_ns or held.changed_ns)
        moments += (state.execution.time_ns for state in saved.exchange.executions)
        return max(moments)

    def pending(self) -> Pending | None:
        """What the last turn that added to the audit has added to it."""
        row: tuple[bytes, int, bytes, bytes] | None = _naming(
            self.path, lambda: self._connection.execute(_READ_PENDING).fetchone()
        )
        if row is None:
            return None
        path, size, tail, data = row
        return Pending(Path(os.fsdecode(path)), size, tail, data)

    def on_event(self, event: Event) -> None:
        """Remember what `event` changed until the turn is saved."""
        match event:
            case OrderChanged(held=held):
                self._touched[held.perm_id] = None
            case OrderForgotten(perm_id=perm_id):
                self._touched[perm_id] = None
            case Executed(contract=contract, execution=execution):
                executed = ExecutionState(contract, execution)
                self._unsaved[_EXECUTION, execution.exec_id] = executed
            case CommissionCharged(commission=commission):
                self._unsaved[_COMMISSION, commission.exec_id] = commission
            case ExecutionForgotten(exec_id=exec_id):
                self._unsaved[_EXECUTION, exec_id] = None
                self._unsaved[_COMMISSION, exec_id] = None
            case _:
                pass  # words, and what the rooms are asked for row by row

    def save(self, pending: Pending | None = None) -> bool:
        """End the turn: write what it changed, and wait for the disk; False if that was nothing.

        With it goes what the audit will hear of it. Where nothing has changed there is nothing to
        miss in the audit, and `pending` isn't written either.
        """
        if self._rooms is None:
            raise RuntimeError(f"{self.path}: saved before anything was begun")
        self._gather(*self._rooms)
        if not self._unsaved:
            return False
        _naming(self.path, lambda: self._write(pending))
        self._unsaved = {}
        return True

    def _find_owners(self, saved: Saved, names: tuple[str, ...]) -> None:
        for cash in saved.accounts.cash:
            if cash.account not in names:
                there = ", ".join(names)
                raise ValueError(f"{self.path}: belongs to {cash.account} too, not only to {there}")

    def _gather(self, exchange: Exchange, accounts: Accounts) -> None:
        for perm_id in self._touched:
            self._unsaved[_ORDER, str(perm_id)] = exchange.order_state(perm_id)
        self._touched = {}
        for change in accounts.changes():
            self._unsaved[change.kind, change.row] = change.now
        for sequence in exchange.sequences():
            if self._sequences.get(sequence.name) != sequence.following:
                self._unsaved[_SEQUENCE, sequence.name] = sequence
                self._sequences[sequence.name] = sequence.following

    def _write(self, pending: Pending | None) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for kind, row, json in self._rows():
                if json is None:
                    connection.execute(_DELETE, (kind, row))
                else:
                    connection.execute(_WRITE, (kind, row, json))
            if pending is not None:
                place = os.fsencode(pending.path)
                row_of_it = (place, pending.size, pending.tail, pending.data)
                connection.execute(_WRITE_PENDING, row_of_it)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _rows(self) -> Iterator[tuple[str, str, str | None]]:
        for (kind, row), now in self._unsaved.items():
            json = None if now is None else _ADAPTERS[kind].dump_json(now, exclude_defaults=True)
            yield kind, row, None if json is None else json.decode()


def _with_commissions(
    executions: list[ExecutionState], commissions: list[Commission]
) -> tuple[ExecutionState, ...]:
    costs = {commission.exec_id: commission for commission in commissions}
    return tuple(replace(each, commission=costs.get(each.execution.exec_id)) for each in executions)


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Take the file for this process alone, and see that it is a store that can be read."""
    application_id, version, tables = _identity(connection)
    if application_id != _APPLICATION_ID and (tables or application_id):
        raise ValueError(f"{path}: is a database of another program")
    if tables and version > SCHEMA:
        raise ValueError(
            f"{path}: was written by a later version (its schema is {version}, known is {SCHEMA})"
        )
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise ValueError(f"{path}: is damaged ({verdict})")
    if not tables:
        for statement in _CREATE:
            connection.execute(statement)
    connection.execute(_PENDING_TABLE)
    connection.execute("COMMIT")


def _identity(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Whose file it is, of which version, and how many tables it has."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return application_id, version, tables


def _naming(path: Path, action: Callable[[], Any]) -> Any:
    """Do `action`; what the database complains of becomes one line that names the file."""
    try:
        return action()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ValueError(f"{path}: is in use by another process") from error
        raise ValueError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path}: is no store, or a damaged one ({error})") from error
