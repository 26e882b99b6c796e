"""What a plan would do in an account, at its broker, at one moment.

Owns what a dry run can come to: everything that is asked of a trade before its first order was
answered, or the plan does not work here and now, or somebody who has to be asked is not there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.prospect import NoProspect, Prospect


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the broker says of the plan, and what the account says of its orders."""

    order: TradeOrder
    prospect: Prospect
    preflight: Preflight
    kind: Literal["foreseen"] = "foreseen"


@dataclass(frozen=True, slots=True)
class Unworkable:
    """The plan does not work here and now; no order comes of it that could be judged."""

    order: TradeOrder
    prospect: NoProspect
    kind: Literal["unworkable"] = "unworkable"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Somebody has not answered, so nothing can be said: who, and what would help."""

    order: TradeOrder
    text: str
    kind: Literal["unanswered"] = "unanswered"


DryRunReport = Annotated[Foreseen | Unworkable | Unanswered, Field(discriminator="kind")]


def dry_run_id(order: TradeOrder, at: datetime) -> str:
    """The name under which a dry run that begins at `at` is written down; each has its own."""
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return f"dry-run:{order.account}:{order.plan.id}:{moment}"
