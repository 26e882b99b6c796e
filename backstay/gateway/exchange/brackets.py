"""Parents and their attached children.

Nothing of a bracket works until one of it is sent with transmit. A child sleeps until its parent is
filled, whole or, by the profile, for what is filled; what becomes of it when its parent ends
otherwise is the profile's too.
"""

from dataclasses import replace
from decimal import Decimal

from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.profile import Profile
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.state import Status

_ZERO = Decimal(0)


def available(held: HeldOrder, parent: HeldOrder | None, profile: Profile) -> Decimal:
    """How many shares the order may trade now; a parent that is forgotten was filled."""
    if not held.parent_perm_id or parent is None or parent.status is Status.FILLED:
        return held.remaining
    if not profile.child_covers_partial_parent:
        return _ZERO
    return max(_ZERO, min(held.order.quantity, parent.filled) - held.filled)


def orphaned(child: HeldOrder, parent: HeldOrder, profile: Profile) -> HeldOrder | None:
    """The child after its parent has ended unfilled or partly filled; None if it ends too."""
    if not profile.child_covers_partial_parent:
        return None
    quantity = min(child.order.quantity, parent.filled)
    if quantity <= child.filled:
        return None
    return replace(child, order=replace(child.order, quantity=quantity))


def is_dead_end(parent: HeldOrder | None) -> bool:
    """Whether nothing can be attached to it any more."""
    return parent is None or is_over(parent)
