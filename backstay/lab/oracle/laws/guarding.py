"""L6: what has filled is guarded from its first share on.

The other laws of what is watched begin where a watch was written down; this one asks that it is.
Once a trade holds something, a guard or a way out of it stands in some history in time, whatever
else of the entry still works; or the trade is over, or somebody was told why not. It is asked for
where the house hears the broker, and the engine takes steps.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.contact import RECONNECTED_NS, Contact
from backstay.lab.oracle.exchange import NOTHING, Contract
from backstay.lab.oracle.histories import Began, Call
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.readings import family_of
from backstay.lab.oracle.told import SAYS_WHY_STUCK, Told
from backstay.lab.simulation.outcome import Finding

LAW = "L6"
FOUND_LOST_NS = 60 * SECOND_NS
"""So long it may take until a report that the engine never had is found missing."""

_TRADE = "Trade"


class Guarding:
    """What is held, and whether anybody was asked to look after it."""

    def __init__(self, contact: Contact, told: Told, premises: Premises) -> None:
        self._contact = contact
        self._told = told
        self._premises = premises
        self._runs: dict[str, None] = {}
        self._entering: dict[str, None] = {}
        self._guarded: dict[str, None] = {}
        self._lost_ns = 0
        self._holds: dict[str, tuple[int, Contract]] = {}

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        if isinstance(what, world.ReportLost):
            self._lost_ns = at_ns

    def began(self, workflow_id: str, event: Began) -> None:
        """A workflow begins: what a trade enters is its own to have guarded."""
        if event.kind == _TRADE:
            self._runs[workflow_id] = None

    def called(self, workflow_id: str, call: Call) -> None:
        """Something was asked for in a history."""
        if call.name == "arm" and workflow_id in self._runs:
            self._entering[family_of(call.asked["arm"]["entry"])[0]] = None
        trade = _trade_of(call)
        if trade:
            self._guarded[trade] = None
            self._holds.pop(trade, None)

    def ended(self, trade: str) -> None:
        """A trade is over."""
        self._guarded[trade] = None
        self._holds.pop(trade, None)

    def settle(self, at_ns: int, contract: Contract) -> None:
        """All of an instant is known of a contract."""
        is_there = bool(contract.ours())
        for trade, held in contract.open_of.items():
            if trade in self._guarded or trade not in self._entering:
                continue
            if held and is_there:
                self._holds.setdefault(trade, (at_ns, contract))
            else:
                self._holds.pop(trade, None)

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        if not self._holds or not self._contact.reaches_engine:
            return
        if self._lost_ns and now_ns <= self._lost_ns + FOUND_LOST_NS:
            return
        for trade, (since_ns, contract) in tuple(self._holds.items()):
            if now_ns <= self._contact.engine_limit(since_ns, RECONNECTED_NS):
                continue
            if not self._contact.is_overdue(since_ns, now_ns, RECONNECTED_NS):
                continue
            if self._told.misses_session(self._contact.served_until(now_ns), now_ns):
                continue
            self.ended(trade)
            symbol = self._premises.symbols.get(contract.con_id, str(contract.con_id))
            if not self._told.explains(SAYS_WHY_STUCK, since_ns, symbol, (trade,)):
                seconds, held = (now_ns - since_ns) / SECOND_NS, _open(contract, trade)
                text = f"{trade} has held {held} {symbol} for {seconds:.1f} s"
                yield Finding(LAW, now_ns, f"{text}, and nobody was asked to guard it")


def _open(contract: Contract, trade: str) -> Decimal:
    return contract.open_of.get(trade, NOTHING)


def _trade_of(call: Call) -> str:
    """Whose position is looked after with this call, if any is."""
    asked: Any = call.asked
    match call.name:
        case "guard":
            key = asked["guard"]["exit"]["intent"]["key"]
        case "walk":
            key = asked["way_out"]["rules"]["first_key"]
        case "Exit":
            key = asked["walk"]["way_out"]["rules"]["first_key"]
        case _:
            return ""
    return str(key["trade"])
