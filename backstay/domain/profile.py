"""What is assumed of the broker where its documentation is silent or wrong.

Each assumption is one switch, and each default is the pessimistic answer: the rules built on a
profile must hold under every combination, so a wrong guess costs speed and never safety.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class BrokerProfile:
    """Eight open questions about IB; `True` is the answer that would make life easier."""

    cancelling_one_spares_siblings: bool = False
    """Cancelling one member of an OCA group leaves the others alive (else all are cancelled)."""

    partial_fill_reduces_by_quantity: bool = False
    """A member's partial fill takes as much off the others (else a proportional share)."""

    living_group_can_be_joined: bool = False
    """An order can join an OCA group that already works, as long as no member of it has filled or
    ended; and a group's name can be used again."""

    order_type_can_be_modified: bool = False
    """A live order can be changed from STP to LMT to MKT by modifying it."""

    child_covers_partial_parent: bool = False
    """An attached child works for what its parent has filled, and outlives the parent's cancel
    (else it sleeps until the parent is completely filled, and dies with it)."""

    yesterday_stays_visible: bool = False
    """Completed orders and executions of the last broker day can still be read."""

    cancels_are_prompt: bool = False
    """A cancel is answered at once even in a fast market."""

    last_bytes_are_read: bool = False
    """What was written just before a drop has been read by the gateway."""


PESSIMISTIC = BrokerProfile()
OPTIMISTIC = BrokerProfile(**{switch.name: True for switch in fields(BrokerProfile)})
