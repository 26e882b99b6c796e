"""The orders of the account as the edge knows them, one line each, in words for a person.

An order is *unknown* when nobody can tell what became of it: it has left and the broker has neither
named nor refused it, or complete answers of the broker leave open what it is. Orders of somebody
else are never touched, but they are shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from backstay.domain.edge.live import EdgeNow
from backstay.domain.edge.looking import Absent, FindAnswer, Found, NotSeen, Unanswered
from backstay.domain.edge.snapshot import ForeignOrder
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import OrderTerms
from backstay.domain.orders.view import OrderView
from backstay.domain.sides import Side

ANSWERED_WITHIN = timedelta(seconds=2)
"""How long the broker may take to name an order before nobody can tell what became of it."""


class OrderState(StrEnum):
    """How an order stands; those that a person has to know of first come first."""

    UNKNOWN = "unknown"
    CANCELLING = "cancelling"
    """A cancel is under way that may still lose against a fill."""

    SENDING = "sending"
    """It has left, or is about to, and the broker has not named it."""

    ACKNOWLEDGED = "acknowledged"
    """The broker has named it, and it can't fill as it is."""

    WORKING = "working"
    OVER = "over"

    @property
    def urgency(self) -> int:
        """Its place among the states: the lower, the sooner it is looked at."""
        return _URGENCY[self]


_URGENCY = {state: place for place, state in enumerate(OrderState)}


def order_state(
    view: OrderView | None,
    sent_at: datetime | None,
    now: datetime,
    *,
    is_lost_from_view: bool,
) -> OrderState:
    """How an order stands that was sent, or last heard of, at that time; `is_lost_from_view` where
    it was asked about and no answer explains it.
    """
    if view is not None and view.is_terminal and not view.is_doubtful:
        return OrderState.OVER
    if is_lost_from_view or (view is not None and view.is_terminal):
        return OrderState.UNKNOWN
    if view is not None and view.is_cancelling:
        return OrderState.CANCELLING
    if view is not None and view.is_working:
        return OrderState.WORKING
    if view is not None and view.is_acknowledged:
        return OrderState.ACKNOWLEDGED
    is_overdue = sent_at is not None and now - sent_at >= ANSWERED_WITHIN
    return OrderState.UNKNOWN if is_overdue else OrderState.SENDING


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What the broker was asked about an order since nobody can tell: since when, how often, when
    last, and what it has answered to that; None where it has not yet.
    """

    since: datetime
    times: int
    last_at: datetime
    answer: FindAnswer | None = None


def answer_text(answer: FindAnswer | None) -> str:
    """What the broker has answered, in one line."""
    match answer:
        case None:
            return "no answer yet"
        case Found():
            return "it has it"
        case Absent():
            return "it never had it"
        case NotSeen(doubts=doubts):
            return "not shown; it may have existed: " + "; ".join(doubts)
        case Unanswered(question=question):
            return f"not answered: {question}"
        case _:
            assert_never(answer)


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """One order of ours. `end` is how it ended if it is over, `text` what was said against it.

    `unknown_since` is when it was last known to live, or left.
    """

    key: IntentKey
    con_id: int
    symbol: str
    order_ids: tuple[int, ...]
    perm_ids: tuple[int, ...]
    side: Side
    quantity: Decimal
    filled: Decimal
    average_price: Decimal | None
    terms: OrderTerms | None
    state: OrderState
    end: OrderEnd | None = None
    sent_at: datetime | None = None
    unknown_since: datetime | None = None
    inquiry: Inquiry | None = None
    text: str = ""

    @property
    def may_be_declared(self) -> bool:
        """Whether a person's word can settle it: of an entry, and of nothing else."""
        return self.key.purpose.effect is Effect.OPENS


@dataclass(frozen=True, slots=True)
class StrangeOrder:
    """An order of a person or of another program, and its symbol where that is known."""

    symbol: str
    order: ForeignOrder


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """The orders, the most urgent first; `total` is how many there are, shown or not. `read_at` is
    when the broker last listed all living orders of this session.
    """

    edge: EdgeNow
    read_at: datetime | None
    total: int
    unknown: int
    orders: tuple[KnownOrder, ...]
    foreign: tuple[StrangeOrder, ...]
