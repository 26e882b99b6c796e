"""One line for each leg: what has filled, where its stops stand, what it has won or lost.

All of it is read in one turn of the loop in which orders leave, too, so it must be cheap. An entry
that waits and of which nothing has left takes a short way.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from backstay.broker.arms.arms import Arms
from backstay.broker.arms.books import LegBooks, leg_books
from backstay.broker.arms.run import ArmRun
from backstay.broker.guards.guards import Guards
from backstay.broker.guards.run import GuardRun
from backstay.broker.guards.walks import Walks
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.reading.at_work import Leg, legs_at_work
from backstay.broker.reading.costs import Costs
from backstay.broker.rooms import Rooms
from backstay.domain.edge.guards import GuardState
from backstay.domain.edge.live import (
    BrokerStop,
    EngineStop,
    LegPhase,
    LiveLeg,
    LivePrice,
    LiveTarget,
    LiveTrigger,
    Nakedness,
    Profit,
    StopStanding,
)
from backstay.domain.edge.reckoning import Traded, distance, profit, stop_standing, traded
from backstay.domain.figures import seconds
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.orders.intent import OrderTerms, Stop, StopLimit
from backstay.domain.protection.cover import StopAtBroker, covering
from backstay.domain.protection.naked import Cover
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import stop_crossing
from backstay.domain.ticks.quotes import Quote, TickField
from backstay.domain.ticks.sources import PriceSource, price_of
from backstay.domain.ticks.trails import Trailing
from backstay.domain.ticks.triggers import Confirming, Unseen, Waiting

_NOTHING = Decimal(0)
_BESIDES = (PriceSource.LAST, PriceSource.MID)
"""Where the source that a rule looks at has no price, another is better than none."""

_NO_STOP = BrokerStop(StopStanding.NONE)
_VIRTUAL = BrokerStop(StopStanding.VIRTUAL)
_NEVER_NAKED = Nakedness(_NOTHING, _NOTHING, _NOTHING)


class Legs:
    """Reads the legs; whatever it is asked, nothing changes by it."""

    def __init__(
        self, arms: Arms, guards: Guards, walks: Walks, rooms: Rooms, inbox: BrokerInbox
    ) -> None:
        self._arms = arms
        self._guards = guards
        self._walks = walks
        self._inbox = inbox
        self._watch = rooms.watch
        self._naked = rooms.naked
        self._now = rooms.now
        self._costs = Costs(inbox)

    def at_work(self) -> list[tuple[LegPhase, Leg]]:
        """Every leg, the most urgent first."""
        return legs_at_work(self._arms, self._guards, self._walks, self._inbox)

    def read(
        self, legs: list[tuple[LegPhase, Leg]], limit: int, trades: Collection[str]
    ) -> tuple[int, tuple[LiveLeg, ...]]:
        """How many there are of these legs, of these trades or of all, and the first `limit`."""
        if trades:
            legs = [each for each in legs if each[1].trade in trades]
        now = self._now()
        lines = tuple(self._line(phase, leg, now) for phase, leg in legs[:limit])
        self._costs.forget_others()
        return len(legs), lines

    def _line(self, phase: LegPhase, leg: Leg, now: datetime) -> LiveLeg:
        price = self._price(leg)
        orders = self._inbox.keys_of(leg.trade)
        if phase is LegPhase.WAITING and not orders:
            return self._quiet(leg, price)
        instrument, tranche = leg.instrument, leg.tranche
        books = leg_books(self._inbox, leg.key)
        state = leg.guard.state if leg.guard is not None else None
        entered = books.entered
        if tranche is not None and not entered:
            # What another day has entered can't be read; whoever answers for it says how much.
            entered = tranche.given + tranche.split_off
        held = leg.open_quantity(self._inbox)
        opening, at = leg.opening, None if price is None else price.price
        entries = self._entered(orders, instrument.con_id)
        average = entries.average_price if entries.quantity >= entered else None
        return LiveLeg(
            key=leg.key,
            trade=leg.trade,
            leg=leg.number,
            con_id=instrument.con_id,
            symbol=instrument.symbol,
            option=instrument.option,
            side=leg.side,
            phase=phase,
            quantity=entered if opening is None else opening.quantity,
            filled=entered,
            open=held,
            average_price=average,
            price=price,
            trigger=_trigger(leg.arm, at) if phase is LegPhase.WAITING else None,
            stop=None if state is None else _engine_stop(state, leg.side, at),
            at_broker=self._at_broker(leg, books, held, orders, at),
            targets=_targets(leg.guard, state, leg.side, at),
            leave_at=leg.guard.guard.leave_at if leg.guard is not None else None,
            naked=self._nakedness(leg.trade, instrument.con_id, now),
            profit=self._profit(leg, orders, average, held if entries.is_whole else None, at),
            why=leg.arm.why if leg.arm is not None else "",
        )

    def _quiet(self, leg: Leg, price: LivePrice | None) -> LiveLeg:
        """An entry that waits and of which nothing has ever left: there can be thousands."""
        assert leg.arm is not None, "only an arm waits"
        entry = leg.arm.arm.entry.intent
        instrument = entry.instrument
        return LiveLeg(
            key=entry.key,
            trade=leg.trade,
            leg=leg.number,
            con_id=instrument.con_id,
            symbol=instrument.symbol,
            option=instrument.option,
            side=entry.side,
            phase=LegPhase.WAITING,
            quantity=entry.quantity,
            filled=_NOTHING,
            open=_NOTHING,
            average_price=None,
            price=price,
            trigger=_trigger(leg.arm, None if price is None else price.price),
            stop=None,
            at_broker=_VIRTUAL if leg.arm.arm.protection is None else _NO_STOP,
            targets=(),
            leave_at=None,
            naked=_NEVER_NAKED,
            profit=Profit(instrument.currency, _NOTHING, _NOTHING, (), True, _NOTHING),
            why=leg.arm.why,
        )

    def _price(self, leg: Leg) -> LivePrice | None:
        con_id = leg.instrument.con_id
        quote, touch = self._watch.quote(con_id), self._watch.touch(con_id)
        if quote is None or touch is None:
            return None
        for source in (_source(leg), *_BESIDES):
            price = price_of(quote, source)
            if price is not None:
                return LivePrice(price, source, _stamp(quote, source), touch.heard_at)
        return None

    # --- fills and figures ---

    def _entered(self, orders: Iterable[IntentKey], con_id: int) -> Traded:
        """What the entries of all legs of the trade have filled in the contract: the parts that
        leave under legs of their own were entered by leg 0.
        """
        found = Traded()
        for key in orders:
            if key.purpose.effect is not Effect.REDUCES and self._is_in(key, con_id):
                found = found.joined(self._filled(key))
        return found

    def _profit(
        self,
        leg: Leg,
        orders: Iterable[IntentKey],
        average: Decimal | None,
        held: Decimal | None,
        price: Decimal | None,
    ) -> Profit:
        exits, costs = Traded(), Traded()
        for key in orders:
            if key.leg == leg.number:
                filled = self._filled(key)
                costs = costs.joined(filled)
                if key.purpose.effect is Effect.REDUCES:
                    exits = exits.joined(filled)
        if leg.tranche is not None and leg.tranche.taken:
            # At which price somebody else has closed a part of it is not ours to know.
            held = None
        return profit(leg.side, leg.instrument, average, exits, held, price, costs)

    def _filled(self, key: IntentKey) -> Traded:
        view = self._inbox.view(key)
        if view is None:
            return Traded()
        return traded(view, costs_known=self._costs.are_known(key, view))

    def _is_in(self, key: IntentKey, con_id: int) -> bool:
        known = self._inbox.registered(key)
        return known is not None and known.con_id == con_id

    def _nakedness(self, trade: str, con_id: int, now: datetime) -> Nakedness:
        naked, since = self._naked.of(trade, con_id), self._naked.since(trade, con_id)
        for_so_long = _NOTHING if since is None else max(seconds(now - since), _NOTHING)
        return Nakedness(naked.until(now), naked.quantity, for_so_long)

    # --- the stop at the broker ---

    def _at_broker(
        self,
        leg: Leg,
        books: LegBooks,
        held: Decimal,
        orders: Iterable[IntentKey],
        price: Decimal | None,
    ) -> BrokerStop:
        entry = books.newest_entry
        can_fill = entry is not None and not entry.is_settled
        awake: list[Cover] = []
        asleep: list[Cover] = []
        for stop in books.stops:
            covered = covering(
                stop, entry_can_fill=can_fill, open_quantity=held, profile=leg.profile
            )
            cover = Cover(covered or stop.order.working, self._group(stop.key))
            (awake if covered else asleep).append(cover)
        exits = self._exits(key for key in orders if key.leg == leg.number)
        standing = stop_standing(held, awake, asleep, exits, is_virtual=_is_virtual(leg))
        quantity = sum((stop.order.working for stop in books.stops), _NOTHING)
        living = [stop for stop in books.stops if not stop.order.is_settled]
        if not living:
            return BrokerStop(standing, quantity)
        newest, terms = living[-1], self._terms(living[-1])
        away = None
        if isinstance(terms, Stop | StopLimit):
            away = distance(stop_crossing(leg.side.opposite), terms.trigger, price)
        return BrokerStop(standing, quantity, newest.key, terms, away)

    def _exits(self, orders: Iterable[IntentKey]) -> Iterator[Cover]:
        """The orders besides the stops by which the leg is left."""
        for key in orders:
            view = self._inbox.view(key) if key.purpose.effect is Effect.REDUCES else None
            if view is not None and key.purpose is not Purpose.PROTECT:
                yield Cover(view.working, self._group(key))

    def _group(self, key: IntentKey) -> str | None:
        known = self._inbox.registered(key)
        oca = known.intent.oca if known is not None and known.intent is not None else None
        return None if oca is None else oca.name

    def _terms(self, stop: StopAtBroker) -> OrderTerms | None:
        """As the broker shows it, else as it was meant."""
        shown = [life.described for life in stop.order.instances if life.end is None]
        terms = [each.terms for each in shown if each is not None and each.terms is not None]
        if terms:
            return terms[-1]
        known = self._inbox.registered(stop.key)
        return known.intent.terms if known is not None and known.intent is not None else None


def _is_virtual(leg: Leg) -> bool:
    """Whether the plan keeps the stop off the broker's books."""
    if leg.guard is not None:
        return leg.guard.state.shield is None
    return leg.arm is not None and leg.arm.arm.protection is None


