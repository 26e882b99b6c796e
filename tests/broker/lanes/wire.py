"""Lanes under a virtual clock, and what has come of whoever went into them."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.notices import Notice
from backstay.domain.ids import Lane
from backstay.gateway.times import SECOND_NS
from backstay.lab.virtual_time import run

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
START_NS = 1_795_446_000 * SECOND_NS


@dataclass
class Wire:
    """A wire that remembers when each frame came, and who was told that he is lost."""

    notices: list[Notice] = field(default_factory=list)
    left: list[tuple[float, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.lanes = OutgoingLanes(self.notices.append, lambda: AT)

    def write(self, frames: bytes) -> None:
        """Frames are words that end in a blank."""
        for word in frames.decode().split():
            self.left.append((round(self.loop.time(), 4), word))

    def open(self) -> None:
        """Attach this wire."""
        self.lanes.attach(self.write)

    def send(self, lane: Lane, name: str, messages: int = 1, symbol: str = "") -> bool:
        """Send a word as so many frames."""
        return self.lanes.send(
            lane,
            lambda: [f"{name} ".encode()] * messages,
            lambda reason: self.lost.append((name, reason)),
            messages,
            symbol,
        )

    def probe(self, name: str) -> bool:
        """Send a word as a proof."""
        return self.lanes.probe(
            lambda: [f"{name} ".encode()], lambda reason: self.lost.append((name, reason))
        )

    def flood(self, lane: Lane, count: int) -> None:
        """Send many at once, as lane-number."""
        for number in range(count):
            self.send(lane, f"{lane.name}-{number}")

    @property
    def words(self) -> list[str]:
        """What has left, in order."""
        return [word for _, word in self.left]

    def at(self, word: str) -> float:
        """When a word left."""
        return next(at for at, other in self.left if other == word)


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story on a virtual clock."""
    run(story, start_ns=START_NS)
