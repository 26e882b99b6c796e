"""What is told of a rehearsal, line by line.

Owns the virtual clock, because every line carries its time, and who is said to have acted.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Who(StrEnum):
    """Whose doing a line tells of."""

    RULES = "rules"
    MARKET = "market"
    SENT = "sent"
    BROKER = "broker"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Event:
    """One line: when, whose doing, what happened, why or what of it."""

    at: datetime
    who: Who
    what: str
    why: str


class Story:
    """The lines so far, and the time at which the next one happens."""

    def __init__(self, begins: datetime) -> None:
        self.now = begins
        self._events: list[Event] = []

    def tell(self, who: Who, what: str, why: str = "") -> None:
        """One more line, at the present time."""
        self._events.append(Event(self.now, who, what, why))

    @property
    def events(self) -> tuple[Event, ...]:
        """All lines, oldest first."""
        return tuple(self._events)