def _source(leg: Leg) -> PriceSource:
    """The price that decides about the leg now."""
    if leg.guard is not None:
        return leg.guard.guard.source
    trigger = leg.arm.arm.trigger if leg.arm is not None else None
    return PriceSource.LAST if trigger is None else trigger.source


def _stamp(quote: Quote, source: PriceSource) -> datetime | None:
    """When the price of a source last ticked."""
    if source is PriceSource.MID:
        stamps = (quote.stamp(TickField.BID), quote.stamp(TickField.ASK))
        return max((at for at in stamps if at is not None), default=None)
    return quote.stamp(TickField(source.value))


def _trigger(arm: ArmRun | None, price: Decimal | None) -> LiveTrigger | None:
    """What is waited for; None where nothing but a good price is."""
    if arm is None or arm.arm.trigger is None or arm.waiting.is_for_price:
        return None
    trigger, state = arm.arm.trigger, arm.waiting.state
    level = state.level if isinstance(state, Unseen | Waiting | Confirming) else trigger.price
    away = distance(trigger.when, level, price)
    return LiveTrigger(level, trigger.when, trigger.source, away, arm.waiting.is_missed)


def _engine_stop(state: GuardState, side: Side, price: Decimal | None) -> EngineStop:
    level = state.guarded.level
    return EngineStop(
        level.stop,
        distance(stop_crossing(side.opposite), level.stop, price),
        None if state.trail is None else state.trail.distance,
        level.best if isinstance(level, Trailing) else None,
        state.guarded.has_fired,
    )


def _targets(
    guard: GuardRun | None, state: GuardState | None, side: Side, price: Decimal | None
) -> tuple[LiveTarget, ...]:
    """The next target; of those after it only the plan knows."""
    if guard is None or state is None or state.target is None or not guard.is_watching:
        return ()
    target, reached = state.target, state.headway.reached is not None
    away = distance(stop_crossing(side.opposite).opposite, target.price, price)
    return (LiveTarget(target.price, target.part, away, reached),)
