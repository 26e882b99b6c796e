"""The audit's file after a process that died between the store and the audit."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from errno import ENOSPC
from json import loads
from pathlib import Path

import pytest

from backstay.gateway import audit_file
from backstay.gateway.audit_file import AuditFile, Pending
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.messages.requests import PlaceOrder, StartApi
from backstay.gateway.settings import Settings
from backstay.gateway.store import Store
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.wire.frames import frame
from backstay.gateway.wire.requests import encode_request
from backstay.lab.oracle.oracle import Oracle
from tests.gateway.account.stage import NOON_NS

SETTINGS = Settings(seed=7, restart_at=None)
STILL = "+0 AAPL bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
BEFORE = '{"was":"before"}\n'
ADDED = '{"first":"\u00fc"}\n{"second":2}\n'
SIZE, BYTES = len(BEFORE.encode()), ADDED.encode()


class Died(BaseException):
    """The process is gone in this very moment."""


class Leaky(AuditFile):
    """A file that takes so many bytes more, and then its process dies."""

    takes: int | None = None

    def write(self, text: str) -> None:
        if self.takes is None:
            super().write(text)
            return
        data = text.encode()[: self.takes]
        self.takes -= len(data)
        audit_file._write(self._descriptor, data)
        if data != text.encode():
            raise Died


class Life:
    """One process: a gateway with a state file and an audit, and what it said when it began."""

    def __init__(self, folder: Path, number: int) -> None:
        self.said: list[str] = []
        self.wire: list[str] = []
        self.store = Store.open(folder / "gateway.state")
        self.file = Leaky(folder / "audit.jsonl")
        pending = self.store.pending()
        if pending is not None:
            self.file.mend(pending, self.said.append)
        self.mended = self.file.path.read_bytes()
        self.gateway = Gateway(
            SETTINGS,
            NOON_NS + number * 60 * SECOND_NS,
            tape=parse(STILL),
            store=self.store,
            outlets=Outlets(
                wire_log=self.wire.append, audit=self.file.write, pending=self.file.pending
            ),
        )

    def buy(self, order_id: int) -> None:
        """An order that is filled in the turn in which it is placed."""
        order = Order(
            action="BUY",
            quantity=Decimal(10),
            order_type="MKT",
            tif="DAY",
            order_ref=f"bs1:T7K2M9QX:0:EN:{order_id}",
        )
        with self.gateway.turn():
            self.gateway.exchange.place(7, order_id, AAPL, order)

    def wait(self) -> None:
        """A second passes."""
        self.gateway.advance(self.gateway.now_ns + SECOND_NS)

    def end(self) -> None:
        """Nothing more is written, in order or not."""
        self.store.close()
        self.file.close()


@contextmanager
def life(folder: Path, number: int) -> Iterator[Life]:
    lived = Life(folder, number)
    try:
        yield lived
    finally:
        lived.end()


def told(folder: Path) -> bytes:
    return (folder / "audit.jsonl").read_bytes()


def die_while_buying(folder: Path, takes: int) -> None:
    """The audit gets so many bytes of the turns of a fill, and the process dies."""
    with life(folder, 1) as lived:
        lived.buy(1)
        lived.file.takes = takes
        with pytest.raises(Died):
            lived.buy(2)


def undisturbed(folder: Path) -> tuple[bytes, bytes]:
    """What the same life writes where nothing happens: before the second order, and for it."""
    folder.mkdir()
    with life(folder, 1) as lived:
        lived.buy(1)
        before = told(folder)
        lived.buy(2)
    return before, told(folder)[len(before) :]


def verdict(folder: Path) -> list[str]:
    oracle = Oracle()
    for line in told(folder).decode().splitlines():
        oracle.read(line)
    return [str(each) for each in oracle.verdict()]


def test_a_turn_of_which_the_audit_heard_nothing_or_a_part_is_told_by_the_next_process(
    tmp_path: Path,
) -> None:
    before, second = undisturbed(tmp_path / "calm")
    assert b'"execution"' in second
    ends = [at + 1 for at, byte in enumerate(second) if byte == ord("\n")]
    for takes in sorted({0, 1, *ends[:-1], *(end - 7 for end in ends), len(second) - 1}):
        folder = tmp_path / str(takes)
        folder.mkdir()
        die_while_buying(folder, takes)
        assert told(folder) == before + second[:takes]
        with life(folder, 2) as lived:
            assert (lived.mended, lived.said) == (before + second, [])
            lived.buy(3)
        assert verdict(folder) == [], takes


@pytest.mark.parametrize("there", [0, 1, 9, 10, 11, len(BYTES) // 2, len(BYTES) - 1, len(BYTES)])
def test_what_is_missing_is_added_once_however_much_had_arrived(tmp_path: Path, there: int) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text(BEFORE, encoding="utf-8")
    said: list[str] = []
    with closing(AuditFile(path)) as file:
        pending = file.pending(ADDED)
        assert pending == Pending(path, SIZE, BEFORE.encode(), BYTES)
        with path.open("ab") as more:
            more.write(BYTES[:there])
        for _ in range(2):
            file.mend(pending, said.append)
            assert path.read_bytes() == BEFORE.encode() + BYTES
    assert said == []


def test_what_was_written_after_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with closing(AuditFile(path)) as file:
        pending = file.pending(ADDED)
        file.write(ADDED)
        file.write(BEFORE)
        file.mend(pending, pytest.fail)
    assert path.read_text(encoding="utf-8") == ADDED + BEFORE


def test_the_size_is_counted_in_bytes_and_the_end_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    text = "\u20ac" * 100 + "\n"
    path.write_text(text, encoding="utf-8")
    with closing(AuditFile(path)) as file:
        pending = file.pending(ADDED)
    assert (pending.size, pending.tail) == (301, text.encode()[-64:])
    assert pending.lines == 2


LOST = "is not the audit that the state knew, or not all of it; its last lines (2) are lost"


@pytest.mark.parametrize(
    "now",
    [
        "",
        BEFORE[:-1],
        BEFORE.replace("was", "is "),
        BEFORE + "something else\n",
        BEFORE + ADDED.replace("2", "3"),
    ],
    ids=["emptied", "cut", "rewritten before", "gone on otherwise", "rewritten"],
)
def test_another_file_in_its_place_is_left_alone_and_it_is_said(tmp_path: Path, now: str) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text(BEFORE, encoding="utf-8")
    with closing(AuditFile(path)) as file:
        pending = file.pending(ADDED)
    path.write_text(now, encoding="utf-8")
    said: list[str] = []
    with closing(AuditFile(path)) as file:
        file.mend(pending, said.append)
    assert path.read_text(encoding="utf-8") == now
    assert said == [f"{path}: {LOST}"]


@pytest.mark.parametrize(("there", "lost"), [(BEFORE + ADDED, False), (BEFORE, True), (None, True)])
def test_a_new_file_is_begun_and_what_the_former_lacks_is_said(
    tmp_path: Path, there: str | None, lost: bool
) -> None:
    former, path = tmp_path / "former.jsonl", tmp_path / "audit.jsonl"
    if there is not None:
        former.write_text(there, encoding="utf-8")
    said: list[str] = []
    with closing(AuditFile(path)) as file:
        file.mend(Pending(former, SIZE, BEFORE.encode(), BYTES), said.append)
    assert path.read_bytes() == b""
    assert said == ([f"{former}: {LOST}"] if lost else [])
    assert there is None or former.read_text(encoding="utf-8") == there


def test_the_first_lines_of_one_file_are_not_written_to_another(tmp_path: Path) -> None:
    former, path = tmp_path / "former.jsonl", tmp_path / "audit.jsonl"
    said: list[str] = []
    with closing(AuditFile(path)) as file:
        file.mend(Pending(former, 0, b"", BYTES), said.append)
        assert path.read_bytes() == b""
        file.mend(Pending(file.path, 0, b"", BYTES), said.append)
    assert path.read_bytes() == BYTES
    assert said == [f"{former}: {LOST}"]


def test_a_whole_file_that_was_moved_has_lost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text(BEFORE + ADDED, encoding="utf-8")
    with closing(AuditFile(path)) as file:
        file.mend(Pending(tmp_path / "gone", SIZE, BEFORE.encode(), BYTES), pytest.fail)
    assert path.read_text(encoding="utf-8") == BEFORE + ADDED


def test_a_former_file_that_became_a_device_or_a_folder_has_lost_it(tmp_path: Path) -> None:
    said: list[str] = []
    with closing(AuditFile(tmp_path / "audit.jsonl")) as file:
        for former in (Path("/dev/null"), tmp_path):
            file.mend(Pending(former, SIZE, BEFORE.encode(), BYTES), said.append)
    assert said == [f"/dev/null: {LOST}", f"{tmp_path}: {LOST}"]


def test_a_line_that_does_not_fit_leaves_nothing_and_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = audit_file._write

    def full(descriptor: int, data: bytes) -> None:
        if b'"execution"' not in data:
            write(descriptor, data)
            return
        write(descriptor, data[: len(data) // 2])
        assert not told(tmp_path).endswith(b"\n")
        raise OSError(ENOSPC, "No space left on device")

    calm, _ = undisturbed(tmp_path / "calm")
    with life(tmp_path, 1) as lived:
        with monkeypatch.context() as patch:
            patch.setattr(audit_file, "_write", full)
            with pytest.raises(OSError, match="No space"):
                lived.buy(1)
            assert told(tmp_path).endswith(b"}\n")
        with lived.gateway.turn():
            pass
        assert verdict(tmp_path) == []
        assert told(tmp_path) == calm


def test_a_system_that_takes_little_at_once_is_given_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "audit.jsonl"
    with closing(AuditFile(path)) as file:
        write = os.write
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda to, data: write(to, data[:3]))
            file.write(ADDED)
    assert path.read_bytes() == BYTES


def test_a_turn_of_which_the_audit_hears_nothing_looks_at_no_file(tmp_path: Path) -> None:
    looked: list[str] = []
    with life(tmp_path, 1) as lived:

        def pending(text: str) -> Pending:
            looked.append(text)
            return lived.file.pending(text)

        lived.gateway._pending = pending
        with lived.gateway.turn():
            pass
        assert looked == []
        lived.buy(1)
        assert looked
        assert "" not in looked


def test_a_file_is_let_go(tmp_path: Path) -> None:
    file = AuditFile(tmp_path / "audit.jsonl")
    descriptor = file._descriptor
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


class Ear:
    """A link that hears nothing."""

    pending_bytes = 0

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass

    def reset(self) -> None:
        pass


def test_an_order_is_in_the_wire_log_before_it_is_in_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[tuple[list[str], list[str]]] = []
    with life(tmp_path, 1) as lived:
        save = lived.store.save

        def saving(pending: Pending | None = None) -> bool:
            orders = lived.gateway.exchange.state().orders
            said = [loads(line) for line in lived.wire]
            asked = [line["ref"] for line in said if line["msg"] == "placeOrder"]
            known.append(([each.held.order.order_ref for each in orders], asked))
            return save(pending)

        monkeypatch.setattr(lived.store, "save", saving)
        client = lived.gateway.connect(Ear())
        client.receive(b"API\0" + frame(b"v157..178") + frame(encode_request(StartApi(7))))
        order = Order(
            order_id=1,
            action="BUY",
            quantity=Decimal(10),
            order_type="MKT",
            tif="DAY",
            order_ref="mine",
        )
        client.receive(frame(encode_request(PlaceOrder(1, AAPL, order))))
        lived.wait()
    assert known[-1] == (["mine"], ["mine"])
    assert all(set(stored) <= set(asked) for stored, asked in known)
