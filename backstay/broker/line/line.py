"""One connection, from its first byte to its last.

It dies once. What is written leaves in the same turn; what comes is heard in the turn in which it
is read, in the order that `reading` describes. Whether a peer that says nothing is still there is
not judged here: `heard_at` is what others judge it by.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from typing import cast

from backstay.broker.doors.wire import TickSink
from backstay.broker.line.errors import HungUpError, LineEndedError
from backstay.broker.line.framing import Framing
from backstay.broker.line.handshake import Handshake, Welcome
from backstay.broker.line.reading import Ears, Reading

CLOSE_SECONDS_MAX = 2.0
"""How long a peer may take to read what was last written, before the connection is broken off."""

Lost = Callable[[str], None]
"""Told once why a line has ended."""


class GatewayLine(asyncio.Protocol):
    """One connection to a gateway."""

    def __init__(self, client_id: int, ears: Ears, lost: Lost) -> None:
        self._loop = asyncio.get_running_loop()
        self.welcome: asyncio.Future[Welcome] = self._loop.create_future()
        self._handshake = Handshake(client_id, self.welcome)
        self._framing = Framing()
        self._reading = Reading(ears)
        self._took = ears.took
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._heard_at = self._loop.time()
        self._last_resort: asyncio.TimerHandle | None = None
        self._why = ""
        self._is_handed_out = False

    # --- what the others see --------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether bytes can still leave."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the gateway reports for this login."""
        return self.welcome.result().accounts

    @property
    def next_order_id(self) -> int:
        """The id that the gateway holds to be the next; it can have fallen back."""
        return self.welcome.result().next_order_id

    @property
    def heard_at(self) -> float:
        """When the last byte came, on the loop's clock."""
        return self._heard_at

    def write(self, frames: bytes) -> None:
        """Put whole frames on the wire now."""
        if not self.is_open:
            raise LineEndedError(self._why or "the line has ended")
        assert self._transport is not None
        self._transport.write(frames)

    def sink(self, request_id: int, sink: TickSink | None) -> None:
        """Have the market data of a request heard by `sink`; None: by nobody any more."""
        self._reading.sink(request_id, sink)

    def close(self) -> None:
        """Hang up: nothing more is read. What was written before still leaves, if the peer reads
        it soon.
        """
        if self._transport is not None and self.is_open:
            self._why = "closed here"
            self._transport.close()
            self._last_resort = self._loop.call_later(CLOSE_SECONDS_MAX, self._transport.abort)
            self._loop.call_soon(self._end, self._why)

    async def welcomed(self) -> None:
        """Wait for the welcome; from then on it is told when the line ends. OpeningError if not."""
        await self.welcome
        if not self.is_open:
            raise HungUpError(self._why or "the connection broke off")
        self._is_handed_out = True

    @property
    def missing(self) -> str:
        """What the handshake still waits for."""
        return self._handshake.missing

    def discard(self) -> None:
        """It has come to nothing: end it at once, and tell nobody."""
        self.welcome.cancel()
        if self._transport is not None:
            self._transport.abort()

    # --- what asyncio calls ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello."""
        # Not every loop derives its transports from asyncio's.
        self._transport = transport = cast(asyncio.Transport, transport)
        transport.write(self._handshake.hello())

    def data_received(self, data: bytes) -> None:
        """Have it heard, in this turn."""
        self._heard_at = self._loop.time()
        messages = self._framing.messages(data)
        if self._handshake.is_over:
            self._reading.read(messages)
        else:
            self._reading.read(chain(self._shake_hands(messages), messages))
        self._took(self._loop.time() - self._heard_at)
        if self._framing.fault:
            self._break_off(self._framing.fault)

    def connection_lost(self, exc: Exception | None) -> None:
        """There is no connection any more."""
        if self._last_resort is not None:
            self._last_resort.cancel()
        self._end(str(exc) or repr(exc) if exc else "the gateway hung up")

    def _end(self, why: str) -> None:
        """The line is over, though its connection may linger; tell whose it is, once."""
        self._why = self._why or why
        self._handshake.end(self._why)
        if self._is_handed_out:
            self._is_handed_out = False
            self._lost(self._why)

    def _shake_hands(self, messages: Iterator[bytes]) -> Iterator[bytes]:
        """What is said up to the welcome, or to its refusal, after which nothing is heard."""
        assert self._transport is not None
        for message in messages:
            greeted = self._handshake.has_greeting
            self._transport.write(self._handshake.take(message))
            if self._handshake.is_refused:
                self._break_off("refused")
                deque(messages, 0)
                return
            if greeted:
                yield message
            if self._handshake.is_over:
                return

    def _break_off(self, why: str) -> None:
        self._why = why
        self._handshake.break_off(why)
        if self._transport is not None:
            self._transport.abort()
