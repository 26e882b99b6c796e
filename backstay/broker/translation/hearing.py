"""What ib_async's decoder calls: one method for each kind of message.

A message about an order or an account becomes news, heard in the turn in which its bytes were
read; an item of an answer goes to whoever has asked. What can't be read becomes news as well,
because nobody may take it for silence: an answer with an unreadable item isn't complete, so its end
is kept back and the question counts as not answered.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from functools import partial
from typing import Any, TypeVar

from ib_async.contract import Contract, ContractDetails
from ib_async.objects import BarData, CommissionReport, Execution, PriceIncrement
from ib_async.order import Order, OrderState

from backstay.broker.doors import Answers, Hear, Now
from backstay.broker.news import (
    AccountNews,
    ErrorNews,
    News,
    StampNews,
    StatusNews,
    UnreadNews,
)
from backstay.broker.translation import telling
from backstay.broker.translation.contracts import bar_of, chain_of, listing_of
from backstay.broker.translation.deafness import Deaf
from backstay.broker.translation.errors import refuses_a_request
from backstay.broker.translation.figures import number, stated, whole
from backstay.domain.orders.reports import StatusReported
from backstay.domain.prices import PriceBand

# ruff: noqa: D102, N802, N803 - the methods are ib_async's

UNREADABLE = (ArithmeticError, LookupError, OSError, TypeError, ValueError)
"""How a message fails to be read."""

_SECOND = timedelta(seconds=1)
_Read = TypeVar("_Read")


class Message(IntEnum):
    """IB's numbers of the messages that are read here."""

    ORDER_STATUS = 3
    OPEN_ORDER = 5
    ACCOUNT_VALUE = 6
    CONTRACT_DETAILS = 10
    EXECUTION = 11
    HISTORICAL_DATA = 17
    CURRENT_TIME = 49
    COMMISSION = 59
    POSITION = 61
    OPTION_CHAIN = 75
    MARKET_RULE = 93
    COMPLETED_ORDER = 101


def market_rule_question(rule_id: int) -> str:
    """What the question for a price rule is called: the protocol gives it no request id."""
    return f"market rule {rule_id}"


