"""I11: an entry leaves together with its stop, and a stop stands until it is called off.

An entry that was written down with a stop goes to the exchange with that stop hanging on it, or not
at all: between the two a crash or a lost line would leave what fills without any. A stop that is
good for the day only is gone before the next one opens.
"""

from collections.abc import Iterator

from backstay.lab.oracle.exchange import Placement
from backstay.lab.oracle.histories import Call
from backstay.lab.oracle.readings import family_of
from backstay.lab.simulation.outcome import Finding

LAW = "I11"
STOPS = frozenset({"STP", "STP LMT"})
"""A stop that was made into an exit is none any more."""


class Attaching:
    """The entries that are to leave with a stop, and what leaves."""

    def __init__(self) -> None:
        self._with_stop: dict[tuple[str, int, str], None] = {}

    def called(self, call: Call) -> None:
        """Something was asked of the edge."""
        if call.name == "arm" and call.asked["arm"]["protection"] is not None:
            self._with_stop[family_of(call.asked["arm"]["entry"])] = None

    def placed(self, placement: Placement, *, is_new: bool) -> Iterator[Finding]:
        """An order, or a change of one, was read off the wire."""
        reference = placement.reference
        if reference is None or placement.is_preview:
            return
        if is_new and placement.is_last and reference.family in self._with_stop:
            yield Finding(LAW, placement.at_ns, f"{placement.ref} was sent without its stop")
        if placement.kind in STOPS and not placement.is_lasting:
            yield Finding(LAW, placement.at_ns, f"{placement.ref} was sent as a stop for the day")
