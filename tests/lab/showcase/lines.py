"""Lines as the gateway writes them, for whoever reads its record."""

import json
from typing import Any

BEGINS_NS = 1_795_446_000_000_000_000
"""2026-11-23 15:00 UTC."""

ENTRY, STOP = "bs1:6PMWYKXY:0:EN:1", "bs1:6PMWYKXY:0:PR:1"
AAPL = 265598


def placed(ref: str, *, at_ms: int = 0, number: int = 1, conn: int = 1, **terms: Any) -> str:
    """A frame that was read."""
    order = {"action": "BUY", "quantity": "100", "order_type": "MKT", "order_ref": ref} | terms
    contract = {"con_id": AAPL, "symbol": "AAPL"}
    fields = {"order_id": number, "contract": contract, "order": order}
    return _wire(at_ms, conn, "in", "placeOrder", number, ref, fields)


def cancelled(number: int, *, at_ms: int = 0, conn: int = 1) -> str:
    """A cancel, which names the number alone."""
    return _wire(at_ms, conn, "in", "cancelOrder", number, None, {"order_id": number})


def told(ref: str, *, at_ms: int = 0, conn: int = 1, number: int = 1) -> str:
    """A word on an order that left."""
    return _wire(at_ms, conn, "out", "orderStatus", number, ref, {})


def changed(ref: str, status: str, *, at_ms: int = 0) -> str:
    """An order's status at the exchange."""
    return _audit(at_ms, "order", ref=ref, status=status, con_id=AAPL)


def filled(ref: str, qty: str, price: str, *, at_ms: int = 0) -> str:
    """An execution."""
    return _audit(at_ms, "execution", ref=ref, qty=qty, price=price, con_id=AAPL)


def holds(quantity: str, *, at_ms: int = 0) -> str:
    """What the account holds."""
    return _audit(at_ms, "position", position_after=quantity, con_id=AAPL)


def struck(ref: str, name: str, *, at_ms: int = 0) -> str:
    """A fault that was planned."""
    return _audit(at_ms, "fault", ref=ref, name=name)


def opening(*, at_ms: int = 0) -> str:
    """A gateway that begins."""
    return _audit(at_ms, "cash", reason="opening", cash_after="1000000")


def _wire(
    at_ms: int, conn: int, way: str, msg: str, number: int, ref: str | None, fields: dict[str, Any]
) -> str:
    line = {"t": _ns(at_ms), "conn": conn, "client": 1, "dir": way, "msg": msg}
    return json.dumps(line | {"order_id": number, "perm_id": None, "ref": ref, "fields": fields})


def _audit(at_ms: int, what: str, **more: Any) -> str:
    keys = ("account", "con_id", "perm_id", "ref", "side", "qty", "price", "status")
    empty = dict.fromkeys((*keys, "position_after", "cash_after"))
    return json.dumps({"t": _ns(at_ms), "what": what} | empty | more)


def _ns(at_ms: int) -> int:
    return BEGINS_NS + at_ms * 1_000_000
