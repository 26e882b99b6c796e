"""What a guard tells: targets that were reached, by number, and at last its result.

A target is told of until whoever asks has heard it; the result is told to whoever asks, whatever
was heard before. After a restart the numbers go on from what is known to have been heard.
"""

import asyncio

from backstay.domain.edge.guards import (
    ExitBegun,
    Guard,
    GuardEnded,
    GuardResult,
    Headway,
    Target,
    TargetReached,
)


class Telling:
    """The news of one guard."""

    def __init__(self, guard: Guard, after: int) -> None:
        """`after` is the last news that was heard of the guard before."""
        headway = guard.headway
        self.reached = headway.reached
        self.told = headway.told
        self._heard = after if headway == Headway() else 0
        """The last news that was heard, where nothing else is known of what was told."""

        self.is_heard = self.told < after
        """Whether the target that is watched was reached, and heard of, before."""

        if headway == Headway():
            self._aim(guard.target)
        self.result: ExitBegun | GuardEnded | None = None
        self._news: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def number(self) -> int:
        """That of the news about the target that is watched."""
        return self.told + 1

    @property
    def is_reached(self) -> bool:
        """Whether the target that is watched was told of."""
        return self.is_heard or self.reached is not None

    @property
    def is_over(self) -> bool:
        """Whether the result is known."""
        return self.result is not None

    def reach(self, reached: TargetReached) -> None:
        """The target is reached."""
        self.reached = reached
        self._wake()

    def next_target(self, target: Target | None) -> None:
        """What was told of is dealt with: from now on this target is watched."""
        if self.is_reached:
            self.told = self.number
        self.reached = None
        self._aim(target)

    def _aim(self, target: Target | None) -> None:
        """The parts of a trade leave as its legs from 1 on, in their order."""
        is_part = target is not None and target.part is not None
        self.is_heard = is_part and _leg(target) <= self._heard
        self.told = max(self.told, self._heard)
        if self.is_heard:
            self.told = self._heard - 1

    def end(self, result: ExitBegun | GuardEnded) -> None:
        """This is what came of the guard; nothing else does."""
        if self.result is None:
            self.result = result
            self._wake()

    def close(self) -> None:
        """Nothing more is told: whoever waits is called off."""
        self._news.cancel()

    async def after(self, after: int) -> GuardResult:
        """The first news that comes after the one numbered `after`."""
        while True:
            if self.result is not None:
                return self.result
            if self.reached is not None and self.reached.revision > after:
                return self.reached
            await asyncio.shield(self._news)

    def _wake(self) -> None:
        if not self._news.done():
            self._news.set_result(None)
        self._news = asyncio.get_running_loop().create_future()


def _leg(target: Target | None) -> int:
    return 0 if target is None else target.exit.intent.key.leg
