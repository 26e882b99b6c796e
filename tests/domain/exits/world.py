"""A small broker with every freedom that a real one has, for exploring a ladder exhaustively.

It owns the truth: what lives, what has filled. A ladder learns of it only through deliveries that
may be held back, lost or overtaken. `World.moves` lists everything that can happen next; the moves
that are the broker's or the network's fault cost from a budget, so that the whole space is finite.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial

from backstay.domain.exits.events import (
    Absent,
    Alarm,
    AskBroker,
    Cancel,
    CancelRefused,
    FillsRead,
    LadderCommand,
    LadderEvent,
    MarketMoved,
    ReadFills,
    Refused,
    Reshape,
    Reshaped,
    ReshapeRefused,
    Seen,
    Send,
    TimePassed,
    Unanswered,
)
from backstay.domain.exits.ladder import Ladder, Told, due
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Role
from backstay.domain.exits.steps import Decision, decide, resume
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import Market, OrderIntent
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.profile import BrokerProfile
from backstay.domain.sessions import MarketPhase

START = datetime(2026, 3, 23, 15, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Stage(StrEnum):
    """Where an order is at the broker."""

    ON_ITS_WAY = "on its way"
    LIVE = "live"
    DEAD = "dead"
    NEVER_CAME = "never came"


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """One order as the broker has it; `told` is the revision that the ladder has heard of."""

    intent: OrderIntent
    stage: Stage = Stage.ON_ITS_WAY
    filled: int = 0
    revision: int = 0
    told: int = 0
    cancel: bool = False
    reshape: OrderIntent | None = None
    asked: bool = False
    fills_asked: bool = False
    refused: bool = False

    @property
    def remaining(self) -> int:
        """What it can still fill."""
        return max(int(self.intent.quantity) - self.filled, 0)

    @property
    def is_awaited(self) -> bool:
        """Whether something about it is under way, in either direction."""
        asked = self.cancel or self.asked or self.fills_asked or self.reshape is not None
        return asked or self.stage is Stage.ON_ITS_WAY or self.told < self.revision

    @property
    def can_fill(self) -> bool:
        """Whether it is alive or may become so."""
        return self.stage in (Stage.ON_ITS_WAY, Stage.LIVE)


@dataclass(frozen=True, slots=True)
class World:
    """The ladder, the broker's orders, and how many faults may still happen."""

    ladder: Ladder
    orders: tuple[BrokerOrder, ...]
    faults: int
    now: datetime = START
    turns: tuple[MarketNow, ...] = ()
    late_fill: bool = False

    @property
    def open(self) -> int:
        """The true open quantity of the tranche."""
        return int(self.ladder.quantity) - sum(order.filled for order in self.orders)

    @property
    def profile(self) -> BrokerProfile:
        """What kind of broker this is."""
        return self.ladder.rules.profile

    @property
    def could_fill(self) -> int:
        """What all living orders together could fill; a group fills once."""
        able = [o for o in self.orders if o.can_fill and not self.comes_too_late(o)]
        alone = sum(order.remaining for order in able if order.intent.oca is None)
        paired = [order.remaining for order in able if order.intent.oca is not None]
        return alone + max(paired, default=0)

    def comes_too_late(self, order: BrokerOrder) -> bool:
        """Whether it would join a group that has begun to fill or to end; the broker refuses."""
        if order.stage is not Stage.ON_ITS_WAY or order.intent.oca is None:
            return False
        group = [o for o in self.orders if o.intent.oca == order.intent.oca]
        others = [o for o in group if o.intent.key != order.intent.key]
        return any(other.filled or other.stage is Stage.DEAD for other in others)

    @property
    def orders_in_short(self) -> tuple[object, ...]:
        """The broker's orders, as far as they differ."""
        return tuple(
            (
                str(order.intent.key),
                (order.intent.quantity, order.intent.terms.kind, order.intent.oca),
                order.stage,
                order.filled,
                order.told < order.revision,
                (order.cancel, order.asked, order.fills_asked, order.refused),
                order.reshape and (order.reshape.quantity, order.reshape.terms.kind),
            )
            for order in self.orders
        )

    def order(self, key: IntentKey) -> BrokerOrder:
        """The broker's order of this key."""
        return next(order for order in self.orders if order.intent.key == key)

    def having(self, changed: BrokerOrder) -> "World":
        """The world with one order changed."""
        same = changed.intent.key
        orders = (changed if o.intent.key == same else o for o in self.orders)
        return replace(self, orders=tuple(orders))

    def after(self, decision: Decision) -> "World":
        """The world once the commands of a decision have left."""
        ladder, commands = decision
        world = replace(self, ladder=ladder)
        for command in commands:
            world = world.receiving(command)
        return replace(world, orders=tuple(world._settled(order) for order in world.orders))

    def _settled(self, order: BrokerOrder) -> BrokerOrder:
        """A question about an order of which everything is known needs no answer any more."""
        member = self.ladder.member(order.intent.key)
        if member is None or not member.is_proven or order.told < order.revision:
            return order
        return replace(order, asked=False, fills_asked=False, cancel=False)

    def receiving(self, command: LadderCommand) -> "World":
        """The world with one command on its way to the broker."""
        match command:
            case Send(intent):
                assert all(order.intent.key != intent.key for order in self.orders)
                return replace(self, orders=(*self.orders, BrokerOrder(intent)))
            case Cancel(key):
                order = self.order(key)
                return self.having(replace(order, cancel=order.can_fill))
            case Reshape(intent):
                order = self.order(intent.key)
                return self.having(replace(order, reshape=intent if order.can_fill else None))
            case AskBroker(key):
                return self.having(replace(self.order(key), asked=True))
            case ReadFills(key):
                return self.having(replace(self.order(key), fills_asked=True))
            case _:
                return self

    def hearing(self, event: LadderEvent) -> "World":
        """The world after the ladder has taken in `event`."""
        return self.after(decide(self.ladder, event, self.now))

    def faulty(self) -> "World":
        """The same world with one fault less to come."""
        return replace(self, faults=self.faults - 1)

    def moves(self) -> Iterator[tuple[str, bool, Callable[[], "World"]]]:
        """Everything that can happen next: its name, whether it is a fault, and the world after."""
        for order in self.orders:
            name = f"{order.intent.key.purpose}:{order.intent.key.generation}"
            for what, is_fault, then in self._moves_of(order):
                if not is_fault or self.faults:
                    yield f"{what} {name}", is_fault, then
        at = due(self.ladder)
        is_slow = any(order.is_awaited for order in self.orders)
        if at is not None and (self.faults or not is_slow):
            late = self.faulty() if is_slow else self
            yield "time passes", is_slow, lambda: late._at(max(at, self.now))
        if self.faults:
            yield "crash", True, self._crashed
            for market in self.turns:
                if market != self.ladder.market:
                    changed = MarketMoved(market)
                    yield "the market turns", True, partial(self.faulty().hearing, changed)
        if self.ladder.market in self.turns:
            yield "the market opens", False, lambda: self.hearing(MarketMoved(OPEN))

    def _moves_of(self, order: BrokerOrder) -> Iterator[tuple[str, bool, Callable[[], "World"]]]:
        if order.stage is Stage.ON_ITS_WAY:
            if self.comes_too_late(order):
                yield "refuse late", False, lambda: self._refused(order)
                return
            yield "accept", False, lambda: self._changed(order, stage=Stage.LIVE)
            yield "refuse", True, lambda: self.faulty()._refused(order)
            yield "swallow", True, lambda: self._swallowed(order)
            yield "no answer to", True, lambda: self._unanswered(order)
        if order.stage is Stage.LIVE:
            yield from self._moves_of_live(order)
        if order.stage is Stage.DEAD and self._may_fill_late(order):
            yield "late fill of", True, lambda: self.faulty()._filled(order)
        if order.told < order.revision:
            yield "tell of", False, lambda: self._told(order)
        if order.asked:
            yield "answer about", False, lambda: self._answered(order)
        if order.fills_asked:
            yield "answer fills of", False, lambda: self._fills_answered(order)
            lost = replace(order, fills_asked=False)
            yield "lose question for fills of", True, lambda: self.having(lost).faulty()

    def _moves_of_live(
        self, order: BrokerOrder
    ) -> Iterator[tuple[str, bool, Callable[[], "World"]]]:
        if order.remaining and self.open > 0 and not self.ladder.market.is_shut:
            yield "fill", False, lambda: self._filled(order)
        if order.cancel:
            yield "cancel", False, lambda: self._cancelled(order)
            yield "refuse cancel of", True, lambda: self._cancel_refused(order)
            lost = replace(order, cancel=False)
            yield "swallow cancel of", True, lambda: self.having(lost).faulty()
        else:
            yield "cancel unasked", True, lambda: self._cancelled(order).faulty()
        if order.reshape is not None:
            yield "reshape", False, lambda: self._reshaped(order)
            yield "refuse reshape of", True, lambda: self._reshape_refused(order)

    def _may_fill_late(self, order: BrokerOrder) -> bool:
        """A fill that happened before the cancel may be told after it, until fills are read."""
        member = self.ladder.member(order.intent.key)
        is_read = member is not None and member.fills_read
        may = not is_read or self.late_fill
        return may and bool(order.remaining) and not order.refused and self.open > 0

    def _changed(self, order: BrokerOrder, **changes: object) -> "World":
        changed = replace(order, revision=order.revision + 1, **changes)  # type: ignore[arg-type]
        return self.having(changed)

    def _refused(self, order: BrokerOrder) -> "World":
        reason = RejectionClass.OTHER
        world = self.having(replace(order, stage=Stage.DEAD, refused=True, cancel=False))
        return world.hearing(Refused(order.intent.key, reason, self.now))

    def _swallowed(self, order: BrokerOrder) -> "World":
        lost = replace(order, stage=Stage.NEVER_CAME, cancel=False, reshape=None)
        return self.having(lost).faulty()

    def _unanswered(self, order: BrokerOrder) -> "World":
        return self.faulty().hearing(Unanswered(order.intent.key))

    def _filled(self, order: BrokerOrder) -> "World":
        if order.remaining == 1:
            order = replace(order, stage=Stage.DEAD, cancel=False, reshape=None)
        world = self._changed(order, filled=order.filled + 1)
        for sibling in self._siblings(order):
            left = Decimal(int(sibling.intent.quantity) - 1)
            if left > sibling.filled:
                smaller = replace(sibling.intent, quantity=left)
                world = world._changed(sibling, intent=smaller)
            else:
                world = world._changed(sibling, stage=Stage.DEAD, cancel=False)
        return world

    def _cancelled(self, order: BrokerOrder) -> "World":
        world = self._changed(order, stage=Stage.DEAD, cancel=False, reshape=None)
        if not self.profile.cancelling_one_spares_siblings:
            for sibling in self._siblings(order):
                world = world._changed(sibling, stage=Stage.DEAD, cancel=False)
        return world

    def _siblings(self, order: BrokerOrder) -> list[BrokerOrder]:
        group = order.intent.oca
        live = [o for o in self.orders if o.stage is Stage.LIVE and group is not None]
        return [o for o in live if o.intent.oca == group and o.intent.key != order.intent.key]

    def _cancel_refused(self, order: BrokerOrder) -> "World":
        world = self.having(replace(order, cancel=False)).faulty()
        return world.hearing(CancelRefused(order.intent.key))

    def _reshaped(self, order: BrokerOrder) -> "World":
        assert order.reshape is not None
        shape = order.reshape
        world = self._changed(order, intent=shape, reshape=None)
        return world.hearing(Reshaped(order.intent.key, self.now))

    def _reshape_refused(self, order: BrokerOrder) -> "World":
        world = self.having(replace(order, reshape=None)).faulty()
        return world.hearing(ReshapeRefused(order.intent.key))

    def _seen(self, order: BrokerOrder) -> Seen:
        over = order.stage is Stage.DEAD
        key, filled = order.intent.key, Decimal(order.filled)
        return Seen(key, over=over, filled=filled, revision=order.revision, at=self.now)

    def _told(self, order: BrokerOrder) -> "World":
        world = self.having(replace(order, told=order.revision, asked=False))
        return world.hearing(self._seen(order))

    def _answered(self, order: BrokerOrder) -> "World":
        world = self.having(replace(order, asked=False, told=order.revision))
        if order.stage is Stage.NEVER_CAME or (order.refused and not order.revision):
            return world.hearing(Absent(order.intent.key, self.now))
        if order.stage is Stage.ON_ITS_WAY:
            return world.having(replace(order, asked=False))
        return world.hearing(self._seen(order))

    def _fills_answered(self, order: BrokerOrder) -> "World":
        world = self.having(replace(order, fills_asked=False, told=order.revision))
        filled = Decimal(order.filled)
        return world.hearing(FillsRead(order.intent.key, filled, order.revision, self.now))

    def _at(self, now: datetime) -> "World":
        world = replace(self, now=now)
        return world.hearing(TimePassed())

    def _crashed(self) -> "World":
        """What was on its way is lost; what is durable is the ladder, and the broker."""
        lost = tuple(
            replace(
                order,
                stage=Stage.NEVER_CAME if order.stage is Stage.ON_ITS_WAY else order.stage,
                cancel=False,
                reshape=None,
                asked=False,
                fills_asked=False,
            )
            for order in self.orders
        )
        world = replace(self, orders=lost).faulty()
        return world.after(resume(world.ladder, TimePassed(), world.now))


