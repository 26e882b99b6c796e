"""L2: after a flatten, or a close, what is held is leaving.

After a flatten an exit of each trade, and after a close one of that trade, has to be read off the
wire, or to live, in regular hours and outside of a halt; or a person is told what it waits for. A
part that leaves at its target is none. Less than a share can't be ordered, and is for a person.
"""

from collections.abc import Iterator

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.domain.limits.kill import KillMode
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import Contract, Exchange, Placement
from backstay.lab.oracle.histories import Call
from backstay.lab.oracle.laws.fractions import is_fraction
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.readings import family_of
from backstay.lab.oracle.told import SAYS_WHY_STUCK, Told
from backstay.lab.simulation.outcome import Finding

LAW = "L2"
FLAT_WITHIN_NS = 10 * SECOND_NS

_CLOSE = "close"
_SAYS_WHY_KEPT = SAYS_WHY_STUCK - {Kind.STATE_INCONSISTENT}
"""That something could not be read keeps nobody from leaving."""


class Emptying:
    """What a flatten, or a close, has still to bring out."""

    def __init__(
        self, exchange: Exchange, contact: Contact, told: Told, premises: Premises
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._premises = premises
        self._flatten_ns: int | None = None
        self._trades: dict[str, str] = {}
        self._closed_ns: dict[str, int] = {}
        self._halted: dict[int, None] = {}
        self._leaves: dict[str, None] = {}
        self._holds_ns: dict[tuple[int, str], int] = {}

    # --- what happens ---

    def called(self, workflow_id: str, call: Call) -> None:
        """Something was asked for in a history."""
        if call.name == "arm":
            self._trades[workflow_id] = family_of(call.asked["arm"]["entry"])[0]

    def wished(self, at_ns: int, workflow_id: str, wish: str) -> None:
        """A trade has taken up what a person has asked of it."""
        trade = self._trades.get(workflow_id)
        if wish == _CLOSE and trade is not None and trade not in self._closed_ns:
            self._closed_ns[trade] = at_ns
            self._leaves.pop(trade, None)

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        match what:
            case world.Killed(_, KillMode.FLATTEN) if self._flatten_ns is None:
                self._flatten_ns = at_ns
                self._leaves.clear()
            case world.TradingResumed():
                self._flatten_ns = None
            case world.Halted(con_id):
                self._halted[con_id] = None
            case world.HaltEnded(con_id):
                self._halted.pop(con_id, None)
            case _:
                pass

    def placed(self, placement: Placement) -> None:
        """An order was read off the wire."""
        reference = placement.reference
        if reference is None or not reference.is_exit:
            return
        # What leaves at its target is a part of it.
        if reference.purpose != "XT":
            self._leaves[reference.trade] = None

    def settle(self, at_ns: int, contract: Contract) -> None:
        """All of an instant is known of a contract."""
        for trade, held in contract.open_of.items():
            if held and contract.surely_holds(trade):
                self._holds_ns.setdefault((contract.con_id, trade), at_ns)
            else:
                self._holds_ns.pop((contract.con_id, trade), None)

    # --- as time passes ---

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        if self._flatten_ns is None and not self._closed_ns:
            return
        opens_ns = self._premises.opened_ns(now_ns)
        if opens_ns is None or not self._contact.reaches_engine:
            return
        for (con_id, trade), held_ns in tuple(self._holds_ns.items()):
            wanted_ns = self._closed_ns.get(trade, self._flatten_ns)
            if wanted_ns is None:
                continue
            since_ns = max(wanted_ns, held_ns, opens_ns)
            contract = self._exchange.contract(con_id)
            if trade in self._leaves or con_id in self._halted or any(contract.exits(trade)):
                continue
            if is_fraction(self._exchange, self._told, trade):
                continue
            if now_ns <= self._contact.engine_limit(since_ns, FLAT_WITHIN_NS):
                continue
            if not self._contact.is_overdue(since_ns, now_ns, FLAT_WITHIN_NS):
                continue
            self._leaves[trade] = None
            symbol = self._premises.symbols.get(con_id, str(con_id))
            is_close = trade in self._closed_ns
            # What keeps a position from leaving may have been told before a person asks for it.
            from_ns = min(wanted_ns, held_ns) if is_close else wanted_ns
            if not self._told.explains(_SAYS_WHY_KEPT, from_ns, symbol, (trade,)):
                what = "a close" if is_close else "a flatten"
                text = f"{trade} holds {contract.open_of[trade]} {symbol} after {what}"
                yield Finding(LAW, now_ns, f"{text}, and nothing has left")
