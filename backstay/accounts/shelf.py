"""The notices of an account, in the same file as its book."""

import sqlite3
from datetime import datetime

from backstay.accounts.notices import NOTICES_KEPT, KeptNote, Note, NoteCount
from backstay.domain.incidents.kinds import IncidentKind, Severity


def keep_notes(
    connection: sqlite3.Connection, account: str, notes: tuple[Note, ...]
) -> tuple[Note, ...]:
    """Write down what is new of `notes`, and forget the oldest beyond what is kept."""
    new = tuple(note for note in notes if _kept(connection, account, note))
    for note in new:
        connection.execute(
            "INSERT INTO notice_counts VALUES (?, ?, ?, 1)"
            " ON CONFLICT (account, kind, severity) DO UPDATE SET count = count + 1",
            (account, note.kind, note.severity),
        )
    connection.execute(
        "DELETE FROM notices WHERE account = ? AND number <= ("
        "SELECT number FROM notices WHERE account = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (account, account, NOTICES_KEPT),
    )
    return new


def keep_if_possible(connection: sqlite3.Connection, account: str, note: Note) -> None:
    """Write it down beside what must be written down, whatever becomes of the notice."""
    connection.execute("SAVEPOINT notice")
    try:
        keep_notes(connection, account, (note,))
    except sqlite3.Error:
        connection.execute("ROLLBACK TO notice")
    connection.execute("RELEASE notice")


def newest_notes(connection: sqlite3.Connection, account: str, count: int) -> tuple[KeptNote, ...]:
    """The last notices, oldest first."""
    rows = connection.execute(
        "SELECT number, kind, subject, text, at, name FROM notices WHERE account = ?"
        " ORDER BY number DESC LIMIT ?",
        (account, count),
    ).fetchall()
    return tuple(
        KeptNote(
            number,
            Note(IncidentKind(kind), subject, text, datetime.fromisoformat(at), name or ""),
        )
        for number, kind, subject, text, at, name in reversed(rows)
    )


def note_counts(connection: sqlite3.Connection, account: str) -> tuple[NoteCount, ...]:
    """How many notices there have been, by kind."""
    rows = connection.execute(
        "SELECT kind, severity, count FROM notice_counts WHERE account = ? ORDER BY kind, severity",
        (account,),
    ).fetchall()
    return tuple(
        NoteCount(IncidentKind(kind), Severity(severity), count) for kind, severity, count in rows
    )


def _kept(connection: sqlite3.Connection, account: str, note: Note) -> bool:
    """Whether it was written down, and had not been before."""
    cursor = connection.execute(
        "INSERT INTO notices (account, kind, subject, text, at, name) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (account, note.kind, note.subject, note.text, note.at.isoformat(), note.name or None),
    )
    return cursor.rowcount == 1
