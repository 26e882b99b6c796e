"""Health, metrics and whatever else a role shows over HTTP: pages, read only, on one port.

Owns the little of the protocol that this takes. A client that sends nothing, too much, or anything
else than a GET is sent away; whatever it does, nothing else in the process waits for it.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

REQUEST_SECONDS_MAX = 5.0
REQUEST_BYTES_MAX = 8192


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered."""

    status: HTTPStatus
    kind: str
    body: bytes


Query = Mapping[str, str]
"""What was asked for after the question mark; of a name that stands there twice the last."""

Pages = Mapping[str, Callable[[Query], Page]]
"""Each page by its path, as it is made when it is asked for."""


class PageServer:
    """Serves each path's page as it is at that moment."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; returns the address. OSError if that is impossible."""
        self._server = await asyncio.start_server(self._answer, host, port, limit=REQUEST_BYTES_MAX)
        place = self._server.sockets[0].getsockname()
        return f"{place[0]}:{place[1]}"

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
                async with asyncio.timeout(REQUEST_SECONDS_MAX):
                    request = await reader.readuntil(b"\r\n\r\n")
                    writer.write(_bytes(self._page(request)))
                    await writer.drain()
        except asyncio.LimitOverrunError:
            pass
        finally:
            _hang_up(writer)

    def _page(self, request: bytes) -> Page:
        method, _, rest = request.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        path, _, query = rest.partition(" ")[0].partition("?")
        if method != "GET":
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED)
        made = self._pages.get(path)
        return _plain(HTTPStatus.NOT_FOUND) if made is None else made(dict(parse_qsl(query)))


def _hang_up(writer: asyncio.StreamWriter) -> None:
    """What a client has not taken in its time is dropped: else it would be kept for ever."""
    if writer.transport.get_write_buffer_size():
        writer.transport.abort()
    else:
        writer.close()


def _plain(status: HTTPStatus, text: str = "") -> Page:
    return Page(status, "text/plain; charset=utf-8", f"{text or status.phrase}\n".encode())


def bad_request(text: str) -> Page:
    """What was asked for can't be, and why, in one line."""
    return _plain(HTTPStatus.BAD_REQUEST, text)


def _bytes(page: Page) -> bytes:
    head = (
        f"HTTP/1.1 {page.status.value} {page.status.phrase}\r\n"
        f"Content-Type: {page.kind}\r\n"
        f"Content-Length: {len(page.body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("latin-1") + page.body
