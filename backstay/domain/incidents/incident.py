"""One incident, from its raising to its review.

Owns the record: how bad it is now, the evidence, who answered, and the six steps, which are taken
in order and never twice. An incident that nobody answers gets worse by one severity each time its
response time has passed, and a P1 is called again, up to `CALLS_MAX` calls in all.

It knows nothing of how a person is reached.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from backstay.domain.checks import check_not_below_zero, check_utc
from backstay.domain.figures import plain
from backstay.domain.incidents.kinds import IncidentKind, Severity, facts_of

CALLS_MAX = 10
"""How often one incident calls for an answer; after that it stands there, overdue."""


class Step(StrEnum):
    """What has to be done about an incident, in this order."""

    STABILISE = "stabilise"
    DOCUMENT = "document"
    INVESTIGATE = "investigate"
    FIX = "fix"
    VERIFY = "verify"
    REVIEW = "review"


_STEPS = tuple(Step)


@dataclass(frozen=True, slots=True)
class StepRecord:
    """Who has done a step, when, and what there is to say of it."""

    step: Step
    by: str
    at: datetime
    note: str

    def __post_init__(self) -> None:
        check_utc(f"the step {self.step}", self.at)
        if not self.by.strip():
            raise ValueError(f"the step {self.step} needs the name of who did it")
        if not self.note.strip():
            raise ValueError(f"the step {self.step} needs a note of what was done")


@dataclass(frozen=True, slots=True)
class StepRefused:
    """The step was not recorded, for this reason."""

    reason: str
    kind: Literal["step refused"] = "step refused"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has taken the incident on, and when."""

    by: str
    at: datetime

    def __post_init__(self) -> None:
        check_utc("an acknowledgement", self.at)
        if not self.by.strip():
            raise ValueError("an acknowledgement needs a name")


@dataclass(frozen=True, slots=True)
class Incident:
    """What happened to which subject, how bad it is by now, and what has been done about it.

    `called_at` is when a person was last called, and `calls` how often that was; `evidence` is
    names with values.
    """

    kind: IncidentKind
    subject: str
    severity: Severity
    raised_at: datetime
    called_at: datetime
    calls: int = 1
    evidence: tuple[tuple[str, str], ...] = ()
    unhedged_quantity: Decimal | None = None
    acknowledgement: Acknowledgement | None = None
    steps: tuple[StepRecord, ...] = ()

    def __post_init__(self) -> None:
        check_utc(f"the raising of {self.kind!s}", self.raised_at)
        check_utc(f"the last call of {self.kind!s}", self.called_at)
        if not self.subject.strip():
            raise ValueError(f"the incident {self.kind!s} needs a subject")
        if not 1 <= self.calls <= CALLS_MAX:
            raise ValueError(f"an incident calls 1 to {CALLS_MAX} times, not {self.calls}")
        if tuple(record.step for record in self.steps) != _STEPS[: len(self.steps)]:
            raise ValueError("the steps of an incident are taken in order, each once")
        if self.unhedged_quantity is not None:
            check_not_below_zero("the unhedged quantity", self.unhedged_quantity)
        if self.kind is IncidentKind.IMMEDIATE_MANUAL_HEDGE and self.unhedged_quantity is None:
            raise ValueError("a call for a hedge by hand needs the exact quantity")

    @property
    def key(self) -> str:
        """The name of this incident; raised again by a replay, it is the same one."""
        kind = self.kind.replace(" ", "-")
        return f"{kind}:{self.subject}:{self.raised_at:%Y%m%dT%H%M%SZ}"

    @property
    def message(self) -> str:
        """What a person is told."""
        unhedged = self.unhedged_quantity
        tail = "" if unhedged is None else f" Unhedged: {plain(unhedged)}."
        return (
            f"{self.severity.upper()} {self.kind!s}, {self.subject}:"
            f" {facts_of(self.kind).sentence}{tail}"
        )

    @property
    def next_step(self) -> Step | None:
        """The step that is to be done now, or None when all are."""
        return _STEPS[len(self.steps)] if len(self.steps) < len(_STEPS) else None


def raise_incident(
    kind: IncidentKind,
    subject: str,
    now: datetime,
    evidence: tuple[tuple[str, str], ...] = (),
    unhedged_quantity: Decimal | None = None,
) -> Incident:
    """A new incident of its kind's own severity, with its first call."""
    return Incident(
        kind=kind,
        subject=subject,
        severity=facts_of(kind).severity,
        raised_at=now,
        called_at=now,
        evidence=evidence,
        unhedged_quantity=unhedged_quantity,
    )


def answer_due_at(incident: Incident) -> datetime | None:
    """When the incident will have gone unanswered for too long; None once somebody answered."""
    if incident.acknowledgement:
        return None
    return incident.called_at + incident.severity.response_limit


def overdue(incident: Incident, now: datetime) -> bool:
    """Whether nobody has answered in the time that the severity allows."""
    due_at = answer_due_at(incident)
    return due_at is not None and now >= due_at


def escalate(incident: Incident, now: datetime) -> Incident:
    """The incident one severity worse and called again, if it is overdue and may still call."""
    if not overdue(incident, now) or incident.calls == CALLS_MAX:
        return incident
    return replace(
        incident, severity=incident.severity.raised, called_at=now, calls=incident.calls + 1
    )


def acknowledge(incident: Incident, by: str, now: datetime) -> Incident:
    """The incident with an answer; the first one stands."""
    if incident.acknowledgement:
        return incident
    return replace(incident, acknowledgement=Acknowledgement(by, now))


def revise(incident: Incident, unhedged_quantity: Decimal, now: datetime) -> Incident:
    """The incident with the quantity that is unhedged now.

    More than was answered for needs a new answer, so it calls anew; less only corrects the record.
    """
    revised = replace(incident, unhedged_quantity=unhedged_quantity)
    if unhedged_quantity <= (incident.unhedged_quantity or 0):
        return revised
    return replace(revised, called_at=now, calls=1, acknowledgement=None)


def record_step(
    incident: Incident, step: Step, by: str, note: str, now: datetime
) -> Incident | StepRefused:
    """The incident with its next step done. Whoever does a step has answered as well."""
    if incident.next_step is None:
        return StepRefused("all steps are recorded and the incident is closed")
    if step is not incident.next_step:
        return StepRefused(f"the next step is {incident.next_step}, not {step}")
    record = StepRecord(step, by, now, note)
    return replace(acknowledge(incident, by, now), steps=(*incident.steps, record))
