"""What the inbox amounts to for one leg of a trade."""

from dataclasses import dataclass
from decimal import Decimal

from backstay.broker.doors import Inbox
from backstay.domain.figures import total
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.protection.cover import StopAtBroker


@dataclass(frozen=True, slots=True)
class LegBooks:
    """The entry of a leg, the stops that protect it, and what has left it again."""

    entry: OrderView | None
    stops: tuple[StopAtBroker, ...]
    closed: Decimal
    exit_has_begun: bool

    @property
    def open_quantity(self) -> Decimal:
        """What was entered and has not left; never below zero."""
        filled = self.entry.filled if self.entry else Decimal(0)
        return max(filled - self.closed, Decimal(0))

    @property
    def newest_generation(self) -> int:
        """Of its protective stops; 0 if there was none."""
        return max((stop.key.generation for stop in self.stops), default=0)


def leg_books(inbox: Inbox, entry: IntentKey) -> LegBooks:
    """The books of the leg that `entry` opens."""
    stops, closed, exit_has_begun = [], [], False
    for key in inbox.keys_of(entry.trade):
        if key.leg != entry.leg or key.purpose.effect is not Effect.REDUCES:
            continue
        view = inbox.view(key) or _unheard(inbox, key)
        if view is None:
            continue
        closed.append(view.filled)
        if key.purpose is Purpose.PROTECT:
            stops.append(StopAtBroker(key, view, _is_attached(inbox, key)))
        elif key.purpose.is_exit:
            exit_has_begun = True
    return LegBooks(inbox.view(entry), tuple(stops), total(closed), exit_has_begun)


def _unheard(inbox: Inbox, key: IntentKey) -> OrderView | None:
    """An order that has left, and of which nothing was heard: it may live."""
    known = inbox.registered(key)
    if known is None or known.intent is None:
        return None
    return view_of(OrderFacts(), known.intent.side, known.intent.quantity)


def _is_attached(inbox: Inbox, key: IntentKey) -> bool:
    """Whether a stop hangs on its entry: as it was sent, or as the broker describes it."""
    known = inbox.registered(key)
    return known is not None and known.is_attached
