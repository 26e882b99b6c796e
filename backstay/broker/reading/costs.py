"""Whether the broker has told of each execution of an order what it cost.

It is worked out once for each state of an order, because an order can have thousands of fills.
"""

from backstay.broker.inbox.inbox import BrokerInbox
from backstay.domain.ids import IntentKey
from backstay.domain.orders.executions import execution_histories
from backstay.domain.orders.view import OrderView


class Costs:
    """What was worked out, for the orders that were asked about last."""

    def __init__(self, inbox: BrokerInbox) -> None:
        self._inbox = inbox
        self._known: dict[IntentKey, tuple[OrderView, bool]] = {}
        self._asked: set[IntentKey] = set()

    def are_known(self, key: IntentKey, view: OrderView) -> bool:
        """Whether all costs of an order are known that stands so."""
        if not view.executions:
            return True
        self._asked.add(key)
        known = self._known.get(key)
        if known is None or known[0] is not view:
            known = self._known[key] = view, self._worked_out(key)
        return known[1]

    def forget_others(self) -> None:
        """Forget what was not asked since this was called last."""
        self._known = {key: self._known[key] for key in self._asked}
        self._asked.clear()

    def _worked_out(self, key: IntentKey) -> bool:
        return all(
            history.commission is not None
            for history in execution_histories(self._inbox.facts(key))
            if history.standing is not None and history.standing.quantity
        )
