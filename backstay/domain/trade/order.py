"""What somebody has asked for: a plan, in an account, under what is assumed of its broker."""

from dataclasses import dataclass

from backstay.domain.ids import trade_id
from backstay.domain.plan.trade import TradePlan
from backstay.domain.profile import PESSIMISTIC, BrokerProfile
from backstay.domain.trade.naming import workflow_id


@dataclass(frozen=True, slots=True)
class TradeOrder:
    """Carry out `plan` in `account`. The same plan id in the same account is the same trade."""

    plan: TradePlan
    account: str
    profile: BrokerProfile = PESSIMISTIC

    def __post_init__(self) -> None:
        if self.plan.account not in (None, self.account):
            raise ValueError(
                f"plan.account: {self.plan.account}; the trade was started in {self.account}"
            )

    @property
    def trade(self) -> str:
        """The eight characters that name the trade in its keys."""
        return trade_id(self.account, self.plan.id)

    @property
    def workflow_id(self) -> str:
        """The name under which its life is written down."""
        return workflow_id(self.account, self.plan.id)
