"""Everything that happens in a run, in order, one line each: what two runs of a seed have in common
to the last byte, and what the story of a run is told from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b


class Source(StrEnum):
    """Who tells."""

    WIRE = "wire"
    """The gateway's wire log, as it writes it."""

    AUDIT = "audit"
    """The gateway's audit, as it writes it."""

    ENGINE = "engine"
    """An event of a history: run, number, type, and what it says in short, as JSON."""

    NOTICE = "notice"
    """Somebody was told something: kind, subject and text, as JSON."""

    HAND = "hand"
    """What a person did, and what was answered, as JSON."""

    STRIKE = "strike"
    """What went wrong, and to whom, as JSON."""

    MARKET = "market"
    """What the market did, as JSON."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, and when it was written."""

    at_ns: int
    source: Source
    text: str


class Journal:
    """Takes every entry; keeps all of them only where somebody wants to read them."""

    def __init__(self, *, keeps: bool = False, heard: Callable[[Entry], None] | None = None):
        self._digest = blake2b(digest_size=16)
        self._keeps = keeps
        self._heard = heard
        self.entries: list[Entry] = []
        self.count = 0

    def write(self, at_ns: int, source: Source, text: str) -> None:
        """Take the next line."""
        self._digest.update(f"{at_ns} {source} {text}\n".encode())
        self.count += 1
        if not self._keeps and self._heard is None:
            return
        entry = Entry(at_ns, source, text)
        if self._keeps:
            self.entries.append(entry)
        if self._heard is not None:
            self._heard(entry)

    @property
    def digest(self) -> str:
        """What is the same for two runs with the same lines, and for no others."""
        return self._digest.hexdigest()
