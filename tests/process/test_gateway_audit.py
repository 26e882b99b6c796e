"""A gateway that dies between its state file and its audit, and the next one that mends it."""

import signal
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.gateway.chance import Chance, Dice
from backstay.gateway.messages.requests import PlaceOrder
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.lab.benches.raw_client import RawClient
from backstay.lab.oracle.oracle import Oracle
from tests.gateway.test_audit_file import die_while_buying, told, undisturbed
from tests.process.test_gateway import running

ROUNDS = 8
ORDERS_MAX = 4
LOOKS_MAX = 20_000_000
AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
LOST = "is not the audit that the state knew"


class Files:
    """What the lives of one gateway have in common."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "gateway.state"
        self.log = folder / "gateway.state-wal"
        self.wire = folder / "wire.jsonl"
        self.audit = folder / "audit.jsonl"
        named = (("--state", self.state), ("--wire-log", self.wire), ("--audit", self.audit))
        self.words = ("--restart-at", "never", *(str(each) for pair in named for each in pair))

    def kill_amid_fills(self, life: int, dice: Dice) -> str:
        """Buy and sell, and kill it when one of its files grows; what it said."""
        with running(*self.words) as gateway, closing(RawClient(*gateway.place, life)) as client:
            last = dice.randint(1, ORDERS_MAX)
            for order_id in range(1, last + 1):
                grows = self.audit if order_id < last else dice.choice((self.log, self.audit))
                size = grows.stat().st_size
                client.send(PlaceOrder(order_id, AAPL, _order(life, order_id, dice)))
                _await_more(grows, size)
            return gateway.end(signal.SIGKILL)[1]


def _order(life: int, order_id: int, dice: Dice) -> Order:
    return Order(
        order_id=order_id,
        action=dice.choice(("BUY", "SELL")),
        quantity=Decimal(dice.randint(1, 50)),
        order_type="MKT",
        tif="DAY",
        order_ref=f"bs1:T7K2M9QX:{life}:EN:{order_id}",
    )


def _await_more(file: Path, size: int) -> None:
    """Until a file is longer than this, and not a moment more."""
    assert any(file.stat().st_size > size for _ in range(LOOKS_MAX)), f"{file} doesn't grow"


@pytest.mark.long
def test_no_execution_is_missed_however_often_it_is_killed(tmp_path: Path) -> None:
    """It is killed in the moments that matter: when the state file has grown and the audit is yet
    to hear of it, or has heard of a part. Where the disk is a real one, most rounds come between.
    """
    files, dice = Files(tmp_path), Chance(7).of("kills")
    said = [files.kill_amid_fills(life, dice) for life in range(1, ROUNDS + 1)]
    with running(*files.words) as gateway:
        said.append(gateway.end(signal.SIGTERM)[1])
    assert [text for text in said if LOST in text or "Traceback" in text] == []
    oracle = Oracle()
    for file in (files.wire, files.audit):
        text = file.read_text()
        assert text.endswith("\n")
        for line in text.splitlines():
            oracle.read(line)
    assert [str(each) for each in oracle.verdict()] == []


def next_life(folder: Path, audit: Path) -> str:
    """Begin with this audit and end in order; what was said of the former one."""
    with running("--state", str(folder / "gateway.state"), "--audit", str(audit)) as gateway:
        _, said, exit_code = gateway.end(signal.SIGTERM)
    assert exit_code == 0
    return "\n".join(line for line in said.splitlines() if LOST in line)


def test_half_a_line_is_made_whole_also_after_a_life_without_that_audit(tmp_path: Path) -> None:
    before, second = undisturbed(tmp_path / "calm")
    die_while_buying(tmp_path, len(second) // 2)
    half = told(tmp_path)
    assert not half.endswith(b"\n")
    assert next_life(tmp_path, Path("/dev/null")) == ""
    assert told(tmp_path) == half
    assert next_life(tmp_path, tmp_path / "audit.jsonl") == ""
    assert told(tmp_path).startswith(before + second)
    new = told(tmp_path)[len(before + second) :].splitlines()
    assert new
    assert all(b'"reason":"opening"' in line for line in new)


def test_an_audit_that_was_removed_begins_anew_and_it_is_said_once(tmp_path: Path) -> None:
    _, second = undisturbed(tmp_path / "calm")
    die_while_buying(tmp_path, len(second) // 2)
    audit = tmp_path / "audit.jsonl"
    audit.unlink()
    lines = second.count(b"\n")
    text = f"{audit}: {LOST}, or not all of it; its last lines ({lines}) are lost"
    assert [next_life(tmp_path, audit) for _ in range(2)] == [text, ""]
    assert all(b'"reason":"opening"' in line for line in told(tmp_path).splitlines())
