"""What is known of an entry of which the broker shows nothing any more.

After a midnight the broker tells neither what was over by then nor what it had filled. What of it
was written down counts then, and what the stop says that had left with it.
"""

from dataclasses import replace
from datetime import datetime

from backstay.domain.edge.arms import Arm, ArmPhase, ArmReport
from backstay.domain.edge.guards import Guard
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.summary import OrderSummary, summary_of
from backstay.domain.orders.view import OrderView, view_of

LAST_BOOKED = "the broker shows it no more, and whether more has filled can't be read"
"""Of an entry that was still under way when it was last heard of."""

PROVEN_BY_ITS_STOP = "its stop is there, so it has filled; at what price can't be read any more"


def known_before(
    told: OrderSummary | None, stop: OrderIntent | None, shown: OrderView | None
) -> OrderSummary | None:
    """What an entry of another day has filled, by what was `told` of it last, and by how its `stop`
    is `shown`, if that proves anything. What was told while it worked may be less than all of it.
    """
    if told is not None and told.is_settled:
        return told if told.filled else None
    proven = None if stop is None or shown is None else proven_by(stop, shown)
    if proven is not None:
        return proven
    return told if told is not None and told.filled else None


def proven_by(stop: OrderIntent, shown: OrderView) -> OrderSummary | None:
    """An attached stop that is there as it was sent, or was, proves that all of its entry has
    filled: until then it sleeps, and with an entry that ends before it dies.
    """
    entry = stop.parent
    is_there = shown.is_working or shown.filled
    if entry is None or not is_there or shown.quantity != stop.quantity:
        return None
    unheard = summary_of(entry, view_of(OrderFacts(), stop.side.opposite, stop.quantity))
    return replace(
        unheard,
        filled=stop.quantity,
        is_acknowledged=True,
        is_settled=True,
        end=OrderEnd.FILLED,
        text=PROVEN_BY_ITS_STOP,
    )


def enlarged(guard: Guard, entry: OrderSummary | None) -> Guard:
    """The guard, with what its entry has filled beyond what the guard knows of."""
    if entry is None:
        return guard
    headway = guard.headway
    counted = headway.entered
    known = guard.quantity + headway.split_off if counted is None else counted
    if entry.filled <= known:
        return guard
    counted = None if counted is None else entry.filled
    return replace(
        guard,
        quantity=guard.quantity + entry.filled - known,
        headway=replace(headway, entered=counted, entry=entry),
    )


def earlier_report(
    arm: Arm, version: int, entry: OrderSummary, after: int, at: datetime
) -> ArmReport:
    """What is told of an arm whose entry has filled so much, and which the broker shows no more:
    what it does not show does not live.
    """
    return ArmReport(
        key=arm.key,
        version=version,
        revision=after + 1,
        phase=ArmPhase.OVER,
        at=at,
        watch=arm.watch,
        entry=replace(entry, is_settled=True),
        naked=arm.naked,
        why=entry.text if entry.is_settled else LAST_BOOKED,
        asked=arm.asked,
    )
