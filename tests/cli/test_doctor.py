"""`backstay doctor`: what it prints, what it exits with, and what it does not understand."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event, Thread

import pytest

from backstay.broker.doctor import findings, walk
from backstay.broker.doctor.findings import Chart, Diagnosis, Patient, Step
from backstay.broker.doors.wire import Now
from backstay.cli import doctor
from backstay.domain.limits.facts import AccountKind
from backstay.gateway.settings import Settings
from tests.cli.typed import Typed, typed
from tests.gateway.conformance.house import MONDAY_MORNING, house

SECONDS_MAX = 60


@contextmanager
def gateway(settings: Settings | None = None) -> Iterator[int]:
    """The embedded gateway at a real port, in a thread of its own."""
    ports: list[int] = []
    is_up, loops, ends = Event(), list[asyncio.AbstractEventLoop](), list[asyncio.Event]()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        ends.append(asyncio.Event())
        async with house(settings) as built:
            await built.listening()
            ports.append(built.port)
            is_up.set()
            await ends[0].wait()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert is_up.wait(SECONDS_MAX)
    try:
        yield ports[0]
    finally:
        loops[0].call_soon_threadsafe(ends[0].set)
        thread.join(SECONDS_MAX)


@contextmanager
def listener(answer: bytes) -> Iterator[int]:
    """A port that says this to whoever connects and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            # Whoever only knocks is gone before the answer.
            with client, suppress(OSError):
                client.sendall(answer)
                client.shutdown(socket.SHUT_WR)
                client.recv(100)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(SECONDS_MAX)


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's clock is the gateway's."""
    monkeypatch.setattr(doctor, "_today", lambda: MONDAY_MORNING)


def at(port: int, *words: str) -> Typed:
    return typed("doctor", "--ib", f"127.0.0.1:{port}", *words)


def row(result: Typed, step: str) -> str:
    """The line of a step, its blanks made one."""
    (line,) = [line for line in result.lines if line[15:].startswith(f"{step}  ")]
    return " ".join(line.split())


@pytest.mark.req("S3.1")
@pytest.mark.usefixtures("monday")
def test_a_gateway_that_is_well() -> None:
    with gateway() as port:
        result = at(port, "--account", "DU1234567", "--kind", "paper")
    assert (result.err, result.exit_code) == ("", 0)
    assert result.lines[0] == f"127.0.0.1:{port} as client 1"
    assert row(result, "account") == "passed account the gateway is logged in to DU1234567"
    assert result.lines[-1] == "all is well: 12 steps passed"


@pytest.mark.req("S3.1")
@pytest.mark.usefixtures("monday")
def test_a_gateway_that_is_read_only_and_not_the_one_that_was_meant() -> None:
    with gateway(Settings(seed=7, read_only=True)) as port:
        result = at(port, "--kind", "live", "--client-id", "7")
    assert (result.err, result.exit_code) == ("", 1)
    assert result.lines[0] == f"127.0.0.1:{port} as client 7"
    assert row(result, "paper or live").endswith("DU1234567 is a paper account, not a live one")
    assert row(result, "writable").startswith("failed writable 321: ")
    text = " ".join(result.out.split())
    assert findings.SWITCH_OFF_READ_ONLY in text
    assert findings.OTHER_KIND in text
    assert row(result, "permission") == "not reached permission Would an order be taken?"
    assert result.lines[-1] == "failed: 2 of 12 steps failed, 1 not reached"


@pytest.mark.req("S3.1")
def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = at(port)
    assert (result.err, result.exit_code) == ("", 3)
    assert (
        row(result, "port") == f"failed port 127.0.0.1:{port} can't be reached: Connection refused"
    )
    assert findings.START_IT in " ".join(result.out.split())
    assert result.lines[-1] == "not connected: 1 of 12 steps failed, 11 not reached"


@pytest.mark.req("S3.1")
def test_a_web_server_listens() -> None:
    with listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        result = at(port)
    assert (result.err, result.exit_code) == ("", 3)
    assert row(result, "handshake").startswith("failed handshake ")
    assert findings.OTHER_PORT in " ".join(result.out.split())


@pytest.mark.usefixtures("monday")
def test_as_json_it_is_one_document_and_nothing_else() -> None:
    with gateway() as port:
        result = at(port, "--json", "--account", "U1")
    assert (result.err, result.exit_code) == ("", 1)
    document = json.loads(result.out)
    assert document["verdict"] == "failed"
    assert document["patient"] == {
        "host": "127.0.0.1",
        "port": port,
        "client_id": 1,
        "account": "U1",
        "kind": None,
    }
    assert [one["step"] for one in document["findings"]] == list(Step)
    assert document["findings"][5] == {
        "step": "account",
        "question": "Is the login that of the account?",
        "outcome": "failed",
        "found": "the gateway is logged in to DU1234567, not to U1",
        "remedy": findings.OTHER_LOGIN,
    }


def heard(monkeypatch: pytest.MonkeyPatch, *words: str) -> Patient:
    """Whom these words mean, without anybody being asked."""
    patients: list[Patient] = []

    async def examine(patient: Patient, machine: Now) -> Diagnosis:
        patients.append(patient)
        assert isinstance(machine(), datetime)
        return Chart(patient).diagnosis()

    monkeypatch.setattr(walk, "examine", examine)
    assert typed("doctor", *words).exit_code == 3
    return patients[0]


@pytest.mark.parametrize(
    ("words", "patient"),
    [
        ((), Patient("127.0.0.1", 4002, 1)),
        (("--ib", "tws.example:7497"), Patient("tws.example", 7497, 1)),
        (("--ib", "[::1]:4001"), Patient("::1", 4001, 1)),
        (
            ("--client-id", "0", "--account", "DU1", "--kind", "paper"),
            Patient("127.0.0.1", 4002, 0, "DU1", AccountKind.PAPER),
        ),
    ],
)
def test_what_is_typed_is_understood(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], patient: Patient
) -> None:
    assert heard(monkeypatch, *words) == patient


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--ib", "nonsense"), "'nonsense'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--ib", ":4002"), "':4002'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--ib", "host:0"), "'host:0'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--ib", "host:65536"), "'host:65536'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--client-id", "-1"), "Input should be greater than or equal to 0"),
        (("--account", "du1"), "'du1'; expected an account id in capitals and digits"),
        (("--kind", "play"), "'play' is not one of 'paper', 'live'."),
    ],
)
def test_what_is_typed_wrongly_is_answered_with_one_line(
    words: tuple[str, ...], complaint: str
) -> None:
    result = typed("doctor", *words)
    assert (result.out, result.exit_code) == ("", 2)
    (line,) = result.err.splitlines()
    assert complaint in line


def test_the_help_names_every_exit_code() -> None:
    result = typed("doctor", "--help")
    assert result.exit_code == 0
    assert all(f"  {code}  " in result.out for code in range(4))
