"""What is told of a run, line by line, and what is judged of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Who(StrEnum):
    """Whose doing a line tells of."""

    RULES = "rules"
    MARKET = "market"
    SENT = "sent"
    BROKER = "broker"
    PERSON = "person"
    HOUSE = "house"
    """The processes: one has died, or is begun again."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line: when, whose doing, what happened, why or what of it."""

    at: datetime
    who: Who
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, whether it does, and the figures that it was judged on."""

    text: str
    holds: bool
    found: str
