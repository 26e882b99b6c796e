"""What the gateway says about an order beside repeating it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """An order's status, in IB's words."""

    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    CANCELLED = "Cancelled"
    FILLED = "Filled"
    INACTIVE = "Inactive"

    @property
    def is_terminal(self) -> bool:
        """Whether the exchange works the order no more."""
        return self in {Status.CANCELLED, Status.FILLED}


@dataclass(frozen=True, slots=True)
class MarginPreview:
    """What an order would do to an account; the answer to a what-if."""

    init_before: Decimal | None = None
    maint_before: Decimal | None = None
    equity_before: Decimal | None = None
    init_change: Decimal | None = None
    maint_change: Decimal | None = None
    equity_change: Decimal | None = None
    init_after: Decimal | None = None
    maint_after: Decimal | None = None
    equity_after: Decimal | None = None
    commission: Decimal | None = None
    min_commission: Decimal | None = None
    max_commission: Decimal | None = None
    commission_currency: str = ""
    warning: str = ""


NO_PREVIEW = MarginPreview()
