"""Signs of life: what is asked, and when silence is too long."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from backstay.broker.doors.wire import NotAnsweredError
from backstay.broker.session.pulse import Pulse
from backstay.lab.virtual_time import run
from tests.broker.session.rig import START_NS, Time


class Silent:
    """A line on which nothing is heard, and its questions, which nobody answers."""

    heard_at = 0.0

    async def current_time(self) -> datetime:
        await asyncio.sleep(4)
        raise NotAnsweredError("current time: no answer in 4 s")


def tell(story: Callable[[Pulse], Awaitable[None]]) -> None:
    async def main() -> None:
        silent: Any = Silent()
        pulse = Pulse(silent, silent, Time(), lambda: None)
        beating = asyncio.get_running_loop().create_task(pulse.run())
        try:
            await story(pulse)
        finally:
            beating.cancel()

    run(main(), start_ns=START_NS)


def test_a_second_question_does_not_make_the_silence_shorter() -> None:
    async def story(pulse: Pulse) -> None:
        # Asked at 5 s. Shortly before that question is given up, another one is called for.
        await asyncio.sleep(8.9)
        pulse.doubt()
        await asyncio.sleep(0.35)
        assert pulse.silence(9.25) == "nothing was heard for 9 s"

    tell(story)


def test_a_silence_is_as_long_as_it_may_be_and_not_longer() -> None:
    async def story(pulse: Pulse) -> None:
        assert pulse.silence(60.0) is None
        await asyncio.sleep(5.5)
        assert pulse.silence(9.0) is None
        assert pulse.silence(9.1) == "nothing was heard for 9 s"

    tell(story)
