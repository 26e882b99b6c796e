"""The lines of a rehearsal, and the virtual clock: every line carries its time."""

from datetime import datetime

from backstay.lab.telling import Event, Who


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
