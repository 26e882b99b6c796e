"""Parts that are split off from what a guard watches.

A part is split off in one turn, once the broker shows the stop for no more than the rest; until
then, and if anything else comes of it, the guard answers for everything. Each is split off once, by
its version, and one at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable

from backstay.broker.errands import Errands
from backstay.domain.edge.guards import NotSplit, Split, SplitAnswer, SplitOff

Objection = Callable[[SplitOff], NotSplit | None]
"""Why a part can't be split off as things stand."""

Shrink = Callable[[SplitOff], Awaitable[str]]
"""Have the broker show the stop for no more than the rest; or why it does not."""

Done = Callable[[SplitOff], Split]
"""Answer for the rest from this turn on."""


class Splitting:
    """The parts of one guard."""

    def __init__(
        self, last: Split | None, errands: Errands, objection: Objection, shrink: Shrink, done: Done
    ) -> None:
        self.last = last
        self._errands = errands
        self._objection = objection
        self._shrink = shrink
        self._done = done
        self._asked: SplitOff | None = None
        self._answer: asyncio.Future[SplitAnswer] | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the stop at the broker is being made smaller for a part."""
        return self._asked is not None

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Split a part off; what was split off under this version is told again."""
        if self.last is not None and self.last.version == asked.version:
            return self.last
        objection = self._objection(asked)
        if objection is not None:
            return objection
        if self._asked is None:
            self._begin(asked)
        elif self._asked.version != asked.version:
            return NotSplit(asked.key, f"version {self._asked.version} is under way", is_over=False)
        if self._answer is None:
            raise RuntimeError(f"nobody answers what is split off of {asked.key}")
        return await asyncio.shield(self._answer)

    def _begin(self, asked: SplitOff) -> None:
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._asked = asked

        async def split() -> None:
            try:
                answer.set_result(await self._carried_out(asked))
            finally:
                self._asked = None
                if not answer.done():
                    answer.cancel()

        self._errands.begin(f"split off {asked.part} of {asked.key}, {asked.version}", split)

    async def _carried_out(self, asked: SplitOff) -> SplitAnswer:
        why_not = await self._shrink(asked)
        objection = self._objection(asked)
        if objection is not None:
            return objection
        if why_not:
            return NotSplit(asked.key, why_not, is_over=False)
        self.last = self._done(asked)
        return self.last
