"""Asks the broker worker's pages what is live; whatever else comes than an answer is one line.

Where the worker is, is said by `--edge`, else by the roster of the house in the data folder, else
by `[metrics]`.
"""

import asyncio
from collections.abc import Iterable
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from backstay.cli.values import Place
from backstay.domain.edge.live import LivePage
from backstay.domain.edge.ordered import OrdersPage
from backstay.domain.ids import trade_id
from backstay.domain.trade.naming import Name
from workers.config import Settings
from workers.supervising.folder import DataFolder
from workers.supervising.roster import Part, read_roster

ANSWER_SECONDS = 2.0
BYTES_MAX = 16_000_000
LINES_MAX = 500
"""How much is asked for once. More would keep the worker from its work for too long."""

_OK, _MISSING = "200", "404"
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it listens, not where we do
_LIVE: TypeAdapter[LivePage] = TypeAdapter(LivePage)
_ORDERS: TypeAdapter[OrdersPage] = TypeAdapter(OrdersPage)
_Page = TypeVar("_Page", LivePage, OrdersPage)


class EdgeSilentError(Exception):
    """Nobody has said what is live; the message is the one line that says why."""


def edge_place(settings: Settings, given: Place | None) -> Place:
    """Where the broker worker should be. Its roster is read anew each time: it may move."""
    if given is not None:
        return given
    roster = read_roster(DataFolder(settings.data).roster)
    address = roster.address(Part.BROKER) if roster is not None else None
    if address:
        host, _, port = address.rpartition(":")
        if port.isdigit():
            return Place(host, int(port))
    return Place(settings.metrics.host, settings.metrics.port)


async def ask_live(
    settings: Settings, place: Place, trades: Iterable[str] = (), limit: int = LINES_MAX
) -> LivePage:
    """What is at work at the edge, of these trades or all; EdgeSilentError if nobody says."""
    return await _ask(settings, place, f"/trades?limit={limit}{_only(trades)}", _LIVE)


async def ask_orders(settings: Settings, place: Place, trades: Iterable[str] = ()) -> OrdersPage:
    """The orders as the edge knows them, of these trades or all; EdgeSilentError if nobody says."""
    return await _ask(settings, place, f"/orders?limit={LINES_MAX}{_only(trades)}", _ORDERS)


def codes_of(account: str, name: Name) -> frozenset[str]:
    """The trades that a name may mean, by their codes."""
    by_plan = None if name.plan_id is None else trade_id(account, name.plan_id)
    return frozenset(code for code in (name.code, by_plan) if code is not None)


def _only(trades: Iterable[str]) -> str:
    codes = ",".join(sorted(trades))
    return f"&trades={codes}" if codes else ""


async def _ask(settings: Settings, place: Place, path: str, kind: TypeAdapter[_Page]) -> _Page:
    status, body = await _read(place, path)
    if status == _MISSING:
        raise EdgeSilentError(f"{place}: what answers here is no broker worker of this build")
    if status != _OK:
        raise EdgeSilentError(f"{place}: it answers {status or 'with no HTTP'}")
    try:
        page = kind.validate_json(body)
    except ValidationError:
        raise EdgeSilentError(f"{place}: its answer can't be read by this build") from None
    if page.edge.account != settings.account:
        text = f"it serves {page.edge.account}, and the settings are for {settings.account}"
        raise EdgeSilentError(f"{place}: {text}")
    return page


async def _read(place: Place, path: str) -> tuple[str, bytes]:
    """The status and the body of an answer."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(
                _ANY.get(place.host, place.host), place.port
            )
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {place.host}\r\n\r\n".encode())
                answer = await _whole(reader, place)
            finally:
                writer.close()
    except TimeoutError:
        text = f"{place}: no answer within {ANSWER_SECONDS:g} s"
        raise EdgeSilentError(text) from None
    except OSError:
        text = f"{place}: no broker worker answers here; is `backstay up` running?"
        raise EdgeSilentError(text) from None
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
    status = words[1] if words[0].startswith("HTTP/") and len(words) > 1 else ""
    return status, body


async def _whole(reader: asyncio.StreamReader, place: Place) -> bytes:
    parts, size = [], 0
    while part := await reader.read(65_536):
        parts.append(part)
        size += len(part)
        if size > BYTES_MAX:
            raise EdgeSilentError(f"{place}: its answer does not end")
    return b"".join(parts)
