"""A file that grows while it is read: its whole lines, each once, in the order of the file.

A line counts when its end is there. A file that is cut, replaced or rewritten is read again from
its start, and that is said; so is one that is gone. It knows nothing of what the lines mean.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CHUNK_BYTES_MAX = 65_536
"""What is read at once; no line is longer."""
_TAIL_BYTES_MAX = 64
"""So much of what was read last is looked at again: where it differs, the file is another."""
_BYTE_ORDER_MARK = "\ufeff"
"""What some editors put before a text; it belongs to no word."""


class RawLine(NamedTuple):
    """A line as it stands there, without its end; counted from 1."""

    number: int
    text: str


class FollowedFile:
    """One file, and how far it was read."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        """Open it, or make an empty one; OSError or ValueError if it can't be followed."""
        self.path = path
        self._say = say
        self._said = ""
        self._descriptor = _opened(path, os.O_CREAT)
        self._offset = 0
        self._number = 0
        self._tail = b""
        self._is_within_long_line = False

    def close(self) -> None:
        """Let it go."""
        os.close(self._descriptor)

    def read(self) -> tuple[RawLine, ...]:
        """The next whole lines; none if there is nothing new."""
        try:
            self._look_at_the_name()
            return self._whole_lines()
        except (OSError, ValueError) as wrong:
            self._say_once(getattr(wrong, "strerror", None) or str(wrong))
            return ()

    def _whole_lines(self) -> tuple[RawLine, ...]:
        while True:
            data = self._unread()
            end = data.rfind(b"\n") + 1
            if end or len(data) < CHUNK_BYTES_MAX:
                return self._taken(data[:end])
            self._pass_over(data)

    def _look_at_the_name(self) -> None:
        there = self.path.stat()
        if os.path.samestat(there, os.fstat(self._descriptor)):
            self._said = ""
            return
        following = _opened(self.path)
        os.close(self._descriptor)
        self._descriptor = following
        self._said = ""
        self._begin_anew("was replaced")

    def _unread(self) -> bytes:
        size = os.fstat(self._descriptor).st_size
        if size < self._offset:
            self._begin_anew("was cut")
        elif not self._is_the_same():
            self._begin_anew("was rewritten")
        return os.pread(self._descriptor, CHUNK_BYTES_MAX, self._offset)

    def _is_the_same(self) -> bool:
        length = len(self._tail)
        return os.pread(self._descriptor, length, self._offset - length) == self._tail

    def _begin_anew(self, why: str) -> None:
        self._say(f"{self.path}: it {why}, and is read from its start")
        self._offset, self._number, self._tail = 0, 0, b""
        self._is_within_long_line = False

    def _pass_over(self, data: bytes) -> None:
        if not self._is_within_long_line:
            self._say(f"{self.path}: line {self._number + 1}: longer than {CHUNK_BYTES_MAX} bytes")
        self._is_within_long_line = True
        self._advance(data)

    def _taken(self, data: bytes) -> tuple[RawLine, ...]:
        if not data:
            return ()
        self._advance(data)
        texts = data[:-1].decode("utf-8", "replace").split("\n")
        first = self._number + 1
        if first == 1:
            texts[0] = texts[0].removeprefix(_BYTE_ORDER_MARK)
        self._number += len(texts)
        lines = tuple(RawLine(number, text) for number, text in enumerate(texts, start=first))
        if self._is_within_long_line:
            self._is_within_long_line = False
            return lines[1:]
        return lines

    def _advance(self, data: bytes) -> None:
        self._offset += len(data)
        self._tail = (self._tail + data)[-_TAIL_BYTES_MAX:]

    def _say_once(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._say(f"{self.path}: {text}; no new prices come from it")


def _opened(path: Path, flags: int = 0) -> int:
    # Without O_NONBLOCK a pipe would keep us waiting for somebody who writes to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | flags, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("not a plain file")
    return descriptor
