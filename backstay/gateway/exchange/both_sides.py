"""IB takes no orders on both sides of one option contract in one account (201)."""

from collections.abc import Iterable

from backstay.gateway.market.words import Instrument
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order


def is_opposed(
    instrument: Instrument, order: Order, living: Iterable[HeldOrder], root_perm_id: int
) -> bool:
    """Whether a living order of the same option stands on the other side.

    `root_perm_id` is the parent that the order is attached to: a bracket may oppose itself.
    """
    if not instrument.is_option:
        return False
    return any(
        held.order.action != order.action
        and held.order.account == order.account
        and (not root_perm_id or root_perm_id not in {held.perm_id, held.parent_perm_id})
        for held in living
    )
