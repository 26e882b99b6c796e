"""Where a position that goes wrong ends.

Owns the keys of `[stop]`: the engine's own stop, which is confirmed and leaves by the ladder, the
trail that follows a gain, and the disaster stop at the broker, which is wider and needs nobody. On
which side of the entry all of this belongs is `placement`.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field

from backstay.domain.plan.complaints import Complaint, one_of
from backstay.domain.plan.scalars import (
    Depth,
    Distance,
    Gain,
    Multiple,
    Patience,
    Price,
    Ticks,
    Width,
)
from backstay.domain.plan.tables import Table
from backstay.domain.ticks.sources import PriceSource

DISASTER_PCT = Decimal("2.0")


class Protection(StrEnum):
    """What stands at the broker for a filled position."""

    BROKER = "broker"
    VIRTUAL = "virtual"

    @property
    def stated_risk(self) -> str | None:
        """What the operator accepts by this choice, to be shown wherever the plan is."""
        if self is Protection.BROKER:
            return None
        return (
            "no stop stands at the broker: while Backstay, its machine, the gateway or the line "
            "is down, nothing limits the loss"
        )


class Trail(Table):
    """`[stop.trail]`: the stop follows the price at `distance` once the gain is large enough."""

    activate_pct: Gain
    """How far the price must have moved past the entry."""
    distance: Distance


class LadderTerms(Table):
    """`[stop.ladder]`: how far and how long an exit tries to do better than the market order."""

    slippage_pct: Depth = Decimal("0.5")
    limit_seconds: Patience = Decimal(2)
    """With 0 there is no limit order: the exit is a market order at once."""


def _default_disaster_pct(fields: dict[str, Any]) -> Decimal | None:
    return None if fields.get("protection") is Protection.VIRTUAL else DISASTER_PCT


class Stop(Table):
    """`[stop]`: exactly one way to say where it is, and how it is believed, backed and left."""

    price: Price | None = None
    offset: Distance | None = None
    """Distance from the entry price."""
    atr: Multiple | None = None
    """The distance from the entry price as a multiple of the instrument's average true range."""
    source: PriceSource | None = None
    """The price it is judged on: the last of a stock, the touch that closes an option, or this."""
    breach_pct: Depth = Decimal("0.1")
    """How far beyond the stop a price must be to count."""
    confirm_ticks: Ticks = 2
    protection: Protection = Protection.BROKER
    disaster_pct: Width | None = Field(default_factory=_default_disaster_pct)
    """How much wider than the stop the one at the broker is; none with virtual protection."""
    trail: Trail | None = None
    ladder: LadderTerms = LadderTerms()

    def contradictions(self) -> Iterable[Complaint]:
        """One way to place it, and a disaster stop that is there and lets the engine go first."""
        given = {
            "price": self.price is not None,
            "offset": self.offset is not None,
            "atr": self.atr is not None,
        }
        yield from one_of((), given)
        yield from self._wrong_disaster()

    def _wrong_disaster(self) -> Iterable[Complaint]:
        path = ("disaster_pct",)
        if self.protection is Protection.VIRTUAL:
            if self.disaster_pct is not None:
                text = f'{self.disaster_pct}; protection = "virtual" has no stop at the broker'
                yield Complaint(path, text)
        elif self.disaster_pct is None:
            yield Complaint(path, 'null; protection = "broker" needs a percentage')
        elif self.disaster_pct <= self.breach_pct:
            yield Complaint(
                path,
                f"{self.disaster_pct} is not above stop.breach_pct {self.breach_pct}; "
                "the stop at the broker would act first",
            )
