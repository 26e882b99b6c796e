"""The ways out of a story: the edge's ladder, and a broker that answers as the story says.

It follows the rules of the real edge. Until the first exit has left it leads; from then on the
engine does, and of what the engine has decided only that is carried out which the ladder of now
wants as well. What only asks it does by itself. Time is the broker's, and passes as far as it must.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits import events, steps
from backstay.domain.exits.events import LadderCommand, LadderEvent, TimePassed
from backstay.domain.exits.hearing import revision_at
from backstay.domain.exits.ladder import Ladder, due, taken_in
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import IntentKey
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, Market, OrderIntent
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sessions.calendar import MarketPhase

ANSWERS_AFTER = timedelta(milliseconds=100)

Answer = tuple[timedelta, LadderEvent]


@dataclass
class Broker:
    """What the broker makes of the exits; quantities are of all that the order is for."""

    limit_fills: Decimal = Decimal(1_000_000)
    market_fills: Decimal = Decimal(1_000_000)
    cancels_unanswered: int = 0
    fills_on_cancel: Decimal = Decimal(0)
    refuses_cancel_of_filled: bool = False
    sibling_takes_limit: bool = False
    """A limit is cancelled without anybody asking, because another of its group was."""

    fills_from: Decimal | None = None
    """A limit to sell fills once it is no higher."""

    market: MarketNow = field(default_factory=lambda: MarketNow(MarketPhase.REGULAR))
    turns: list[tuple[timedelta, MarketNow]] = field(default_factory=list)
    """After how long from the beginning of a way out the market becomes another."""

    orders: dict[IntentKey, OrderIntent] = field(default_factory=dict)
    filled: dict[IntentKey, Decimal] = field(default_factory=dict)
    over: set[IntentKey] = field(default_factory=set)

    def answers(self, command: LadderCommand, now: datetime) -> Iterator[Answer]:
        """What comes of a command, and how long after it."""
        match command:
            case events.Send(intent):
                yield from self._sent(intent, now)
            case events.Reshape(intent):
                self.orders[intent.key] = intent
                at = now + ANSWERS_AFTER
                yield (
                    ANSWERS_AFTER,
                    events.Reshaped(intent.key, intent.terms, intent.quantity, at),
                )
                yield from self._sent(intent, now + ANSWERS_AFTER)
            case events.Cancel(key):
                yield from self._cancelled(key, now)
            case events.AskBroker(key):
                yield ANSWERS_AFTER, self._seen(key, now + ANSWERS_AFTER)
            case events.ReadFills(key):
                at = now + ANSWERS_AFTER
                filled = self.filled.get(key, Decimal(0))
                yield ANSWERS_AFTER, events.FillsRead(key, filled, revision_at(at), at)
            case events.Tell():
                pass

    def _sent(self, intent: OrderIntent, now: datetime) -> Iterator[Answer]:
        key = intent.key
        self.orders[key] = intent
        yield ANSWERS_AFTER, self._seen(key, now + ANSWERS_AFTER)
        may_fill = {Limit: self.limit_fills, Market: self.market_fills}
        if isinstance(intent.terms, Limit) and self.fills_from is not None:
            may_fill[Limit] = (
                intent.quantity if intent.terms.price <= self.fills_from else Decimal(0)
            )
        fills = min(may_fill.get(type(intent.terms), Decimal(0)), intent.quantity)
        if fills:
            self.filled[key] = fills
            if fills == intent.quantity:
                self.over.add(key)
            later = 2 * ANSWERS_AFTER
            yield later, self._seen(key, now + later)
        if self.sibling_takes_limit and isinstance(intent.terms, Limit):
            self.over.add(key)
            at_last = 3 * ANSWERS_AFTER
            yield at_last, self._seen(key, now + at_last)

    def _cancelled(self, key: IntentKey, now: datetime) -> Iterator[Answer]:
        if self.cancels_unanswered and isinstance(self.orders[key].terms, Limit):
            self.cancels_unanswered -= 1
            return
        if self.refuses_cancel_of_filled and isinstance(self.orders[key].terms, Limit):
            self.filled[key] = self.orders[key].quantity
            self.over.add(key)
            yield ANSWERS_AFTER, events.CancelRefused(key)
            return
        if isinstance(self.orders[key].terms, Limit):
            self.filled[key] = self.filled.get(key, Decimal(0)) + self.fills_on_cancel
        self.over.add(key)
        yield ANSWERS_AFTER, self._seen(key, now + ANSWERS_AFTER)

    def _seen(self, key: IntentKey, at: datetime) -> events.Seen:
        filled = self.filled.get(key, Decimal(0))
        return events.Seen(key, key in self.over, filled, revision_at(at), at)


class Way:
    """One way out at the edge."""

    def __init__(self, broker: Broker, now: datetime) -> None:
        self.broker = broker
        self.now = now
        self.told: list[events.Tell] = []
        self.sent: list[OrderIntent] = []
        self.walks: list[Walk] = []
        self.goes_alone = False
        self.entry: OrderSummary | None = None
        self._ladder: Ladder | None = None
        self._heard: list[tuple[datetime, int, LadderEvent]] = []
        self._numbers = count()
        for after, market in broker.turns:
            self._push(now + after, events.MarketMoved(market))

    @property
    def ladder(self) -> Ladder:
        """How far it has come."""
        assert self._ladder is not None
        return self._ladder

    @property
    def filled(self) -> Decimal:
        """What its exits have filled."""
        return self.ladder.quantity - self.ladder.left

    def begin(self, rules: LadderRules, quantity: Decimal, shield: OrderIntent | None) -> Ladder:
        """Lead until the first exit has left."""
        resting: tuple[Member, ...] = ()
        if shield is not None:
            self.broker.orders[shield.key] = shield
            resting = (Member(shield, Role.SHIELD, self.now, None, Standing.WORKING, revision=1),)
        decision = steps.begin(rules, quantity, resting, self.broker.market, self.now)
        self._take(decision)
        while not _has_begun(self.ladder):
            self._take(steps.decide(self.ladder, self._next(), self.now))
        return self.ladder

    def walk(self, asked: Walk) -> Walked:
        """Go as far as the engine has decided, and on until it is needed."""
        self.walks.append(asked)
        if self._ladder is None:
            if asked.ladder is None:
                rules = asked.way_out.rules
                self.begin(rules, asked.way_out.quantity, None)
            else:
                self._ladder = asked.ladder
        elif asked.ladder is not None and asked.ladder.quantity > self._ladder.quantity:
            self._ladder = taken_in(self._ladder, events.Resized(asked.ladder.quantity), self.now)
        if self.goes_alone and asked.commands:
            self._go_on_alone()
            return self._walked(asked, went_alone=True)
        decision = steps.decide(self.ladder, TimePassed(), self.now)
        if all(command in asked.commands for command in decision[1] if changes(command)):
            self._take(decision)
        while not self._needs_engine:
            self._ladder = taken_in(self.ladder, self._next(), self.now)
        return self._walked(asked, went_alone=False)

    def _go_on_alone(self) -> None:
        """What the engine has decided comes a second late: by then the edge has done it."""
        self.goes_alone = False
        self.now += timedelta(seconds=1)
        self._take(steps.decide(self.ladder, TimePassed(), self.now))
        self._take(steps.decide(self.ladder, self._next(), self.now))

    @property
    def _needs_engine(self) -> bool:
        if self.ladder.is_done:
            return True
        after, wanted = steps.decide(self.ladder, TimePassed(), self.now)
        if any(changes(command) for command in wanted):
            return True
        self._take((after, wanted))
        return False

    def _next(self) -> LadderEvent:
        """What happens next: something is heard, or something is due."""
        at = due(self.ladder)
        if self._heard and (at is None or self._heard[0][0] <= at):
            self.now, _, event = heapq.heappop(self._heard)
            return event
        assert at is not None, "the story has nothing more for this way out"
        self.now = max(self.now, at)
        return TimePassed()

    def _take(self, decision: steps.Decision) -> None:
        self._ladder, commands = decision
        for command in commands:
            if isinstance(command, events.Tell):
                self.told.append(command)
            if isinstance(command, events.Send | events.Reshape):
                self.sent.append(command.intent)
            for after, event in self.broker.answers(command, self.now):
                self._push(self.now + after, event)

    def _push(self, at: datetime, event: LadderEvent) -> None:
        heapq.heappush(self._heard, (at, next(self._numbers), event))

    def _walked(self, asked: Walk, *, went_alone: bool) -> Walked:
        return Walked(
            key=asked.way_out.key,
            ladder=self.ladder,
            at=self.now,
            position=max(self.ladder.left, Decimal(0)),
            orders=tuple(map(self._summary, self.ladder.members)),
            naked=NakedTime(Decimal(1), Decimal(0), self.now),
            went_alone=went_alone,
            entry=self.entry,
        )

    def _summary(self, member: Member) -> OrderSummary:
        price = Decimal("97.50")
        over = not member.is_live
        end = OrderEnd.FILLED if member.remaining == 0 else OrderEnd.CANCELLED
        return OrderSummary(
            key=member.key,
            side=member.intent.side,
            quantity=member.intent.quantity,
            filled=member.filled,
            value=member.filled * price,
            average_price=price if member.filled else None,
            commissions=(),
            executions=1 if member.filled else 0,
            first_fill_at=self.now if member.filled else None,
            last_fill_at=self.now if member.filled else None,
            is_acknowledged=True,
            is_settled=over,
            end=end if over else None,
            perm_ids=(2,),
        )


def changes(command: LadderCommand) -> bool:
    """Whether it changes anything at the broker."""
    return isinstance(command, events.Send | events.Reshape | events.Cancel)


def _has_begun(ladder: Ladder) -> bool:
    return ladder.limit_was_tried or ladder.is_done
