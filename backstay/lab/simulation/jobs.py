"""What a player process is asked for, and what it answers: one JSON line each."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from backstay.lab.simulation.outcome import Outcome
from backstay.lab.simulation.scenario import Role, Scenario


@dataclass(frozen=True, slots=True)
class Drawn:
    """The scenario of a seed, under one profile or with some faults only."""

    seed: int
    profile: str | None = None
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A small scenario with a name; with a crash before the step of that number, if one is given.
    The step is one of the process of that role, counted from its beginning.
    """

    story: str
    role: Role | None = None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """A scenario as it stands."""

    scenario: Scenario


What = Drawn | Told | Given


@dataclass(frozen=True, slots=True)
class Job:
    """One scenario to play; without `plays` it is only looked at.

    `is_replayed` has its histories go through the engine's own replayer as well. `journal` is the
    file that everything is written to that happens. `points_of` has the steps of a role's first
    process found before which something outside has changed.
    """

    what: What
    plays: bool = True
    is_replayed: bool = False
    journal: str = ""
    points_of: Role | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. The scenario comes along where something was found, or was asked for."""

    outcome: Outcome | None
    scenario: Scenario | None = None
    points: tuple[int, ...] = ()


JOB: TypeAdapter[Job] = TypeAdapter(Job)
DONE: TypeAdapter[Done] = TypeAdapter(Done)
