"""What is known when a limit is asked about.

Owns the shapes in which the market, the account and the last hop report to the rules. They are
taken as they are: who measured them answers for that, and what nobody measured is None, which the
rules refuse.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.ids import IntentKey
from backstay.domain.limits.kill import KillState
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import OcaGroup, OrderIntent
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Flaw


class AccountKind(StrEnum):
    """What the gateway's account is, judged by the ids that it reports."""

    PAPER = "paper"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Touch:
    """The best prices of one instrument, when a tick last proved them alive, and what is wrong."""

    bid: Decimal | None
    ask: Decimal | None
    heard_at: datetime
    flaw: Flaw | None = None
    kind: Literal["touch"] = "touch"

    def price_for(self, side: Side) -> Decimal | None:
        """The worse of the two for an order of `side`: where it would trade now."""
        return self.ask if side is Side.BUY else self.bid


@dataclass(frozen=True, slots=True)
class TriggerPrice:
    """The price that an entry waits for; the market matters when it is reached."""

    price: Decimal
    kind: Literal["trigger"] = "trigger"

    def price_for(self, _side: Side) -> Decimal:
        """Where the order is expected to trade, whichever way."""
        return self.price


Reference = Annotated[Touch | TriggerPrice, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Margin:
    """What the broker would tie up for an order, and what is free, in the base currency."""

    required: Decimal
    available: Decimal

    def __post_init__(self) -> None:
        if self.required < 0:
            raise ValueError(f"an order requires {self.required} of margin; one that frees some: 0")


@dataclass(frozen=True, slots=True)
class AdmissionFacts:
    """What is known of the market and the account when an order is admitted.

    `uncovered` is the quantity that an order which covers may have: the risk without a hedge.
    """

    account_kind: AccountKind
    phase: MarketPhase
    trading_day: date
    rates: ExchangeRates
    reference: Reference | None = None
    margin: Margin | None = None
    uncovered: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Request:
    """An order that somebody wants to have, and what is known around it."""

    intent: OrderIntent
    facts: AdmissionFacts


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """One of our orders that may still fill; one whose fate is unknown counts as live."""

    key: IntentKey
    side: Side
    quantity: Decimal
    filled: Decimal = Decimal(0)
    oca: OcaGroup | None = None
    parent: IntentKey | None = None

    @classmethod
    def of(cls, intent: OrderIntent, filled: Decimal) -> "LiveOrder":
        """What `intent` is at the broker once it is sent; a modified order keeps its fills."""
        return cls(intent.key, intent.side, intent.quantity, filled, intent.oca, intent.parent)

    @property
    def unfilled(self) -> Decimal:
        """What it may still fill."""
        return max(self.quantity - self.filled, Decimal(0))


@dataclass(frozen=True, slots=True)
class LastHopFacts:
    """What the edge sees in the turn in which an order would leave.

    `position` and `live_orders` are of the order's contract, `last_entry_at` is when the last
    *other* entry in its symbol left. `kill` is None where it could not be read. `untold` is what of
    the position no execution has told yet, but may.
    """

    accounts: tuple[str, ...]
    account_kind: AccountKind
    kill: KillState | None
    phase: MarketPhase
    touch: Touch | None
    position: Decimal
    live_orders: tuple[LiveOrder, ...] = ()
    last_entry_at: datetime | None = None
    untold: Decimal = Decimal(0)
