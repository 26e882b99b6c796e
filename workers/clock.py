"""The machine's clock: the seam to real time for processes that serve the engine.

Nothing is decided by it. It dates what is told, stands in for the broker's time until the broker
has told it, and tells the lives of a process apart.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What stands where this module stands, such as the module itself."""

    def now(self) -> datetime:
        """What the machine says."""

    def boot(self) -> str:
        """A name for this life of the process."""


def now() -> datetime:
    """What the machine says."""
    return _EPOCH + timedelta(microseconds=time.time_ns() // 1000)


def boot() -> str:
    """A name for this life of the process, which no other has."""
    return f"{os.getpid()}-{time.time_ns():x}"
