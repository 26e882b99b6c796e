"""What of the last hop can be judged before the moment in which an entry leaves.

Owns the split of the last hop's rules about an entry in two: what is about the order, its approval
and the settings is judged once, ahead; what is about the moment becomes a few comparisons. Its
invariant: where there is a clearance, it holds exactly if the last hop would let the order pass,
and where there is none, the last hop would refuse it, whatever the moment.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.figures import seconds
from backstay.domain.ids import Effect
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.facts import AccountKind, LastHopFacts, Touch
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.last_hop import recheck
from backstay.domain.limits.rules import phases_for
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.freshness import SILENCE_MAX


@dataclass(frozen=True, slots=True)
class Clearance:
    """An entry that may leave as soon as the moment is right, and which moments are."""

    account: str
    epoch: int
    valid_until: datetime
    phases: tuple[MarketPhase, ...]
    buys: bool
    low: Decimal
    high: Decimal
    interval_seconds_min: Decimal

    def holds(
        self,
        accounts: tuple[str, ...],
        kill: KillState | None,
        phase: MarketPhase,
        touch: Touch | None,
        last_entry_at: datetime | None,
        now: datetime,
    ) -> bool:
        """Whether every rule about the moment lets it pass."""
        if touch is None or kill is None:
            return False
        reference = touch.ask if self.buys else touch.bid
        return (
            reference is not None
            and self.low <= reference <= self.high
            and touch.flaw is None
            and now - touch.heard_at < SILENCE_MAX
            and phase in self.phases
            and kill.mode is None
            and kill.epoch <= self.epoch
            and now <= self.valid_until
            and self.account in accounts
            and (last_entry_at is None or seconds(now - last_entry_at) >= self.interval_seconds_min)
        )


def clearance(
    approved: Approved, intent: OrderIntent, kind: AccountKind, settings: LimitSettings | None
) -> Clearance | None:
    """The clearance of an entry; None if no moment could ever be right, or it is no entry."""
    collar, valid_until = approved.collar, approved.valid_until
    opens = approved.effect is Effect.OPENS
    if settings is None or not opens or collar is None or valid_until is None:
        return None
    phases = phases_for(intent)
    # The last hop itself is asked, about a moment in which only the order can be wrong.
    moment = LastHopFacts(
        accounts=(intent.account,),
        account_kind=kind,
        kill=KillState(),
        phase=phases[0],
        touch=Touch(collar.low, collar.low, approved.at),
        position=Decimal(0),
    )
    if recheck(approved, intent, moment, settings, min(approved.at, valid_until)) is not None:
        return None
    return Clearance(
        account=intent.account,
        epoch=approved.epoch,
        valid_until=valid_until,
        phases=phases,
        buys=intent.side is Side.BUY,
        low=collar.low,
        high=collar.high,
        interval_seconds_min=settings.entry_interval_seconds_min,
    )
