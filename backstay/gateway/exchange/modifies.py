"""What a live order can be turned into: the same id sent again, and what IB makes of it."""

from dataclasses import replace

from backstay.gateway.exchange import remarks
from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.exchange.remarks import Remark
from backstay.gateway.profile import Profile
from backstay.gateway.times import MILLISECOND_NS
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

MOMENT_NS = 10 * MILLISECOND_NS
"""An order that was sent less than this ago is not known everywhere yet (103)."""


def sent_again(held: HeldOrder, now_ns: int) -> Remark | None:
    """What IB answers to an id that it knows; None if it takes it for a modify."""
    if held.status is Status.FILLED:
        return remarks.ALREADY_FILLED
    is_fresh = held.order.transmit and now_ns - held.accepted_ns < MOMENT_NS
    return remarks.DUPLICATE if is_over(held) or is_fresh else None


def refusal(held: HeldOrder, con_id: int, order: Order, profile: Profile) -> Remark | None:
    """Why the live order stays as it is; `order` is its new form as the client worded it."""
    was = held.order
    is_parked = not was.transmit
    if con_id != held.contract.con_id or order.action != was.action:
        return remarks.NOT_MATCHING
    if order.account not in {"", was.account}:
        return remarks.NOT_MATCHING
    if order.parent_id and not (is_parked and order.parent_id == was.parent_id):
        return remarks.no_parent(order.parent_id)
    if order.oca_group != was.oca_group or (was.oca_group and order.oca_type != was.oca_type):
        return remarks.GROUP_REVISED
    if held.status is Status.PENDING_CANCEL:
        return remarks.BEING_CANCELLED
    if order.order_type != was.order_type and not (is_parked or profile.order_type_can_be_modified):
        return remarks.TYPE_FIXED
    return remarks.BELOW_FILLED if order.quantity <= held.filled else None


def modified(held: HeldOrder, order: Order, now_ns: int) -> HeldOrder:
    """The order in its new form: it keeps its names, its parent and what it was filled.

    A stop that has elected stays elected; one that becomes a stop only now has not.
    """
    was = held.order
    kept = replace(
        order,
        order_id=was.order_id,
        client_id=was.client_id,
        perm_id=was.perm_id,
        account=was.account,
        parent_id=was.parent_id,
        tif=order.tif or "DAY",
        transmit=was.transmit or order.transmit,
    )
    is_elected = held.triggered and "STP" in was.order_type
    return replace(held, order=kept, changed_ns=now_ns, triggered=is_elected)
