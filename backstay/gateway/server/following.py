"""Prices that are written while the gateway runs: from a growing file into its market.

Each line is an act of its own, in the order of the file, so that a client sees one after the other
and is heard between two. A line that can't be played is told with its number, and the next one is
played all the same.
"""

import asyncio
from collections.abc import Callable, Iterator

from backstay.gateway.market.tape import TapeLine, parse_untimed
from backstay.gateway.market.tape_follower import TapeFollower
from backstay.gateway.server.followed_file import FollowedFile, RawLine

LOOK_SECONDS = 0.01
"""How often the file is looked at."""

COMPLAINTS_MAX = 20
"""So many lines are told at once; of those that follow it is said how many they are."""

Act = Callable[[Callable[[], None]], None]
"""Does something to the gateway in a turn of its own."""


class Following:
    """One file and one market."""

    def __init__(
        self, file: FollowedFile, follower: TapeFollower, say: Callable[[str], None]
    ) -> None:
        self._file = file
        self._follower = follower
        self._say = say
        self._complaints = 0

    def begin(self) -> None:
        """Show the market as the file has it now; before anybody connects."""
        self._follower.begin(self._standing(), self._complain)
        self._sum_up()

    async def run(self, act: Act) -> None:
        """Play what comes, for as long as it isn't cancelled."""
        while True:
            await self._play(act)
            await asyncio.sleep(LOOK_SECONDS)

    async def _play(self, act: Act) -> None:
        for line in self._readable(self._file.read()):
            try:
                deed = self._follower.prepared(line)
            except ValueError as wrong:
                self._complain(line.number, str(wrong))
            else:
                act(deed)
                await asyncio.sleep(0)
        self._sum_up()

    def _standing(self) -> Iterator[TapeLine]:
        while raw := self._file.read():
            yield from self._readable(raw)

    def _readable(self, lines: tuple[RawLine, ...]) -> Iterator[TapeLine]:
        for number, text in lines:
            try:
                line = parse_untimed(number, text)
            except ValueError as wrong:
                self._complain(number, str(wrong))
            else:
                if line is not None:
                    yield line

    def _complain(self, number: int, wrong: str) -> None:
        self._complaints += 1
        if self._complaints <= COMPLAINTS_MAX:
            self._say(f"{self._file.path}: line {number}: {wrong}")

    def _sum_up(self) -> None:
        more, self._complaints = self._complaints - COMPLAINTS_MAX, 0
        if more > 0:
            self._say(f"{self._file.path}: {more} more lines can't be played")
