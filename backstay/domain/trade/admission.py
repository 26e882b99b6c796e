"""What is asked of the account for a trade, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.ids import IntentKey
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.facts import Request
from backstay.domain.limits.kill import KillState
from backstay.domain.trade.opening import FirstOrders
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import Prospect


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """Approve all of these orders of one trade, or none. Asking twice takes no more room.

    `at` is broker time; the trade's name must not belong to another plan of the account.
    """

    account: str
    plan_id: str
    trade: str
    requests: tuple[Request, ...]
    at: datetime

    def __post_init__(self) -> None:
        if strange := [r.intent.key for r in self.requests if r.intent.key.trade != self.trade]:
            raise ValueError(f"{strange[0]} is no order of {self.trade}")


def request_for_room(order: TradeOrder, first: FirstOrders, prospect: Prospect) -> AdmissionRequest:
    """What is asked of the account for everything that the trade may begin with."""
    return AdmissionRequest(
        account=order.account,
        plan_id=order.plan.id,
        trade=order.trade,
        requests=tuple(Request(intent, prospect.facts) for intent in first.all),
        at=prospect.at,
    )


@dataclass(frozen=True, slots=True)
class Admitted:
    """Every order is approved and reserved, in this state of the kill switch."""

    approvals: tuple[Approved, ...]
    kill: KillState
    kind: Literal["admitted"] = "admitted"

    def approval(self, key: IntentKey) -> Approved:
        """The approval of one order."""
        return next(each for each in self.approvals if each.intent.key == key)


AdmissionAnswer = Annotated[Admitted | Refused, Field(discriminator="kind")]
