"""What an order's status can become: one table, and nothing else decides it.

A status never moves back. What is over stays over: its quantities may still change (a fill after
the cancel, a correction), its status does not.
"""

from collections.abc import Mapping
from types import MappingProxyType

from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.state import Status

MOVES: Mapping[Status, tuple[Status, ...]] = MappingProxyType(
    {
        Status.PENDING_SUBMIT: (
            Status.PENDING_SUBMIT,
            Status.PRE_SUBMITTED,
            Status.SUBMITTED,
            Status.CANCELLED,
        ),
        Status.PRE_SUBMITTED: (
            Status.PRE_SUBMITTED,
            Status.SUBMITTED,
            Status.PENDING_CANCEL,
            Status.CANCELLED,
        ),
        Status.SUBMITTED: (
            Status.SUBMITTED,
            Status.PENDING_CANCEL,
            Status.CANCELLED,
            Status.FILLED,
        ),
        Status.PENDING_CANCEL: (Status.PENDING_CANCEL, Status.CANCELLED, Status.FILLED),
        Status.CANCELLED: (Status.CANCELLED,),
        Status.FILLED: (Status.FILLED,),
        Status.INACTIVE: (Status.INACTIVE,),
    }
)
FIRST = (Status.PENDING_SUBMIT, Status.PRE_SUBMITTED, Status.SUBMITTED, Status.INACTIVE)
"""How an order can begin."""


class BackwardMoveError(Exception):
    """An order was to take a status that its own can't become."""


def is_over(held: HeldOrder) -> bool:
    """Whether the exchange is done with it: filled, cancelled or rejected."""
    return held.completed_ns is not None


def require_move(before: HeldOrder | None, after: HeldOrder) -> None:
    """Raise unless the table allows it."""
    allowed = FIRST if before is None else MOVES[before.status]
    if after.status not in allowed:
        was = "new" if before is None else before.status
        raise BackwardMoveError(f"order {after.perm_id} can't go from {was} to {after.status}")
