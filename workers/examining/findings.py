"""What is looked at, what can come of it, and what all of it comes to.

What was not looked at is said to be so: nothing is ever reported that nobody has seen.
"""

from dataclasses import dataclass
from enum import StrEnum

from backstay.broker.doctor import findings as broker
from backstay.broker.doctor.findings import Diagnosis, Patient
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.settings import TradingMode


class Area(StrEnum):
    """The parts of a house, in the order in which they are told."""

    SETTINGS = "settings"
    FOLDER = "data folder"
    BOOK = "book"
    LIMITS = "limits"
    ENGINE = "engine"
    WORKERS = "workers"
    CLOCKS = "clocks"
    BROKER = "broker"


class Outcome(StrEnum):
    """What has come of a look."""

    PASSED = "passed"
    NOTED = "noted"
    """It keeps nobody from trading, and a person should know it."""

    FAILED = "failed"
    NOT_REACHED = "not reached"


class Verdict(StrEnum):
    """What all of it comes to; of several the first counts."""

    NO_SETTINGS = "unusable settings"
    NOT_CONNECTED = "not connected"
    FAILED = "failed"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Finding:
    """What has come of one look; the remedy is empty where there is nothing to do."""

    area: Area
    subject: str
    outcome: Outcome
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Stake:
    """Whose money it is, and whether anything may be opened with it."""

    account: str
    kind: AccountKind
    trading: TradingMode
    is_armed: bool


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything, in its order. `stake` is None where no settings say it."""

    stake: Stake | None
    patient: Patient
    findings: tuple[Finding, ...]
    verdict: Verdict


def passed(area: Area, subject: str, found: str) -> Finding:
    """This is as it should be."""
    return Finding(area, subject, Outcome.PASSED, found)


def noted(area: Area, subject: str, found: str, remedy: str = "") -> Finding:
    """This may be so, and should be known."""
    return Finding(area, subject, Outcome.NOTED, found, remedy)


def failed(area: Area, subject: str, found: str, remedy: str) -> Finding:
    """This is not as it should be, and what to do about it."""
    return Finding(area, subject, Outcome.FAILED, found, remedy)


def unreached(area: Area, subject: str, why: str) -> Finding:
    """Nobody has looked at this."""
    return Finding(area, subject, Outcome.NOT_REACHED, why)


def of_broker(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """What a walk to the broker has found, as findings among the others."""
    return tuple(
        Finding(
            Area.BROKER,
            each.step,
            Outcome(each.outcome.value),
            each.found or each.question,
            each.remedy,
        )
        for each in diagnosis.findings
    )


def verdict(findings: tuple[Finding, ...], reached: broker.Verdict) -> Verdict:
    """Settings that can't be used come before a broker that can't be reached, and that comes before
    whatever else is wrong.
    """
    bad = [each for each in findings if each.outcome is Outcome.FAILED]
    if any(each.area is Area.SETTINGS for each in bad):
        return Verdict.NO_SETTINGS
    if reached is broker.Verdict.NOT_CONNECTED:
        return Verdict.NOT_CONNECTED
    return Verdict.FAILED if bad else Verdict.WELL
