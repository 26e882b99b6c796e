"""What one order does to the others of its group: one cancels all.

Types: 1 any fill cancels the others, 2 and 3 a partial fill reduces them; 1 and 2 do it before
another share can trade, so that the group can't overfill; 3 does it only after everything that one
move of the market filled, so it can. What IB leaves open is a switch of the profile.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.profile import Profile
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

CANCEL_WITH_BLOCK, REDUCE_WITH_BLOCK, REDUCE = 1, 2, 3
TYPES = (CANCEL_WITH_BLOCK, REDUCE_WITH_BLOCK, REDUCE)
TOGETHER_NS = SECOND_NS
"""What is placed within this time of the first member is placed together with it."""

_ONE = Decimal(1)


def group_of(held: HeldOrder) -> tuple[str, str] | None:
    """The group that an order is in: by its name, or with its siblings under one parent.

    As at IB the children of one parent end each other without naming a group.
    """
    if held.order.oca_group:
        return held.order.account, held.order.oca_group
    if held.parent_perm_id:
        return held.order.account, f"\0{held.parent_perm_id}"
    return None


def is_named(held: HeldOrder) -> bool:
    """Whether the group is one that a client made."""
    return bool(held.order.oca_group)


def type_of(order: Order) -> int:
    """The type that holds: siblings without a name, and a type left open, are of the third."""
    return order.oca_type if order.oca_group and order.oca_type in TYPES else REDUCE


def may_join(members: Sequence[HeldOrder], now_ns: int, profile: Profile) -> bool:
    """Whether a new order can go into a group of these members, with all that ever were in it.

    Members are only refused for what works: an order that was rejected never did.
    """
    known = [held for held in members if held.status is not Status.INACTIVE]
    ended = [held for held in known if is_over(held)]
    if len(ended) == len(known):
        return not known or profile.living_group_can_be_joined
    if ended or any(held.filled for held in known):
        return False
    if profile.living_group_can_be_joined:
        return True
    works = [held for held in known if held.status is not Status.PENDING_SUBMIT]
    return all(now_ns - held.accepted_ns <= TOGETHER_NS for held in works)


def reduced(
    other: HeldOrder, member: HeldOrder, shares: Decimal, profile: Profile
) -> HeldOrder | None:
    """`other` after `member` has partly filled by `shares`; None if nothing is left of it.

    `member` is as it was before that fill.
    """
    if profile.partial_fill_reduces_by_quantity:
        remaining = other.remaining - shares
    else:
        share = (member.remaining - shares) / member.remaining
        remaining = (other.remaining * share).quantize(_ONE, ROUND_HALF_UP)
    if remaining <= 0:
        return None
    return replace(other, order=replace(other.order, quantity=other.filled + remaining))
