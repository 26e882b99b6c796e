"""A small broker with every freedom that a real one has, for exploring a ladder exhaustively.

It owns the truth: what lives, what has filled. A ladder learns of it only through deliveries that
may be held back, lost or overtaken. `World.moves` lists everything that can happen next; the moves
that are the broker's or the network's fault cost from a budget, so that the whole space is finite.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial

from backstay.domain.exits.events import (
    Absent,
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
    Resized,
    Seen,
    Send,
    TimePassed,
    Unanswered,
)
from backstay.domain.exits.ladder import Ladder, due
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member
from backstay.domain.exits.steps import Decision, decide, resume
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import Market, OrderIntent
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.profile import BrokerProfile
from backstay.domain.sessions import MarketPhase

START = datetime(2026, 3, 23, 15, 0, tzinfo=UTC)
OPEN = MarketNow(MarketPhase.REGULAR, touch=Decimal("189.90"))
Move = tuple[str, bool, Callable[[], "World"]]
REASONS = (RejectionClass.OTHER, RejectionClass.HALTED, RejectionClass.MARKET_CLOSED)


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
    """The ladder, the broker's orders, and how many faults may still happen: among them that the
    market turns into one of `turns` and the tranche is resized to one of `sizes`.

    With `late_fill` a fill may be told after the fills were read, and an order that was told to be
    over may come back to life: what no broker should do, and what makes exits overfill.
    """

    ladder: Ladder
    orders: tuple[BrokerOrder, ...]
    faults: int
    now: datetime = START
    turns: tuple[MarketNow, ...] = ()
    sizes: tuple[int, ...] = ()
    late_fill: bool = False
    heard: tuple[LadderEvent, ...] = ()

    @property
    def open(self) -> int:
        """The true open quantity of the tranche."""
        return int(self.ladder.quantity) - sum(order.filled for order in self.orders)

    @property
    def profile(self) -> BrokerProfile:
        """What kind of broker this is."""
        return self.ladder.rules.profile

    @property
    def can_trade(self) -> bool:
        """Whether anything may fill. Where exits can't overfill that needs something open."""
        return self.open > 0 or self.late_fill or bool(self.sizes)

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

    def is_history(self, order: BrokerOrder, member: Member) -> bool:
        """Whether nothing can be heard of it any more, and nothing missing."""
        is_told = not order.can_fill and order.told == order.revision
        return is_told and member.is_proven and not self.late_fill

    def order(self, key: IntentKey) -> BrokerOrder:
        """The broker's order of this key."""
        return next(order for order in self.orders if order.intent.key == key)

    def having(self, changed: BrokerOrder) -> "World":
        """The world with one order changed."""
        same = changed.intent.key
        orders = [changed if o.intent.key == same else o for o in self.orders]
        return self._with(self.ladder, tuple(orders))

    def _with(
        self,
        ladder: Ladder,
        orders: tuple[BrokerOrder, ...],
        heard: tuple[LadderEvent, ...] | None = None,
    ) -> "World":
        """The same as `replace`, several times faster."""
        known = self.heard if heard is None else heard
        first = (ladder, orders, self.faults, self.now)
        return World(*first, self.turns, self.sizes, self.late_fill, known)

    def after(self, decision: Decision) -> "World":
        """The world once the commands of a decision have left."""
        ladder, commands = decision
        world = self._with(ladder, self.orders)
        for command in commands:
            world = world.receiving(command)
        return self._with(ladder, tuple([world._settled(order) for order in world.orders]))

    def _settled(self, order: BrokerOrder) -> BrokerOrder:
        """A question about an order of which everything is known needs no answer any more."""
        if not (order.asked or order.fills_asked or order.cancel):
            return order
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
        after = self.after(decide(self.ladder, event, self.now))
        return after._with(after.ladder, after.orders, (*self.heard, event))

    def faulty(self) -> "World":
        """The same world with one fault less to come."""
        return replace(self, faults=self.faults - 1)

    def moves(self) -> Iterator[Move]:
        """Everything that can happen next: its name, whether it is a fault, and the world after."""
        yield from self._moves_of_orders()
        at = due(self.ladder)
        is_slow = any(order.is_awaited for order in self.orders)
        if at is not None and (self.faults or not is_slow):
            late = self.faulty() if is_slow else self
            yield "time passes", is_slow, lambda: late._at(max(at, self.now))
        if self.ladder.market in self.turns or self.ladder.market.halted:
            yield "the market opens", False, lambda: self.hearing(MarketMoved(OPEN))
        if self.faults:
            yield "crash", True, self._crashed
            for what, surprise in self._surprises():
                yield what, True, partial(self.faulty().hearing, surprise)

    def _surprises(self) -> Iterator[tuple[str, LadderEvent]]:
        """What can happen that is no order's doing."""
        for market in self.turns:
            if market != self.ladder.market:
                yield f"the market turns {market.phase}", MarketMoved(market)
        filled = self.ladder.quantity - self.open
        for size in self.sizes:
            if size != self.ladder.quantity and size >= filled:
                yield f"resize to {size}", Resized(Decimal(size))

    def _moves_of_orders(self) -> Iterator[Move]:
        for order in self.orders:
            name = f"{order.intent.key.purpose}:{order.intent.key.generation}"
            for what, is_fault, then in self._moves_of(order):
                if not is_fault or self.faults:
                    yield f"{what} {name}", is_fault, then

    def _moves_of(self, order: BrokerOrder) -> Iterator[Move]:
        if order.stage is Stage.ON_ITS_WAY:
            if self.comes_too_late(order):
                yield "refuse late", False, lambda: self._refused(order, RejectionClass.OTHER)
                return
            yield "accept", False, lambda: self._changed(order, stage=Stage.LIVE)
            for reason in REASONS:
                what = f"refuse ({reason.value})"
                yield what, True, partial(self.faulty()._refused, order, reason)
            yield "swallow", True, lambda: self._swallowed(order)
            yield "no answer to", True, lambda: self._unanswered(order)
        if order.stage is Stage.LIVE:
            yield from self._moves_of_live(order)
        if order.stage is Stage.DEAD and self._may_fill_late(order):
            yield "late fill of", True, lambda: self.faulty()._filled(order)
        if order.stage is Stage.DEAD and self._may_return(order):
            yield "return of", True, lambda: self.faulty()._changed(order, stage=Stage.LIVE)
        if order.told < order.revision and not order.asked:
            yield "tell of", False, lambda: self._told(order)
        if order.asked:
            yield "answer about", False, lambda: self._answered(order)
        if order.fills_asked:
            if not order.can_fill:
                yield "answer fills of", False, lambda: self._fills_answered(order)
            lost = replace(order, fills_asked=False)
            yield "lose question for fills of", True, lambda: self.having(lost).faulty()

    def _moves_of_live(self, order: BrokerOrder) -> Iterator[Move]:
        if order.remaining and self.can_trade and not self.ladder.market.is_shut:
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
        return may and bool(order.remaining) and not order.refused and self.can_trade

    def _may_return(self, order: BrokerOrder) -> bool:
        """An order that was told to be over may turn out to be alive."""
        is_told = order.told == order.revision
        return self.late_fill and is_told and bool(order.remaining) and not order.refused

    def _changed(self, order: BrokerOrder, **changes: object) -> "World":
        changed = replace(order, revision=order.revision + 1, **changes)  # type: ignore[arg-type]
        return self.having(changed)

    def _refused(self, order: BrokerOrder, reason: RejectionClass) -> "World":
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
        return world.hearing(Reshaped(order.intent.key, shape.terms, shape.quantity, self.now))

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
        return world.after(
            decide(resume(world.ladder, TimePassed(), world.now), TimePassed(), world.now)
        )


def is_market(order: BrokerOrder) -> bool:
    """Whether the broker has it as a market order."""
    return isinstance(order.intent.terms, Market)
