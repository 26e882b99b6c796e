"""Asks a worker how it stands, over HTTP; no answer is an answer, too."""

import asyncio

from pydantic import TypeAdapter, ValidationError

from workers.health import HealthReport

ANSWER_SECONDS_MAX = 2.0
_REPORT: TypeAdapter[HealthReport] = TypeAdapter(HealthReport)
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it listens, not where we do


async def health(address: str) -> HealthReport | None:
    """What its page says, or None if nobody answers, or not in time, or with something else."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            reader, writer = await asyncio.open_connection(_ANY.get(host, host), int(port))
            try:
                writer.write(f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                _, _, body = (await reader.read()).partition(b"\r\n\r\n")
            finally:
                writer.close()
        return _REPORT.validate_json(body)
    except (OSError, TimeoutError, ValidationError, ValueError):
        return None
