"""I2 and L4: what was taken back does not leave any more, and is taken back again while it lives.

While nothing of an entry has left, it is let go of: once that was answered with yes, as a history
has it, its approval is void, whoever takes its arm up after a crash (I2). When it has left, it is
cancelled; a cancel can get lost, or be refused, or come to nothing. So as long as the order lives
it is asked for again, each time after twice as long at most (L4, once nothing goes wrong any more).
What the broker makes of it is not the house's affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import Exchange, Placement
from backstay.lab.oracle.histories import Answer, Call
from backstay.lab.oracle.readings import ref_of
from backstay.lab.simulation.outcome import Finding

AGAIN_NS = 15 * SECOND_NS
"""So long a first pause may take; a later one may take as long as all before it besides."""


@dataclass(slots=True)
class _Cancel:
    """When it was first asked for, and when it was last answered; None while it is asked for."""

    asked_ns: int
    answered_ns: int | None = None


class Recalling:
    """What was taken back, and what has become of it."""

    def __init__(self, exchange: Exchange, contact: Contact) -> None:
        self._exchange = exchange
        self._contact = contact
        self._asked: dict[tuple[str, int], tuple[str, str]] = {}
        self._let_go_ns: dict[str, int] = {}
        self._cancels: dict[str, _Cancel] = {}
        self._quiet_ns: int | None = None

    # --- what was asked for ---

    def called(self, at_ns: int, run: str, call: Call) -> None:
        """Something was asked for in a history."""
        if call.name == "release":
            self._asked[run, call.number] = call.name, ref_of(call.asked["key"])
        elif call.name == "cancel":
            ref = ref_of(call.asked)
            self._asked[run, call.number] = call.name, ref
            self._cancels.setdefault(ref, _Cancel(at_ns)).answered_ns = None

    def answered(self, at_ns: int, run: str, answer: Answer) -> None:
        """A call was answered."""
        name, ref = self._asked.pop((run, answer.number), ("", ""))
        cancel = self._cancels.get(ref)
        if name == "cancel" and cancel is not None:
            cancel.answered_ns = at_ns
        elif name == "release" and answer.told["kind"] == "amended":
            self._let_go_ns.setdefault(ref, at_ns)

    def quiet(self, at_ns: int) -> None:
        """From now on nothing goes wrong any more."""
        self._quiet_ns = at_ns

    # --- the wire ---

    def placed(self, placement: Placement, *, is_new: bool) -> Iterator[Finding]:
        """An order, or a change of one, was read off the wire."""
        let_go_ns = self._let_go_ns.get(placement.ref)
        if placement.is_preview or let_go_ns is None or not is_new:
            return
        late = (placement.at_ns - let_go_ns) / SECOND_NS
        text = f"{placement.ref} was sent {late:.1f} s after it was let go of"
        yield Finding("I2", placement.at_ns, text)

    # --- as time passes ---

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        if self._quiet_ns is None or not self._cancels or not self._contact.reaches_engine:
            return
        for contract in self._exchange.contracts.values():
            for order in contract.living.values():
                cancel = self._cancels.get(order.ref)
                if cancel is None or cancel.answered_ns is None:
                    continue
                begun_ns = max(cancel.answered_ns, self._quiet_ns)
                pause_ns = cancel.answered_ns - cancel.asked_ns + AGAIN_NS
                if now_ns <= self._contact.engine_limit(begun_ns, pause_ns):
                    continue
                if self._contact.is_overdue(begun_ns, now_ns, pause_ns):
                    del self._cancels[order.ref]
                    seconds = (now_ns - cancel.answered_ns) / SECOND_NS
                    text = f"{order.ref} was called off and lives, and for {seconds:.1f} s"
                    yield Finding("L4", now_ns, f"{text} nobody has asked to cancel it again")
                    return
