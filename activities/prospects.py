"""What the broker says of a plan.

Owns the questions, their order, and how often one is put that may be answered yet. What the answers
mean is a rule of the domain.
"""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.failing import NOT_ANSWERED, broker_now, failed, translated
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    PreviewAnswer,
    ResolveAnswer,
    Resolved,
    Unresolvable,
    Volatility,
    VolatilityAnswer,
)
from backstay.domain.edge.market import MarketFacts
from backstay.domain.edge.session import EdgeHealth
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import NoProspect, ProspectAnswer
from backstay.domain.trade.prospecting import (
    appraise,
    not_listed,
    prospect_of,
    query_of,
    underlying_query,
    unmeasured,
    waits_for_quote,
)

TRIES = 3
"""How often is asked for what may come yet, a first quote or a list of daily bars; a plan that
needs it does not wait for ever.
"""

RANGE_DAYS = 14
"""Over how many days the average true range is taken."""


class AnsweringEdge(Protocol):
    """What of the edge a prospect needs."""

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        """The contract that a plan names."""

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        """How much a contract has moved a day."""

    async def market(self, instrument: Instrument) -> MarketFacts:
        """The market in a contract."""

    async def preview(self, intent: OrderIntent) -> PreviewAnswer:
        """What an order would tie up."""

    def health(self) -> EdgeHealth:
        """How all of it stands."""


class ProspectActivities:
    """The door to what has to be known before a trade can be admitted."""

    def __init__(self, edge: AnsweringEdge) -> None:
        self._edge = edge

    @activity.defn(name="prospect")
    async def prospect(self, order: TradeOrder) -> ProspectAnswer:
        """The contract, the size and the facts that admission rests on, or what is wrong."""
        with translated(f"look into {order.plan.id}"):
            return await self._prospect(order)

    async def _prospect(self, order: TradeOrder) -> ProspectAnswer:
        planned = order.plan.instrument
        found = await self._edge.resolve(query_of(planned))
        if isinstance(found, Unresolvable):
            return not_listed(found, self._now())
        if isinstance(found, NotAnswered):
            raise _not_answered(found)
        underlying = await self._underlying(order, found)
        atr = await self._average_true_range(order, found.instrument)
        if isinstance(atr, NoProspect):
            return atr
        market = await self._edge.market(found.instrument)
        if waits_for_quote(order, market) and _may_come_yet():
            raise failed(f"no good quote of {planned.symbol} has come yet", NOT_ANSWERED)
        health = self._edge.health()
        lines_are_left = health.lines_used < health.lines_max
        appraisal = appraise(order, found, market, atr, lines_are_left=lines_are_left)
        if isinstance(appraisal, NoProspect):
            return appraisal
        return prospect_of(appraisal, underlying, await self._edge.preview(appraisal.entry))

    async def _underlying(self, order: TradeOrder, found: Resolved) -> Instrument | None:
        """The stock behind an option; an index is none, and then the option stands for itself."""
        query = underlying_query(order.plan.instrument, found)
        if query is None:
            return None
        answer = await self._edge.resolve(query)
        if isinstance(answer, NotAnswered):
            raise _not_answered(answer)
        return answer.instrument if isinstance(answer, Resolved) else None

    async def _average_true_range(
        self, order: TradeOrder, instrument: Instrument
    ) -> Decimal | NoProspect | None:
        if order.plan.stop.atr is None:
            return None
        answer = await self._edge.volatility(instrument, RANGE_DAYS)
        if isinstance(answer, Volatility):
            return answer.average_true_range
        if _may_come_yet():
            raise _not_answered(answer)
        return unmeasured(order, answer, self._now())

    def _now(self) -> datetime:
        """Broker time; by now the broker has answered a question, so it is known."""
        return broker_now(self._edge.health())


def _may_come_yet() -> bool:
    return activity.info().attempt < TRIES


def _not_answered(answer: NotAnswered) -> ApplicationError:
    return failed(f"the broker has not answered: {answer.question}", NOT_ANSWERED)
