"""Executions that say otherwise than they did: a fill after the end, a fill taken back or changed.

Owns since when each order is compared. What comes with the first complete reading of a process is
no surprise; what had been read before a session and is otherwise by its own reading is one, however
long nobody was there to hear of it.
"""

from collections.abc import Callable, Iterator

from backstay.broker.inbox.matters import Told, told_of
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.executions import execution_id_parts
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.reports import ExecutionReported
from backstay.domain.orders.view import OrderView

ViewOf = Callable[[IntentKey], OrderView | None]


class Surprises:
    """Every order as it was before the executions of a session were read."""

    def __init__(self) -> None:
        self._before: dict[IntentKey, OrderView | None] = {}

    def of(
        self, key: IntentKey, before: OrderView | None, now: OrderView, *, was_read: bool
    ) -> Iterator[Told]:
        """What is otherwise; it waits for the reading if the executions of this session were not
        completely read.
        """
        if not was_read:
            self._before.setdefault(key, before)
        elif before is not None:
            yield from _compared(before, now)

    def read(self, view_of: ViewOf) -> Iterator[tuple[IntentKey, Told]]:
        """The executions are completely read."""
        known, self._before = self._before, {}
        for key in sorted(known):
            before, now = known[key], view_of(key)
            if before is not None and now is not None:
                yield from ((key, told) for told in _compared(before, now))


def _compared(before: OrderView, now: OrderView) -> Iterator[Told]:
    was_over = before.is_settled and before.end is not OrderEnd.FILLED
    if was_over and now.filled > before.filled:
        more = plain(now.filled - before.filled)
        text = f"it was over ({before.end}), and {more} more are filled"
        yield told_of(IncidentKind.FILL_AFTER_END, plain(now.filled), text)
    stood = {execution_id_parts(fill.exec_id)[0]: fill for fill in before.executions}
    for fill in now.executions:
        known = stood.get(execution_id_parts(fill.exec_id)[0])
        if known is not None and known.exec_id != fill.exec_id:
            yield from _corrected(known, fill)


def _corrected(before: ExecutionReported, now: ExecutionReported) -> Iterator[Told]:
    """A fill stands in another version; one that only says the same again changes nothing."""
    was, is_now = (f"{plain(fill.quantity)} at {plain(fill.price)}" for fill in (before, now))
    if before.quantity and not now.quantity:
        text = f"the broker has taken back a fill: {was} count no more"
        yield told_of(IncidentKind.FILL_CORRECTED, now.exec_id, text)
    elif now.quantity != before.quantity:
        text = f"the broker has corrected a fill: {was} are {is_now} now"
        yield told_of(IncidentKind.FILL_CORRECTED, now.exec_id, text)
    elif now.price != before.price:
        text = f"the broker has corrected the price of a fill: {was} are {is_now} now"
        yield told_of(IncidentKind.PRICE_MISMATCH, now.exec_id, text)
