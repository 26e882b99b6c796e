"""What this desk has sent, or is about to, by key.

Owns the memory that makes sending idempotent from the turn in which an order is taken into its
lane, which is before the inbox can know of it. A key that is taken is never sent again, unless the
broker was asked and has proven that it never had the order. Of an earlier broker day nothing needs
to be remembered, because nothing that was written down then is sent any more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from backstay.broker.desk.wakes import Wakes
from backstay.domain.edge.submission import NotSent
from backstay.domain.ids import IntentKey
from backstay.domain.limits.codes import Refused


@dataclass(slots=True)
class Sending:
    """One order on its way out. `answer` says why it never left; then it can be tried again.

    `left_on` is `left_at` on the loop's clock. The stop that is `attached` leaves with it, and
    knows it as its `leader`. `is_answered` says that the broker has spoken of it.
    """

    key: IntentKey
    taken_at: datetime
    attached: "Sending | None" = None
    leader: IntentKey | None = None
    left_at: datetime | None = None
    left_on: float = 0.0
    is_line_lost: bool = False
    is_answered: bool = False
    answer: Refused | NotSent | None = None

    @property
    def waits(self) -> bool:
        """Whether it stands in its lane."""
        return self.left_at is None and self.answer is None

    @property
    def has_left(self) -> bool:
        """Whether its bytes were written, as far as this side can tell."""
        return self.left_at is not None


class Sendings:
    """Every sending of this process, the latest of each key."""

    def __init__(self) -> None:
        self.wakes = Wakes()
        self._by_key: dict[IntentKey, Sending] = {}

    def add(self, sending: Sending) -> None:
        """It is taken into its lane."""
        self._by_key[sending.key] = sending

    def of(self, key: IntentKey) -> Sending | None:
        """The latest sending of a key."""
        return self._by_key.get(key)

    def waits(self, key: IntentKey) -> bool:
        """Whether an order of this key may leave yet."""
        sending = self._by_key.get(key)
        return sending is not None and sending.waits

    def forget(self, key: IntentKey) -> None:
        """The broker never had it: it may be tried again."""
        self._by_key.pop(key, None)

    def forget_before(self, at: datetime, followed: Collection[IntentKey]) -> None:
        """Forget what was taken before then, unless it may leave yet or somebody follows it."""
        self._by_key = {
            key: sending
            for key, sending in self._by_key.items()
            if sending.taken_at >= at or sending.waits or key in followed
        }

    def end(self, sending: Sending, answer: Refused | NotSent) -> None:
        """It will not leave, and neither will its entry or its stop."""
        leader = self._by_key[sending.leader] if sending.leader else sending
        for each in (leader, leader.attached):
            if each is not None:
                each.answer = answer
                self.wakes.wake(each.key)

    def line_lost(self) -> None:
        """Whatever has left by now can be acknowledged no more on its line."""
        for sending in self._by_key.values():
            if sending.has_left:
                sending.is_line_lost = True
        self.wakes.wake_all()
