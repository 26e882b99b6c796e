"""What news of a trade does to its standing.

Owns the way from reports of the edge to the lifecycle: each report says how things stand, so what
is booked is the difference to what was booked before, and a report that comes twice books nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.domain.edge.arms import ArmPhase, ArmReport
from backstay.domain.edge.guards import BreakEven, GuardChange, GuardEnd, MoveStop, SplitOff
from backstay.domain.figures import plain
from backstay.domain.lifecycle import Happened, Lifecycle, LifecycleEvent, TradeState, apply
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.protection.naked import NakedTime, newest
from backstay.domain.sides import Side
from backstay.domain.ticks.triggers import Missed
from backstay.domain.trade.prospect import Prospect
from backstay.domain.trade.standing import TOLD_KEPT, Doing, TradeStanding

_DOING = {
    ArmPhase.WAITING: Doing.WAITING,
    ArmPhase.SENDING: Doing.ENTERING,
    ArmPhase.WORKING: Doing.ENTERING,
    ArmPhase.UNKNOWN: Doing.UNKNOWN,
}
_LEFT = (ArmPhase.SENDING, ArmPhase.WORKING, ArmPhase.UNKNOWN)
_CLOSED_ELSEWHERE = (GuardEnd.CLOSED_BY_HAND, GuardEnd.LESS_IS_HELD, GuardEnd.EXPIRED)


def after_prospect(standing: TradeStanding, found: Prospect) -> TradeStanding:
    """The standing after the broker was asked about the plan."""
    size = found.sized
    return replace(
        standing,
        at=found.at,
        quantity=size.quantity,
        stop=size.stops.stop,
        limit=size.entry_price,
        doing=Doing.ADMITTING if found.not_before is None else Doing.QUEUED,
    )


def after_report(standing: TradeStanding, report: ArmReport, quantity: Decimal) -> TradeStanding:
    """The standing after news of an entry for `quantity`."""
    lifecycle = standing.lifecycle
    for event in _events(lifecycle, report, quantity):
        lifecycle = apply(lifecycle, event).lifecycle
    doing, why = standing.doing, standing.why
    if doing in (*_DOING.values(), Doing.ADMITTING, Doing.ASKING):
        doing, why = _DOING.get(report.phase, doing), report.why or _refusal(report)
        if report.phase is ArmPhase.WAITING and isinstance(report.watch, Missed):
            doing = Doing.ASKING
    told = replace(
        standing,
        lifecycle=lifecycle,
        doing=doing,
        entry=report.entry or _shown(standing.entry),
        naked=newest(standing.naked, report.naked),
        why=why,
        at=max(standing.at, report.at),
    )
    return _with_stops(told, report)


def _with_stops(standing: TradeStanding, report: ArmReport) -> TradeStanding:
    """The standing with what stops have filled though no fill of their entry is known: nobody
    guards that, so nobody else tells of them.
    """
    filled = tuple(stop for stop in report.stops if stop.filled)
    if standing.entered or not filled or not report.phase.is_final:
        return standing
    return with_exits(standing, filled, report.naked, report.at)


def _shown(entry: OrderSummary | None) -> OrderSummary | None:
    """What was told of an entry before, unless it had only left, and is not known any more."""
    return entry if entry is not None and (entry.is_acknowledged or entry.filled) else None


def after_event(standing: TradeStanding, happened: Happened, why: str = "") -> TradeStanding:
    """The standing after something that carries no quantity."""
    lifecycle = apply(standing.lifecycle, LifecycleEvent(happened, standing.at)).lifecycle
    return replace(standing, lifecycle=lifecycle, why=why or standing.why)


def after_change(standing: TradeStanding, change: GuardChange | SplitOff) -> TradeStanding:
    """The standing after a change of how its position is guarded; where it moves the stop by the
    price that only the edge knows, that is heard of later.
    """
    match change:
        case MoveStop(stop):
            return replace(standing, stop=stop)
        case BreakEven(price):
            return _no_looser(standing, price)
        case SplitOff(break_even=price) if price is not None:
            return _no_looser(standing, price)
        case _:
            return standing


def _no_looser(standing: TradeStanding, stop: Decimal) -> TradeStanding:
    before = stop if standing.stop is None else standing.stop
    tighter = max(before, stop) if standing.side is Side.BUY else min(before, stop)
    return replace(standing, stop=tighter)


def after_telling(standing: TradeStanding, text: str) -> TradeStanding:
    """The standing after a person was told something of it."""
    return replace(standing, told=(*standing.told, text)[-TOLD_KEPT:])


def led_by(standing: TradeStanding, way_out: str) -> TradeStanding:
    """The standing while a way out is led by a life of its own."""
    return replace(standing, ways_out=tuple(dict.fromkeys((*standing.ways_out, way_out))))


def with_exits(
    standing: TradeStanding,
    orders: tuple[OrderSummary, ...],
    naked: NakedTime | None,
    at: datetime,
    entry: OrderSummary | None = None,
) -> TradeStanding:
    """The standing with what is now known of orders that reduce; fills are taken back only by a
    newer report that has counted them, and not by one that knows less. Of an entry that is over
    nobody tells any more, but `entry`.
    """
    is_newer, standing = at >= standing.at, _corrected(standing, entry, at)
    known = {order.key: order for order in standing.exits}
    for order in orders:
        before = known.get(order.key)
        is_less = before is not None and order.filled < before.filled
        if not is_less or (is_newer and order.is_counted):
            known[order.key] = order
    return replace(
        standing,
        exits=tuple(known[key] for key in sorted(known)),
        naked=newest(standing.naked, naked),
        at=max(standing.at, at),
    )


def _corrected(standing: TradeStanding, entry: OrderSummary | None, at: datetime) -> TradeStanding:
    """The standing with what is now known of an entry that is over: the broker may have taken
    something of it back, or have filled more.
    """
    lifecycle, before = standing.lifecycle, standing.entry
    if entry is None or before is None or lifecycle.state is not TradeState.COMPLETED:
        return standing
    if (entry.filled, entry.value) == (before.filled, before.value):
        return standing
    news = entry.filled - lifecycle.risk_filled
    if news:
        event = LifecycleEvent(Happened.RISK_CORRECTED, at, news)
        lifecycle = apply(lifecycle, event).lifecycle
    # When it left is not known to a process that has read it only.
    told = replace(entry, sent_at=before.sent_at, acknowledged_at=before.acknowledged_at)
    return replace(standing, lifecycle=lifecycle, entry=told)


def ending(standing: TradeStanding, closed_elsewhere: GuardEnd | None) -> TradeStanding:
    """The standing at the end. What is left although nobody else has closed it is for a person, and
    what was closed although nothing was left of it as well.
    """
    if standing.lifecycle.state.is_over:
        return standing
    if not standing.entered and standing.lifecycle.state is not TradeState.COMPLETED:
        return after_event(standing, Happened.CANCELLED)
    if standing.left < 0:
        text = f"more was closed than was entered, by {plain(-standing.left)}"
        return after_event(standing, Happened.ESCALATED, text)
    if closed_elsewhere in _CLOSED_ELSEWHERE:
        return after_event(standing, Happened.CLOSED, closed_elsewhere.value)
    if standing.left:
        return after_event(standing, Happened.ESCALATED, "the position is not what our orders say")
    return after_event(standing, Happened.CLOSED)


def _events(lifecycle: Lifecycle, report: ArmReport, quantity: Decimal) -> Iterator[LifecycleEvent]:
    """What is news in `report`; what was told before is not told again."""
    rank, at = lifecycle.state.rank, report.at
    filled = report.entry.filled if report.entry is not None else Decimal(0)
    news, is_over = filled - lifecycle.risk_filled, report.phase.is_final
    has_left = filled > 0 or report.phase in _LEFT
    if has_left and rank < TradeState.RISK_SUBMITTED.rank:
        yield LifecycleEvent(Happened.RISK_SUBMITTED, at)
    is_whole = filled > 0 and (is_over or filled >= quantity)
    if news < 0:
        yield LifecycleEvent(Happened.RISK_CORRECTED, at, news)
    elif is_whole and (news or rank < TradeState.RISK_FILLED.rank):
        yield LifecycleEvent(Happened.RISK_FILLED, at, news)
    elif news:
        yield LifecycleEvent(Happened.RISK_PARTLY_FILLED, at, news)
    if is_over and rank < TradeState.COMPLETED.rank:
        yield LifecycleEvent(_end(report.phase, filled), at)


def _end(phase: ArmPhase, filled: Decimal) -> Happened:
    """What an entry that is over means for its trade."""
    if filled:
        return Happened.COMPLETED
    return Happened.REJECTED if phase is ArmPhase.REFUSED else Happened.CANCELLED


def _refusal(report: ArmReport) -> str:
    if report.refusal is not None:
        return report.refusal.reason
    return "" if report.rejection is None else report.rejection.text
