"""The programs that are measured, each in a process of its own, on a core of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from backstay.gateway.messages.requests import PlaceOrder
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.wire.requests import encode_request
from backstay.lab.benches.edge import seats
from backstay.lab.benches.edge.seats import Seat

ACCOUNT = "DU1234567"
READY_SECONDS_MAX = 60.0
_READ_BYTES = 4096
_SCRIPTS = Path(__file__).parents[4] / "examples" / "bench"

COMMANDS: dict[str, list[str]] = {
    "plain": [str(_SCRIPTS / "plain_ib_async.py")],
    "scanner": [str(_SCRIPTS / "scanner.py")],
    "edge": ["-m", "backstay.lab.benches.edge.edge_client"],
}
"""Each contender's name, and how Python starts it."""


class Contender:
    """One process."""

    def __init__(
        self, name: str, port: int, client_id: int, chosen: Sequence[Seat], core: int
    ) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, *COMMANDS[name]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        os.sched_setaffinity(self._process.pid, {core})
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(_given(port, client_id, chosen)).encode() + b"\n")
        self._process.stdin.flush()
        assert self._process.stdout is not None
        self._said = self._process.stdout.fileno()
        os.set_blocking(self._said, False)

    @property
    def is_ready(self) -> bool:
        """Whether it has said so; RuntimeError if it has died before."""
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} has ended with {self._process.returncode}")
        try:
            return b"ready" in os.read(self._said, _READ_BYTES)
        except BlockingIOError:
            return False

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def _given(port: int, client_id: int, chosen: Sequence[Seat]) -> dict[str, Any]:
    """Everything that a contender has to know."""
    return {
        "port": port,
        "client_id": client_id,
        "account": ACCOUNT,
        "step": str(seats.STEP),
        "levels": [str(seats.level(number)) for number in range(seats.LEVELS_EACH)],
        "seats": [{**asdict(seat), "order": _order(seat).hex()} for seat in chosen],
    }


def _order(seat: Seat) -> bytes:
    """A complete order to buy one, without its message and order id."""
    contract = Contract(
        con_id=seat.con_id,
        symbol=seat.symbol,
        sec_type=seat.sec_type,
        exchange=seat.exchange,
        currency=seat.currency,
    )
    order = Order(
        action="BUY",
        quantity=Decimal(1),
        order_type="LMT",
        limit_price=Decimal("0.05"),
        tif="DAY",
        account=ACCOUNT,
    )
    message = encode_request(PlaceOrder(7, contract, order))
    return message.removeprefix(b"3\x007")
