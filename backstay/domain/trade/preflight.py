"""What an account says of a trade that nobody has asked it for yet.

Everything in here is read and nothing of it is reserved: it holds for the moment in which it was
told, and a trade that is handed in later is judged anew.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.ids import IntentKey
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.codes import Verdict
from backstay.domain.limits.kill import Halt, KillState
from backstay.domain.limits.preflight import Judgement


@dataclass(frozen=True, slots=True)
class RoomTaken:
    """How much of the account is taken, without the trade and with it, and how much there is.

    Money is in the base currency. The bounds are None without limits.
    """

    base_currency: str
    exposure: Decimal
    exposure_with: Decimal
    exposure_max: Decimal | None
    open_trades: int
    open_trades_with: int
    open_trades_max: int | None

    @property
    def exposure_left(self) -> Decimal | None:
        """What the trade would leave; below zero is what it would go over."""
        return None if self.exposure_max is None else self.exposure_max - self.exposure_with


@dataclass(frozen=True, slots=True)
class KnownTrade:
    """What the account's book has of a trade of this name; `ended_as` once it is settled."""

    plan_id: str
    was_approved: bool
    ended_as: TradeState | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that says no, and the orders of which it says so."""

    verdict: Verdict
    keys: tuple[IntentKey, ...]


@dataclass(frozen=True, slots=True)
class Preflight:
    """What is said of each order of a trade, and how the account stands.

    `obstacle` is what keeps the whole trade from being judged at all: it belongs to another
    account, its name to another plan, or it is over.
    """

    orders: tuple[Judgement, ...]
    obstacle: Verdict | None
    kill: KillState
    halts: tuple[Halt, ...]
    room: RoomTaken
    known: KnownTrade | None
    at: datetime

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Everything that says no, in the order in which it was asked; what is said of several
        orders in the same words stands once.
        """
        said: dict[Verdict, list[IntentKey]] = {}
        if self.obstacle is not None:
            said[self.obstacle] = []
        for judgement in self.orders:
            for verdict in judgement.refusals:
                said.setdefault(verdict, []).append(judgement.intent.key)
        return tuple(Refusal(verdict, tuple(keys)) for verdict, keys in said.items())
