"""What is kept of an account and of each of its trades.

Owns the two values that stand in the file: the account's, small and rewritten with each change, and
one for each trade, kept for good, because a trade's name is never used for another plan. All lists
are bounded.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from backstay.domain.checks import check_utc
from backstay.domain.ids import IntentKey
from backstay.domain.limits.book import Book
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.trade.admission import AdmissionRequest, Admitted
from backstay.domain.trade.settlement import Settlement

REFUSALS_KEPT = 100
TURNS_KEPT = 20
ANSWERS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Killed:
    """That trading was stopped: who did so, why, and on which trading day.

    `state` is what it came to; a freeze after a flatten changes no mode.
    """

    state: KillState
    mode: KillMode
    reason: str
    by: str
    at: datetime
    trading_day: date
    kind: Literal["killed"] = "killed"

    def __post_init__(self) -> None:
        check_utc("a kill", self.at)


@dataclass(frozen=True, slots=True)
class Resumed:
    """That trading goes on, and on whose word."""

    state: KillState
    reason: str
    by: str
    at: datetime
    kind: Literal["resumed"] = "resumed"


Turn = Annotated[Killed | Resumed, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class KeptRefusal:
    """A request that was refused: which, of which plan, and why."""

    digest: str
    plan_id: str
    refused: Refused


@dataclass(frozen=True, slots=True)
class AccountState:
    """One account: what it holds and has in flight, its kill switch, and what was refused lately.

    `turns` are the last times at which the kill switch was turned, oldest first.
    """

    account: str
    book: Book = field(default_factory=Book)
    turns: tuple[Turn, ...] = ()
    refusals: tuple[KeptRefusal, ...] = ()

    @property
    def kill(self) -> KillState:
        """The kill state in force."""
        return self.book.kill


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A request that was admitted, and the answer to it."""

    digest: str
    admitted: Admitted


@dataclass(frozen=True, slots=True)
class Settled:
    """How a settlement was booked.

    `is_over` says that nothing of the trade stands in the book any more. `live` are its orders that
    may still fill: room is kept for all of the trade because of them. `doubts` are what in it does
    not fit what the book knows, one line each.
    """

    is_over: bool
    live: tuple[IntentKey, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TradeRecord:
    """One trade's name, whose it is, what was approved for it, and what it has come to.

    `entry` is the newest that was reported of its entry while it was under way.
    """

    trade: str
    plan_id: str
    answers: tuple[KeptAnswer, ...] = ()
    settlement: Settlement | None = None
    settled: Settled | None = None
    entry: OrderSummary | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is settled for good; with orders that may still fill it is not."""
        return self.settled is not None and self.settled.is_over

    @property
    def is_open(self) -> bool:
        """Whether something was approved for it and it has not ended."""
        return bool(self.answers) and not self.is_over


_REQUEST: TypeAdapter[AdmissionRequest] = TypeAdapter(AdmissionRequest)


def digest_of(request: AdmissionRequest) -> str:
    """What tells a request that is delivered again from one that is made anew."""
    return sha256(_REQUEST.dump_json(request)).hexdigest()
