"""What the gateway has written down, read while it is written: its wire log and its audit.

Owns what of it became of each order of ours: when its frame was read and on which connection, when
the first word of it left, what it has filled. It believes nobody else.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from backstay.gateway.times import from_ns

Fields = Mapping[str, Any]


@dataclass(slots=True)
class SentOrder:
    """An order of ours as the gateway knows it. `numbers` are those under which it was placed: a
    second one would be a second order. `life` counts the gateway's beginnings up to its frame; its
    connections are counted on over all of them, for each life begins with its first one.
    """

    ref: str
    symbol: str
    side: str
    order_type: str
    read_at: datetime
    connection: int
    life: int
    numbers: set[tuple[int, int]] = field(default_factory=set)
    told_on: list[int] = field(default_factory=list)
    changes: int = 0
    cancels: int = 0
    fills: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    status: str = ""

    @property
    def filled(self) -> Decimal:
        """What the exchange has filled of it."""
        return sum((quantity for quantity, _ in self.fills), Decimal(0))


class Record:
    """All of it so far."""

    def __init__(self, wire_log: Path, audit: Path, machine_now: Callable[[], datetime]) -> None:
        self._tails = (_Tail(wire_log), _Tail(audit))
        self._machine_now = machine_now
        self._ahead: list[timedelta | None] = [None]
        self._lines: list[str] = []
        self._refs: dict[tuple[int, int], str] = {}
        self._early: dict[str, list[Fields]] = {}
        """What one file has told of an order whose frame the other one is still to tell."""

        self._connections = 0
        self._connections_before = 0
        self.orders: dict[str, SentOrder] = {}
        self.strikes: dict[str, datetime] = {}
        """The orders that a planned fault has struck, and when."""

        self.positions: dict[int, Decimal] = {}

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line, for whoever judges all of it."""
        return tuple(self._lines)

    def ahead(self, life: int = -1) -> timedelta:
        """How far the gateway's clock is ahead of this machine's, in one of its lives: what a line
        says, less when it was read. The line that was read soonest tells it best. A gateway that
        was away goes on, so until it speaks its last life tells.
        """
        lives = self._ahead[: life % len(self._ahead) + 1]
        return next((each for each in reversed(lives) if each is not None), timedelta(0))

    def now(self) -> datetime:
        """The gateway's time."""
        return self._machine_now() + self.ahead()

    def read(self) -> list[Fields]:
        """Take in what was added, oldest first."""
        found = []
        for text in (text for tail in self._tails for text in tail.read()):
            self._lines.append(text)
            found.append(json.loads(text))
        found.sort(key=lambda line: line["t"])
        for line in found:
            self._take(line)
        self._anchor(found)
        return found

    def _anchor(self, lines: list[Fields]) -> None:
        """Learn how the clocks stand. What opens an audit is dated before the clock runs."""
        said = next((line["t"] for line in reversed(lines) if "dir" in line), None)
        if said is not None:
            ahead = from_ns(said) - self._machine_now()
            self._ahead[-1] = max(self._ahead[-1] or ahead, ahead)

    def order(self, ref: str) -> SentOrder | None:
        """The order of that reference, if its frame was read."""
        return self.orders.get(ref)

    def ref_of(self, line: Fields) -> str:
        """The reference that a line is about; a cancel names only the number."""
        if line["ref"]:
            return str(line["ref"])
        return self._refs.get((line.get("client") or 0, line.get("order_id") or 0), "")

    def _take(self, line: Fields) -> None:
        if "dir" in line:
            self._heard(line)
        else:
            self._changed(line)

    def _heard(self, line: Fields) -> None:
        connection = self._connections_before + line["conn"]
        self._connections = max(self._connections, connection)
        match line:
            case {"dir": "in", "msg": "placeOrder", "ref": str(ref)}:
                self._placed(ref, line, connection)
            case {"dir": "in", "msg": "cancelOrder"}:
                if order := self.orders.get(self.ref_of(line)):
                    order.cancels += 1
            case {"dir": "out", "ref": str(ref)}:
                if order := self.orders.get(ref):
                    order.told_on.append(connection)
            case _:
                pass

    def _changed(self, line: Fields) -> None:
        match line:
            case {"what": "cash", "reason": "opening"}:
                self._ahead.append(None)
                self._connections_before = self._connections
            case {"what": "order" | "execution", "ref": str(ref)}:
                if order := self.orders.get(ref):
                    _work(order, line)
                else:
                    self._early.setdefault(ref, []).append(line)
            case {"what": "position", "con_id": int(con_id), "position_after": str(quantity)}:
                self.positions[con_id] = Decimal(quantity)
            case {"what": "fault", "ref": str(ref)}:
                self.strikes.setdefault(ref, from_ns(line["t"]))
            case _:
                pass

    def _placed(self, ref: str, line: Fields, connection: int) -> None:
        terms = line["fields"]["order"]
        if terms.get("what_if"):
            return
        number = (line["client"], line["order_id"])
        self._refs[number] = ref
        order = self.orders.get(ref)
        if order is None:
            order = self.orders[ref] = SentOrder(
                ref=ref,
                symbol=line["fields"]["contract"]["symbol"],
                side=terms["action"].lower(),
                order_type=terms["order_type"],
                read_at=from_ns(line["t"]),
                connection=connection,
                life=len(self._ahead) - 1,
            )
            for early in self._early.pop(ref, ()):
                _work(order, early)
        else:
            order.changes += 1
        order.numbers.add(number)


def _work(order: SentOrder, line: Fields) -> None:
    """What an audit line says of an order."""
    if line["what"] == "order":
        order.status = str(line["status"])
    else:
        order.fills.append((Decimal(line["qty"]), Decimal(line["price"])))


class _Tail:
    """A file that grows; only whole lines are read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> Iterator[str]:
        """What was added since."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                added = file.read()
        except FileNotFoundError:
            return
        whole = added[: added.rfind(b"\n") + 1]
        self._offset += len(whole)
        yield from whole.decode().splitlines()
