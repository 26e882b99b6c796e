"""I5: after a kill nothing that opens reaches the wire, every cancel is out, whatever restarts.

Counted from the kill as it stands in the account's book. A cancel is out when it has been read;
what the gateway makes of it is not the house's affair. It is asked for where the house has heard of
the order, and once somebody is there who can send it.
"""

from collections.abc import Iterator

from backstay.domain.limits.kill import KillMode
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import Exchange, Order, Placement
from backstay.lab.oracle.happenings import Killed
from backstay.lab.simulation.outcome import Finding

LAW = "I5"
SEND_WITHIN_NS = SECOND_NS
CANCEL_WITHIN_NS = 2 * SECOND_NS


class Stopping:
    """The kill in force, and what still has to be cancelled for it."""

    def __init__(self, exchange: Exchange, contact: Contact) -> None:
        self._exchange = exchange
        self._contact = contact
        self._kill: Killed | None = None
        self._killed_ns = 0
        self._cancelled: dict[tuple[int, int], None] = {}
        self._heard: dict[int, int] = {}
        self._late: dict[str, None] = {}
        self.waits: dict[int, int] = {}
        """Orders that have to be cancelled, each with when that began."""

    def killed(self, at_ns: int, kill: Killed) -> None:
        """A kill stands in the book."""
        if self._kill is None:
            self._killed_ns = at_ns
        self._kill = kill
        for order in self._exchange.orders.values():
            self._look(order, at_ns)

    def resumed(self) -> None:
        """Trading goes on."""
        self._kill = None
        self.waits.clear()

    def placed(self, placement: Placement) -> Iterator[Finding]:
        """An order was read off the wire."""
        self._cancelled.pop((placement.client, placement.order_id), None)
        kill, reference = self._kill, placement.reference
        if kill is None or reference is None or placement.is_preview or not reference.opens:
            return
        if reference.purpose != "EN" and kill.mode is not KillMode.FLATTEN:
            return
        after = placement.at_ns - self._killed_ns
        if after > SEND_WITHIN_NS and placement.ref not in self._late:
            self._late[placement.ref] = None
            text = f"{placement.ref} was sent {after / SECOND_NS:.1f} s after trading was stopped"
            yield Finding(LAW, placement.at_ns, text)

    def cancelled(self, client: int, order_id: int) -> None:
        """A cancel was read."""
        self._cancelled[client, order_id] = None
        for perm_id in tuple(self.waits):
            if self._exchange.orders[perm_id].place == (client, order_id):
                del self.waits[perm_id]

    def spoken_of(self, at_ns: int, perm_id: int) -> None:
        """The gateway has said something of an order to the house."""
        if self._heard.setdefault(perm_id, at_ns) == at_ns and self._kill is not None:
            order = self._exchange.orders.get(perm_id)
            if order is not None:
                self._look(order, at_ns)

    def changed(self, order: Order) -> None:
        """A line of the audit about an order."""
        if order.is_over:
            self.waits.pop(order.perm_id, None)

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        for perm_id, since_ns in tuple(self.waits.items()):
            if self._contact.is_overdue(since_ns, now_ns, CANCEL_WITHIN_NS):
                del self.waits[perm_id]
                order = self._exchange.orders[perm_id]
                late = (now_ns - self._killed_ns) / SECOND_NS
                text = f"{order.ref} lives {late:.1f} s after trading was stopped"
                yield Finding(LAW, now_ns, f"{text}, and nobody has asked to cancel it")

    def _look(self, order: Order, at_ns: int) -> None:
        reference = order.reference
        if order.is_over or reference is None or reference.purpose != "EN":
            return
        if order.perm_id in self._heard and order.place not in self._cancelled:
            self.waits[order.perm_id] = at_ns
