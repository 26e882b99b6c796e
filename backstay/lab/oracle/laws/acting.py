"""L6: what is watched is acted on.

The other side of I6. Once a price beyond a level has been shown, and stands there for as long as
the house needs to hear it twice, what was to happen there has begun: the exit of a guarded position
at its stop or its target, or when its time has come, and the entry of an armed trade at its
trigger. Or there is nothing to do it for any more, or a person was told why not. A watch that
sleeps is found, and so is one that has forgotten, after a crash, where a trail or a person had put
its stop.

It is asked for where prices can reach the house: in regular hours, in no halt, with the broker and
the engine at hand, in a session unless a person was told that there is none yet, and after a fault
of the data only from the next price on, or once nothing goes wrong any more. Where a stop stands
nobody knows for sure but the house, so it is held against the farthest from the price at which it
can be.
"""

from collections.abc import Iterator

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.certain import REMEMBERED_NS
from backstay.lab.oracle.contact import RECONNECTED_NS, Contact
from backstay.lab.oracle.exchange import NOTHING, Exchange
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.told import SAYS_WHY_DIFFERENT, SAYS_WHY_NOT_LEFT, Told
from backstay.lab.oracle.watches import Sort, Watch, Watches
from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.scenario import Role

LAW = "L6"
SETTLED_NS = 4 * SECOND_NS
"""So long a price may stand where all is well: it is shown again every two seconds."""

STANDS_NS = 8 * SECOND_NS
"""So long it may stand where something has just begun anew."""

BEGINS_NS = SECOND_NS
"""So long a watch, or a line of data, may take to begin once it was asked for."""

LATE_NS = 7 * SECOND_NS
"""So long it may take until prices come that were asked for in vain: what stays silent is asked for
anew after five seconds.
"""

KEEPS_WAITING = frozenset({"answers-slow", "request-unanswered"})
"""Faults after which a line that was asked for brings nothing yet, or nothing at all."""

DEAF_NS = 30 * SECOND_NS
DEAFENS = frozenset({"stream-dead", "farm-broken", "competing-login"})
"""Faults after which no price reaches the house for a while."""

MUFFLES = frozenset(
    {
        "tick-none",
        "tick-zero",
        "tick-minus-one",
        "tick-nan",
        "tick-crossed",
        "tick-stale",
        "tick-storm",
    }
)
"""Faults after which a price is not known before it changes."""


