"""A connection that lasts as long as an examination: what is asked, what is said unasked."""

import asyncio
from decimal import Decimal
from typing import Self

from backstay.broker.doors.wire import NotAnsweredError, Now
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.asks import BrokerAsks
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.line import GatewayLine
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.line.opening import open_line
from backstay.broker.line.questions import Questions
from backstay.broker.line.reading import Ears
from backstay.broker.news import ErrorNews, News
from backstay.broker.notices import Notice
from backstay.broker.translation.contracts import Listing
from backstay.broker.translation.hearing import Hearing
from backstay.broker.translation.telling import WhatIf
from backstay.broker.translation.writing import FrameWriting
from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.ids import IntentKey, Lane, Purpose, trade_id
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import Limit, OrderIntent, TimeInForce
from backstay.domain.prices import PriceGrid
from backstay.domain.sides import Side

PRICES_SECONDS_MAX = 5.0
"""How long the first price of a stream may take."""

DELAYED_IF_NEED_BE = 3
"""Real-time data where there is some, delayed data elsewhere."""

DELAYED_INSTEAD = frozenset({10090, 10167})
"""Part of the market data, or all of it, is delayed: prices come all the same."""

_LIMIT = Decimal(1)
"""What is never sent to an exchange needs no good price."""


class Prices:
    """The market data of one request, as far as an examination needs it; a TickSink."""

    def __init__(self) -> None:
        self.data_type: int | None = None
        self.refusal: ErrorNews | None = None
        self.came = asyncio.Event()
        """That it is known what comes, or that nothing will."""

    def on_price(self, tick_type: int, price: bytes) -> None:  # noqa: ARG002 - any will do
        """A price."""
        self.came.set()

    def on_text(self, tick_type: int, value: bytes) -> None:
        """Nothing that matters here."""

    def on_generic(self, tick_type: int, value: bytes) -> None:
        """Nothing that matters here."""

    def on_data_type(self, data_type: int) -> None:
        """How old the prices are."""
        self.data_type = data_type

    def refuse(self, news: ErrorNews) -> None:
        """There will be no prices."""
        self.refusal = news
        self.came.set()


class Visit:
    """One connection; OpeningError if there is none."""

    def __init__(self, host: str, port: int, client_id: int, now: Now) -> None:
        self._place = host, port, client_id
        self.said: list[ErrorNews] = []
        """What the gateway has said that was no answer, in order."""

        self._prices: dict[int, Prices] = {}
        self._encoder = Encoder()
        self._writing = FrameWriting(self._encoder)
        self._numbers = IdNumbers()
        self._lanes = OutgoingLanes(_nobody, now)
        self._questions = Questions(self._lanes)
        self._hearing = Hearing(self._hear, now, self._questions)
        self._line: GatewayLine | None = None
        self.asks = BrokerAsks(self._questions, self._numbers, self._encoder, self._writing)

    async def __aenter__(self) -> Self:
        ears = Ears(self._hearing, self._hearing.unread)
        self._line = await open_line(*self._place, ears, self._ended)
        self._numbers.goes_on_from(self._line.next_order_id)
        self._lanes.attach(self._line.write)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ended("the examination is over")
        if self._line is not None:
            self._line.close()

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the gateway reports for this login."""
        return self._line.accounts if self._line is not None else ()

    async def instrument(self, symbol: str) -> Instrument:
        """A stock, or why there is none, as an EdgeError."""
        listings = await self.asks.contract_details(InstrumentQuery(symbol))
        if not listings:
            raise NotAnsweredError("contract details: an empty answer")
        return _instrument_of(listings[0])

    async def prices(self, instrument: Instrument) -> Prices:
        """What comes of a stream of its prices; it is ended again."""
        request_id = self._numbers.next_request_id()
        prices = self._prices[request_id] = Prices()
        assert self._line is not None
        self._line.sink(request_id, prices)
        self._send(self._writing.market_data_type(DELAYED_IF_NEED_BE))
        self._send(self._writing.market_data(request_id, instrument, ""))
        try:
            async with asyncio.timeout(PRICES_SECONDS_MAX):
                await prices.came.wait()
        except TimeoutError:
            pass
        self._line.sink(request_id, None)
        if prices.refusal is None:
            self._send(self._writing.end_market_data(request_id))
        return prices

    async def what_if(self, account: str, instrument: Instrument) -> WhatIf:
        """What one unit would do to the account: an order that only asks, and never rests."""
        key = IntentKey(trade_id(account, "doctor"), 0, Purpose.ENTRY, 1)
        return await self.asks.what_if(
            OrderIntent(
                key=key,
                account=account,
                instrument=instrument,
                side=Side.BUY,
                quantity=Decimal(1),
                terms=Limit(_LIMIT),
                time_in_force=TimeInForce.DAY,
            )
        )

    def _send(self, frame: bytes) -> None:
        self._lanes.send(Lane.DATA, lambda: (frame,), lambda _reason: None)

    def _hear(self, news: News) -> None:
        if isinstance(news, ErrorNews):
            self.said.append(news)
            prices = self._prices.get(news.subject_id)
            if prices is not None and news.code not in DELAYED_INSTEAD:
                prices.refuse(news)

    def _ended(self, why: str) -> None:
        self._lanes.detach(why)
        self._questions.line_lost(why)


def _nobody(_notice: Notice) -> None:
    """What fails to leave is lost to whoever asked it, with the reason; more isn't needed here."""


def _instrument_of(listing: Listing) -> Instrument:
    return Instrument(
        con_id=listing.con_id,
        symbol=listing.symbol,
        exchange="SMART",
        currency=listing.currency,
        multiplier=listing.multiplier,
        grid=PriceGrid.uniform(listing.min_tick),
        time_zone=listing.time_zone_id,
        option=listing.option,
    )
