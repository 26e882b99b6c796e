"""What a person or a supervisor has to be told, as a value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backstay.domain.incidents.kinds import IncidentKind


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is an incident: of what kind, about what or whom, and the evidence."""

    kind: IncidentKind
    subject: str
    text: str
    at: datetime


Tell = Callable[[Notice], None]
