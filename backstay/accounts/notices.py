"""What somebody has to be told, as it is kept.

Of many notices the newest are kept, and all are counted, by kind and severity. A notice with a name
is kept once, however often it is delivered.
"""

from dataclasses import dataclass
from datetime import datetime

from backstay.domain.checks import check_utc
from backstay.domain.incidents.kinds import IncidentKind, Severity, facts_of

NOTICES_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was told: of what kind, about what or whom, and the evidence.

    `name` tells one delivery from another one of the same words; without it each counts.
    """

    kind: IncidentKind
    subject: str
    text: str
    at: datetime
    name: str = ""

    def __post_init__(self) -> None:
        check_utc(f"the notice of {self.kind!s}", self.at)

    @property
    def severity(self) -> Severity:
        """How bad its kind is to begin with."""
        return facts_of(self.kind).severity


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A notice in the file; numbers rise and are never used again."""

    number: int
    note: Note


@dataclass(frozen=True, slots=True)
class NoteCount:
    """How many notices of one kind there have been, those no longer kept included."""

    kind: IncidentKind
    severity: Severity
    count: int
