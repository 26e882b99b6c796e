"""What the inbox amounts to for one leg of a trade."""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.broker.doors.knowing import Inbox
from backstay.domain.figures import total
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.protection.cover import StopAtBroker


@dataclass(frozen=True, slots=True)
class LegBooks:
    """What was entered into a leg, the stops that protect it, and what has left it again.

    `entry` is the order asked about; `newest_entry` the last that is known to have been sent, which
    is the only one that can still fill. One of which nothing was heard is there once it has left.
    """

    entry: OrderView | None
    newest_entry: OrderView | None
    entered: Decimal
    stops: tuple[StopAtBroker, ...]
    closed: Decimal
    exit_has_begun: bool

    @property
    def open_quantity(self) -> Decimal:
        """What was entered and has not left; never below zero."""
        return max(self.entered - self.closed, Decimal(0))

    @property
    def newest_generation(self) -> int:
        """Of its protective stops; 0 if there was none."""
        return max((stop.key.generation for stop in self.stops), default=0)


def leg_books(inbox: Inbox, entry: IntentKey) -> LegBooks:
    """The books of the leg that `entry` opens."""
    entries, stops, closed, exit_has_begun = [], [], [], False
    for key in inbox.keys_of(entry.trade):
        if key.leg != entry.leg:
            continue
        view = inbox.view(key) or _unheard(inbox, key)
        if view is None:
            continue
        if key.purpose.effect is not Effect.REDUCES:
            entries.append(view)
            continue
        closed.append(view.filled)
        if key.purpose is Purpose.PROTECT:
            stops.append(StopAtBroker(key, view, _is_attached(inbox, key)))
        elif key.purpose.is_exit:
            exit_has_begun = True
    return LegBooks(
        entry=inbox.view(entry) or _unheard(inbox, entry),
        newest_entry=entries[-1] if entries else None,
        entered=total(view.filled for view in entries),
        stops=tuple(stops),
        closed=total(closed),
        exit_has_begun=exit_has_begun,
    )


def _unheard(inbox: Inbox, key: IntentKey) -> OrderView | None:
    """An order that has left, and of which nothing was heard: it may live."""
    known = inbox.registered(key)
    if known is None or known.intent is None:
        return None
    view = view_of(OrderFacts(), known.intent.side, known.intent.quantity)
    return replace(view, sent_at=known.sent_at)


def _is_attached(inbox: Inbox, key: IntentKey) -> bool:
    """Whether a stop hangs on its entry: as it was sent, or as the broker describes it."""
    known = inbox.registered(key)
    return known is not None and known.is_attached
