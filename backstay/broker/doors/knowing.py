"""What is known here: what the broker has told, how the session stands, what time it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from backstay.broker.news import News
from backstay.domain.edge.session import BrokerTime, SessionReport
from backstay.domain.edge.snapshot import BrokerSnapshot, Completeness
from backstay.domain.ids import IntentKey
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView

Changed = Callable[[IntentKey, OrderView], None]
"""Told once after a read for each of our orders of which something new was heard in it."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An order of ours that has left, or that the broker has shown: what is known besides facts.

    `order_ids` are those under which it can be reached in this session. It is attached if it was
    sent with its parent, or if the broker describes it so. `sent_at` is when it left from here
    where it did, else None.
    """

    key: IntentKey
    con_id: int
    intent: OrderIntent | None
    order_ids: tuple[int, ...]
    is_attached: bool = False
    sent_at: datetime | None = None


class Inbox(Protocol):
    """What the broker has told, by key."""

    def hear(self, news: News) -> None:
        """Take news in; errors about orders come by way of the desk, which judges them."""

    def expect(self, intent: OrderIntent, order_id: int) -> None:
        """This order leaves now under this id: from now on whatever is said of the id is its."""

    def remember(self, intent: OrderIntent) -> None:
        """Join an intent that is given again, as after a restart, with what is known of its order;
        nothing is expected of the broker by it.
        """

    def absent(self, key: IntentKey) -> None:
        """It is proven that the broker never had the order: nothing is expected of it any more."""

    def declare_absent(self, key: IntentKey) -> None:
        """A person says that the broker does not have it: it counts as over, until the broker
        shows it.
        """

    def unexplained(self) -> tuple[IntentKey, ...]:
        """Our orders of which the last complete answers leave open what became of them: ask."""

    def knows(self, key: IntentKey) -> bool:
        """Whether anything of this key was ever sent from here or shown by the broker."""

    def registered(self, key: IntentKey) -> Registered | None:
        """What is known of an order besides its facts."""

    def keys_of(self, trade: str) -> tuple[IntentKey, ...]:
        """Every key of a trade that is known, in order."""

    def key_of(self, order_id: int) -> IntentKey | None:
        """Whose order id of this client that is."""

    def view(self, key: IntentKey) -> OrderView | None:
        """What the facts amount to, or None if nothing is known."""

    def live_orders(self, con_id: int) -> tuple[LiveOrder, ...]:
        """Our orders of a contract that may still fill; one whose fate is unknown counts, and so
        does a parent that leaves together with its stop.
        """

    def position(self, con_id: int) -> Decimal:
        """What is held of a contract, as the broker reported it last; where executions that were
        heard since have led on from there, as they have it.
        """

    def untold(self, con_id: int) -> Decimal:
        """What of that position nothing has explained yet, though executions may still: zero once a
        person was told of it.
        """

    def executed_since(self, con_id: int, at: datetime) -> Decimal:
        """What all listed executions of a contract since `at` have done to its position."""

    def executed_just_then(self, con_id: int, at: datetime) -> tuple[Decimal, ...]:
        """What each of them did that may as well have come before `at`: stamps are seconds."""

    @property
    def completeness(self) -> Completeness:
        """When each question was last completely answered in this session."""

    def snapshot(self) -> BrokerSnapshot:
        """Everything, as of now."""

    def follow(self, changed: Changed) -> None:
        """Have every change told, from now on."""


class SyncedInbox(Inbox, Protocol):
    """The inbox as whoever reads and asks the broker keeps it."""

    def begin_session(self) -> None:
        """A new connection: facts stay, but order ids and completeness start anew."""

    def answered(self, question: str, asked_at: datetime, contracts: Sequence[int] = ()) -> None:
        """A question of `Answers` that was asked at `asked_at` has been answered completely; for
        positions with the contracts that the answer named.
        """

    def settle(self) -> None:
        """Tell what has changed; called once after each read."""


class Session(Protocol):
    """Whether there is a session that may be used, and what becomes of it."""

    @property
    def report(self) -> SessionReport:
        """State, since when, why."""

    @property
    def may_send(self) -> bool:
        """Ready, and proven fresh: after a stall of more than a second it isn't until the broker
        has answered.
        """

    @property
    def may_modify(self) -> bool:
        """Only while ready: a modification that is lost from view can leave two orders behind."""

    async def read_positions(self) -> None:
        """Have the broker say anew what is held; EdgeError if it doesn't."""

    @property
    def epoch(self) -> int:
        """How many sessions have been synced; what was prepared in another one is stale."""

    def on_change(self, told: Callable[[SessionReport], None]) -> None:
        """Have every change of state told."""


class Time(Protocol):
    """Broker time."""

    def now(self) -> datetime:
        """The best that is known of the broker's clock."""

    @property
    def known(self) -> BrokerTime | None:
        """With its error, or None before the broker has said anything."""
