"""What the broker says it holds.

Owns the two answers that a comparison needs, each with a claim to be complete. An answer that
timed out, or stopped half-way, is not an answer of "none".
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.checks import check_number, check_utc


@dataclass(frozen=True, slots=True)
class BrokerPosition:
    """One contract that the broker holds for us (negative if short), at `average_price` a unit.

    The broker counts its commissions into the price. It names the cost of a whole contract; a unit
    is what a price is quoted for, so the multiplier is taken out of it.
    """

    con_id: int
    quantity: Decimal
    average_price: Decimal

    def __post_init__(self) -> None:
        check_number(f"the position in contract {self.con_id}", self.quantity)
        check_number(f"the average price of contract {self.con_id}", self.average_price)


@dataclass(frozen=True, slots=True)
class PositionsAnswer:
    """The positions of one account, asked for at `asked_at`."""

    asked_at: datetime
    complete: bool
    positions: tuple[BrokerPosition, ...]

    def __post_init__(self) -> None:
        check_utc("the broker's positions", self.asked_at)
        count = Counter(position.con_id for position in self.positions)
        twice = [con_id for con_id, times in count.items() if times > 1]
        if twice:
            raise ValueError(f"the broker's answer names contract {twice[0]} more than once")


@dataclass(frozen=True, slots=True)
class ExecutionsAnswer:
    """The ids of all executions of one account from `since` on, read after the positions were."""

    since: datetime
    complete: bool
    exec_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        check_utc("the broker's executions", self.since)
