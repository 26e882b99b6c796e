"""Bad bytes end the connection that they come on, with a reason, and touch nobody else."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from backstay.gateway.chance import Chance, Dice
from backstay.gateway.conversation import HELLO_WITHIN_NS
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.messages.replies import CurrentTime
from backstay.gateway.messages.requests import RequestCurrentTime, StartApi
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS, to_ns
from backstay.gateway.wire.frames import FrameReader, frame
from backstay.gateway.wire.handshake import HelloReader
from backstay.gateway.wire.replies import decode_reply
from backstay.gateway.wire.requests import encode_request
from tests.gateway.wire.test_fuzz import MAKERS

FRAMES = 200_000
BATCH = 50
"""So many frames a client sends at the most; what is broken may still be a request."""

HELLO = b"API\0" + frame(b"v157..178")
START_NS = to_ns(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))


class Ears:
    """A link that keeps what was said last, and knows whether it was ended."""

    pending_bytes = 0

    def __init__(self) -> None:
        self.said = b""
        self.ended = False

    def write(self, data: bytes) -> None:
        self.said = data

    def close(self) -> None:
        self.ended = True

    reset = close


class Besieged:
    """A gateway with one client that behaves and many that don't."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.gateway = Gateway(
            Settings(seed=7, messages_per_second_max=10**9, restart_at=None),
            START_NS,
            outlets=Outlets(report=self.told.append),
        )
        self.witness_ears = Ears()
        self.witness = self.gateway.connect(self.witness_ears)
        self.witness.receive(HELLO + frame(encode_request(StartApi(1))))
        self.clients = 1

    def besiege(self, frames: Iterable[bytes]) -> Ears:
        """A new client says hello, who it is, and then frame after frame while it may."""
        self.clients += 1
        ears = Ears()
        conversation = self.gateway.connect(ears)
        conversation.receive(HELLO + frame(encode_request(StartApi(self.clients))))
        self.told.clear()
        for payload in frames:
            conversation.receive(frame(payload))
            self.frames_read += 1
            if ears.ended:
                break
        conversation.lost("the siege moves on")
        return ears

    frames_read = 0

    def witness_is_served(self) -> bool:
        """Whether the client that behaves gets its answer."""
        self.gateway.advance(self.gateway.now_ns + SECOND_NS)
        self.witness.receive(frame(encode_request(RequestCurrentTime())))
        payloads = tuple(FrameReader().feed(self.witness_ears.said))
        return isinstance(decode_reply(payloads[-1]), CurrentTime)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_two_hundred_thousand_broken_frames_end_only_their_own_connections(
    make: Callable[[Dice], bytes],
) -> None:
    dice: Dice = Chance(20261123).of("siege", make.__name__)
    besieged = Besieged()
    ended = 0
    while besieged.frames_read < FRAMES // len(MAKERS):
        ears = besieged.besiege(make(dice) for _ in range(BATCH))
        ended += ears.ended
        if ears.ended:
            assert any("is closed: " in text for text in besieged.told)
    assert ended
    assert besieged.witness_is_served()
    assert not besieged.witness_ears.ended


def test_a_broken_hello_ends_its_connection_with_a_reason() -> None:
    besieged = Besieged()
    ears = Ears()
    besieged.gateway.connect(ears).receive(b"GET / HTTP/1.1\r\n\r\n")
    assert ears.ended
    assert besieged.told == [
        "connection 2 is closed: a hello begins with b'API\\x00', not with b'GET '"
    ]
    assert besieged.witness_is_served()


def test_a_frame_that_claims_too_much_ends_its_connection_before_it_is_read() -> None:
    besieged = Besieged()
    ears = Ears()
    conversation = besieged.gateway.connect(ears)
    conversation.receive(HELLO + (1 << 30).to_bytes(4, "big"))
    assert ears.ended
    assert besieged.told[-1].startswith("connection 2 is closed: a frame of 1073741824 bytes")


def test_the_hello_may_come_byte_by_byte() -> None:
    ears = Ears()
    conversation = Besieged().gateway.connect(ears)
    for number in HELLO:
        conversation.receive(bytes([number]))
    assert b"178\0" in ears.said
    assert HelloReader().feed(HELLO) is not None


def test_a_client_that_never_says_hello_is_let_go() -> None:
    besieged = Besieged()
    silent, greeting = Ears(), Ears()
    besieged.gateway.connect(silent).receive(b"API")
    besieged.gateway.connect(greeting).receive(HELLO)
    ended = []
    for now_ns in (START_NS + HELLO_WITHIN_NS - 1, START_NS + HELLO_WITHIN_NS):
        besieged.gateway.advance(now_ns)
        ended.append(silent.ended)
    assert ended == [False, True]
    assert besieged.told[-1] == "connection 2 is closed: it has not said hello"
    assert not greeting.ended


def test_the_wire_log_shows_the_hello_and_what_could_not_be_read() -> None:
    lines: list[str] = []
    gateway = Gateway(Settings(seed=7), START_NS, outlets=Outlets(wire_log=lines.append))
    conversation = gateway.connect(Ears())
    conversation.receive(HELLO + frame(b"9999\0001\0") + frame(b"no number\0"))
    told = [json.loads(line) for line in lines]
    assert [(line["msg"], line["dir"], line["fields"]) for line in told if line["dir"] == "in"] == [
        ("hello", "in", {"min_version": 157, "max_version": 178, "version": 178}),
        ("unread", "in", {"reason": "message 9999 is not spoken here"}),
        ("unread", "in", {"reason": told[-2]["fields"]["reason"]}),
    ]
    assert "no number" in told[-2]["fields"]["reason"]
