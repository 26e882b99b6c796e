"""What the decoder calls: one method, by ib_async's name, for each kind of message that matters.
The line decodes no other, and looks at who is connected and at the first order id by itself.

A message about an order or an account becomes news, heard in the turn in which its bytes were read;
an item of an answer goes to whoever has asked. A value that can't be told for sure is a ValueError,
and the line makes news of that, `unread`: nobody may take it for silence. An answer with an item
that was unread isn't complete, so its question is told that it is spoilt.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ib_async.contract import Contract, ContractDetails
from ib_async.objects import BarData, CommissionReport, Execution, PriceIncrement
from ib_async.order import Order, OrderState

from backstay.broker.doors.wire import Answers, Hear, Now
from backstay.broker.news import AccountNews, ErrorNews, News, StampNews, StatusNews, UnreadNews
from backstay.broker.translation import telling
from backstay.broker.translation.contracts import band_of, bar_of, chain_of, listing_of
from backstay.broker.translation.errors import refuses_a_request
from backstay.broker.translation.figures import number, whole
from backstay.domain.orders.reports import StatusReported

# ruff: noqa: D102, N802, N803 - the methods are ib_async's

_SECOND = timedelta(seconds=1)

_SPOILT = {
    "5": "open orders",
    "6": "account",
    "10": "contract details",
    "11": "executions",
    "17": "bars",
    "49": "current time",
    "61": "positions",
    "75": "option parameters",
    "93": "market rule",
    "101": "completed orders",
}
"""Which answers are not complete after a message of this kind was unread."""


def market_rule_question(rule_id: int) -> str:
    """What the question for a price rule is called: the protocol gives it no request id."""
    return f"market rule {rule_id}"


class Hearing:
    """Stands where ib_async has its wrapper."""

    defaultTimezone = UTC  # noqa: N815 - the decoder asks for it

    def __init__(self, hear: Hear, now: Now, answers: Answers) -> None:
        self._hear = hear
        self._now = now
        self._answers = answers

    def unread(self, news: News) -> None:
        """What the line has to tell by itself: a message that can't be read, or be taken in."""
        if isinstance(news, UnreadNews) and news.message_id in _SPOILT:
            self._answers.spoil(_SPOILT[news.message_id], news.why)
        self._hear(news)

    # --- the session --------------------------------------------------------------------------

    def currentTime(self, time: int) -> None:
        if time <= 0:
            raise ValueError(f"{time} is no time")
        at = datetime.fromtimestamp(time, UTC)
        self._hear(StampNews(at, _SECOND))
        self._answers.add("current time", at)
        self._answers.end("current time")

    def error(self, reqId: int, errorCode: int, errorString: str, _json: str = "") -> None:
        asked = reqId > 0 and refuses_a_request(errorCode)
        if not (asked and self._answers.fail(reqId, errorCode, errorString)):
            self._hear(ErrorNews(reqId, errorCode, errorString, self._now()))

    # --- orders -------------------------------------------------------------------------------

    def openOrder(
        self, orderId: int, contract: Contract, order: Order, orderState: OrderState
    ) -> None:
        if not order.whatIf:
            self._hear(telling.order_news(contract, order, orderState, self._now()))
        elif answer := telling.what_if_of(orderState):
            self._answers.add(orderId, answer)
            self._answers.end(orderId)

    def openOrderEnd(self) -> None:
        self._answers.end("open orders")

    def orderStatus(self, orderId: int, status: str, filled: float, *rest: Any) -> None:
        _remaining, _average, perm_id, _parent, _last, client_id, why_held, *_ = rest
        report = StatusReported(
            order_id=whole(orderId),
            perm_id=whole(perm_id),
            status=status,
            filled=number(filled) or Decimal(0),
            why_held=why_held,
            received_at=self._now(),
        )
        self._hear(StatusNews(client_id, report))

    def completedOrder(self, contract: Contract, order: Order, orderState: OrderState) -> None:
        if news := telling.completed_news(contract, order, orderState, self._now()):
            self._hear(news)

    def completedOrdersEnd(self) -> None:
        self._answers.end("completed orders")

    # --- executions ---------------------------------------------------------------------------

    def execDetails(self, reqId: int, contract: Contract, execution: Execution) -> None:
        news = telling.execution_news(contract, execution)
        if reqId < 0:
            # One that nobody has asked for has just happened.
            self._hear(StampNews(news.report.executed_at, _SECOND))
        self._hear(news)

    def execDetailsEnd(self, reqId: int) -> None:
        self._answers.end(reqId)

    def commissionReport(self, commissionReport: CommissionReport) -> None:
        if news := telling.commission_news(commissionReport):
            self._hear(news)

    # --- the account --------------------------------------------------------------------------

    def position(self, account: str, contract: Contract, posSize: float, avgCost: float) -> None:
        news = telling.position_news(account, contract, posSize, avgCost)
        self._hear(news)
        self._answers.add("positions", news.con_id)

    def positionEnd(self) -> None:
        self._answers.end("positions")

    def updateAccountValue(self, tag: str, val: str, currency: str, account: str) -> None:
        self._hear(AccountNews(account, tag, val, currency))

    def accountDownloadEnd(self, _account: str) -> None:
        self._answers.end("account")

    # --- the catalogue ------------------------------------------------------------------------

    def contractDetails(self, reqId: int, contractDetails: ContractDetails) -> None:
        self._answers.add(reqId, listing_of(contractDetails))

    def contractDetailsEnd(self, reqId: int) -> None:
        self._answers.end(reqId)

    def securityDefinitionOptionParameter(self, reqId: int, *chain: Any) -> None:
        self._answers.add(reqId, chain_of(*chain))

    def securityDefinitionOptionParameterEnd(self, reqId: int) -> None:
        self._answers.end(reqId)

    def marketRule(self, marketRuleId: int, priceIncrements: list[PriceIncrement]) -> None:
        question = market_rule_question(marketRuleId)
        for band in [band_of(increment) for increment in priceIncrements]:
            self._answers.add(question, band)
        self._answers.end(question)

    def historicalData(self, reqId: int, bar: BarData) -> None:
        self._answers.add(reqId, bar_of(bar))

    def historicalDataEnd(self, reqId: int, _start: str, _end: str) -> None:
        self._answers.end(reqId)
