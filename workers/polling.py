"""Workers that take calls from the engine, for as long as they may.

Owns their end: whoever stops gives back what it holds at once, so that the next one has it within a
moment instead of after a timeout. A worker that ends by itself takes the others with it.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from workers.labour import Polling


async def poll(workers: Sequence[Polling], until: Coroutine[Any, Any, None]) -> None:
    """Take calls until `until` returns or this is cancelled; raises what a worker has died of."""
    ends = asyncio.create_task(until)
    runs = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        await asyncio.wait((ends, *runs), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ends.cancel()
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        ended = await asyncio.gather(*runs, ends, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, Exception):
            raise outcome
