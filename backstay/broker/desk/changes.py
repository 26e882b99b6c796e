"""The modifications of each order: one under way, and the newest one that waits for it.

Owns the law that no two modifications of one order are ever under way: what is wanted last is what
counts, so a newer one takes the place of the one that waits, never of the one that has left.
"""

from dataclasses import dataclass
from datetime import datetime

from backstay.domain.edge.changing import ModifyAnswer
from backstay.domain.edge.submission import Submission
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderIntent


@dataclass(slots=True, eq=False)
class Change:
    """One modification: `before` is what the order was meant to be until then.

    `left_at` is None while it waits: for another modification, in its lane, or to be tried again,
    which it is only as long as it is wanted.
    """

    submission: Submission
    before: OrderIntent | None = None
    order_id: int = 0
    left_at: datetime | None = None
    tries: int = 0
    is_wanted: bool = True
    answer: ModifyAnswer | None = None

    @property
    def key(self) -> IntentKey:
        """Of which order."""
        return self.submission.intent.key


class Changes:
    """By key: what is under way, and what waits for it."""

    def __init__(self) -> None:
        self._under_way: dict[IntentKey, Change] = {}
        self._waiting: dict[IntentKey, Change] = {}

    def under_way(self, key: IntentKey) -> Change | None:
        """The one that has left, or stands in its lane."""
        return self._under_way.get(key)

    def waiting(self, key: IntentKey) -> Change | None:
        """The one that waits for it to be over."""
        return self._waiting.get(key)

    def begin(self, change: Change) -> None:
        """It is under way; nothing else of its key may be."""
        if change.key in self._under_way:
            raise ValueError(f"a modification of {change.key} is under way")
        self._under_way[change.key] = change

    def enqueue(self, change: Change) -> Change | None:
        """Have it wait for the one that is under way; the one whose place it takes."""
        replaced = self._waiting.get(change.key)
        self._waiting[change.key] = change
        return replaced

    def end(self, change: Change, answer: ModifyAnswer) -> Change | None:
        """It is over; the one that has waited for it, if there is one."""
        change.answer = answer
        if self._under_way.get(change.key) is not change:
            return None
        del self._under_way[change.key]
        return self._waiting.pop(change.key, None)

    def drop_waiting(self, key: IntentKey, answer: ModifyAnswer) -> None:
        """What waits is not wanted any more."""
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            waiting.answer = answer

    def all_under_way(self) -> tuple[Change, ...]:
        """Of all orders."""
        return tuple(self._under_way.values())
