"""The way out of a position, or of a part of it, as a life of its own."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits.ladder import Ladder
from backstay.domain.ids import IntentKey
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.protection.naked import NakedTime


@dataclass(frozen=True, slots=True)
class ExitStart:
    """Where the way out is taken up: from what a guard has begun, or from nothing."""

    account: str
    walk: Walk

    @property
    def workflow_id(self) -> str:
        """The name under which it is written down."""
        ladder, key = self.walk.ladder, self.walk.way_out.key
        generation = (
            key.generation
            if ladder is None or not ladder.is_done
            else ladder.next_exit_key.generation
        )
        return f"exit:{key.trade}:{key.leg}:{generation}"


@dataclass(frozen=True, slots=True)
class ExitOutcome:
    """What it came to: nothing lives any more, and no fill can be missing.

    What is left of the ladder is below zero where exits have filled too much. `position` is what
    the broker says of the contract, `entry` what it says of the entry by now, as in a `Walked`.
    """

    key: IntentKey
    ladder: Ladder
    orders: tuple[OrderSummary, ...]
    position: Decimal
    naked: NakedTime
    at: datetime
    entry: OrderSummary | None = None


def outcome_of(walked: Walked) -> ExitOutcome:
    """The outcome of a ladder that is done."""
    return ExitOutcome(
        walked.key,
        walked.ladder,
        walked.orders,
        walked.position,
        walked.naked,
        walked.at,
        walked.entry,
    )
