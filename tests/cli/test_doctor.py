"""`backstay doctor`: what it prints, what it exits with, and what it does not understand."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from backstay.broker.doctor import findings, walk
from backstay.broker.doctor.findings import Chart, Diagnosis, Patient, Step
from backstay.broker.doors.wire import Now
from backstay.domain.limits.facts import AccountKind
from backstay.gateway.settings import Settings
from tests.cli.typed import Typed, typed
from tests.gateway.conformance.house import MONDAY_MORNING, house
from tests.hanging import HANGS_AFTER_SECONDS
from workers import clock


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
    assert is_up.wait(HANGS_AFTER_SECONDS)
    try:
        yield ports[0]
    finally:
        loops[0].call_soon_threadsafe(ends[0].set)
        thread.join(HANGS_AFTER_SECONDS)


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
        thread.join(HANGS_AFTER_SECONDS)


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's clock is the gateway's."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY_MORNING)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder in which there are no settings."""
    monkeypatch.chdir(tmp_path)


def at(port: int, *words: str) -> Typed:
    return typed("doctor", "--ib", f"127.0.0.1:{port}", *words)


def row(result: Typed, step: str, *, first: bool = False) -> str:
    """The line of a step, its blanks made one."""
    lines = [line for line in result.lines if line[15:].startswith(f"{step}  ")]
    assert first or len(lines) == 1, lines
    return " ".join(lines[0].split())


@pytest.mark.req("S3.1")
@pytest.mark.usefixtures("monday")
def test_a_gateway_that_is_well() -> None:
    with gateway() as port:
        result = at(port, "--account", "DU1234567", "--kind", "paper")
    assert (result.err, result.exit_code) == ("", 0)
    assert f"broker 127.0.0.1:{port}" in result.lines
    assert row(result, "client id") == "passed client id client id 9 is ours"
    assert row(result, "account") == "passed account the gateway is logged in to DU1234567"
    assert result.lines[-1] == "all is well: 19 steps, 1 noted, 6 not reached"


