"""A restart ends every connection once, and refuses new ones until it is over."""

from datetime import UTC, datetime

from backstay.gateway.gateway import Gateway
from backstay.gateway.messages.requests import StartApi
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS, to_ns
from backstay.gateway.wire.frames import frame
from backstay.gateway.wire.requests import encode_request

START_NS = to_ns(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
HELLO = b"API\0" + frame(b"v157..178")


class Ends:
    """A link that counts how it was ended."""

    pending_bytes = 0

    def __init__(self) -> None:
        self.closed = 0

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        self.closed += 1

    def reset(self) -> None:
        raise AssertionError("a restart ends connections in order")


def test_a_restart_ends_every_connection_once_also_one_that_never_started() -> None:
    gateway = Gateway(Settings(seed=7, restart_at=None), START_NS)
    started, silent = Ends(), Ends()
    gateway.connect(started).receive(HELLO + frame(encode_request(StartApi(7))))
    gateway.connect(silent)
    with gateway.turn():
        gateway.restart(60 * SECOND_NS)
        gateway.restart(60 * SECOND_NS)
    assert (started.closed, silent.closed) == (1, 1)
    accepting = [gateway.accepting]
    for seconds in (59, 60):
        gateway.advance(START_NS + seconds * SECOND_NS)
        accepting.append(gateway.accepting)
    assert accepting == [False, False, True]
