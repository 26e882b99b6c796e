"""What a trade costs: IBKR Pro, fixed prices, and nothing beside them.

The minimum and the maximum are those of an order and not of a fill. So an execution is charged
what its order costs up to and with it, less what the order cost before: the first fill carries the
minimum. All of that stands in the execution itself, so that a correction can take back exactly
what was charged. What belongs to no order (an option's expiry) costs nothing.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from backstay.gateway.account.money import ZERO
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution

_UNIT = Decimal("0.0001")
_ORDER_MIN = Decimal("1.00")
_PER_SHARE = Decimal("0.005")
_STOCK_MAX_OF_VALUE = Decimal("0.01")
_PER_OPTION = Decimal("0.65")


def order_commission(contract: Contract, quantity: Decimal, price: Decimal) -> Decimal:
    """What an order costs of which `quantity` has traded at `price` on average.

    A stock's maximum of one percent of the value goes before its minimum.
    """
    if quantity <= 0:
        return ZERO
    if contract.sec_type == "STK":
        fee = max(quantity * _PER_SHARE, _ORDER_MIN)
        fee = min(fee, quantity * abs(price) * _STOCK_MAX_OF_VALUE)
    elif contract.sec_type == "OPT":
        fee = max(quantity * _PER_OPTION, _ORDER_MIN)
    else:
        fee = ZERO
    return fee.quantize(_UNIT, ROUND_HALF_EVEN)


def execution_commission(contract: Contract, execution: Execution) -> Decimal:
    """What `execution` adds to the cost of its order; never less than nothing."""
    if not execution.perm_id:
        return ZERO
    after = execution.cum_quantity
    before = after - execution.shares
    total = order_commission(contract, after, execution.average_price)
    if before <= 0:
        return total
    value_before = after * execution.average_price - execution.shares * execution.price
    return max(ZERO, total - order_commission(contract, before, value_before / before))
