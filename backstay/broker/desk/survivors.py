"""Lives of an order that no order id reaches.

The broker cancels by order id only. An order that lives under a permanent id whose order id is of
an earlier session, or belongs to another life as well, is for a person; who is told once.
"""

from collections.abc import Collection

from backstay.broker.doors.wire import Now
from backstay.broker.notices import Notice, Tell
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.view import OrderView


def out_of_reach(view: OrderView, order_ids: Collection[int]) -> tuple[int, ...]:
    """The permanent ids that a cancel under `order_ids` has not reached, or could not."""
    spent = {name for life in view.instances if life.end for name in life.order_ids}
    return tuple(
        life.perm_id
        for life in view.instances
        if life.perm_id
        and life.end is None
        and not any(name in order_ids and name not in spent for name in life.order_ids)
    )


class Survivors:
    """Tells of lives that need a person, each once."""

    def __init__(self, now: Now, tell: Tell) -> None:
        self._now = now
        self._tell = tell
        self._told: set[int] = set()

    def found(self, key: IntentKey, perm_ids: Collection[int], why: str) -> None:
        """These lives of the order are beyond what can be done from here."""
        untold = sorted(set(perm_ids) - self._told)
        if not untold:
            return
        self._told.update(untold)
        names = " and ".join(map(str, untold))
        text = f"permanent id {names}: {why}"
        self._tell(Notice(IncidentKind.ORDER_SURVIVES, str(key), text, self._now()))
