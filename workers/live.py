"""What is live, over HTTP: `/trades` and `/orders`, as JSON, read only.

`?limit=N` says how many lines there may be at most; how many there are is always told. With
`?trades=CODE,CODE` only theirs are. Each page is made in one turn of the loop, so the limit has a
bound.
"""

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Protocol, TypeVar

from pydantic import TypeAdapter

from backstay.broker.reading.reading import SHOWN
from backstay.domain.edge.live import LivePage
from backstay.domain.edge.ordered import OrdersPage
from workers.serving import Page, Pages, Query, bad_request

LIMIT_MAX = 1000
"""So many lines take some 50 ms, in which nothing else happens."""

_Shown = TypeVar("_Shown", LivePage, OrdersPage)
_LIVE: TypeAdapter[LivePage] = TypeAdapter(LivePage)
_ORDERS: TypeAdapter[OrdersPage] = TypeAdapter(OrdersPage)


class Readable(Protocol):
    """What of the edge this needs."""

    def live(self, limit: int, trades: Collection[str]) -> LivePage:
        """The legs at work, of these trades or all."""

    def orders(self, limit: int, trades: Collection[str]) -> OrdersPage:
        """The orders that are known, of these trades or all."""


def live_pages(edge: Readable) -> Pages:
    """The pages, by their paths."""
    return {
        "/trades": lambda query: _page(query, edge.live, _LIVE),
        "/orders": lambda query: _page(query, edge.orders, _ORDERS),
    }


def _page(
    query: Query, read: Callable[[int, Collection[str]], _Shown], kind: TypeAdapter[_Shown]
) -> Page:
    asked = query.get("limit", str(SHOWN))
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= len(str(LIMIT_MAX))
    if not is_number or not 1 <= int(asked) <= LIMIT_MAX:
        return bad_request(f"limit={asked!r}; expected a number from 1 to {LIMIT_MAX}")
    trades = frozenset(each for each in query.get("trades", "").split(",") if each)
    told = kind.dump_json(read(int(asked), trades))
    return Page(HTTPStatus.OK, "application/json", told + b"\n")
