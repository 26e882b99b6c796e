"""What is done with the messages of one read, and in which order.

Facts, which tell about orders, money and the connection, and quotes, which tell prices, come on one
stream. A quote can confirm a stop and send an exit in its own turn. It must not do so in ignorance
of a fill that has been read already. So within one read:

1. Messages are looked at in their order. While they are quotes each goes to its sink at once,
   undecoded.
2. As soon as a fact is met, all facts of the rest of the read are decoded and heard first, in their
   order; the quotes among them wait.
3. Then the facts are settled (`facts`): whoever collects them judges what they amount to.
4. Only then do the quotes that waited go to their sinks, in their order.

So a stop's fill that stands before the quote which would confirm an exit is known to whoever hears
the quote; and once a fact has been met, so is one that stands behind the quote. Only the quotes at
the very beginning of a read are not kept waiting for what might follow. Facts keep their order,
quotes keep theirs, and no quote is heard before a fact that stood before it, however the bytes are
cut into reads.

Whatever goes wrong in a sink, a hearing or the settling is told as news, and the next message is
read.
"""

from asyncio import get_running_loop
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from traceback import extract_tb

from backstay.broker.doors.wire import Hear, TickSink
from backstay.broker.line.decoding import Decoding
from backstay.broker.line.early import EarlyTicks, is_market_data
from backstay.broker.news import UnreadNews

_BEGINNING_BYTES_MAX = 20


def _nothing() -> None:
    pass


def _no_time(_seconds: float) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears a line.

    `hearing` has a method for each message that is of interest, by ib_async's names; `hear` is told
    what could not be read or heard; `facts` is called once for each read that has any, `began`
    before anything of a read is heard, and `took` after all of it with the seconds since it came.
    """

    hearing: object
    hear: Hear
    facts: Callable[[], None] = _nothing
    began: Callable[[], None] = _nothing
    took: Callable[[float], None] = _no_time


class Reading:
    """Has messages heard in the order above."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._ticks = EarlyTicks(self._unread)
        self._decoding = Decoding(ears.hearing, self._unread)

    def sink(self, request_id: int, sink: TickSink | None) -> None:
        """Have a request's market data heard by `sink`; None: by nobody any more."""
        self._ticks.sink(request_id, sink)

    def read(self, messages: Iterator[bytes]) -> None:
        """The messages of one read."""
        self._ears.began()
        take = self._ticks.take
        for message in messages:
            if not take(message):
                self._read_facts(message, messages)
                break

    def _read_facts(self, first: bytes, messages: Iterator[bytes]) -> None:
        self._decoding.take(first)
        waiting = []
        for message in messages:
            if is_market_data(message):
                waiting.append(message)
            else:
                self._decoding.take(message)
        self._settle()
        for message in waiting:
            self._ticks.take(message)

    def _settle(self) -> None:
        try:
            self._ears.facts()
        except Exception as error:  # noqa: BLE001 - it is told, and the quotes are heard
            self._unread(b"", error)

    def _unread(self, message: bytes, error: Exception) -> None:
        beginning = message.partition(b"\0")[0][:_BEGINNING_BYTES_MAX]
        news = UnreadNews(beginning.decode(errors="backslashreplace"), _told(error))
        try:
            self._ears.hear(news)
        except Exception as second:  # noqa: BLE001 - nobody is left to be told but the loop
            context = {"message": f"{news} was not heard", "exception": second}
            get_running_loop().call_exception_handler(context)


def _told(error: Exception) -> str:
    """What went wrong, and where."""
    frames = extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
