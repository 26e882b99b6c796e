"""What can be asked of the broker, each with its complete answer.

Answers about orders, executions, positions and the account come as news; here it is only known when
they are complete. Answers from the catalogue come as values. How they wait for each other, and what
a late one is worth, is the affair of `questions`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from ib_async.contract import Contract
from ib_async.objects import ExecutionFilter

from backstay.broker.doors.wire import Asks, Numbers, Writing
from backstay.broker.line import kinds
from backstay.broker.line.encoding import Encoder, Request
from backstay.broker.line.kinds import Kind
from backstay.broker.line.questions import Answer, Questions
from backstay.broker.translation.contracts import DayBar, Listing, OptionChain, contract_of
from backstay.broker.translation.figures import on_the_wire, text_on_the_wire
from backstay.broker.translation.hearing import market_rule_question
from backstay.broker.translation.telling import WhatIf
from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.instruments import Instrument, InstrumentType
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.prices import PriceBand

_ALL_TRADES_OF_REGULAR_HOURS = ("TRADES", True)
_DATES_AS_TEXT = 1

_Item = TypeVar("_Item")


class BrokerAsks(Asks):
    """Asks through the lanes, and waits for the answers; for one line after the other."""

    def __init__(
        self, questions: Questions, numbers: Numbers, encoder: Encoder, writing: Writing
    ) -> None:
        self._questions = questions
        self._numbers = numbers
        self._encoder = encoder
        self._writing = writing

    # --- the session ----------------------------------------------------------------------------

    async def current_time(self) -> datetime:
        """The broker's clock, in whole seconds."""
        answer = await self._named(kinds.CURRENT_TIME, lambda client: client.reqCurrentTime())
        return _all(datetime, answer)[-1]

    async def open_orders(self) -> None:
        """All living orders of all clients, as news."""
        await self._named(kinds.OPEN_ORDERS, lambda client: client.reqAllOpenOrders())

    async def completed_orders(self) -> None:
        """The orders of today that are over, wherever they were placed, as news."""
        await self._named(kinds.COMPLETED_ORDERS, lambda client: client.reqCompletedOrders(False))

    async def executions(self) -> None:
        """The executions of today, as news."""
        everything = ExecutionFilter()
        await self._numbered(
            kinds.EXECUTIONS, None, lambda client, number: client.reqExecutions(number, everything)
        )

    async def positions(self) -> tuple[int, ...]:
        """The positions of all accounts, as news, and the contracts that were named."""
        answer = await self._named(kinds.POSITIONS, lambda client: client.reqPositions())
        return _all(int, answer)

    async def account(self, account: str) -> None:
        """The account's figures, as news."""
        await self._named(
            kinds.ACCOUNT, lambda client: client.reqAccountUpdates(True, account), subject=account
        )

    # --- the catalogue --------------------------------------------------------------------------

    async def contract_details(self, query: InstrumentQuery) -> tuple[Listing, ...]:
        """Every contract that fits; none is a refusal (200)."""
        contract = _contract_wanted(query)
        answer = await self._numbered(
            kinds.CONTRACT_DETAILS,
            query,
            lambda client, number: client.reqContractDetails(number, contract),
        )
        return _all(Listing, answer)

    async def option_parameters(self, under_con_id: int, symbol: str) -> tuple[OptionChain, ...]:
        """Which options there are on a stock, by exchange and class."""
        answer = await self._numbered(
            kinds.OPTION_PARAMETERS,
            under_con_id,
            lambda client, number: client.reqSecDefOptParams(
                number, symbol, "", InstrumentType.STOCK.value, under_con_id
            ),
        )
        return _all(OptionChain, answer)

    async def market_rule(self, rule_id: int) -> tuple[PriceBand, ...]:
        """The price bands of a rule."""
        name = market_rule_question(rule_id)
        answer = await self._named(
            kinds.MARKET_RULE, lambda client: client.reqMarketRule(rule_id), rule_id, name
        )
        return _all(PriceBand, answer)

    async def bars(self, instrument: Instrument, days: int) -> tuple[DayBar, ...]:
        """The last days of trading, the oldest first."""
        contract = contract_of(instrument)
        answer = await self._numbered(
            kinds.BARS,
            (instrument.con_id, days),
            lambda client, number: client.reqHistoricalData(
                number,
                contract,
                "",
                f"{days} D",
                "1 day",
                *_ALL_TRADES_OF_REGULAR_HOURS,
                _DATES_AS_TEXT,
                False,
                [],
            ),
        )
        return _all(DayBar, answer)

    # --- orders that only ask -------------------------------------------------------------------

    async def what_if(self, intent: OrderIntent) -> WhatIf:
        """What an order would do to the account."""
        frame = self._writing.order(intent, transmit=True, what_if=True)

        def request() -> tuple[int, bytes]:
            order_id = self._numbers.next_order_id()
            return order_id, frame.at(order_id)

        answer = await self._questions.ask(kinds.WHAT_IF, object(), request)
        return _all(WhatIf, answer)[-1]

    # --- how it is asked ------------------------------------------------------------------------

    async def _named(
        self, kind: Kind, request: Request, subject: object = None, name: str = ""
    ) -> Answer:
        """Ask what the protocol gives no number."""

        def leaving() -> tuple[str, bytes]:
            return name or kind.name, self._encoder.frames(request)

        return await self._questions.ask(kind, subject, leaving)

    async def _numbered(
        self, kind: Kind, subject: object, request: Callable[[Any, int], object]
    ) -> Answer:
        """Ask under a new request id."""

        def leaving() -> tuple[int, bytes]:
            number = self._numbers.next_request_id()
            return number, self._encoder.frames(lambda client: request(client, number))

        return await self._questions.ask(kind, subject, leaving)


def _all(kind: type[_Item], answer: Answer) -> tuple[_Item, ...]:
    """The items, which the hearing makes of one kind for each question."""
    items = tuple(item for item in answer if isinstance(item, kind))
    assert len(items) == len(answer), f"{answer} is not of {kind.__name__}"
    return items


def _contract_wanted(query: InstrumentQuery) -> Contract:
    """A contract as it is asked for. Which of several is meant by its exchange is not said along:
    the broker is to name them all, so that a wrong one can be told from none.
    """
    option = query.option
    contract = Contract(
        conId=query.con_id or 0,
        symbol=text_on_the_wire("a symbol", query.symbol),
        secType=(InstrumentType.STOCK if option is None else InstrumentType.OPTION).value,
        exchange=text_on_the_wire("an exchange", query.exchange),
        currency=text_on_the_wire("a currency", query.currency),
    )
    if option is not None:
        contract.lastTradeDateOrContractMonth = option.expiry.strftime("%Y%m%d")
        contract.strike = on_the_wire(option.strike)
        contract.right = option.right.value
    return contract
