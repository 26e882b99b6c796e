"""Stops as the broker shows them, in the shape in which they would be asked for again."""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.broker.doors.knowing import Inbox
from backstay.domain.orders.intent import OrderIntent, Stop, StopLimit
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.cover import StopAtBroker


@dataclass(frozen=True, slots=True)
class Shape:
    """One stop as it stands, and what of it was filled."""

    intent: OrderIntent
    filled: Decimal

    @property
    def open_quantity(self) -> Decimal:
        """What it would close yet."""
        return self.intent.quantity - self.filled

    def less(self, quantity: Decimal) -> OrderIntent:
        """The same stop for so much less."""
        return replace(self.intent, quantity=self.intent.quantity - quantity)


def shapes_of(stops: tuple[StopAtBroker, ...], inbox: Inbox) -> tuple[Shape, ...] | None:
    """The shapes of `stops`; None while one of them is not known to stand, and how."""
    shapes = tuple(_shape(stop, inbox) for stop in stops)
    known = tuple(shape for shape in shapes if shape is not None)
    return known if len(known) == len(shapes) else None


def _shape(stop: StopAtBroker, inbox: Inbox) -> Shape | None:
    """What the order is for in all counts, and what its executions have filled: the remainder that
    the broker tells can be ahead of those.
    """
    order, known = stop.order, inbox.registered(stop.key)
    if known is None or known.intent is None or not _stands(order):
        return None
    (life,) = (life for life in order.instances if life.end is None)
    shown = life.described
    if shown is None or not isinstance(shown.terms, Stop | StopLimit):
        return None
    intent = replace(known.intent, quantity=shown.quantity, terms=shown.terms)
    return Shape(intent, order.filled)


def _stands(order: OrderView) -> bool:
    lives = [life for life in order.instances if life.end is None]
    is_plain = len(lives) == 1 and order.is_working and not order.is_cancelling
    return is_plain and not order.unbooked
