"""What came of a run."""

from dataclasses import dataclass

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Finding:
    """A law that was broken: which, when, and by what."""

    law: str
    """Such as I1 or L4; `run` where the run itself could not go on."""

    at_ns: int
    text: str

    def __str__(self) -> str:
        return f"{self.law}: {self.text}"


@dataclass(frozen=True, slots=True)
class Seen:
    """How often an effect of a fault was seen by the house, while a trade stood so."""

    fault: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run."""

    seed: int
    profile: str
    findings: tuple[Finding, ...]
    events: int
    """How many changes of orders, fills, positions and cash the broker had, and how many messages
    about them it sent."""

    fills: int
    crashes: int
    faults: tuple[Seen, ...]
    marks: tuple[str, ...]
    """What was reached: each edge of a trade's life as `state -> state`, each fault by its name."""

    steps: int
    virtual_seconds: float
    digest: str
    is_replayed: bool = False
    """Whether its histories went through the engine's own replayer as well."""


OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)
"""Reads and writes one, between processes."""
