"""Something that is told again and again: at a steady pace, and sooner when stirred."""

from collections.abc import Callable

from backstay.gateway.agenda import Agenda


class Beat:
    """Calls `action` every `period_ns` until it is ended.

    `stir` asks for a call now, or `gap_ns` after the last one, whichever is later.
    """

    __slots__ = ("_action", "_agenda", "_gap_ns", "_last_ns", "_name", "_next", "_period_ns")

    def __init__(
        self, agenda: Agenda, name: str, period_ns: int, gap_ns: int, action: Callable[[], None]
    ) -> None:
        self._agenda = agenda
        self._name = name
        self._period_ns = period_ns
        self._gap_ns = gap_ns
        self._action = action
        self._last_ns = agenda.now_ns
        self._next = agenda.after(period_ns, name, self._beat)

    def stir(self) -> None:
        """Something has happened that should be told soon."""
        due_ns = max(self._agenda.now_ns, self._last_ns + self._gap_ns)
        if self._next.stands and due_ns < self._next.due_ns:
            self._next.call_off()
            self._next = self._agenda.at(due_ns, self._name, self._beat)

    def end(self) -> None:
        """Never again."""
        self._next.call_off()

    def _beat(self) -> None:
        self._last_ns = self._agenda.now_ns
        self._next = self._agenda.after(self._period_ns, self._name, self._beat)
        self._action()
