"""One client's connection: bytes become requests, replies become bytes.

What a turn answers is gathered and leaves at its end in one write, after the store has it: nothing
that a client was told is lost when the process dies. Bytes that can't be read end this connection
with a reason, and no other.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.passages import Passages
from backstay.gateway.front.front import Front
from backstay.gateway.messages.replies import NO_REQUEST, Notice, Reply
from backstay.gateway.messages.requests import StartApi
from backstay.gateway.server.link import Link
from backstay.gateway.times import SECOND_NS
from backstay.gateway.wire.errors import UnknownRequest, WireError
from backstay.gateway.wire.frames import FrameReader, frame
from backstay.gateway.wire.handshake import VERSION, HelloReader, answer
from backstay.gateway.wire.replies import encode_reply
from backstay.gateway.wire.requests import decode_request
from backstay.gateway.wire_log import WireLog

UNREADABLE = 320
UNKNOWN_MESSAGE = 505

HELLO_WITHIN_NS = 300 * SECOND_NS
"""Who connects and says nothing for so long holds a place that somebody else could have."""


@dataclass(frozen=True, slots=True)
class House:
    """What every connection needs of the gateway around it.

    `turn` is entered for whatever a connection does; `speaks` hears that one has something to
    send, or to end, when the turn is over; `leaves` that one has ended; `report` why.
    """

    agenda: Agenda
    front: Front
    passages: Passages
    wire_log: WireLog | None
    report: Callable[[str], None]
    turn: Callable[[], AbstractContextManager[None]]
    speaks: Callable[["ClientConversation"], None]
    leaves: Callable[["ClientConversation", str], None]


class ClientConversation:
    """A connection from its first byte to its last."""

    def __init__(self, conn: int, link: Link, house: House) -> None:
        self.conn = conn
        self._link = link
        self._house = house
        self._hello: HelloReader | None = HelloReader()
        self._frames = FrameReader()
        self._version = VERSION
        self._client_id: int | None = None
        self._unsent: list[bytes] = []
        self._is_over = False
        self._is_closing = False
        self._deadline = house.agenda.after(HELLO_WITHIN_NS, "no hello", self._give_up)
        self._passage = house.passages.join(conn, self)
        self._client = house.front.connect(conn, self._passage.send, self.close)
        self._passage.attach(self._client.handle)

    # As the shell sees it.

    def receive(self, data: bytes) -> None:
        """Some bytes have come, cut anywhere."""
        with self._house.turn():
            try:
                self._read(data)
            except WireError as fault:
                self._note_unread(fault)
                text = f"Error reading request: {fault.reason}"
                self.deliver(Notice(NO_REQUEST, UNREADABLE, text))
                self.close(fault.reason)

    def lost(self, reason: str) -> None:
        """The connection has ended, whoever ended it."""
        with self._house.turn():
            self._house.leaves(self, reason)
            self._deadline.call_off()
            self._is_over = True
            self._is_closing = False
            self._unsent.clear()
            self._passage.dropped()
            self._client.gone()

    def flush(self) -> None:
        """Let what this turn has said leave, and end if that was the last word."""
        if self._unsent:
            unsent, self._unsent = self._unsent, []
            self._link.write(b"".join(unsent))
        if self._is_closing:
            self._is_closing = False
            self._link.close()

    # As the faults see it.

    def deliver(self, reply: Reply) -> None:
        """Send a reply as it is."""
        if self._is_over:
            return
        if self._house.wire_log is not None:
            self._house.wire_log.note(self.conn, self._client_id, "out", reply)
        self._put(self.encoded(reply))

    def encoded(self, reply: Reply) -> bytes:
        """A reply as a whole frame."""
        return frame(encode_reply(reply, self._version))

    def write(self, data: bytes) -> None:
        """Send bytes as they are, after what was delivered before."""
        if not self._is_over:
            self._put(data)

    def close(self, reason: str) -> None:
        """End in order; what was said arrives."""
        if not self._is_over:
            self._is_over = True
            self._is_closing = True
            self._house.report(f"connection {self.conn} is closed: {reason}")
            self._house.speaks(self)

    def reset(self, reason: str) -> None:
        """End at once; what this turn has said is lost."""
        if not self._is_over:
            self._is_over = True
            self._house.report(f"connection {self.conn} is reset: {reason}")
            self._unsent.clear()
            self._link.reset()

    def _read(self, data: bytes) -> None:
        if self._hello is not None:
            data = self._greet(self._hello, data)
        for payload in self._frames.feed(data):
            if self._is_over:
                return
            self._hear(payload)

    def _greet(self, reader: HelloReader, data: bytes) -> bytes:
        hello = reader.feed(data)
        if hello is None:
            return b""
        self._hello = None
        self._deadline.call_off()
        self._version = hello.version
        if self._house.wire_log is not None:
            self._house.wire_log.note_hello(self.conn, hello)
        self._put(answer(hello.version, self._house.agenda.now_ns))
        return reader.rest

    def _hear(self, payload: bytes) -> None:
        try:
            request = decode_request(payload, self._version)
        except UnknownRequest as unknown:
            self._note_unread(unknown)
            text = f"Fatal Error: Unknown message id: {unknown.message_id}"
            self.deliver(Notice(NO_REQUEST, UNKNOWN_MESSAGE, text))
            return
        if isinstance(request, StartApi) and self._client_id is None:
            self._client_id = request.client_id
        if self._house.wire_log is not None:
            self._house.wire_log.note(self.conn, self._client_id, "in", request)
        self._passage.receive(request)

    def _note_unread(self, fault: WireError) -> None:
        if self._house.wire_log is not None:
            self._house.wire_log.note_unread(self.conn, self._client_id, fault.reason)

    def _give_up(self) -> None:
        self.close("it has not said hello")

    def _put(self, data: bytes) -> None:
        if not self._unsent:
            self._house.speaks(self)
        self._unsent.append(data)
