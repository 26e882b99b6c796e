"""Prices that are written while the gateway runs: from a growing file into its market.

Each line is an act of its own, in the order of the file, so that a client sees one after the other.
A line that can't be played is told with its number, and the next one is played all the same.
"""

import asyncio
from collections.abc import Callable, Iterator

from backstay.gateway.market.tape import TapeLine, parse_untimed
from backstay.gateway.market.tape_follower import TapeFollower
from backstay.gateway.server.followed_file import FollowedFile, RawLine

LOOK_SECONDS = 0.01
"""How often the file is looked at."""

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

    def begin(self) -> None:
        """Show the market as the file has it now; before anybody connects."""
        lines: list[TapeLine] = []
        while raw := self._file.read():
            lines.extend(self._readable(raw))
        for number, wrong in self._follower.begin(lines):
            self._complain(number, wrong)

    async def run(self, act: Act) -> None:
        """Play what comes, for as long as it isn't cancelled."""
        while True:
            self._play(act)
            await asyncio.sleep(LOOK_SECONDS)

    def _play(self, act: Act) -> None:
        for line in self._readable(self._file.read()):
            try:
                deed = self._follower.prepared(line)
            except ValueError as wrong:
                self._complain(line.number, str(wrong))
            else:
                act(deed)

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
        self._say(f"{self._file.path}: line {number}: {wrong}")
