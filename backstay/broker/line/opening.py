"""To connect: a line that has shaken hands, or one clear reason why there is none."""

import asyncio

from backstay.broker.line.errors import NoWelcomeError, UnreachableError
from backstay.broker.line.line import GatewayLine, Lost
from backstay.broker.line.reading import Ears

OPENING_SECONDS_MAX = 10.0
"""A gateway that is up answers within a second; one that starts holds the connection longer."""


async def open_line(
    host: str,
    port: int,
    client_id: int,
    ears: Ears,
    lost: Lost,
    *,
    timeout_seconds: float = OPENING_SECONDS_MAX,
) -> GatewayLine:
    """Connect and shake hands; OpeningError says why not.

    `lost` is told once when a line that was returned ends, whoever ends it, in a turn of its own.
    """
    loop = asyncio.get_running_loop()
    line = GatewayLine(client_id, ears, lost)
    is_open = False
    try:
        async with asyncio.timeout(timeout_seconds):
            await loop.create_connection(lambda: line, host, port)
            await line.welcomed()
        is_open = True
    except TimeoutError as error:
        why = f"{host}:{port} has not answered in {timeout_seconds:g} s: {line.missing}"
        raise NoWelcomeError(why) from error
    except OSError as error:
        raise UnreachableError(f"{host}:{port} can't be reached: {error}") from error
    finally:
        if not is_open:
            line.discard()
    return line
