"""The audit's file, where a state file vouches for it.

A process may die when the store has a turn and the audit doesn't yet. So the very transaction that
stores a turn also stores what the turn will add to this file, and where: what is `pending`. Whoever
opens the file next writes first what of it is missing, and never anything twice.

It knows its file by its place, its length and the bytes before what is pending. A file of which
that isn't true is another one: nothing of it is touched, and one line says what is lost. What
reached the file lasts as long as the machine does; it is not forced to the disk.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_TAIL_BYTES_MAX = 64
"""So much of what stood before is looked at again: where it differs, the file is another."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What a turn adds to the file at `path`, which has `size` bytes and ends with `tail`."""

    path: Path
    size: int
    tail: bytes
    data: bytes

    @property
    def lines(self) -> int:
        """How many lines it adds."""
        return self.data.count(b"\n")


class AuditFile:
    """One file, open for more lines."""

    def __init__(self, path: Path) -> None:
        """Open it, or make an empty one; OSError if it can't be had."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o666)
        self.path = path.resolve()

    def close(self) -> None:
        """Let it go."""
        os.close(self._descriptor)

    def pending(self, text: str) -> Pending:
        """What has to be known of the file to find out later whether `text` has reached it."""
        size = os.fstat(self._descriptor).st_size
        tail = _before(self._descriptor, size)
        return Pending(self.path, size, tail, text.encode())

    def write(self, text: str) -> None:
        """Add whole lines; where they don't fit, the file stays as it was, and OSError."""
        size = os.fstat(self._descriptor).st_size
        try:
            _write(self._descriptor, text.encode())
        except OSError:
            os.ftruncate(self._descriptor, size)
            raise

    def mend(self, pending: Pending, say: Callable[[str], None]) -> None:
        """Write what is missing of it; `say` what is lost because its file is another one."""
        missing = _missing(self._descriptor, pending)
        if missing is not None and pending.path == self.path:
            _write(self._descriptor, missing)
        elif missing != b"" and not _is_whole(pending):
            say(
                f"{pending.path}: is not the audit that the state knew, or not all of it; "
                f"its last lines ({pending.lines}) are lost"
            )


def _missing(descriptor: int, pending: Pending) -> bytes | None:
    """The end of `pending` that the file lacks; None if it is not the file that it is for."""
    if _before(descriptor, pending.size) != pending.tail:
        return None
    there = os.pread(descriptor, len(pending.data), pending.size)
    return pending.data[len(there) :] if pending.data.startswith(there) else None


def _is_whole(pending: Pending) -> bool:
    """Whether the file that it was for is where it was, and has all of it."""
    try:
        if not pending.path.is_file():
            return False
        descriptor = os.open(pending.path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return _missing(descriptor, pending) == b""
    finally:
        os.close(descriptor)


def _before(descriptor: int, offset: int) -> bytes:
    """The last bytes before `offset`."""
    start = max(offset - _TAIL_BYTES_MAX, 0)
    return os.pread(descriptor, offset - start, start)


def _write(descriptor: int, data: bytes) -> None:
    """All of it: the system may take less at once."""
    while data:
        data = data[os.write(descriptor, data) :]
