"""One ladder at the edge.

It leads until its first exit order has left: from then on the engine leads, and the ladder stands
by. It goes on hearing everything and asks what has to be asked, and when the engine has left undone
for a second what would change something at the broker, it goes on alone, with the same orders under
the same keys, until the engine acts again. Whatever the engine does to an order of the ladder is
taken in as if the ladder had done it.

An order has to be written down before it leaves. So of what the engine has decided or foreseen, on
the ladder as it was some time ago, only that is carried out which the ladder of now wants as well,
and nothing that it has not written down.

While the session may not send, it decides nothing: what would leave then is decided when it may.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from backstay.broker.errands import Alarm
from backstay.broker.guards.asking import Asking
from backstay.broker.guards.carrying import Carrier
from backstay.broker.guards.entries import Entries
from backstay.broker.guards.market import market_now
from backstay.broker.guards.members import joined, role_of, shape_shown, shown
from backstay.broker.guards.tranche import Tranche
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.walking import WayOut
from backstay.domain.exits import events, hearing, members, steps
from backstay.domain.exits.events import LadderCommand, LadderEvent, MarketMoved, TimePassed
from backstay.domain.exits.foresight import changes
from backstay.domain.exits.ladder import Ladder, Told, due, taken_in
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, NewShape
from backstay.domain.exits.rules import ENGINE_SILENCE
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.summary import OrderSummary
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
        way_out: WayOut,
        tranche: Tranche,
        asking: Asking,
        entries: Entries,
        rooms: Rooms,
        begun: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        self.way_out = way_out
        self._rules = way_out.rules
        self._tranche = tranche
        self._entries = entries
        self._rooms = rooms
        self._begun = begun
        self._done = done
        self._carrier = Carrier(way_out.exit, way_out.protection, asking, rooms, self.hear)
        self._alarm = Alarm(rooms.now, self._look)
        self._ladder: Ladder | None = None
        self._leader = Leader.EDGE_FIRST
        self._heard: deque[LadderEvent] = deque()
        self._is_deciding = False
        self._undone_since: datetime | None = None
        self._is_known_to_wait = False
        self._written: tuple[LadderCommand, ...] = ()
        self._news = asyncio.Event()
        self._refused_cancels: set[tuple[IntentKey, datetime]] = set()

    @property
    def ladder(self) -> Ladder:
        """How far it has come."""
        if self._ladder is None:
            raise RuntimeError("the ladder has not begun")
        return self._ladder

    @property
    def entered(self) -> Decimal:
        """What the entries had filled of which its quantity knows."""
        return self._tranche.counted

    @property
    def entry(self) -> OrderSummary | None:
        """The entry by now, where its executions come to just what is being left."""
        return self._tranche.entry

    @property
    def elsewhere(self) -> tuple[OrderSummary, ...]:
        """What other legs of the trade have executed of the contract."""
        return self._tranche.elsewhere

    @property
    def is_done(self) -> bool:
        """Whether nothing is open, nothing lives, and no entry can add to it any more: what that
        would fill yet has to be left as well.
        """
        key = self.way_out.key
        is_flat = self._ladder is not None and self._ladder.is_done
        return is_flat and not self._entries.can_fill(key.trade, key.leg)

    def begin(
        self, quantity: Decimal, resting: tuple[Member, ...], told: tuple[Told, ...] = ()
    ) -> None:
        """Begin, in this turn, over the stops that rest. They stay while no exit can follow."""
        now = self._rooms.now()
        ladder = steps.laid(self._rules, quantity, resting, self._market, now)
        self._ladder = replace(ladder, told=told)
        self.hear(TimePassed())

    def resume(self, quantity: Decimal, known: tuple[Member, ...]) -> None:
        """Go on after a crash; what is found without a live exit is protected first."""
        now, patience = self._rooms.now(), self._rules.patience
        sent = tuple(members.sent(each.intent, each.role, now, patience) for each in known)
        self.take_up(Ladder(self._rules, quantity, sent, self._market, now))

    def take_up(self, ladder: Ladder) -> None:
        """Go on with a ladder that a process that is gone has left."""
        now, inbox = self._rooms.now(), self._rooms.inbox
        ladder = joined(ladder, self.way_out, inbox, now)
        known = shown(ladder, inbox, now)
        self._ladder = steps.resume(ladder, MarketMoved(self._market), now, known)
        self.hear(TimePassed())

    # --- led by the engine ---

    def lead(self, written: tuple[LadderCommand, ...], known: Ladder | None) -> bool:
        """The engine leads once the first exit has left; whether the edge had gone on alone. What
        it has written down is carried out if and when that is all that would change anything; for
        what it has not, it has to decide anew. It has `known` the ladder so.
        """
        was_alone = self._leader is Leader.EDGE_ALONE
        self._is_known_to_wait = known is not None and known.is_left_to_a_person
        if self._leader is Leader.EDGE_FIRST:
            return was_alone
        self._leader, self._written = Leader.ENGINE, written
        self._see_whether_shut()
        self._stand_by()
        return was_alone

    @property
    def waits_for_entry(self) -> bool:
        """Whether nothing is left but an entry that can still fill: nothing is done before that."""
        return self.ladder.is_done and not self.is_done

    @property
    def waits_for_engine(self) -> bool:
        """Whether there is something for it to decide, or to know: that all is done, or that what
        is left waits for a person.
        """
        is_undone = self._leader is Leader.ENGINE and self._undone_since is not None
        is_news = self.ladder.is_left_to_a_person and not self._is_known_to_wait
        return self.is_done or ((is_undone or is_news) and self._rooms.session.may_send)

    async def until_engine_is_needed(self) -> None:
        """Wait until there is something for the engine to decide, or nothing is left."""
        while not self.waits_for_engine:
            self._news.clear()
            await self._news.wait()

    def hear(self, event: LadderEvent) -> None:
        """Something has happened; what happens while something is decided has its turn after it."""
        self._heard.append(event)
        if self._ladder is None or self._is_deciding:
            return
        while self._heard:
            self._hear(self._heard.popleft())

    def _hear(self, event: LadderEvent) -> None:
        now = self._rooms.now()
        self._see_whether_shut()
        if self._may_decide:
            self._take(steps.decide(self.ladder, event, now))
        else:
            self._ladder = taken_in(self.ladder, event, now)
            self._stand_by()

    @property
    def _may_decide(self) -> bool:
        return self._leader is not Leader.ENGINE and self._rooms.session.may_send

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """The broker has said something of an order of this leg."""
        if self._ladder is None:
            return
        member = self._ladder.member(key)
        if member is None:
            if self._ladder.is_done:
                self._wait()
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
        """What was not decided while nothing could be sent is decided now, with what somebody else
        may have sent meanwhile. The engine could not act either, so its second begins anew.
        """
        now = self._rooms.now()
        if self._undone_since is not None:
            self._undone_since = now
        if self._ladder is not None:
            inbox = self._rooms.inbox
            self._ladder = joined(self._ladder, self.way_out, inbox, now)
            for event in shown(self._ladder, inbox, now):
                self._ladder = taken_in(self._ladder, event, now)
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
            self.way_out.instrument,
            self._rules.shield.side,
            self.way_out.underlying,
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
        self._wait()
        if self._heard:
            self.hear(self._heard.popleft())

    def _see_whether_shut(self) -> None:
        """Nothing is decided on a market that has shut meanwhile. That it trades again, which the
        broker may deny, has to wait for the next look around.
        """
        known, market = self.ladder.market, self._market
        takes_no_more = known.takes_market_orders and not market.takes_market_orders
        if takes_no_more or (market.is_shut and not known.is_shut):
            self._ladder = taken_in(self.ladder, MarketMoved(market), self._rooms.now())

    def _look(self) -> None:
        """Time has passed, or the session is back. An entry may have come to its end, as nothing
        that was heard of it has said; where it alone was waited for, all is done by that.
        """
        if self._ladder is None:
            return
        if self.is_done:
            self._wait()
            return
        market = self._market
        if self._leader is Leader.ENGINE and self._rooms.session.may_send:
            self._go_on_alone_if_silent()
        self.hear(MarketMoved(market) if market != self._ladder.market else TimePassed())

    def _stand_by(self) -> None:
        """Do what only asks, and what the engine has written down; and note since when there is
        something that it should have decided.
        """
        now = self._rooms.now()
        decision = steps.decide(self.ladder, TimePassed(), now)
        wanted = [command for command in decision[1] if changes(command)]
        is_led = self._leader is Leader.ENGINE and self._rooms.session.may_send
        if is_led and decision[1] and all(command in self._written for command in wanted):
            self._take(decision)
            return
        if wanted:
            self._undone_since = self._undone_since or now
        else:
            self._undone_since = None
            if is_led:
                self._ladder = decision[0]
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
        if not any(changes(command) and command not in done for command in wanted):
            self._ladder = after
        self._stand_by()

    def _wait(self) -> None:
        """Look again when something is due, the engine's second is over, or the market may open.
        That it has begun is told wherever that is seen: a stop may end it with no session to send.
        """
        ladder = self.ladder
        if self._leader is Leader.EDGE_FIRST and _has_begun(ladder):
            self._leader = Leader.ENGINE
            self._begun()
        if self.waits_for_engine:
            self._news.set()
        if self.is_done:
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
    """Whether an exit is on its way, an order of its own or what a stop was reshaped into; or none
    will ever be.
    """
    is_reshaping = any(member.new_shape is not None for member in ladder.members)
    has_ended = ladder.is_done or ladder.is_left_to_a_person
    return ladder.limit_was_tried or is_reshaping or has_ended