class Acting:
    """What is watched, and whether anybody could have acted on it."""

    def __init__(
        self,
        watches: Watches,
        exchange: Exchange,
        contact: Contact,
        told: Told,
        premises: Premises,
    ) -> None:
        self._watches = watches
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._premises = premises
        self._data: dict[int, tuple[int, int]] = {}
        self._halted: dict[int, None] = {}
        self._clear_ns: dict[int, int] = {}
        self._is_quiet = self._is_deaf = False
        self._hears_ns = self._mute_ns = self._born_ns = 0

    # --- the market, and what goes wrong ---

    def asked_for_data(self, at_ns: int, con_id: int, conn: int) -> None:
        """The prices of a contract were asked for."""
        self._data[con_id] = at_ns, conn

    def struck(self, at_ns: int, name: str, subject: str) -> None:
        """A fault has struck."""
        if name in KEEPS_WAITING and subject.startswith("reqMktData "):
            # Of which line it is not said, but it is the one that was asked for just now.
            for con_id, (asked_ns, conn) in self._data.items():
                if asked_ns == at_ns:
                    self._data[con_id] = at_ns + LATE_NS, conn
        if name in DEAFENS:
            self._is_deaf = not self._is_quiet
            self._hears_ns = at_ns + DEAF_NS
        if name in MUFFLES or name in DEAFENS:
            self._watches.unheard()

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        match what:
            case world.Shown():
                self._watches.shown(what)
            case world.Quiet():
                self._is_quiet, self._is_deaf = True, False
                self._hears_ns = max(self._hears_ns, at_ns)
            case world.Halted(con_id):
                self._halted[con_id] = None
            case world.HaltEnded(con_id):
                self._halted.pop(con_id, None)
                self._clear_ns[con_id] = at_ns
            case world.SplitMade(con_id):
                self._watches.split(con_id)
            case world.EngineGone():
                self._mute_ns = at_ns
            case world.WorkerDied(Role.BROKER) | world.WorkerStarted(Role.BROKER):
                self._born_ns = at_ns
                self._forgotten(at_ns)
            case world.Killed():
                self._watches.killed()
            case _:
                pass

    def _forgotten(self, at_ns: int) -> None:
        """A process is gone; what it told the engine last is what is known of its watches."""
        contact = self._contact
        is_heard = contact.reaches_engine and at_ns - contact.engine_ready_ns > REMEMBERED_NS
        told_ns = at_ns if is_heard else min(at_ns, self._mute_ns or at_ns)
        for watch in self._watches.trailing.values():
            watch.level.loses(told_ns - REMEMBERED_NS)
            self._watches.look(watch)

    # --- as time passes ---

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        watches = self._watches
        watches.now_ns = now_ns
        for watch in watches.trailing.values():
            if watch.level.candidate is not None:
                watch.level.follow(now_ns, self._hears_from(watch, now_ns))
                watches.look(watch)
        for name, watch in tuple(watches.due.items()):
            if not self._is_overdue(watch, now_ns):
                continue
            watches.due.pop(name)
            text = self._blame(watch, now_ns)
            if text:
                watch.is_over = True
                yield Finding(LAW, now_ns, text)

    def _hears_from(self, watch: Watch, now_ns: int) -> int | None:
        """Since when the watch hears every price as it is shown; None if it may not."""
        contact = self._contact
        asked_ns, conn = self._data.get(watch.con_id, (0, 0))
        if conn != contact.conn or not contact.reaches_broker or not contact.reaches_engine:
            return None
        from_ns = self._from(watch, 0, now_ns)
        if from_ns is None:
            return None
        begins_ns = max(watch.begun_ns, contact.engine_ready_ns) + BEGINS_NS
        if self._born_ns > watch.begun_ns:
            begins_ns = max(begins_ns, contact.ready_ns + RECONNECTED_NS)
        return max(from_ns, begins_ns, max(asked_ns, contact.ready_ns) + BEGINS_NS)

    def _is_overdue(self, watch: Watch, now_ns: int) -> bool:
        since_ns = watch.since_ns
        if since_ns is None or now_ns <= since_ns + SETTLED_NS:
            return False
        hears_ns = None if watch.sort is Sort.TIME else self._hears_from(watch, now_ns)
        if hears_ns is not None and self._is_missed_since_asked(watch, now_ns):
            return False
        if watch.ticks > 1:
            return self._is_confirmed(watch, hears_ns, now_ns)
        if hears_ns is not None and hears_ns <= since_ns:
            return True
        if not self._contact.reaches_engine:
            return False
        # Nobody guards anything before there is a session, and this one may have to be given up.
        if self._told.misses_session(self._contact.served_ns, now_ns):
            return False
        # One that was long in coming begins when it has all that it has asked for.
        from_ns = self._from(watch, max(since_ns, self._contact.served_ns), now_ns)
        if from_ns is None or now_ns <= self._contact.engine_limit(from_ns, STANDS_NS):
            return False
        return self._contact.is_overdue(from_ns, now_ns, STANDS_NS)

    def _is_missed_since_asked(self, watch: Watch, now_ns: int) -> bool:
        """Whether a person knows that there is no session any more, although prices come: IB was
        away, the gateway kept what was asked for, and all that a session begins with is read anew.
        """
        asked_ns, _ = self._data.get(watch.con_id, (0, 0))
        return self._told.misses_session(max(asked_ns, self._contact.served_ns), now_ns)

    def _is_confirmed(self, watch: Watch, hears_ns: int | None, now_ns: int) -> bool:
        """Whether the house has heard, one after the other, as many changes as are asked for.

        A trigger counts ticks and no time: a bid that stands where it was found, after a crash, is
        one tick for good, and the entry that it would confirm is none that a plan has asked for.
        """
        changes_ns = watch.changes_ns[-watch.ticks :]
        if hears_ns is None or len(changes_ns) < watch.ticks:
            return False
        return hears_ns <= changes_ns[0] and now_ns > changes_ns[-1] + SETTLED_NS

    def _from(self, watch: Watch, since_ns: int, now_ns: int) -> int | None:
        """Since when the house can have seen it, of what has stood since then; None for not now."""
        is_timed = watch.sort is Sort.TIME
        if watch.con_id in self._halted or (self._is_deaf and not is_timed):
            return None
        opens_ns = self._premises.opened_ns(now_ns)
        if opens_ns is None:
            return None
        hears_ns = 0 if is_timed else self._hears_ns
        clear_ns = self._clear_ns.get(watch.con_id, 0)
        return max(since_ns, watch.begun_ns, opens_ns, hears_ns, clear_ns)

    def _blame(self, watch: Watch, now_ns: int) -> str:
        """What was not done although it was time, or nothing."""
        trade, since_ns = watch.family[0], watch.since_ns or 0
        symbol = self._premises.symbols.get(watch.con_id, str(watch.con_id))
        if watch.until_ns is not None and now_ns >= watch.until_ns - SECOND_NS:
            return ""
        contract = self._exchange.contract(watch.con_id)
        is_held = contract.open_of.get(trade, NOTHING) and contract.ours()
        if watch.sort is not Sort.TRIGGER and not is_held:
            return ""
        if self._told.explains(SAYS_WHY_NOT_LEFT, since_ns, symbol, (trade,)):
            return ""
        # Where its own stop or position is in doubt a watch rests, and that is told once.
        if self._told.explains_trade(SAYS_WHY_DIFFERENT, watch.begun_ns, trade):
            return ""
        seconds, level = (now_ns - since_ns) / SECOND_NS, watch.level
        if watch.sort is Sort.TIME:
            text = f"{trade} was to leave {symbol} {seconds:.1f} s ago, and nothing has left"
        else:
            side = "above" if level.above else "below"
            text = f"{symbol} stood {side} the {watch.sort.value} {level.stands} of {trade}, at"
            text += f" {level.price} for {seconds:.1f} s, and nothing has left"
        return f"{text}, nor was anybody told why"
