"""One ladder at the edge.

It leads until its first exit order has left: from then on the engine leads, and the ladder stands
by. It goes on hearing everything, and when the engine has left undone for a second what the ladder
would have done, it goes on alone, with the same orders under the same keys, until the engine acts
again. Whatever the engine does to an order of the ladder is taken in as if the ladder had done it.

While the session may not send, it decides nothing: what would leave then is decided when it may.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from backstay.broker.errands import Alarm
from backstay.broker.guards.asking import Asking
from backstay.broker.guards.carrying import Carrier
from backstay.broker.guards.market import market_now
from backstay.broker.guards.members import role_of, shape_shown
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.guards import Guard
from backstay.domain.exits import events, hearing, members, steps
from backstay.domain.exits.events import LadderCommand, LadderEvent, MarketMoved, TimePassed
from backstay.domain.exits.ladder import Ladder, due, taken_in
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, NewShape
from backstay.domain.exits.rules import ENGINE_SILENCE, LadderRules
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.approval import Approved
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView

LOOK_EVERY = timedelta(seconds=1)
"""How often a ladder looks around while nothing is due: at a market that is shut, say."""


class Leader(Enum):
    """Who carries out what the ladder asks for."""

    EDGE_FIRST = auto()
    """The edge, until the first exit order has left."""

    ENGINE = auto()
    EDGE_ALONE = auto()
    """The edge, because the engine is silent."""


class LadderRun:
    """The way out of one tranche, from the trigger on."""

    def __init__(
        self,
        guard: Guard,
        rules: LadderRules,
        exit_approval: Approved,
        asking: Asking,
        rooms: Rooms,
        begun: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        self._guard = guard
        self._rules = rules
        self._rooms = rooms
        self._begun = begun
        self._done = done
        self._carrier = Carrier(exit_approval, guard.protection, asking, rooms, self.hear)
        self._alarm = Alarm(rooms.now, self._look)
        self._ladder: Ladder | None = None
        self._leader = Leader.EDGE_FIRST
        self._heard: deque[LadderEvent] = deque()
        self._is_deciding = False
        self._undone_since: datetime | None = None
        self._refused_cancels: set[tuple[IntentKey, datetime]] = set()

    @property
    def ladder(self) -> Ladder:
        """How far it has come."""
        if self._ladder is None:
            raise RuntimeError("the ladder has not begun")
        return self._ladder

    @property
    def is_done(self) -> bool:
        """Whether nothing is open and nothing lives."""
        return self._ladder is not None and self._ladder.is_done

    def begin(self, quantity: Decimal, resting: tuple[Member, ...]) -> None:
        """Begin, in this turn, over the stops that rest."""
        decision = steps.begin(self._rules, quantity, resting, self._market, self._rooms.now())
        self._take(decision)

    def resume(self, quantity: Decimal, known: tuple[Member, ...]) -> None:
        """Go on after a crash; what is found without a live exit is protected first."""
        now = self._rooms.now()
        ladder = Ladder(self._rules, quantity, known, self._market, now)
        self._take(steps.resume(ladder, TimePassed(), now))

    def hear(self, event: LadderEvent) -> None:
        """Something has happened; what happens while something is decided has its turn after it."""
        self._heard.append(event)
        if self._ladder is None or self._is_deciding:
            return
        while self._heard:
            self._hear(self._heard.popleft())

    def _hear(self, event: LadderEvent) -> None:
        now = self._rooms.now()
        if self._may_decide:
            self._take(steps.decide(self.ladder, event, now))
        else:
            self._ladder = taken_in(self.ladder, event, now)
            self._see_what_is_undone()

    @property
    def _may_decide(self) -> bool:
        return self._leader is not Leader.ENGINE and self._rooms.session.may_send

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """The broker has said something of an order of this leg."""
        member = self._ladder.member(key) if self._ladder is not None else None
        if member is None:
            return
        seen = hearing.seen(key, view, self._rooms.now())
        if seen is not None:
            self.hear(seen)
        shape = shape_shown(member, view)
        if shape is not None:
            self.hear(shape)
        refused = view.cancel_refused
        if refused is not None and (key, refused.received_at) not in self._refused_cancels:
            self._refused_cancels.add((key, refused.received_at))
            self.hear(events.CancelRefused(key))

    def resize(self, quantity: Decimal) -> None:
        """The tranche is of another size now."""
        self.hear(events.Resized(quantity))

    def session_is_ready(self) -> None:
        """What was not decided while nothing could be sent is decided now. The engine could not
        act either, so its second begins anew.
        """
        if self._undone_since is not None:
            self._undone_since = self._rooms.now()
        self._look()

    def engine_sent(self, intent: OrderIntent) -> None:
        """The engine sends an order of this ladder, or modifies it."""
        ladder, now = self.ladder, self._rooms.now()
        member, role = ladder.member(intent.key), role_of(intent, self._rules)
        if member is None:
            new = members.sent(intent, role, now, self._rules.patience)
            self._ladder = replace(ladder, members=(*ladder.members, new))
        elif intent != member.intent:
            shape = NewShape(intent, role, now)
            self._ladder = ladder.with_member(members.asked_to_reshape(member, shape))
        self._engine_acts()

    def engine_cancelled(self, key: IntentKey) -> None:
        """The engine cancels an order of this ladder, perhaps again."""
        member = self.ladder.member(key)
        if member is not None and not member.cancel_asked:
            asked = members.asked_to_cancel(member, self._rooms.now())
            self._ladder = self.ladder.with_member(asked)
        self._engine_acts(events.Cancel(key))

    def engine_asked(self) -> None:
        """The engine asks the broker about an order of this ladder."""
        self._engine_acts()

    def learn(self, event: LadderEvent | None) -> None:
        """What came of something that the engine did or asked; often there is nothing to learn."""
        if event is not None:
            self.hear(event)

    def close(self) -> None:
        """Decide nothing more here."""
        self._alarm.clear()

    @property
    def _market(self) -> MarketNow:
        return market_now(
            self._rooms,
            self._guard.instrument,
            self._rules.shield.side,
            self._guard.underlying,
            self._rooms.now(),
        )

    def _take(self, decision: steps.Decision) -> None:
        """Carry out what was decided, and wait for what is due next."""
        self._ladder, commands = decision
        self._undone_since = None
        self._is_deciding = True
        try:
            self._carrier.carry_out(commands)
        finally:
            self._is_deciding = False
        if self._leader is Leader.EDGE_FIRST and _has_begun(self.ladder):
            self._leader = Leader.ENGINE
            self._begun()
        self._wait()
        if self._heard:
            self.hear(self._heard.popleft())

    def _look(self) -> None:
        """Time has passed, or the session is back."""
        if self._ladder is None or self._ladder.is_done:
            return
        market = self._market
        if self._leader is Leader.ENGINE and self._rooms.session.may_send:
            self._go_on_alone_if_silent()
        self.hear(MarketMoved(market) if market != self._ladder.market else TimePassed())

    def _see_what_is_undone(self) -> None:
        """Note since when there is something that the engine should have done."""
        now = self._rooms.now()
        _, wanted = steps.decide(self.ladder, TimePassed(), now)
        if not _acts(wanted):
            self._undone_since = None
        elif self._undone_since is None:
            self._undone_since = now
        self._wait()

    def _go_on_alone_if_silent(self) -> None:
        now, since = self._rooms.now(), self._undone_since
        if since is None or now - since < ENGINE_SILENCE:
            return
        self._leader = Leader.EDGE_ALONE
        text = "the engine has left undone for a second what was due; the edge goes on alone"
        self._rooms.tell(Notice(IncidentKind.TASK_SILENT, str(self._rules.first_key), text, now))

    def _engine_acts(self, *done: LadderCommand) -> None:
        """It lives, and leads. What it has just done, and what it asks, need not be done here."""
        self._leader = Leader.ENGINE
        self._undone_since = None
        after, wanted = steps.decide(self.ladder, TimePassed(), self._rooms.now())
        if not any(_changes(command) and command not in done for command in wanted):
            self._ladder = after
        self._see_what_is_undone()

    def _wait(self) -> None:
        """Look again when something is due, the engine's second is over, or the market may open."""
        ladder = self.ladder
        if ladder.is_done:
            self._alarm.clear()
            self._done()
            return
        now, times = self._rooms.now(), [due(ladder)]
        if self._undone_since is not None:
            times.append(self._undone_since + ENGINE_SILENCE)
        # What is due and could not be done, because another leads, must not ring for ever.
        to_come = [at for at in times if at is not None and at > now]
        self._alarm.set(min([now + LOOK_EVERY, *to_come]))


def _has_begun(ladder: Ladder) -> bool:
    """Whether an exit is on its way: an order of its own, or what a stop was reshaped into."""
    is_reshaping = any(member.new_shape is not None for member in ladder.members)
    return ladder.limit_was_tried or is_reshaping or ladder.is_done


def _changes(command: LadderCommand) -> bool:
    """Whether it changes anything at the broker; questions don't."""
    return isinstance(command, events.Send | events.Reshape | events.Cancel)


def _acts(commands: tuple[LadderCommand, ...]) -> bool:
    """Whether any of the commands does something at the broker."""
    return any(not isinstance(command, events.Tell) for command in commands)
