"""Bytes and requests: the line, the numbers on it, the lanes to it, and what is asked on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backstay.broker.news import News
from backstay.domain.ids import Lane
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import OrderIntent

Now = Callable[[], datetime]
"""Broker time, the best that is known of it."""

Hear = Callable[[News], None]
"""Takes news in, in the turn in which its bytes were read."""


class EdgeError(Exception):
    """What can keep an answer away."""


class NotAnsweredError(EdgeError):
    """A request was not answered in time, or the line died before; it is never taken for none."""


class RequestRefusedError(EdgeError):
    """The broker answered a request with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class TickSink(Protocol):
    """Hears the market data of one request, in the order in which it stands on the wire.

    Prices and texts are the broker's own letters; the tick types are IB's numbers.
    """

    def on_price(self, tick_type: int, price: bytes) -> None:
        """A tickPrice message."""

    def on_text(self, tick_type: int, value: bytes) -> None:
        """A tickString message: 45 is the time of the last trade, 48 the real-time volume."""

    def on_generic(self, tick_type: int, value: bytes) -> None:
        """A tickGeneric message: 49 says whether trading is halted."""

    def on_data_type(self, data_type: int) -> None:
        """A marketDataType message: 1 real-time, 2 frozen, 3 delayed, 4 delayed and frozen."""


class Line(Protocol):
    """One connection that has shaken hands. It dies once; a new one takes its place.

    Of what comes in one read, facts are heard and settled before the quotes that stand behind them.
    """

    @property
    def is_open(self) -> bool:
        """Whether bytes can still leave."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the gateway reports for this login."""

    @property
    def heard_at(self) -> float:
        """When the last byte came, on the loop's clock."""

    def write(self, frames: bytes) -> None:
        """Put whole frames on the wire now. Only the lanes do this."""

    def sink(self, request_id: int, sink: TickSink | None) -> None:
        """Have the market data of a request heard by `sink`; None: by nobody any more."""

    def close(self) -> None:
        """Hang up."""


class Numbers(Protocol):
    """Ids that the broker tells orders and requests by. They never overlap.

    An order id is taken in the turn in which its order leaves, and is never below one that the
    broker or we have used: an id below the sequence is refused (103).
    """

    def next_order_id(self) -> int:
        """A new order id."""

    def next_request_id(self) -> int:
        """A new request id, far above every order id."""

    def is_request(self, subject_id: int) -> bool:
        """Whether an error with this id is about a request."""

    def heard(self, order_id: int) -> None:
        """An order id that the broker uses: ours come after it."""

    def is_spent(self, order_id: int) -> bool:
        """Whether the broker takes the id for one that was used, also once its order is over."""


@dataclass(frozen=True, slots=True)
class OrderFrame:
    """An order's frame, written ahead: only its own id and its parent's are put in as it leaves."""

    head: bytes
    middle: bytes
    tail: bytes
    is_child: bool

    def at(self, order_id: int, parent_id: int = 0) -> bytes:
        """The whole frame, its length included."""
        parent = parent_id if self.is_child else 0
        body = b"%b%d%b%d%b" % (self.head, order_id, self.middle, parent, self.tail)
        return len(body).to_bytes(4, "big") + body


class Writing(Protocol):
    """Requests as whole frames, encoded by ib_async."""

    def order(self, intent: OrderIntent, *, transmit: bool, what_if: bool = False) -> OrderFrame:
        """A new order, or with the id of a live one its modification. A child sent with its parent
        names it; a modification never does (135).
        """

    def cancel(self, order_id: int) -> bytes:
        """A cancelOrder request."""

    def market_data(self, request_id: int, instrument: Instrument, generic: str) -> bytes:
        """A reqMktData request, streaming."""

    def end_market_data(self, request_id: int) -> bytes:
        """A cancelMktData request."""

    def market_data_type(self, data_type: int) -> bytes:
        """A reqMarketDataType request."""


class Answers(Protocol):
    """Collects the answer to each question. A question is named by its request id, or where the
    protocol gives it none by its words: "open orders", "completed orders", "positions",
    "current time", "account". A what-if is named by its order id.
    """

    def add(self, question: int | str, item: object) -> None:
        """One more item of the answer."""

    def end(self, question: int | str) -> None:
        """The answer is complete."""

    def fail(self, question: int, code: int, text: str) -> bool:
        """The broker says no; whether anybody had asked."""

    def spoil(self, kind: str, why: str) -> None:
        """What may have been an item of an answer could not be read: whatever question of this
        kind is under way is not answered by it, and is told so at its end, which is now if all of
        it comes in one message.
        """


Departure = Callable[[], Sequence[bytes]]
"""Called in the turn in which a message leaves: its frames, which leave together, or none if it is
not to be sent any more. Ids are taken and registered in here."""

Lost = Callable[[str], None]
"""Told that what was accepted into a lane will never leave, and why."""


class Lanes(Protocol):
    """The only way to the wire. A lower lane never waits for a higher one."""

    def send(
        self, lane: Lane, departure: Departure, lost: Lost, messages: int = 1, symbol: str = ""
    ) -> bool:
        """Have it leave as soon as its lane allows; whether it has left in this turn.

        `symbol` paces entries: one a second.
        """

    @property
    def waiting(self) -> int:
        """How many messages wait."""


class Asks(Protocol):
    """Requests with a complete answer, one of a kind at a time. Each raises NotAnsweredError or
    RequestRefusedError; what is heard on the way goes to whoever hears the news, too.
    """

    async def current_time(self) -> datetime:
        """The broker's clock, in whole seconds; also the proof that the session lives."""

    async def open_orders(self) -> None:
        """All living orders of all clients, as news."""

    async def completed_orders(self) -> None:
        """The orders of today that are over, as news."""

    async def executions(self) -> None:
        """The executions of today, as news."""

    async def positions(self) -> tuple[int, ...]:
        """The positions of all accounts, as news; the contracts named, so that what is not is flat.

        The broker goes on telling their changes.
        """

    async def account(self, account: str) -> None:
        """The account's figures, as news; the broker goes on telling their changes."""
