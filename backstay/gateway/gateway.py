"""The gateway put together, and driven from outside: bytes and time in, bytes out.

Everything happens in turns. A turn begins with a call of the shell and ends when the store has what
changed in it, the audit has it and the clients are told, in this order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.audit import Audit
from backstay.gateway.audit_file import Pending
from backstay.gateway.chance import Chance
from backstay.gateway.conversation import ClientConversation, House
from backstay.gateway.events import Event
from backstay.gateway.exchange.exchange import Exchange
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.mischief import Mischief, Rooms
from backstay.gateway.faults.passages import Passages
from backstay.gateway.faults.plan import Plan
from backstay.gateway.front.front import Front
from backstay.gateway.market.market import Market
from backstay.gateway.market.tape import Tape
from backstay.gateway.server.link import Link
from backstay.gateway.settings import Settings
from backstay.gateway.store import Store
from backstay.gateway.wire_log import Said, WireLog

Write = Callable[[str], None]


def _say_nothing(_text: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where the gateway writes what it does, line by line.

    `wire_log` takes every message, `audit` every change of the exchange, `report` what an operator
    should know; `said` is handed every message, too, and costs little where its words aren't asked
    for. Where the audit is a file that the store vouches for, `pending` says what the store
    has to remember of lines that are about to be written to it.
    """

    wire_log: Write | None = None
    audit: Write | None = None
    report: Write = _say_nothing
    pending: Callable[[str], Pending] | None = None
    said: Callable[[Said], None] | None = None

    def hear(self, said: Said) -> None:
        """Somebody has said something."""
        if self.said is not None:
            self.said(said)
        if self.wire_log is not None:
            self.wire_log(said.text())

    @property
    def hears(self) -> bool:
        """Whether anybody wants to know what is said."""
        return self.said is not None or self.wire_log is not None


NOWHERE = Outlets()


class Gateway:
    """One embedded gateway."""

    def __init__(
        self,
        settings: Settings,
        start_ns: int,
        *,
        tape: Tape | None = None,
        plan: Plan = (),
        store: Store | None = None,
        outlets: Outlets = NOWHERE,
    ) -> None:
        self.settings = settings
        self.agenda = Agenda(start_ns)
        chance = Chance(settings.seed)
        self._store = store
        self._audit = Audit(outlets.audit, self.agenda) if outlets.audit else None
        self._report = outlets.report
        self._pending = outlets.pending
        self._conversations: dict[int, ClientConversation] = {}
        self._speaking: list[ClientConversation] = []
        self._connections = 0
        self._turns = Turns(self._end_turn)
        self._is_accepting = True
        prices = chance if settings.market_seed is None else Chance(settings.market_seed)
        self.market = Market(self.agenda, prices, tape)
        self.accounts = Accounts(self.agenda, self.market, settings, self._tell)
        self.exchange = Exchange(
            self.agenda, chance, self.market, self.accounts, settings, self._tell
        )
        self.front = Front(self.agenda, self.market, self.exchange, self.accounts, settings)
        on_strike = self._audit.on_strike if self._audit else None
        self.faults = Faults(plan, self.agenda, chance, on_strike)
        self.passages = Passages(
            self.faults, self.agenda, self.exchange, self.front, settings.profile
        )
        rooms = Rooms(self.exchange, self.market, self.accounts, self.front, self)
        self.mischief = Mischief(self.faults, self.agenda, self.passages, rooms)
        self._house = House(
            agenda=self.agenda,
            front=self.front,
            passages=self.passages,
            wire_log=WireLog(outlets.hear, self.agenda) if outlets.hears else None,
            report=outlets.report,
            turn=self.turn,
            speaks=self._speaking.append,
            leaves=self._leaves,
        )
        self._begin()

    @property
    def accepting(self) -> bool:
        """Whether clients may connect; not while it restarts, and not after its end."""
        return self._is_accepting

    @property
    def now_ns(self) -> int:
        """Broker time."""
        return self.agenda.now_ns

    def next_due_ns(self) -> int | None:
        """When something is due next."""
        return self.agenda.next_due_ns()

    def connect(self, link: Link) -> ClientConversation:
        """A client has connected; nothing was said yet."""
        self._connections += 1
        conversation = ClientConversation(self._connections, link, self._house)
        self._conversations[conversation.conn] = conversation
        return conversation

    def advance(self, now_ns: int) -> None:
        """Do what is due up to `now_ns`."""
        with self.turn():
            self.agenda.advance(now_ns)

    def restart(self, down_ns: int) -> None:
        """End every connection and accept none for so long; the exchange goes on."""
        self._is_accepting = False
        self._close_all("the gateway restarts")
        self.agenda.after(down_ns, "back after a restart", self._accept)

    def stop(self) -> None:
        """Write down what has to last, and close every link."""
        with self.turn():
            self._is_accepting = False
            self._close_all("the gateway stops")
        if self._store is not None:
            self._store.close()

    def turn(self) -> "Turns":
        """Whatever happens inside is stored before anybody is told of it; turns may nest."""
        return self._turns

    def _begin(self) -> None:
        # A client hears a price before it hears what the price has filled.
        self.market.listen(self.front.on_news)
        self.market.listen(self.exchange.on_news)
        if self._store is not None:
            self._store.begin(self.exchange, self.accounts)
        with self.turn():
            self.accounts.announce()
            self.market.start()
            self.mischief.start(self.settings.restart_at)

    def _end_turn(self) -> None:
        if self._store is not None:
            self._store.save(self._unwritten())
        if self._audit is not None:
            self._audit.flush()
        speaking = self._speaking[:]
        self._speaking.clear()
        for conversation in speaking:
            conversation.flush()

    def _unwritten(self) -> Pending | None:
        """What this turn adds to the audit, if somebody has to be able to make up for it."""
        if self._audit is None or self._pending is None:
            return None
        text = self._audit.unwritten
        return self._pending(text) if text else None

    def _tell(self, event: Event) -> None:
        if self._audit is not None:
            self._audit.on_event(event)
        if self._store is not None:
            self._store.on_event(event)
        self.front.on_event(event)
        self.mischief.on_event(event)

    def _leaves(self, conversation: ClientConversation, reason: str) -> None:
        del self._conversations[conversation.conn]
        self._report(f"connection {conversation.conn} has ended: {reason}")

    def _accept(self) -> None:
        self._is_accepting = True

    def _close_all(self, reason: str) -> None:
        for conversation in tuple(self._conversations.values()):
            conversation.close(reason)


class Turns:
    """One within the other; there are many, so there is one object for all of them."""

    __slots__ = ("_depth", "_end")

    def __init__(self, end: Callable[[], None]) -> None:
        self._depth = 0
        self._end = end

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._end()
