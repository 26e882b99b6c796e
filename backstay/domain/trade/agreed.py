"""What a trade was admitted with: everything that it may send is in here."""

from dataclasses import dataclass

from backstay.domain.edge.arms import Arm
from backstay.domain.ids import IntentKey
from backstay.domain.limits.approval import Approved
from backstay.domain.plan.rules import trigger_rule
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.admission import Admitted
from backstay.domain.trade.opening import FirstOrders
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import Prospect


@dataclass(frozen=True, slots=True)
class Agreed:
    """The order, what was known of the broker, the first orders, and their approvals."""

    order: TradeOrder
    prospect: Prospect
    first: FirstOrders
    admitted: Admitted

    @property
    def plan(self) -> TradePlan:
        """What the operator has asked for."""
        return self.order.plan

    def approval(self, key: IntentKey) -> Approved:
        """The approval of one of the first orders."""
        return self.admitted.approval(key)

    def arm(self) -> Arm:
        """The entry, to be kept ready."""
        first, entry = self.first, self.plan.entry
        trigger = entry.trigger
        protection = first.protection
        return Arm(
            entry=self.approval(first.entry.key),
            protection=None if protection is None else self.approval(protection.key),
            profile=self.order.profile,
            asked=self.prospect.asked,
            trigger=None if trigger is None else trigger_rule(trigger),
            limit_offset=entry.limit_offset if trigger is not None else None,
            expires_at=entry.expires if trigger is None else trigger.expires,
        )
