"""`backstay gateway` as a process: its first line, its clients, and its end."""

import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hanging import HANGS_AFTER_SECONDS

BACKSTAY = Path(sys.executable).with_name("backstay")
START = ("--start", "2026-11-23T10:00:00-05:00")


class Running:
    """One gateway, and where it listens."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address
        host, _, port = address.rpartition(":")
        self.place = host, int(port)

    def connect(self) -> socket.socket:
        return socket.create_connection(self.place, timeout=HANGS_AFTER_SECONDS)

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[str, str, int]:
        """What else it printed where, and its exit code, once it was told to end."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=HANGS_AFTER_SECONDS)
        return out, err, self.process.returncode


@contextmanager
def running(*words: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [BACKSTAY, "gateway", "--port", "0", "--seed", "7", *START, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Running(process, process.stdout.readline().rstrip("\n"))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def shake_hands(client: socket.socket) -> bytes:
    """Greet as a client of the API does; returns the version that was agreed on."""
    hello = b"v157..178"
    client.sendall(b"API\0" + struct.pack(">I", len(hello)) + hello)
    (size,) = struct.unpack(">I", exactly(client, 4))
    return exactly(client, size).split(b"\0")[0]


def exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += (piece := client.recv(size - len(data)))
        assert piece
    return data


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_serves_and_ends_when_it_is_told(number: signal.Signals) -> None:
    with running() as gateway, gateway.connect() as client:
        assert gateway.address.startswith("127.0.0.1:")
        assert shake_hands(client) == b"178"
        out, err, exit_code = gateway.end(number)
        assert (out, exit_code) == ("", 0)
        assert client.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            gateway.connect()
    assert err.splitlines()[:6] == [
        "PAPER: prices, fills and accounts are simulated, and no order reaches a market.",
        "  seed       7",
        "  profile    pessimistic",
        "  time       2026-11-23 10:00:00 in New York, in real time",
        "  restart    every night at 23:45 in New York",
        "  account    DU1234567, 1000000 USD at first",
    ]
    assert "Traceback" not in err


def test_it_names_its_files_and_leaves_them_whole(tmp_path: Path) -> None:
    state, wire, audit = (tmp_path / name for name in ("paper.db", "wire.jsonl", "audit.jsonl"))
    words = ("--state", str(state), "--wire-log", str(wire), "--audit", str(audit))
    for times in (1, 2):
        with running(*words, "--speed", "60", "--read-only") as gateway:
            with gateway.connect() as client:
                shake_hands(client)
                start = b"71\x002\x009\x00\x00"
                client.sendall(struct.pack(">I", len(start)) + start)
                (size,) = struct.unpack(">I", exactly(client, 4))
                exactly(client, size)
            _, err, exit_code = gateway.end()
        assert exit_code == 0
        assert [line.split()[-1] for line in err.splitlines() if str(tmp_path) in line] == [
            str(state),
            str(wire),
            str(audit),
        ]
        assert "60 times as fast as real time" in err
        assert "every one is refused (read-only)" in err
        assert wire.read_text().count('"msg":"startApi"') == times


def test_a_log_begins_anew_where_no_state_goes_on(tmp_path: Path) -> None:
    wire = tmp_path / "wire.jsonl"
    wire.write_text("of another day\n")
    with running("--wire-log", str(wire)) as gateway:
        gateway.end()
    assert "of another day" not in wire.read_text()


def test_a_port_that_one_has_is_refused_to_the_next() -> None:
    with running() as first:
        port = str(first.place[1])
        second = subprocess.run(
            [BACKSTAY, "gateway", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=HANGS_AFTER_SECONDS,
        )
        assert first.end()[2] == 0
    assert (second.stdout, second.returncode) == ("", 2)
    assert second.stderr == f"127.0.0.1:{port}: Address already in use\n"


def test_a_tape_with_dates_begins_when_its_first_line_does(tmp_path: Path) -> None:
    tape = tmp_path / "open.tape"
    tape.write_text("2026-11-24T09:30:00-05:00 AAPL bid=189.98 ask=190.02\n")
    process = subprocess.Popen(
        [BACKSTAY, "gateway", "--port", "0", "--tape", str(tape)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANGS_AFTER_SECONDS)
    assert "  time       2026-11-24 09:30:00 in New York, in real time" in err
    assert process.returncode == 0


def test_time_goes_on_where_the_state_has_come_to(tmp_path: Path) -> None:
    state = str(tmp_path / "paper.db")
    with running("--state", state, "--start", "2026-11-24T10:00:00-05:00") as gateway:
        gateway.end()
    with running("--state", state, "--start", "2026-11-23T10:00:00-05:00") as gateway:
        _, err, _ = gateway.end()
    assert "  time       2026-11-24 00:00:00 in New York, in real time" in err


def test_a_state_of_another_account_is_one_line(tmp_path: Path) -> None:
    state = str(tmp_path / "paper.db")
    with running("--state", state) as gateway:
        gateway.end()
    second = subprocess.run(
        [BACKSTAY, "gateway", "--port", "0", "--state", state, "--account", "DU9"],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS_AFTER_SECONDS,
    )
    assert (second.stdout, second.returncode) == ("", 2)
    assert second.stderr == f"{state}: belongs to DU1234567 too, not only to DU9\n"


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ('{"whole":1}\n{"half', '{"whole":1}\n'),
        ('{"whole":1}\n', '{"whole":1}\n'),
        ('{"half', ""),
        ('{"whole":1}\n{"half":"' + "x" * 70_000, '{"whole":1}\n'),
        ("x" * 140_000, ""),
    ],
    ids=["half", "whole", "only half", "long half", "only long half"],
)
def test_a_log_that_goes_on_drops_what_a_process_that_died_left_half(
    tmp_path: Path, before: str, kept: str
) -> None:
    wire = tmp_path / "wire.jsonl"
    wire.write_text(before)
    with running("--state", str(tmp_path / "paper.db"), "--wire-log", str(wire)) as gateway:
        gateway.end()
    assert wire.read_text() == kept