class Hearing(Deaf):
    """A wrapper for ib_async's client and decoder."""

    defaultTimezone = UTC  # noqa: N815 - the decoder asks for it

    def __init__(self, hear: Hear, now: Now, answers: Answers) -> None:
        self._hear = hear
        self._now = now
        self._answers = answers
        self._gaps: set[int] = set()
        self.accounts: tuple[str, ...] = ()
        """The accounts that the gateway reports for this login."""

        self.next_valid_id = 0
        """The least order id that the broker will take, as it was told last; 0 before it was."""

    def unread(self, message_id: int | str, why: str) -> None:
        """A message that can't be read, and what kind it is of."""
        if isinstance(message_id, int):
            self._gaps.add(message_id)
        self._hear(UnreadNews(str(message_id), why))

    # --- the session --------------------------------------------------------------------------

    def managedAccounts(self, accountsList: str) -> None:
        self.accounts = tuple(name for name in accountsList.split(",") if name)

    def nextValidId(self, reqId: int) -> None:
        self.next_valid_id = reqId

    def currentTime(self, time: int) -> None:
        def read() -> datetime:
            if time <= 0:
                raise ValueError(f"the time is {time}")
            return datetime.fromtimestamp(time, UTC)

        at = self._read(Message.CURRENT_TIME, read)
        if at is not None:
            self._hear(StampNews(at, _SECOND))
            self._answers.add("current time", at)
            self._answers.end("current time")

    def error(
        self, reqId: int, errorCode: int, errorString: str, _advancedOrderRejectJson: str
    ) -> None:
        asked = reqId > 0 and refuses_a_request(errorCode)
        if asked and self._answers.fail(reqId, errorCode, errorString):
            return
        self._hear(ErrorNews(reqId, errorCode, errorString, self._now()))

    # --- orders -------------------------------------------------------------------------------

    def openOrder(
        self, orderId: int, contract: Contract, order: Order, orderState: OrderState
    ) -> None:
        if order.whatIf:
            answer = self._read(Message.OPEN_ORDER, lambda: telling.what_if_of(orderState))
            if answer is not None:
                self._answers.add(orderId, answer)
                self._answers.end(orderId)
            return
        at = self._now()
        self._news(Message.OPEN_ORDER, lambda: telling.order_news(contract, order, orderState, at))

    def openOrderEnd(self) -> None:
        self._end("open orders", Message.OPEN_ORDER)

    def orderStatus(self, orderId: int, status: str, filled: float, *rest: Any) -> None:
        def read() -> StatusNews:
            _remaining, _average, perm_id, _parent, _last, client_id, why_held, *_ = rest
            report = StatusReported(
                order_id=whole(orderId),
                perm_id=whole(perm_id),
                status=status,
                filled=number(filled) or Decimal(0),
                why_held=why_held,
                received_at=self._now(),
            )
            return StatusNews(client_id, report)

        self._news(Message.ORDER_STATUS, read)

    def completedOrder(self, contract: Contract, order: Order, orderState: OrderState) -> None:
        at = self._now()
        self._news(
            Message.COMPLETED_ORDER,
            lambda: telling.completed_news(contract, order, orderState, at),
        )

    def completedOrdersEnd(self) -> None:
        self._end("completed orders", Message.COMPLETED_ORDER)

    # --- executions ---------------------------------------------------------------------------

    def execDetails(self, reqId: int, contract: Contract, execution: Execution) -> None:
        news = self._read(Message.EXECUTION, lambda: telling.execution_news(contract, execution))
        if news is None:
            return
        if reqId < 0:
            # Only one that nobody has asked for has just happened.
            self._hear(StampNews(news.report.executed_at, _SECOND))
        self._hear(news)

    def execDetailsEnd(self, reqId: int) -> None:
        self._end(reqId, Message.EXECUTION)

    def commissionReport(self, commissionReport: CommissionReport) -> None:
        self._news(Message.COMMISSION, lambda: telling.commission_news(commissionReport))

    # --- the account --------------------------------------------------------------------------

    def position(self, account: str, contract: Contract, posSize: float, avgCost: float) -> None:
        news = self._read(
            Message.POSITION, lambda: telling.position_news(account, contract, posSize, avgCost)
        )
        if news is not None:
            self._hear(news)
            self._answers.add("positions", news.con_id)

    def positionEnd(self) -> None:
        self._end("positions", Message.POSITION)

    def updateAccountValue(self, tag: str, val: str, currency: str, account: str) -> None:
        self._hear(AccountNews(account, tag, val, currency))

    def accountDownloadEnd(self, _account: str) -> None:
        self._end("account", Message.ACCOUNT_VALUE)

    # --- the catalogue ------------------------------------------------------------------------

    def contractDetails(self, reqId: int, contractDetails: ContractDetails) -> None:
        self._item(Message.CONTRACT_DETAILS, reqId, lambda: listing_of(contractDetails))

    def contractDetailsEnd(self, reqId: int) -> None:
        self._end(reqId, Message.CONTRACT_DETAILS)

    def securityDefinitionOptionParameter(
        self,
        reqId: int,
        exchange: str,
        underlyingConId: str,
        tradingClass: str,
        multiplier: str,
        expirations: list[str],
        strikes: list[float],
    ) -> None:
        def read() -> object:
            return chain_of(
                exchange, underlyingConId, tradingClass, multiplier, expirations, strikes
            )

        self._item(Message.OPTION_CHAIN, reqId, read)

    def securityDefinitionOptionParameterEnd(self, reqId: int) -> None:
        self._end(reqId, Message.OPTION_CHAIN)

    def marketRule(self, marketRuleId: int, priceIncrements: list[PriceIncrement]) -> None:
        question = market_rule_question(marketRuleId)
        for increment in priceIncrements:
            self._item(Message.MARKET_RULE, question, partial(_band, increment))
        self._end(question, Message.MARKET_RULE)

    def historicalData(self, reqId: int, bar: BarData) -> None:
        self._item(Message.HISTORICAL_DATA, reqId, lambda: bar_of(bar))

    def historicalDataEnd(self, reqId: int, _start: str, _end: str) -> None:
        self._end(reqId, Message.HISTORICAL_DATA)

    # --- how ----------------------------------------------------------------------------------

    def _read(self, message: Message, read: Callable[[], _Read]) -> _Read | None:
        try:
            return read()
        except UNREADABLE as why:
            self.unread(message, f"{why}")
            return None

    def _news(self, message: Message, read: Callable[[], News | None]) -> None:
        news = self._read(message, read)
        if news is not None:
            self._hear(news)

    def _item(self, message: Message, question: int | str, read: Callable[[], object]) -> None:
        item = self._read(message, read)
        if item is not None:
            self._answers.add(question, item)

    def _end(self, question: int | str, message: Message) -> None:
        """The answer is complete, unless an item of its kind was unreadable."""
        if message in self._gaps:
            self._gaps.discard(message)
        else:
            self._answers.end(question)


def _band(increment: PriceIncrement) -> PriceBand:
    return PriceBand(
        stated("the low edge of a price band", increment.lowEdge),
        stated("the increment of a price band", increment.increment),
    )
