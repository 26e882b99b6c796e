"""What is known of an entry of which the broker shows nothing any more.

After a midnight the broker tells neither what was over by then nor what it had filled. What of it
was written down counts then, and what the stop says that had left with it.
"""

from dataclasses import replace
from datetime import datetime

from backstay.domain.edge.arms import Arm, ArmPhase, ArmReport
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.summary import OrderSummary, summary_of
from backstay.domain.orders.view import OrderView, view_of

LAST_BOOKED = "the broker shows it no more, and whether more has filled can't be read"
"""Of an entry that was still under way when it was last heard of."""

PROVEN_BY_ITS_STOP = "its stop is there, so it has filled; at what price can't be read any more"


def furthest(*known: OrderSummary | None) -> OrderSummary | None:
    """Of what several tell of one entry, that which has filled most, if anything has."""
    filled = [order for order in known if order is not None and order.filled]
    return max(filled, key=lambda order: (order.filled, order.is_settled), default=None)


def proven_by(stop: OrderView | None, arm: Arm) -> OrderSummary | None:
    """What an entry has filled whose stop is there, or was: an attached one sleeps until all of its
    entry is filled, and dies with it. Where it covers a part as well it proves no quantity.
    """
    if stop is None or arm.profile.child_covers_partial_parent:
        return None
    if not (stop.is_working or stop.filled):
        return None
    entry = arm.entry.intent
    unheard = summary_of(entry.key, view_of(OrderFacts(), entry.side, entry.quantity))
    return replace(
        unheard,
        filled=min(stop.quantity, entry.quantity),
        is_acknowledged=True,
        is_settled=True,
        end=OrderEnd.FILLED,
        text=PROVEN_BY_ITS_STOP,
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
