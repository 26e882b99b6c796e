"""Who waits for a house does not wait for one that has ended."""

import asyncio
import sys

import pytest

from tests.process.lodging import lodging


def test_a_house_that_has_ended_before_it_took_calls_is_not_waited_for() -> None:
    async def story() -> None:
        async with lodging() as house:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "raise SystemExit(3)"
            )
            async with asyncio.timeout(60):
                await house.begun(process)

    with pytest.raises(
        AssertionError, match="ended with exit code 3, awaited was the house to take"
    ):
        asyncio.run(story())
