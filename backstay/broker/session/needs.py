"""What the session is given by other rooms."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backstay.broker.doors.knowing import Time
from backstay.broker.doors.wire import Asks, Line

Ended = Callable[[str], None]
"""Told once that a connection is gone, and why."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A line that has shaken hands, and how the broker is asked on it.

    An answer that is late must not pass for that to a later question.
    """

    line: Line
    asks: Asks
    no_more_answers: Ended
    """Tells whoever has asked something, and whoever hears prices, that the line is gone. Only the
    session calls it: a line may take a while to end, and by then there can be another one.
    """

    adopt_manual_orders: Callable[[], None]
    """Has orders placed by hand bound to us, so that they can be seen and cancelled; client 0."""


Opening = Callable[[Ended], Awaitable[Connection]]
"""Opens a connection, or raises an OpeningError."""

Write = Callable[[bytes], None]


class Timing(Time, Protocol):
    """Broker time, as whoever asks for it keeps it."""

    def next_probe_in(self) -> float:
        """In how many seconds an answer would tell the most of it."""

    async def ask(self, current_time: Callable[[], Awaitable[datetime]]) -> datetime:
        """Ask, and learn from the answer. EdgeError if there is none."""


class Gate(Protocol):
    """The lanes, as whoever owns the connection has them."""

    def attach(self, write: Write) -> None:
        """Lead to this line."""

    def detach(self, reason: str) -> None:
        """Lead nowhere: what waits is lost."""

    def hold(self) -> None:
        """Let nothing leave but the question that proves the session."""

    def go_on(self) -> None:
        """Let everything leave again."""
