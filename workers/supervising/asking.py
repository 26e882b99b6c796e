"""Asks a worker how it stands, and an engine for a sign of life; no answer is an answer, too."""

import asyncio

from pydantic import TypeAdapter, ValidationError
from temporalio.service import ConnectConfig, RPCError, ServiceClient

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


class EngineAsker:
    """Asks one engine, over a connection that is kept and made anew when it breaks."""

    def __init__(self, address: str) -> None:
        self._config = ConnectConfig(target_host=address, lazy=True)
        self._service: ServiceClient | None = None

    async def serves(self) -> bool:
        """Whether it says so itself; a port alone says nothing of who is behind it."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                self._service = self._service or await ServiceClient.connect(self._config)
                return await self._service.check_health()
        except (RPCError, RuntimeError, TimeoutError):
            return False
