"""Replies on their way out to one client, and the frames that they become.

A reply passes, in this order: a broken data farm, what is wrong with order news and with prices,
and at last the faults of the socket itself. What comes late passes the socket's faults when it
comes.
"""

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.doors import Connection, Exchange
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.order_news import NAMES as ORDER_NAMES
from backstay.gateway.faults.order_news import News, OrderNews
from backstay.gateway.faults.ticks import NAMES as TICK_NAMES
from backstay.gateway.faults.ticks import Ticks
from backstay.gateway.messages.data_replies import (
    TickBidAsk,
    TickGeneric,
    TickLast,
    TickMidPoint,
    TickOption,
    TickPrice,
    TickSize,
    TickString,
)
from backstay.gateway.messages.replies import Notice, Reply

FRAME_NAMES = ("garbage-frame", "oversized-frame", "reset-mid-frame")
_NOISE_BYTES_MAX = 64
_TICK_TYPES: frozenset[type] = frozenset(
    {
        TickBidAsk,
        TickGeneric,
        TickLast,
        TickMidPoint,
        TickOption,
        TickPrice,
        TickSize,
        TickString,
    }
)


class Farms:
    """The data farms, common to all connections; they can break while they are broken."""

    __slots__ = ("_breaks",)

    def __init__(self) -> None:
        self._breaks = 0

    @property
    def are_broken(self) -> bool:
        """Whether no tick gets through."""
        return self._breaks > 0

    def break_down(self) -> None:
        """They break once more."""
        self._breaks += 1

    def mend(self) -> None:
        """One break is over."""
        self._breaks -= 1


class Outbound:
    """One client's way out. `send` is what the client's replies are given to."""

    def __init__(
        self,
        faults: Faults,
        agenda: Agenda,
        exchange: Exchange,
        connection: Connection,
        conn: int,
        farms: Farms,
    ) -> None:
        self._faults = faults
        self._connection = connection
        self._dice = faults.dice("frames", conn)
        self._frame_faults = faults.plans(*FRAME_NAMES)
        self._orders = OrderNews(faults, agenda, exchange, self._deliver)
        self._ticks = Ticks(faults, agenda, self._deliver)
        self._order_faults = faults.plans(*ORDER_NAMES)
        self._tick_faults = faults.plans(*TICK_NAMES)
        self._farms = farms
        self._is_silent = False
        self.client: int | None = None
        self.is_answering = False

    def send(self, reply: Reply) -> None:
        """A reply of the gateway's, told through whatever is wrong."""
        if type(reply) in _TICK_TYPES:
            self._tick(reply)
        elif self._order_faults and not self.is_answering and isinstance(reply, News):
            self._orders.news(reply, self.client)
        else:
            self._deliver(reply)

    def tell(self, notice: Notice) -> None:
        """Something that a fault has to say."""
        self._deliver(notice)

    def hold(self, client: int, order_id: int, delay_ns: int) -> None:
        """Keep everything about a client's order back for so long."""
        self._orders.hold((client, order_id), delay_ns)

    def silence(self) -> None:
        """From now on nothing leaves: the connection has ended, or only seems to live."""
        self._is_silent = True

    def _tick(self, reply: Reply) -> None:
        if self._farms.are_broken:
            return
        if self._tick_faults and isinstance(reply, TickPrice | TickBidAsk | TickLast | TickString):
            self._ticks.price(reply, self.client)
        else:
            self._deliver(reply)

    def _deliver(self, reply: Reply) -> None:
        if self._is_silent:
            return
        if self._frame_faults and self._breaks_off(reply):
            return
        self._connection.deliver(reply)

    def _breaks_off(self, reply: Reply) -> bool:
        """Do what is to be done to the frame; True if it doesn't arrive whole."""
        subject = f"{type(reply).__name__} to client {self.client}"
        if rule := self._faults.strikes("garbage-frame", subject, "", self.client):
            self._connection.write(framed(self._garbage(rule.word("shape"))))
        if rule := self._faults.strikes("oversized-frame", subject, "", self.client):
            self._connection.write(rule.whole("bytes").to_bytes(4, "big") + b"4\0002\000")
        if not self._faults.strikes("reset-mid-frame", subject, "out", self.client):
            return False
        data = self._connection.encoded(reply)
        self.silence()
        self._connection.write(data[: self._dice.randrange(1, len(data))])
        # Closed and not reset: a reset could overtake the half that the client is to see.
        self._connection.close("in the middle of a frame")
        return True

    def _garbage(self, shape: str) -> bytes:
        match shape:
            case "unknown-id":
                return b"9999\0001\000"
            case "cut-short":
                return b"3\0007\000"
            case _:
                return self._dice.randbytes(self._dice.randint(1, _NOISE_BYTES_MAX))


def framed(payload: bytes) -> bytes:
    """The payload behind its length."""
    return len(payload).to_bytes(4, "big") + payload
