"""`backstay gateway --follow` as a process: prices as they are written, and an order kept quiet."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from backstay.gateway.messages.data_replies import TickPrice
from backstay.gateway.messages.order_replies import ExecutionDetails
from backstay.gateway.messages.replies import NextValidId, Reply
from backstay.gateway.messages.requests import (
    PlaceOrder,
    Request,
    RequestExecutions,
    RequestMarketData,
    StartApi,
)
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.wire.frames import FrameReader, frame
from backstay.gateway.wire.replies import decode_reply
from backstay.gateway.wire.requests import encode_request
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.test_gateway import Running, running, shake_hands

R = TypeVar("R", bound=Reply)

AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
STANDS = "AAPL bid=189.98 ask=190.02 bid_size=300 ask_size=200 last=190.01 last_size=100\n"
REFERENCE = "bs1:6PMWYKXY:0:EN:1"
BID, LAST = 1, 4
LOOKS_A_SECOND = 100
LATE = f"""
[[fault]]
name = "placement-acknowledged-late"
reference = "{REFERENCE}"
delay = "15s"
count = 1
"""


class Client:
    """A client in bytes; what it hears is kept until somebody asks for it."""

    def __init__(self, gateway: Running) -> None:
        self._socket = gateway.connect()
        shake_hands(self._socket)
        self._frames = FrameReader()
        self._heard: list[Reply] = []
        self.ask(StartApi(7))
        self.next(NextValidId)

    def ask(self, request: Request) -> None:
        self._socket.sendall(frame(encode_request(request)))

    def next(self, kind: type[R]) -> R:
        """The next reply of a kind; what comes before it is dropped."""
        while True:
            while self._heard:
                reply = self._heard.pop(0)
                if isinstance(reply, kind):
                    return reply
            data = self._socket.recv(65_536)
            assert data
            self._heard += [decode_reply(payload) for payload in self._frames.feed(data)]

    def price(self, field: int) -> Decimal:
        """The next price of a field."""
        while (tick := self.next(TickPrice)).field != field:
            pass
        return tick.price

    def leave(self) -> None:
        self._socket.close()


@contextmanager
def connected(gateway: Running) -> Iterator[Client]:
    client = Client(gateway)
    try:
        yield client
    finally:
        client.leave()


def add(prices: Path, text: str) -> None:
    with prices.open("a") as file:
        file.write(text)


def lines(log: Path) -> list[dict[str, Any]]:
    """The whole lines of a log."""
    return [json.loads(line) for line in log.read_text().splitlines(keepends=True) if "\n" in line]


def line(log: Path, **keys: object) -> dict[str, Any]:
    """The first line with these keys, as soon as it stands there."""
    for _ in range(HANGS_AFTER_SECONDS * LOOKS_A_SECOND):
        for each in lines(log):
            if all(each.get(key) == value for key, value in keys.items()):
                return each
        Event().wait(1 / LOOKS_A_SECOND)
    raise TimeoutError(f"no line with {keys}")


def buy(quantity: int, limit: str | None = None, reference: str = "") -> PlaceOrder:
    order = Order(
        order_id=1,
        action="BUY",
        quantity=Decimal(quantity),
        order_type="LMT" if limit else "MKT",
        limit_price=Decimal(limit) if limit else None,
        tif="GTC",
        order_ref=reference,
    )
    return PlaceOrder(1, AAPL, order)


def test_prices_are_shown_as_they_are_written(tmp_path: Path) -> None:
    prices = tmp_path / "prices"
    prices.write_text(STANDS)
    with running("--follow", str(prices)) as gateway, connected(gateway) as client:
        client.ask(RequestMarketData(9, AAPL))
        assert (client.price(BID), client.price(LAST)) == (Decimal("189.98"), Decimal("190.01"))
        add(prices, "AAPL last=190.10\nAAPL what=1\nAAPL last=190.11\nAAPL last=190.1")
        assert [client.price(LAST) for _ in range(2)] == [Decimal("190.10"), Decimal("190.11")]
        add(prices, "2\n")
        assert client.price(LAST) == Decimal("190.12")
        _, err, exit_code = gateway.end()
    assert exit_code == 0
    assert f"  follow     {prices}" in err.splitlines()
    (said,) = [text for text in err.splitlines() if text.startswith(f"{prices}: ")]
    assert said.startswith(f'{prices}: line 3: "what=1"; expected one of bid=, ask=, ')


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    prices = tmp_path / "prices"
    with running("--follow", str(prices)) as gateway:
        assert prices.read_bytes() == b""
        assert gateway.end()[2] == 0


def test_a_gateway_that_was_killed_shows_the_last_prices_and_fills_nothing_on_them(
    tmp_path: Path,
) -> None:
    prices, audit = tmp_path / "prices", tmp_path / "audit.jsonl"
    prices.write_text(STANDS)
    words = (
        *("--follow", str(prices), "--audit", str(audit)),
        *("--state", str(tmp_path / "paper.db")),
    )
    with running(*words) as gateway, connected(gateway) as client:
        client.ask(buy(500, "190.02"))
        assert line(audit, what="execution")["qty"] == "200"
        gateway.process.send_signal(signal.SIGKILL)
        gateway.process.wait(HANGS_AFTER_SECONDS)
    add(prices, "AAPL bid=180 ask=180.02 last=180\n" + STANDS)
    with running(*words) as gateway, connected(gateway) as client:
        client.ask(RequestMarketData(9, AAPL))
        assert client.price(LAST) == Decimal("190.01")
        filled = [each["qty"] for each in lines(audit) if each["what"] == "execution"]
        assert filled == ["200"]
        add(prices, "AAPL ask=190.01 ask_size=50\n")
        assert line(audit, what="execution", qty="50")["price"] == "190.01"


def test_a_late_order_is_in_every_log_at_once_and_said_to_nobody_who_was_there(
    tmp_path: Path,
) -> None:
    prices, faults = tmp_path / "prices", tmp_path / "faults.toml"
    wire, audit = tmp_path / "wire.jsonl", tmp_path / "audit.jsonl"
    prices.write_text(STANDS)
    faults.write_text(LATE)
    words = (
        *("--follow", str(prices), "--faults", str(faults), "--state", str(tmp_path / "paper.db")),
        *("--wire-log", str(wire), "--audit", str(audit)),
    )
    with running(*words) as gateway:
        with connected(gateway) as client:
            client.ask(buy(100, reference=REFERENCE))
            fault = line(audit, what="fault", ref=REFERENCE)
            client.leave()
        assert fault["name"] == "placement-acknowledged-late"
        # Whoever reads the line of the fault finds the frame and the order before it.
        (placed,) = [each for each in lines(wire) if each["ref"] == REFERENCE]
        assert (placed["dir"], placed["msg"], placed["conn"]) == ("in", "placeOrder", 1)
        assert line(audit, what="execution")["ref"] == REFERENCE
        with connected(gateway) as client:
            client.ask(RequestExecutions(3))
            assert client.next(ExecutionDetails).execution.order_ref == REFERENCE
        _, err, _ = gateway.end()
    said = [each for each in lines(wire) if each["dir"] == "out" and each["ref"] == REFERENCE]
    assert {each["conn"] for each in said} == {2}
    assert "connection 1 has ended: the client has closed it" in err
