"""A record as the gateway writes it, line by line, with places where a test can put a lie."""

from json import dumps
from typing import Any

from backstay.lab.oracle.oracle import Oracle
from backstay.lab.oracle.violations import Violation

REF = "bs1:T7K2M9QX:0:EN:1"
STOP = "bs1:T7K2M9QX:0:PR:1"
Line = dict[str, Any]


def order(
    perm_id: int = 77,
    status: str = "Submitted",
    ref: str | None = REF,
    qty: str = "100",
    **more: Any,
) -> Line:
    return {
        "t": 1,
        "what": "order",
        "account": "DU1",
        "con_id": 1,
        "perm_id": perm_id,
        "ref": ref,
        "side": "BUY",
        "qty": qty,
        "price": "190",
        "status": status,
        "over": False,
        "filled": "0",
        **more,
    }


def execution(
    exec_id: str = "e0.1.01", qty: str = "100", price: str = "190", side: str = "BOT", **more: Any
) -> Line:
    return {
        "t": 1,
        "what": "execution",
        "account": "DU1",
        "con_id": 1,
        "perm_id": 77,
        "ref": REF,
        "side": side,
        "qty": qty,
        "price": price,
        "exec_id": exec_id,
        "multiplier": "1",
        "currency": "USD",
        **more,
    }


def correction(exec_id: str, replaces: str, qty: str = "100", price: str = "190") -> Line:
    return execution(exec_id, qty, price, what="correction", replaces=replaces)


def position(after: str, reason: str = "trade", con_id: int = 1) -> Line:
    return {
        "t": 1,
        "what": "position",
        "account": "DU1",
        "con_id": con_id,
        "position_after": after,
        "reason": reason,
    }


def cash(amount: str, after: str, reason: str = "trade", exec_id: str | None = "e0.1.01") -> Line:
    return {
        "t": 1,
        "what": "cash",
        "account": "DU1",
        "cash_after": after,
        "amount": amount,
        "currency": "USD",
        "reason": reason,
        "exec_id": exec_id,
    }


def fault(name: str, perm_id: int | None = None, ref: str | None = None, **more: Any) -> Line:
    return {"t": 1, "what": "fault", "name": name, "perm_id": perm_id, "ref": ref, **more}


def opening(after: str = "100000") -> Line:
    return cash(after, after, "opening", None)


def placed(ref: str | None = REF) -> Line:
    return {"t": 1, "conn": 1, "dir": "in", "msg": "placeOrder", "ref": ref, "fields": {}}


def bought() -> list[Line]:
    """A hundred shares, bought in one order and one fill."""
    return [
        opening(),
        order(),
        execution(),
        position("100"),
        cash("-19000", "81000"),
        cash("-1", "80999", "commission"),
        order(status="Filled", over=True, filled="100"),
    ]


def put(lines: list[Line], at: int, **lie: object) -> list[Line]:
    """The lines with one of them changed."""
    return [*lines[:at], {**lines[at], **lie}, *lines[at + 1 :]]


def judged(lines: list[Line]) -> tuple[Violation, ...]:
    oracle = Oracle()
    for line in lines:
        oracle.read(dumps(line))
    return oracle.verdict()


def one(lines: list[Line]) -> Violation:
    violations = judged(lines)
    assert len(violations) == 1, [str(each) for each in violations]
    return violations[0]


REPRICED = [
    correction("e0.1.02", "e0.1.01", price="189"),
    position("100", "correction"),
    cash("100", "81099", "correction", "e0.1.02"),
]
BUSTED = [
    correction("e0.1.02", "e0.1.01", qty="0"),
    position("0", "correction"),
    cash("19000", "99999", "correction"),
    cash("1", "100000", "commission"),
]
