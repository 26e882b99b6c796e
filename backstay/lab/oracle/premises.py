"""What the oracle is told before a run begins, and what it is shown when everything is at rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from backstay.domain.limits.settings import LimitSettings
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import TradeStanding
from backstay.gateway.profile import Profile


@dataclass(frozen=True, slots=True)
class Premises:
    """What holds for a whole run.

    `symbols` names the contracts by their number. `regular` are the regular sessions, from and to
    in broker nanoseconds, in order; without any nobody can tell when the market is closed. `bare`
    are trades that keep their stop off the broker's books, as their plan says.
    """

    account: str
    client_id: int
    profile: Profile
    limits: LimitSettings
    symbols: Mapping[int, str]
    regular: tuple[tuple[int, int], ...] = ()
    bare: frozenset[str] = frozenset()

    def is_regular(self, at_ns: int) -> bool:
        """Whether the market is open then, as far as is known."""
        if not self.regular:
            return True
        return any(opens <= at_ns < closes for opens, closes in self.regular)

    def opened_ns(self, at_ns: int) -> int | None:
        """When the session has opened that is open then; 0 where none is known."""
        if not self.regular:
            return 0
        return next((opens for opens, closes in self.regular if opens <= at_ns < closes), None)


@dataclass(frozen=True, slots=True)
class TradeAtRest:
    """A trade when everything is at rest. `status` is that of its workflow, in the engine's words:
    running, completed, failed, canceled, terminated, timed out.
    """

    workflow_id: str
    trade: str
    status: str
    standing: TradeStanding | None = None
    settlement: Settlement | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """What the world finds at the end: at the gateway, at the engine, and in the account's book.

    `positions` are by contract. `open_orders` are the references of what lives at the broker.
    `reserved` are the trades for which the book still keeps room, and `kept` is what it counts, by
    contract, as held outside of all trades.
    """

    positions: Mapping[int, Decimal]
    open_orders: tuple[str, ...] = ()
    trades: tuple[TradeAtRest, ...] = ()
    reserved: tuple[str, ...] = ()
    kept: Mapping[int, Decimal] = field(default_factory=dict)
