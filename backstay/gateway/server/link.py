"""What a shell and the gateway know of each other, and all that they know.

A shell calls the gateway from one thread, one call at a time, and never from inside a call that the
gateway makes to a link: a link that is closed or reset tells its conversation so only later.
"""

from typing import Protocol


class Link(Protocol):
    """One client's connection, as the gateway sees it."""

    def write(self, data: bytes) -> None:
        """Send `data` after what was written before; a link that has ended drops it."""

    def close(self) -> None:
        """End in order: what was written arrives first. Twice is no fault."""

    def reset(self) -> None:
        """End at once (RST); what was written before may arrive or be lost. Twice is no fault."""

    @property
    def pending_bytes(self) -> int:
        """How much was written that has not left: a client that doesn't read lets it grow."""


class Conversation(Protocol):
    """What the gateway makes of one connection."""

    def receive(self, data: bytes) -> None:
        """Some bytes have come, cut anywhere."""

    def lost(self, reason: str) -> None:
        """The connection has ended, whoever ended it; said once, and nothing comes after it."""


class Served(Protocol):
    """The gateway, as a shell drives it.

    Before every call the shell advances it to broker time, and again when something is due; after
    every call it asks when that is, and whether the gateway still accepts connections.
    """

    @property
    def accepting(self) -> bool:
        """Whether it listens; while it restarts, a client that connects is refused."""

    @property
    def now_ns(self) -> int:
        """Broker time."""

    def connect(self, link: Link) -> Conversation:
        """A client has connected; nothing was said yet."""

    def advance(self, now_ns: int) -> None:
        """Do what is due up to `now_ns`."""

    def next_due_ns(self) -> int | None:
        """When something is due next, if anything is."""

    def stop(self) -> None:
        """Write down what has to last, and close every link; the shell asks nothing after this."""
