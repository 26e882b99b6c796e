"""Where a process can be killed so that it makes a difference: at each step before which something
outside has changed since the step before it.
"""

from backstay.lab.simulation.journal import Entry, Source
from backstay.lab.simulation.scenario import Role

OUTSIDE = frozenset({Source.WIRE, Source.AUDIT, Source.ENGINE})
"""Who tells of what is there without the process: on the wire, in the account, in a history."""


class Points:
    """Watches one run without a crash; only the first process of the role counts, from its second
    step until nothing goes wrong any more: whoever dies before the first has never begun.
    """

    def __init__(self, role: Role, until_ns: int) -> None:
        self._role = role
        self._until_ns = until_ns
        self._is_over = False
        self._has_changed = True
        self._steps = 1
        self._found: list[int] = []

    @property
    def found(self) -> tuple[int, ...]:
        """The numbers of the steps."""
        return tuple(self._found)

    def heard(self, entry: Entry) -> None:
        """Something has happened."""
        self._is_over |= entry.at_ns >= self._until_ns
        self._has_changed |= entry.source in OUTSIDE

    def stepped(self, role: Role, step: int) -> None:
        """A process of that role is about to take its step of this number."""
        if self._is_over or role is not self._role or step <= self._steps:
            return
        self._steps = step
        if self._has_changed:
            self._found.append(step)
            self._has_changed = False
