"""What answers over HTTP: one request, one answer, and no patience.

It asks a part of this house at the address that the house has written down, so no proxy is meant.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

ANSWER_SECONDS_MAX = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the status, the text, and what time it was there, in whole seconds, when it was
    heard here.
    """

    status: int
    body: bytes
    at: datetime | None
    heard_at: datetime


class NoAnswerError(Exception):
    """Nobody answered, or with no page; the message is one line."""


async def get(address: str, path: str, machine: Callable[[], datetime]) -> Answer:
    """Ask for a page of HOST:PORT; NoAnswerError."""
    return await asyncio.to_thread(_get, address, path, machine)


def _get(address: str, path: str, machine: Callable[[], datetime]) -> Answer:
    place = urlsplit(f"//{address}")
    try:
        connection = HTTPConnection(place.hostname or "", place.port, timeout=ANSWER_SECONDS_MAX)
    except ValueError as error:
        raise NoAnswerError(str(error)) from None
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        heard_at, told = machine(), _date(response.getheader("Date"))
        return Answer(response.status, response.read(), told, heard_at)
    except (OSError, HTTPException) as error:
        raise NoAnswerError(_reason(error)) from None
    finally:
        connection.close()


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error) or type(error).__name__


def _date(header: str | None) -> datetime | None:
    if header is None:
        return None
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None