@pytest.mark.req("S3.1")
@pytest.mark.usefixtures("monday")
def test_a_gateway_that_is_read_only_and_not_the_one_that_was_meant() -> None:
    with gateway(Settings(seed=7, read_only=True)) as port:
        result = at(port, "--kind", "live", "--client-id", "7")
    assert (result.err, result.exit_code) == ("", 1)
    assert row(result, "client id") == "passed client id client id 7 is ours"
    assert row(result, "paper or live").endswith("DU1234567 is a paper account, not a live one")
    assert row(result, "writable").startswith("failed writable 321: ")
    text = " ".join(result.out.split())
    assert findings.SWITCH_OFF_READ_ONLY in text
    assert findings.OTHER_KIND in text
    assert row(result, "permission") == "not reached permission Would an order be taken?"
    assert result.lines[-1] == (
        "something is not as it should be: 19 steps, 2 failed, 1 noted, 7 not reached"
    )


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
    assert result.lines[-1] == (
        "not connected to the broker: 19 steps, 1 failed, 1 noted, 17 not reached"
    )


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
        "client_id": 9,
        "account": "U1",
        "kind": None,
        "spare_client_ids": [10, 11, 12, 13],
    }
    assert document["stake"] is None
    at_broker = [one for one in document["findings"] if one["area"] == "broker"]
    assert [one["subject"] for one in at_broker] == list(Step)
    assert at_broker[5] == {
        "area": "broker",
        "subject": "account",
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
    assert typed("doctor", *words).exit_code in (2, 3)
    return patients[0]


SPARE = (10, 11, 12, 13)


@pytest.mark.parametrize(
    ("words", "patient"),
    [
        ((), Patient("127.0.0.1", 4002, 9, spare_client_ids=SPARE)),
        (("--ib", "tws.example:7497"), Patient("tws.example", 7497, 9, spare_client_ids=SPARE)),
        (("--ib", "[::1]:4001"), Patient("::1", 4001, 9, spare_client_ids=SPARE)),
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


def settings(text: str) -> Path:
    """Settings in this folder, before an engine that nobody has."""
    file = Path("backstay.toml")
    file.write_text(f'account = "DU1234567"\n{text}\n[temporal]\naddress = "127.0.0.1:1"\n')
    return file


@pytest.mark.parametrize(
    ("broker", "words", "patient"),
    [
        (
            'host = "tws.example"\nport = 7497\nclient_id = 10',
            (),
            Patient("tws.example", 7497, 9, "DU1234567", AccountKind.PAPER, (11, 12, 13)),
        ),
        (
            "client_id = 9",
            (),
            Patient("127.0.0.1", 4002, 10, "DU1234567", AccountKind.PAPER, (11, 12, 13)),
        ),
        (
            "port = 7497",
            ("--ib", "[::1]:4001", "--client-id", "3", "--account", "U1", "--kind", "live"),
            Patient("::1", 4001, 3, "U1", AccountKind.LIVE),
        ),
    ],
)
def test_the_settings_say_who_is_examined_and_what_is_typed_comes_first(
    monkeypatch: pytest.MonkeyPatch, broker: str, words: tuple[str, ...], patient: Patient
) -> None:
    settings(f"[broker]\n{broker}")
    assert heard(monkeypatch, *words) == patient


def test_without_anything_it_says_what_is_missing_and_how_to_have_it() -> None:
    settings("[broker]\nport = 1")
    result = typed("doctor")
    assert (result.err, result.exit_code) == ("", 3)
    assert result.lines[0] == "PAPER account DU1234567, trading disabled"
    assert row(result, "bounds") == (
        "failed bounds there are none: everything that opens a position is refused"
    )
    assert "no engine answers at 127.0.0.1:1" in row(result, "answers", first=True)
    assert row(result, "queues") == "not reached queues the engine knows who serves them"
    text = " ".join(result.out.split())
    assert "`backstay up` makes it, or `backstay account create`." in text
    assert "`backstay up` starts one; if another is meant, set address under [temporal]." in text
    assert "Or have a simulated one: `backstay up`." in text


def test_settings_that_cannot_be_used_are_told_and_the_gateway_is_examined_all_the_same() -> None:
    settings('dta = "x"\nkind = "play"')
    with gateway() as port:
        result = at(port, "--json")
    assert (result.err, result.exit_code) == ("", 2)
    document = json.loads(result.out)
    assert document["verdict"] == "unusable settings"
    told = [one["found"] for one in document["findings"] if one["area"] == "settings"]
    assert told == [
        'backstay.toml: dta: unknown key; did you mean "data"?',
        'backstay.toml: kind: "play"; expected "paper" or "live"',
    ]
    (account,) = [one for one in document["findings"] if one["subject"] == "account"]
    assert account["outcome"] == "passed"


def test_a_file_that_was_named_and_is_not_there_is_no_missing_of_settings() -> None:
    result = typed("doctor", "--config", "other.toml", "--ib", "127.0.0.1:1")
    assert (result.err, result.exit_code) == ("", 2)
    assert row(result, "file") == "failed file other.toml: there is no such file"


def test_a_client_id_that_is_taken_is_passed_over_unless_it_was_asked_for() -> None:
    with gateway() as port, socket.create_connection(("127.0.0.1", port)) as other:
        hold(other, client_id=9)
        free = at(port)
        asked = at(port, "--client-id", "9")
    assert row(free, "client id") == "passed client id client id 10 is ours; taken: 9"
    assert free.exit_code == 1
    assert row(asked, "client id").startswith("failed client id ")
    assert asked.exit_code == 3


def hold(line: socket.socket, client_id: int) -> None:
    """Be another program with this client id."""
    version = b"v157..176"
    line.sendall(b"API\0" + len(version).to_bytes(4, "big") + version)
    line.recv(100)
    start = b"71\x002\0%d\0\0" % client_id
    line.sendall(len(start).to_bytes(4, "big") + start)
    while b"15\0" not in line.recv(10_000):
        pass


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--ib", "nonsense"), "'nonsense'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--ib", ":4002"), "':4002'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--ib", "host:0"), "'host:0'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--ib", "host:65536"), "'host:65536'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--client-id", "-1"), "expected 0 or more"),
        (("--account", "du1"), "'du1'; expected an account id in capitals and digits"),
        (("--kind", "play"), "'play'; expected one of 'paper', 'live'"),
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
