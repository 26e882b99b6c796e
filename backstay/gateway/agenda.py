"""What will happen, in order of time and then of asking: the only clock of the gateway.

Whoever drives the gateway moves `now` forward; nothing here knows of real time, of threads or of
sockets. What is due at the same instant happens in the order in which it was asked for.
"""

from collections.abc import Callable
from heapq import heappop, heappush

Action = Callable[[], None]


class Appointment:
    """One thing to come; it can be called off."""

    __slots__ = ("_action", "due_ns", "name")

    def __init__(self, due_ns: int, name: str, action: Action) -> None:
        self.due_ns = due_ns
        self.name = name
        self._action: Action | None = action

    def call_off(self) -> None:
        """It won't happen; once it has, or twice, is no fault."""
        self._action = None

    @property
    def stands(self) -> bool:
        """Whether it is still to come."""
        return self._action is not None

    def _keep(self) -> None:
        action, self._action = self._action, None
        if action is not None:
            action()


class Agenda:
    """Broker time, and what is due."""

    def __init__(self, now_ns: int) -> None:
        self._now_ns = now_ns
        self._count = 0
        self._heap: list[tuple[int, int, Appointment]] = []

    @property
    def now_ns(self) -> int:
        """Broker time, in nanoseconds since 1970 UTC."""
        return self._now_ns

    def at(self, due_ns: int, name: str, action: Action) -> Appointment:
        """Have `action` done at `due_ns`; what is already past is due at once."""
        appointment = Appointment(max(due_ns, self._now_ns), name, action)
        self._count += 1
        heappush(self._heap, (appointment.due_ns, self._count, appointment))
        return appointment

    def after(self, delay_ns: int, name: str, action: Action) -> Appointment:
        """Have `action` done `delay_ns` from now."""
        return self.at(self._now_ns + delay_ns, name, action)

    def next_due_ns(self) -> int | None:
        """When something is due next, if anything is."""
        while self._heap and not self._heap[0][2].stands:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, now_ns: int) -> None:
        """Move to `now_ns` and do on the way what is due, each thing at its own time.

        A clock that is behind changes nothing: broker time never runs backwards.
        """
        while (due_ns := self.next_due_ns()) is not None and due_ns <= now_ns:
            _, _, appointment = heappop(self._heap)
            self._now_ns = max(self._now_ns, due_ns)
            appointment._keep()  # noqa: SLF001 - the agenda alone keeps appointments
        self._now_ns = max(self._now_ns, now_ns)
