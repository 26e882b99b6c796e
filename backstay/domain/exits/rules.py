"""What one ladder is given when it is armed, and the times it keeps.

All of it is in the durable intent before the first byte can leave, so that whoever goes on with the
ladder after a crash, or while the engine is silent, derives the same orders under the same keys.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.profile import BrokerProfile

ACKNOWLEDGE_WITHIN = timedelta(seconds=2)
"""A sent order of which nothing is heard for so long is asked about."""

CANCEL_CONFIRMED_WITHIN = timedelta(seconds=1)
CANCEL_GRACE = timedelta(milliseconds=500)
"""After the grace a person is told; the ladder goes on resolving."""

RESHAPE_CONFIRMED_WITHIN = timedelta(milliseconds=1500)
"""A modification that is not confirmed by then is given up for a cancel, which can be proven."""

MARKET_FILLED_WITHIN = timedelta(seconds=5)
"""A market order that rests longer is an incident, and never a reason for a second order."""

ANSWER_WITHIN = timedelta(seconds=1)
"""How long an answer to a question about a resting limit is waited for."""

FILLS_READ_WITHIN = timedelta(seconds=2)
REPRICE_EVERY = timedelta(seconds=2)
ASK_AGAIN_AFTER = timedelta(seconds=5)
RETRY_AFTER = timedelta(seconds=5)
"""How long the shield stands before a refused last rung is tried again."""

ENGINE_SILENCE = timedelta(seconds=1)
"""How long after a deadline the edge waits for the engine before it goes on alone."""

GENERATIONS_MAX = 10
"""Exit orders one trade may send; then it freezes behind its shield and a person decides."""

SHIELD_GENERATIONS_MAX = 100
"""Protective stops one trade may send; a broker that has refused so many will refuse the next."""


@dataclass(frozen=True, slots=True)
class LadderRules:
    """One tranche's way out: the first key, the trigger, and how patient to be.

    `shield` is the protective stop that goes back when the exit has to wait with nothing live; its
    key is the first generation that the ladder may use, its quantity is replaced by what is open.
    `limit_seconds` of zero means that there is no limit rung: straight to the last one.
    """

    first_key: IntentKey
    shield: OrderIntent
    trigger: Decimal
    profile: BrokerProfile
    slippage_pct: Decimal = Decimal("0.5")
    floor_pct: Decimal = Decimal(50)
    limit_seconds: Decimal = Decimal(2)

    def __post_init__(self) -> None:
        if not self.first_key.purpose.is_exit:
            raise ValueError(f"{self.first_key} is not the key of an exit")
        if self.shield.key.purpose is not Purpose.PROTECT:
            raise ValueError(f"{self.shield.key} is not the key of a protective stop")
        if self.trigger <= 0:
            raise ValueError(f"the trigger of {self.first_key} is {self.trigger}")
        if not 0 <= self.slippage_pct < 100 or not 0 <= self.floor_pct < 100:  # noqa: PLR2004
            raise ValueError(f"{self.first_key}: a slippage and a floor are from 0 to below 100 %")
        if self.limit_seconds < 0:
            raise ValueError(f"{self.first_key}: the limit rests {self.limit_seconds} s")

    @property
    def patience(self) -> timedelta:
        """How long the limit rung may rest, in broker time."""
        return timedelta(seconds=float(self.limit_seconds))
