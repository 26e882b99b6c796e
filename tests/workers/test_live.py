"""What is live, over HTTP: the edge's pages as JSON, with a bound."""

import asyncio
from collections.abc import Collection
from http import HTTPStatus

import pytest
from pydantic import TypeAdapter

from backstay.broker.reading.reading import SHOWN
from backstay.domain.edge.live import LivePage
from backstay.domain.edge.ordered import OrdersPage
from tests.cli.live_samples import EDGE, GUARDED, NOW, WAITING
from workers import serving
from workers.live import LIMIT_MAX, live_pages
from workers.serving import Page, PageServer

LIVE, ORDERS = TypeAdapter(LivePage), TypeAdapter(OrdersPage)


class Reading:
    """An edge that is only read; it remembers how much was asked for."""

    def __init__(self) -> None:
        self.limits: list[int] = []
        self.trades = {"not asked"}

    def live(self, limit: int, trades: Collection[str]) -> LivePage:
        self.trades = set(trades)
        self.limits.append(limit)
        return LivePage(EDGE, 2, (GUARDED, WAITING)[:limit])

    def orders(self, limit: int, trades: Collection[str]) -> OrdersPage:
        self.trades = set(trades)
        self.limits.append(limit)
        return OrdersPage(EDGE, NOW, 0, 0, (), ())


def asked(path: str, **query: str) -> tuple[Page, list[int]]:
    edge = Reading()
    return live_pages(edge)[path](query), edge.limits


def test_the_pages_are_json_that_reads_back() -> None:
    page, limits = asked("/trades")
    assert (page.status, page.kind, limits) == (HTTPStatus.OK, "application/json", [SHOWN])
    assert LIVE.validate_json(page.body) == LivePage(EDGE, 2, (GUARDED, WAITING))
    page, limits = asked("/orders", limit="7")
    assert (page.status, limits) == (HTTPStatus.OK, [7])
    assert ORDERS.validate_json(page.body).edge == EDGE


@pytest.mark.parametrize("limit", ["1", str(LIMIT_MAX)])
def test_a_limit_is_from_one_to_a_bound(limit: str) -> None:
    page, limits = asked("/trades", limit=limit)
    assert (page.status, limits) == (HTTPStatus.OK, [int(limit)])


@pytest.mark.parametrize("limit", ["0", "-1", str(LIMIT_MAX + 1), "9" * 5000, "ten", "1.5", "٣"])
def test_any_other_limit_is_refused_in_one_line_and_costs_nothing(limit: str) -> None:
    page, limits = asked("/orders", limit=limit)
    assert (page.status, limits) == (HTTPStatus.BAD_REQUEST, [])
    assert page.body.decode() == f"limit={limit!r}; expected a number from 1 to {LIMIT_MAX}\n"


def test_the_query_of_a_request_reaches_the_page() -> None:
    edge = Reading()

    async def story() -> bytes:
        server = PageServer(live_pages(edge))
        host, _, port = (await server.start("127.0.0.1", 0)).rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /trades?limit=1&limit=2&x&trades=6PMWYKXY,,X7QPCBB0 HTTP/1.1\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await server.close()
        return answer

    head, _, body = asyncio.run(story()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert LIVE.validate_json(body).total == 2
    assert edge.limits == [2]
    assert edge.trades == {"6PMWYKXY", "X7QPCBB0"}


def test_a_client_that_does_not_read_is_hung_up_on_and_nothing_is_kept_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "REQUEST_SECONDS_MAX", 0.2)
    large = Page(HTTPStatus.OK, "text/plain", b"x" * 20_000_000)

    def shown(_: object) -> Page:
        return large

    async def story() -> None:
        server = PageServer({"/large": shown})
        host, _, port = (await server.start("127.0.0.1", 0)).rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1000)
        writer.write(b"GET /large HTTP/1.1\r\n\r\n")
        await asyncio.sleep(0.6)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(len(large.body)), 10)
        writer.close()
        await server.close()

    asyncio.run(story())
