"""Who runs in a data folder: written by the process that keeps the house, read by everybody.

A process is named by its id and by when it began, as the system counts it: ids are used again, and
what has one of ours need not be ours.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError


class Part(StrEnum):
    """The parts of a house, in the order in which they begin."""

    ENGINE = "engine"
    GATEWAY = "gateway"
    TRADES = "trades"
    BROKER = "broker"


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was started; `began` is what the system says of its start."""

    pid: int
    began: str


@dataclass(frozen=True, slots=True)
class Running:
    """One part, and where it answers: the engine's and the gateway's own address, or where a
    worker's health is.
    """

    part: Part
    process: Process
    address: str
    since: datetime
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody. `ui` is where the engine shows itself to people."""

    keeper: Process
    ui: str
    running: tuple[Running, ...]

    def address(self, part: Part) -> str | None:
        """Where a part answers, if it runs and that is known yet."""
        found = (each.address for each in self.running if each.part is part)
        return next(found, None) or None


_ROSTER: TypeAdapter[Roster] = TypeAdapter(Roster)


def read_roster(file: Path) -> Roster | None:
    """Who runs, as it was written last; None if nobody has written it, or not all of it."""
    try:
        return _ROSTER.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def write_roster(file: Path, roster: Roster) -> None:
    """Write it so that whoever reads it sees all of it, or what was there before."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(json.loads(_ROSTER.dump_json(roster)), indent=2) + "\n", "utf-8")
    draft.replace(file)
