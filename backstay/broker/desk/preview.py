"""What an order would tie up, asked without sending it.

Figures that the broker has left out make no answer: a margin is compared with what is free, and
neither may be guessed.
"""

from decimal import Decimal
from typing import Protocol

from backstay.broker.doors.wire import NotAnsweredError, Now, RequestRefusedError
from backstay.broker.translation.telling import WhatIf
from backstay.domain.edge.contracts import NotAnswered, PreviewAnswer, Previewed, PreviewRefused
from backstay.domain.limits.facts import Margin
from backstay.domain.orders.intent import OrderIntent

_NOTHING = Decimal(0)


class WhatIfs(Protocol):
    """Asks the broker what an order would do to the account; raises like any other question."""

    async def what_if(self, intent: OrderIntent) -> WhatIf:
        """The broker's figures."""


class Preview:
    """Asks, and says what is required and what is free."""

    def __init__(self, asks: WhatIfs, now: Now) -> None:
        self._asks = asks
        self._now = now

    async def preview(self, intent: OrderIntent) -> PreviewAnswer:
        """What the broker says of the order."""
        since = self._now()
        question = f"what would {intent.key} tie up"
        try:
            told = await self._asks.what_if(intent)
        except NotAnsweredError:
            return NotAnswered(question, since)
        except RequestRefusedError as refused:
            return PreviewRefused(refused.code, refused.text)
        margin = margin_of(told)
        if margin is None:
            return NotAnswered(question, since)
        return Previewed(
            margin,
            told.commission_max,
            told.warning,
            told.maint_margin_change,
            told.commission,
            told.commission_currency,
        )


def margin_of(told: WhatIf) -> Margin | None:
    """What is required, and what was free before; an order that frees margin requires none."""
    if told.equity_after is None or told.init_margin_after is None:
        return None
    before = told.init_margin_after - told.init_margin_change
    return Margin(max(told.init_margin_change, _NOTHING), told.equity_after - before)
