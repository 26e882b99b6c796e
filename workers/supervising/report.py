"""How a house stands, as values: for the screen, for a demo, for a test."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workers.health import HealthReport
from workers.supervising.roster import Part


class PartState(StrEnum):
    """Where a part stands."""

    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    """It has died, and is begun again after a pause."""

    GIVEN_UP = "given up"
    """It has died too often; the others go on without it."""

    ENDED = "ended"
    """It was told to end, and has."""


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part. `since` is when its state began, `trouble` what it died of last.

    `health` is the last document of a worker, and `health_age_seconds` how long ago it came;
    `silent_seconds` is for how long a part that runs has not answered.
    """

    part: Part
    state: PartState
    since: datetime
    pid: int | None = None
    address: str = ""
    restarts: int = 0
    trouble: str = ""
    health: HealthReport | None = None
    health_age_seconds: float | None = None
    silent_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class HouseReport:
    """All parts, and where the engine shows itself to people. `stops` is what stands in the
    account's book against opening anything.
    """

    at: datetime
    ui: str
    parts: tuple[PartReport, ...]
    stops: tuple[str, ...] = ()

    def part(self, part: Part) -> PartReport | None:
        """How this one stands; None if the house is kept without it."""
        return next((each for each in self.parts if each.part is part), None)

    @property
    def has_given_up(self) -> bool:
        """Whether some part has died too often."""
        return any(each.state is PartState.GIVEN_UP for each in self.parts)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person has to know, and when it was."""

    at: datetime
    text: str
