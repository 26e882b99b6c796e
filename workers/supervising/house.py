"""A whole house in one block: engine, gateway and both workers, for as long as the block lasts."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from workers.config import Settings
from workers.supervising.report import Alarm, HouseReport
from workers.supervising.roster import Roster


class HouseError(Exception):
    """The house can't be opened, or not any more; the message is one line."""


class ToldToEndError(HouseError):
    """It was told to end before everything had begun."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted: the settings, and the file that the workers read them from.

    `gateway` has further words for `backstay gateway`; None takes the gateway that stands at the
    settings' address, and starts none. `ui_port` 0 is a free one.
    """

    settings_file: Path
    settings: Settings
    gateway: tuple[str, ...] | None
    ui_port: int = 0


class House:
    """What whoever keeps it can see and do."""

    @property
    def roster(self) -> Roster:
        """Who runs, as it stands in the data folder."""
        raise NotImplementedError

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What a person has to know, oldest first; the newest hundred of it."""
        raise NotImplementedError

    def report(self) -> HouseReport:
        """How everything stands now."""
        raise NotImplementedError

    async def changed(self) -> None:
        """Wait until something is otherwise than it was at this call."""
        raise NotImplementedError

    async def ended(self) -> None:
        """Wait until it is told to end, by SIGINT, SIGTERM or SIGHUP, or every part is given up."""
        raise NotImplementedError


@asynccontextmanager
async def kept_house(wish: Wish, tell: Callable[[str], None]) -> AsyncIterator[House]:
    """A house in which everything has begun, until the block ends; then nothing of it is left.

    `tell` hears a line for each thing that a person may want to know meanwhile. HouseError if it
    can't begin. A second signal, while it ends, has everything killed at once.
    """
    raise NotImplementedError
    yield House()
