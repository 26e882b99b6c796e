"""A line of the gateway's record, as it is told. What says nothing new is not told."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Protocol

from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey, Purpose, parse_order_ref
from backstay.gateway.times import from_ns
from backstay.lab.showcase.record import Fields
from backstay.lab.telling import Event, Who

_WHY = {
    Purpose.ENTRY: "goes with the stop that follows",
    Purpose.PROTECT: "its stop at the broker, attached",
    Purpose.EXIT_STOP: "the stop has fired: a limit first",
    Purpose.EXIT_TARGET: "the target is reached",
    Purpose.EXIT_MANUAL: "closed by hand",
}
_ACKNOWLEDGED = frozenset({"PreSubmitted", "Submitted"})
_OVER = {"Cancelled": "over, proven"}


class References(Protocol):
    """Who knows which order a line is about."""

    def ref_of(self, line: Fields) -> str:
        """Its reference; empty where nobody has heard of it."""


def name_in_trade(key: IntentKey) -> str:
    """A key where trade and instrument are known: a leg of its own, purpose, generation."""
    part = f"{key.leg}:" if key.leg else ""
    return f"{part}{key.purpose.value}:{key.generation}"


class Narration:
    """What was told so far, so that nothing is told twice."""

    def __init__(
        self, references: References, name: Callable[[IntentKey], str] = name_in_trade
    ) -> None:
        """`name` is how an order is called."""
        self._references = references
        self._name = name
        self._placed: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._filled: dict[str, Decimal] = {}
        self._symbols: dict[int, str] = {}
        self._held: dict[int, Decimal] = {}

    def events(self, lines: list[Fields]) -> Iterator[Event]:
        """What is new in these lines, told."""
        for line in lines:
            found = self._event(line)
            if found is not None:
                who, what, why = found
                yield Event(from_ns(line["t"]), who, what, why)

    def _event(self, line: Fields) -> tuple[Who, str, str] | None:
        key = parse_order_ref(self._references.ref_of(line)) if "ref" in line else None
        match line:
            case {"dir": "in", "msg": "placeOrder"} if isinstance(key, IntentKey):
                return self._placement(key, line)
            case {"dir": "in", "msg": "cancelOrder"} if isinstance(key, IntentKey):
                return (
                    Who.SENT,
                    f"{self._name(key)}  cancel",
                    "its end has to be proven first",
                )
            case {"what": "order", "status": str(status)} if isinstance(key, IntentKey):
                return self._status(key, status)
            case {"what": "execution"} if isinstance(key, IntentKey):
                return self._fill(key, line)
            case {"what": "fault"}:
                return Who.BROKER, str(line["name"]), "a fault that was planned strikes"
            case {"what": "position", "con_id": int(con_id), "position_after": str(after)}:
                return self._position(con_id, Decimal(after))
            case _:
                return None

    def _placement(self, key: IntentKey, line: Fields) -> tuple[Who, str, str] | None:
        terms, contract = line["fields"]["order"], line["fields"]["contract"]
        if terms.get("what_if"):
            return None
        self._symbols[contract["con_id"]] = contract["symbol"]
        ref = str(line["ref"])
        if ref in self._placed:
            return Who.SENT, f"{self._name(key)}  now {_terms(terms)}", "changed in place"
        self._placed.add(ref)
        what = (
            f"{self._name(key)}  {terms['action'].lower()} {terms['quantity']} {contract['symbol']}"
        )
        is_last_rung = key.purpose is Purpose.EXIT_STOP and terms["order_type"] == "MKT"
        why = "the last rung, for what is left" if is_last_rung else _WHY.get(key.purpose, "")
        return Who.SENT, f"{what} {_terms(terms)}", why

    def _status(self, key: IntentKey, status: str) -> tuple[Who, str, str] | None:
        word = "acknowledged" if status in _ACKNOWLEDGED else status
        if (str(key), word) in self._told or status not in (*_ACKNOWLEDGED, *_OVER):
            return None
        self._told.add((str(key), word))
        return Who.BROKER, f"{self._name(key)}  {status}", _OVER.get(status, "")

    def _fill(self, key: IntentKey, line: Fields) -> tuple[Who, str, str]:
        ref, quantity = str(line["ref"]), Decimal(line["qty"])
        so_far = self._filled[ref] = self._filled.get(ref, Decimal(0)) + quantity
        what = f"{self._name(key)}  fills {plain(quantity)} at {plain(Decimal(line['price']))}"
        return Who.BROKER, what, f"{plain(so_far)} so far"

    def _position(self, con_id: int, after: Decimal) -> tuple[Who, str, str] | None:
        before, self._held[con_id] = self._held.get(con_id, Decimal(0)), after
        if after or not before or con_id not in self._symbols:
            return None
        return Who.BROKER, f"holds 0 {self._symbols[con_id]}", "flat"


def _terms(terms: dict[str, Any]) -> str:
    """An order's type and prices, in the broker's words."""
    stop, limit = terms.get("aux_price"), terms.get("limit_price")
    named: dict[str, list[Any]] = {
        "MKT": ["MKT"],
        "LMT": ["LMT", limit],
        "STP": ["STP", stop],
        "STP LMT": ["STP", stop, "LMT", limit],
    }
    parts = named.get(terms["order_type"], [terms["order_type"], stop, limit])
    return " ".join(str(part) for part in parts if part is not None)
