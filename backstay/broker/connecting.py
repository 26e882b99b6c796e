"""How the edge connects: a line, with everything around it that hears and asks on it."""

from collections.abc import Callable
from dataclasses import dataclass

from backstay.broker.doors.wire import Hear, Line, Now, Writing
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.asks import BrokerAsks
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.line.opening import open_line
from backstay.broker.line.questions import Questions
from backstay.broker.line.reading import Ears
from backstay.broker.session.needs import Connection, Ended
from backstay.broker.settings import EdgeSettings
from backstay.broker.stopwatch import READ_BOUNDS_SECONDS, Stopwatch
from backstay.broker.translation.hearing import Hearing
from backstay.domain.ids import Lane


@dataclass(frozen=True, slots=True)
class Wiring:
    """What requests are made of, and what they leave by."""

    lanes: OutgoingLanes
    numbers: IdNumbers
    encoder: Encoder
    writing: Writing


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who hears a line: each message, the end of a read's facts, once that no line stands, and
    that a read begins.
    """

    hear: Hear
    facts: Callable[[], None]
    lost: Callable[[], None]
    began: Callable[[], None] = _nothing


class Connecting:
    """Opens one connection after the other for the session."""

    def __init__(self, settings: EdgeSettings, now: Now, wiring: Wiring, hearers: Hearers) -> None:
        self._settings = settings
        self._wiring = wiring
        self._lost = hearers.lost
        self._questions = Questions(wiring.lanes)
        hearing = Hearing(hearers.hear, now, self._questions)
        self.reads = Stopwatch(READ_BOUNDS_SECONDS)
        self._ears = Ears(hearing, hearing.unread, hearers.facts, hearers.began, self.reads.add)
        self.asks = BrokerAsks(self._questions, wiring.numbers, wiring.encoder, wiring.writing)
        self.line: Line | None = None

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the gateway reports on the line that stands."""
        return self.line.accounts if self.line is not None and self.line.is_open else ()

    async def open(self, ended: Ended) -> Connection:
        """A connection that has shaken hands, or an OpeningError."""
        settings = self._settings
        line = await open_line(settings.host, settings.port, settings.client_id, self._ears, ended)
        self._wiring.numbers.goes_on_from(line.next_order_id)
        self.line = line
        return Connection(line, self.asks, self._ended, self._adopt_manual_orders)

    def _ended(self, why: str) -> None:
        """The session has ended the line that stands; whether its socket lingers is all the same,
        because by the time that it is gone another line may stand.
        """
        self.line = None
        self._questions.line_lost(why)
        self._lost()

    def _adopt_manual_orders(self) -> None:
        """Only client 0 may: what is placed by hand comes to it as if it were its own."""
        frames = self._wiring.encoder.frames(lambda client: client.reqAutoOpenOrders(True))
        self._wiring.lanes.send(Lane.DATA, lambda: (frames,), lambda _why: None)