OPEN = MarketNow(MarketPhase.REGULAR, touch=Decimal("189.90"))


def situation(world: World) -> tuple[object, ...]:
    """What distinguishes one world from another for all that can follow: times only relative to
    now, and only where they still matter.
    """
    ladder, now = world.ladder, world.now

    def away(at: datetime | None) -> int | None:
        return None if at is None else max((at - now) // MILLISECOND, -1)

    rung = next((m for m in ladder.live if m.role is Role.LIMIT), None)
    answered = rung is None or ladder.answered_at >= rung.since + ladder.rules.patience
    members = tuple(
        (
            str(m.key),
            m.role,
            m.standing,
            m.filled,
            m.revision > 0,
            away(m.look_at),
            (m.fills_read, m.unanswered, m.cancel_asked, m.keeps_shape),
            m.cancel_asked and m.looked_after,
            m.refused,
            (m.intent.quantity, m.intent.terms.kind),
            m.new_shape and (m.new_shape.role, m.new_shape.intent.quantity),
            away(m.since + ladder.rules.patience) if m is rung else None,
        )
        for m in ladder.members
    )
    return (
        members,
        world.orders_in_short,
        world.faults,
        str(ladder.market),
        bool(ladder.told),
        ladder.newest and Told(Alarm.UNPROTECTED, ladder.newest.key) in ladder.told,
        (ladder.shuns_market, ladder.shuns_reshape, ladder.protects_first, answered),
        away(ladder.retry_at),
    )


def is_market(order: BrokerOrder) -> bool:
    """Whether the broker has it as a market order."""
    return isinstance(order.intent.terms, Market)
