"""How far the trade of a rehearsal has come.

Owns the lifecycle and the words for each of its answers; what happened is said by others.
"""

from decimal import Decimal

from backstay.domain.lifecycle import (
    Happened,
    Lifecycle,
    LifecycleEvent,
    Moved,
    Refused,
    Stayed,
    apply,
)
from backstay.lab.rehearsal.story import Story


class Progress:
    """A lifecycle that is told what happens."""

    def __init__(self, *, hedge_first: bool, story: Story) -> None:
        self.lifecycle = Lifecycle(hedge_first)
        self._story = story

    def after(self, happened: Happened, quantity: Decimal = Decimal()) -> str:
        """What became of the trade when this happened, in words; none where it stays as it is."""
        answer = apply(self.lifecycle, LifecycleEvent(happened, self._story.now, quantity))
        self.lifecycle = answer.lifecycle
        match answer:
            case Moved():
                return str(self.lifecycle.state)
            case Stayed():
                return ""
            case Refused(reason=reason):
                return f"{reason}: refused, yet counted" if answer.booked else f"{reason}: refused"
