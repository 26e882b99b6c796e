"""The names of the refusals, and how a verdict reads.

Owns the vocabulary in which a rule answers: every rule has exactly one code, every answer is one
line that names the code, what was found and what is allowed. Nothing here decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from backstay.domain.ids import IntentKey


class RefusalCode(StrEnum):
    """Why an order may not be sent."""

    NOT_CONFIGURED = "not_configured"
    WRONG_ACCOUNT = "wrong_account"
    TRADE_TAKEN = "trade_taken"
    KEY_USED = "key_used"
    FRACTIONAL = "fractional"
    TRADING_DISABLED = "trading_disabled"
    LIVE_NOT_ARMED = "live_not_armed"
    ACCOUNT_MODE = "account_mode"
    KILLED = "killed"
    HALTED = "halted"
    SYMBOL_BLOCKED = "symbol_blocked"
    SESSION_CLOSED = "session_closed"
    STALE_DATA = "stale_data"
    NO_REFERENCE = "no_reference"
    NO_EXCHANGE_RATE = "no_exchange_rate"
    PRICE_COLLAR = "price_collar"
    ORDER_VALUE = "order_value"
    OPPOSITE_DIRECTION = "opposite_direction"
    POSITION_LIMIT = "position_limit"
    EXPOSURE_CAP = "exposure_cap"
    OPEN_TRADES = "open_trades"
    DAILY_LIMIT = "daily_limit"
    RATE = "rate"
    MARGIN = "margin"
    EXCEEDS_POSITION = "exceeds_position"
    EXCEEDS_UNCOVERED = "exceeds_uncovered"
    TOO_MANY_GENERATIONS = "too_many_generations"
    DIFFERS_FROM_APPROVAL = "differs_from_approval"
    QUANTITY_EXCEEDS_APPROVAL = "quantity_exceeds_approval"
    APPROVAL_EXPIRED = "approval_expired"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one order, with its two figures where it compares figures."""

    code: RefusalCode
    passed: bool
    text: str
    measured: Decimal | None = None
    bound: Decimal | None = None

    @property
    def line(self) -> str:
        """The verdict for a log or a dry run."""
        return f"{self.code}: {self.text}"


class Finding(NamedTuple):
    """What one rule has found: a verdict whose text is written only if somebody reads it, which at
    the last hop, where every microsecond counts, hardly anybody does.
    """

    code: RefusalCode
    passed: bool
    text: Callable[[], str]
    measured: Decimal | None = None
    bound: Decimal | None = None

    @property
    def verdict(self) -> Verdict:
        """The same as a value, in words."""
        return Verdict(self.code, self.passed, self.text(), self.measured, self.bound)


NOT_CONFIGURED = Verdict(
    RefusalCode.NOT_CONFIGURED, passed=False, text="no limits are set for this account"
)


@dataclass(frozen=True, slots=True)
class Refused:
    """The order may not be sent: the first verdict that says no."""

    key: IntentKey
    code: RefusalCode
    reason: str
    at: datetime
    measured: Decimal | None = None
    bound: Decimal | None = None
    kind: Literal["refused"] = "refused"


def refused(key: IntentKey, verdict: Verdict, at: datetime) -> Refused:
    """The refusal of the order named `key` that `verdict` amounts to."""
    return Refused(key, verdict.code, verdict.line, at, verdict.measured, verdict.bound)
