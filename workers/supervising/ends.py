"""How a process has ended: its code, and of all that it has said the words that tell why.

Who ends in order, or of a Python exception, tells why in the last line. A program in Go tells it
in the line of its panic, and then for many lines where it stood; what it complained of just before
is often the reason of that panic. Lines in, one line out: nothing here reads or waits.
"""

import signal
from collections.abc import Iterable
from dataclasses import dataclass

_PANICS = ("panic: ", "fatal error: ")
_TAKEN = "address already in use"
_MARGIN = " \t|"
"""What stands before the lines of an exception that belongs to a group."""


@dataclass(frozen=True, slots=True)
class End:
    """One end: the code as Python counts it, a signal's below zero, and the words of why."""

    code: int
    words: str = ""

    def __str__(self) -> str:
        if self.code < 0:
            return f"killed by {signal.Signals(-self.code).name}"
        return f"exit code {self.code}" + (f": {self.words}" if self.words else "")

    @property
    def is_mischance(self) -> bool:
        """Whether the next one may fare better: somebody was faster at a port, or it did not know
        itself what befell it. Who has found something wrong says so in a line of its own.
        """
        if self.code <= 0:
            return False
        return not self.words or self.words.startswith(_PANICS) or _TAKEN in self.words.casefold()


class LastWords:
    """Hears what a process says, line by line, and keeps what tells why it ended."""

    def __init__(self) -> None:
        self._last = ""
        self._panic = ""

    @property
    def text(self) -> str:
        """One line; empty if it has said nothing."""
        return self._panic or self._last

    def hear(self, line: str) -> None:
        """One more line."""
        if self._panic:
            return
        if line.startswith(_PANICS):
            self._panic = line.strip() + (f"; just before: {self._last}" if self._last else "")
        elif any(map(str.isalnum, line)):
            self._last = line.strip(_MARGIN + "\r\n")


def last_words(lines: Iterable[str]) -> str:
    """What tells why, of all these lines."""
    heard = LastWords()
    for line in lines:
        heard.hear(line)
    return heard.text
