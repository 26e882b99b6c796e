"""I8: no MARKET is sent into a halt.

It would wait for the reopening, and trade at whatever price that brings, while the stop for which
it makes room protects nothing. The halt is what the exchange really has; the house is given a
moment to hear of it, and the time of L1 after a reconnect, and is not judged where prices could not
reach it.
"""

from collections.abc import Iterator

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import Placement
from backstay.lab.simulation.outcome import Finding

LAW = "I8"
DEAFENS = frozenset({"farm-broken"})
TOLD_WITHIN_NS = 2 * SECOND_NS
"""A halt is told like a price, at once."""


class Halts:
    """What is halted, and since when."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._since_ns: dict[int, int] = {}
        self._is_deaf = False

    def happened(self, at_ns: int, what: world.Halted | world.HaltEnded) -> None:
        """A halt begins, or is over."""
        if isinstance(what, world.Halted):
            self._since_ns[what.con_id] = at_ns
        else:
            self._since_ns.pop(what.con_id, None)

    def struck(self, name: str) -> None:
        """A fault has struck."""
        self._is_deaf = self._is_deaf or name in DEAFENS

    def placed(self, placement: Placement) -> Iterator[Finding]:
        """An order, or a change of one, was read off the wire."""
        is_ours = placement.reference is not None and not placement.is_preview
        since_ns = self._since_ns.get(placement.con_id)
        if placement.kind != "MKT" or not is_ours or since_ns is None or self._is_deaf:
            return
        at_ns = placement.at_ns
        if self._must_know(since_ns, at_ns):
            text = f"{placement.ref} was sent as a MARKET into a halt"
            yield Finding(LAW, at_ns, text)

    def _must_know(self, since_ns: int, at_ns: int) -> bool:
        """A session that was there before the halt has nothing to catch up with."""
        contact = self._contact
        if contact.reaches_broker and contact.ready_ns + TOLD_WITHIN_NS <= since_ns:
            return at_ns > since_ns + TOLD_WITHIN_NS
        return contact.is_overdue(since_ns, at_ns)
