"""How long a position stood without anything at the broker that would end it.

It is read off the gateway's own record and off nothing that a client believes. Nobody can protect
anything while nobody is connected, so a span counts from the last session that began in it.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from heapq import merge
from json import loads
from typing import Any

from backstay.gateway.times import SECOND_NS

_CLOSING = {True: "SELL", False: "BUY"}


def exposures(audit: Iterable[str], wire: Iterable[str]) -> list[float]:
    """The length in seconds of each span in which more was held than living orders would close;
    the last one may not have ended, and lasts until the end of the record.
    """
    held: dict[int, Decimal] = {}
    closing: dict[int, dict[int, tuple[str, Decimal]]] = {}
    since: int | None = None
    spans: list[float] = []
    now = 0
    for line in merge(map(loads, audit), _sessions(wire), key=lambda line: int(line["t"])):
        now = line["t"]
        match line["what"]:
            case "position":
                held[line["con_id"]] = Decimal(line["position_after"])
            case "order":
                left = Decimal(line["qty"]) - Decimal(line["filled"])
                orders = closing.setdefault(line["con_id"], {})
                orders[line["perm_id"]] = line["side"], Decimal(0) if line["over"] else left
            case "session":
                since = since and now
            case _:
                pass
        is_exposed = any(
            _covered(closing.get(con_id, {}), quantity) < abs(quantity)
            for con_id, quantity in held.items()
        )
        if is_exposed and since is None:
            since = now
        elif not is_exposed and since is not None:
            spans.append((now - since) / SECOND_NS)
            since = None
    if since is not None:
        spans.append((now - since) / SECOND_NS)
    return spans


def _covered(orders: dict[int, tuple[str, Decimal]], quantity: Decimal) -> Decimal:
    side = _CLOSING[quantity > 0]
    return sum((left for its_side, left in orders.values() if its_side == side), Decimal(0))


def _sessions(wire: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in map(loads, wire):
        if line["dir"] == "out" and line["msg"] == "nextValidId":
            yield {"t": line["t"], "what": "session"}
