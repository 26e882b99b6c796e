"""What a person or a supervisor has to be told, as a value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from traceback import extract_tb, format_exception_only

from backstay.domain.incidents.kinds import IncidentKind


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is an incident: of what kind, about what or whom, and the evidence."""

    kind: IncidentKind
    subject: str
    text: str
    at: datetime


Tell = Callable[[Notice], None]


def attempt(what: str, call: Callable[[], None], now: Callable[[], datetime], tell: Tell) -> None:
    """Do it; what fails is told, and whatever comes after it is done all the same."""
    try:
        call()
    except Exception as fault:  # noqa: BLE001 - it is told, and the others have to be served, too
        tell(Notice(IncidentKind.TASK_FAILED, what, evidence_of(fault), now()))


def evidence_of(fault: BaseException) -> str:
    """What was raised, in one line, and where: the innermost place."""
    what = "".join(format_exception_only(fault)).strip().splitlines()[0]
    places = extract_tb(fault.__traceback__)
    if not places:
        return what
    place = places[-1]
    return f"{what} ({place.name} in {Path(place.filename).name}:{place.lineno})"
