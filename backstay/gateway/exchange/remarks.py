"""IB's codes and texts for what the exchange has to say about an order.

A remark either refuses (nothing is held, or a live order stays as it was), rejects (201: a new
order is shown as Inactive), warns (the order lives), or tells of an end (202).
"""

from dataclasses import dataclass
from decimal import Decimal

REJECTED = 201


@dataclass(frozen=True, slots=True)
class Remark:
    """A code and its text."""

    code: int
    text: str

    @property
    def rejects(self) -> bool:
        """Whether a new order is shown as rejected, and not only refused with a message."""
        return self.code == REJECTED


DUPLICATE = Remark(103, "Duplicate order id")
ALREADY_FILLED = Remark(104, "Can't modify a filled order.")
NOT_MATCHING = Remark(105, "Order being modified does not match original order.")
OFF_TICK = Remark(
    110, "The price does not conform to the minimum price variation for this contract."
)
TIF_INCOMPATIBLE = Remark(111, "The TIF (Time in force) and the order type are incompatible.")
NO_DEFINITION = Remark(200, "No security definition has been found for the request")
AMBIGUOUS = Remark(200, "The contract description specified is ambiguous.")
NOT_AVAILABLE = Remark(203, "The security is not available or allowed for this account.")
BAD_ORDER_TYPE = Remark(387, "Unsupported order type for this exchange and security type.")
BAD_TIME = Remark(391, "The time or time-zone entered is invalid.")
BAD_STOP_PRICE = Remark(403, "Invalid stop price.")
HELD_FOR_LOCATE = Remark(
    404,
    "Shares for this order are not immediately available for short sale. "
    "The order will be held while we attempt to locate the shares.",
)
NO_SIZE = Remark(434, "The order size cannot be zero.")
NO_ACCOUNT = Remark(435, "You must specify an account.")
OUTSIDE_IGNORED = Remark(
    2109,
    "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on the order "
    "type and destination. PlaceOrder is now being processed.",
)
FRACTIONAL = Remark(
    10243,
    "Fractional-sized order cannot be placed via API. "
    "Please use desktop version to place this order.",
)
GROUP_REVISED = Remark(10326, "OCA group revision is not allowed.")
TIF_PRESET = Remark(10349, "Order TIF was set to DAY based on order preset.")


def rejected(reason: str) -> Remark:
    """The order is not accepted."""
    return Remark(REJECTED, f"Order rejected - reason:{reason}")


READ_ONLY = Remark(
    321,
    "Error validating request.-'bE' : cause - The API interface is currently in Read-Only mode.",
)
BOTH_SIDES = rejected(
    "Cannot have open orders on both sides of the same US Option contract in the same account "
    "or related accounts."
)
TYPE_FIXED = rejected("The order type of a working order cannot be changed.")
BELOW_FILLED = rejected("The new quantity is not above the quantity that has been filled.")
BEING_CANCELLED = rejected("The order is being cancelled.")
GROUP_WORKS = rejected("OCA group is already working or its name has been used.")
TIME_PASSED = rejected("The good till date and time have already passed.")


def invalid(cause: str) -> Remark:
    """The request makes no sense as it is."""
    return Remark(321, f"Error validating request.-'bN' : cause - {cause}")


def unknown_account(account: str) -> Remark:
    """The order names an account that isn't there."""
    return invalid(f"Invalid account code '{account}'.")


def above_freeze(quantity_max: Decimal) -> Remark:
    """More than the exchange takes in one order."""
    return rejected(f"The order size exceeds the freeze quantity of {quantity_max}.")


def no_parent(order_id: int) -> Remark:
    """135 also answers a modified child that names its parent again."""
    return Remark(135, f"Can't find order with ID = {order_id}")


def not_cancellable(perm_id: int) -> Remark:
    """A cancel of what is being cancelled already."""
    text = "Cancel attempted when order is not in a cancellable state. Order permId = "
    return Remark(161, f"{text}{perm_id}")


def cancelled(reason: str = "") -> Remark:
    """The order is over; a plain cancel gives no reason."""
    return Remark(202, f"Order Canceled - reason:{reason}")


BY_SPLIT = cancelled("Corporate action")


def waits_until(action: str, quantity: Decimal, symbol: str, when: str) -> Remark:
    """The order lives, and waits for the market."""
    return Remark(
        399,
        f"Order Message:\n{action} {quantity} {symbol}\n"
        f"Warning: Your order will not be placed at the exchange until {when}.",
    )


def not_found(order_id: int) -> Remark:
    """A cancel of an id that isn't in the book."""
    return Remark(10147, f"OrderId {order_id} that needs to be cancelled is not found.")


def cannot_cancel(order_id: int, state: str) -> Remark:
    """A cancel of what is over."""
    return Remark(
        10148, f"OrderId {order_id} that needs to be cancelled cannot be cancelled, state: {state}."
    )
