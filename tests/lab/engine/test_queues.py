"""Whoever waits for work is found by it, whenever it comes."""

import asyncio

from hypothesis import example, given
from hypothesis import strategies as st

from activities.converting import VALUES
from backstay.gateway.times import SECOND_NS
from backstay.lab import virtual_time
from backstay.lab.engine.server import MemoryEngine
from tests.lab.engine.told import START_NS


@example(538_462_294_745, 31)
@given(st.integers(1, 10**12), st.integers(0, 600))
def test_a_worker_that_has_waited_for_whole_minutes_is_given_what_comes(
    asked_ns: int, minutes: int
) -> None:
    """Its poll ends with each minute, and it asks again in the same moment."""

    async def main() -> None:
        engine = MemoryEngine()
        client = engine.client(lambda: 0.0, "person", VALUES)
        await asyncio.sleep(asked_ns / SECOND_NS)
        source = engine.source(lambda: 0.0)
        poll = asyncio.create_task(source.poll_workflow_task("trades", "trades/1"))
        await asyncio.sleep(60.0 * minutes)
        await client.start_workflow("Trade", id="trade:1", task_queue="trades")
        await asyncio.sleep(0.001)
        assert poll.done()
        await poll

    virtual_time.run(main(), start_ns=START_NS)
