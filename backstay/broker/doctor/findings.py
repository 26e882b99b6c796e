"""The questions in their order, what can be found, and what to do about it.

Owns the words. A step that needs an earlier one to have gone well is not reached without it, and
says so: nothing is ever reported that was not looked at.
"""

from dataclasses import dataclass
from enum import StrEnum

from backstay.domain.incidents.connection import CHECKLIST, ConnectionCheck
from backstay.domain.limits.facts import AccountKind


class Step(StrEnum):
    """What is looked at, in this order."""

    PORT = "port"
    HANDSHAKE = "handshake"
    CLIENT_ID = "client id"
    ANSWERS = "answers"
    UPSTREAM = "upstream"
    ACCOUNT = "account"
    KIND = "paper or live"
    CLOCK = "clock"
    MARKET_DATA = "market data"
    ONLY_LOGIN = "only login"
    WRITABLE = "writable"
    PERMISSION = "permission"


class Outcome(StrEnum):
    """What has come of a step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


class Verdict(StrEnum):
    """What the steps come to."""

    WELL = "well"
    FAILED = "failed"
    NOT_CONNECTED = "not connected"


_CHECKS = {item.check: item for item in CHECKLIST}

QUESTIONS = {
    Step.PORT: "Does anybody listen there?",
    Step.HANDSHAKE: "Is it a gateway, and does it let us in?",
    Step.CLIENT_ID: _CHECKS[ConnectionCheck.CLIENT_ID_FREE].question,
    Step.ANSWERS: "Does it answer when it is asked for the time?",
    Step.UPSTREAM: "Does the gateway have its own connection to IB?",
    Step.ACCOUNT: "Is the login that of the account?",
    Step.KIND: "Is the account of the kind that was meant?",
    Step.CLOCK: "Does this machine's clock agree with the broker's?",
    Step.MARKET_DATA: "Is there a line for market data, and is it real-time?",
    Step.ONLY_LOGIN: _CHECKS[ConnectionCheck.ONLY_LOGIN].question,
    Step.WRITABLE: _CHECKS[ConnectionCheck.API_WRITABLE].question,
    Step.PERMISSION: "Would an order be taken?",
}


def _remedy(*checks: ConnectionCheck) -> str:
    return " ".join(_CHECKS[check].remedy for check in checks)


START_IT = _remedy(ConnectionCheck.GATEWAY_RUNNING, ConnectionCheck.PORT_RIGHT)
OPEN_FIREWALL = _remedy(ConnectionCheck.FIREWALL_OPEN, ConnectionCheck.GATEWAY_RUNNING)
ENABLE_API = _remedy(ConnectionCheck.API_ENABLED)
OTHER_PORT = (
    "Something else listens there. TWS takes 7497 for paper and 7496 for live, the gateway 4002"
    " and 4001."
)
UPDATE_GATEWAY = "Install a current version of TWS or of the gateway."
RESET_NUMBERS = "Reset the API order id sequence in the API settings."
FREE_CLIENT_ID = _remedy(ConnectionCheck.CLIENT_ID_FREE)
RESTART_GATEWAY = "Restart the gateway. " + _remedy(ConnectionCheck.BROKER_SUPPORT)
CALL_SUPPORT = _remedy(ConnectionCheck.BROKER_SUPPORT)
OTHER_LOGIN = "Log in with the user of the account, or name an account that is there."
OTHER_KIND = (
    "Log in to the other kind of account, or connect to its port: 7497 or 4002 for paper, 7496 or"
    " 4001 for live."
)
SET_CLOCK = "Set this machine's clock, and have it kept by a time server."
FREE_LINE = "End market data elsewhere, or book more lines."
SUBSCRIBE = "Book real-time market data for the API in IB's Client Portal."
LOG_OTHER_OUT = _remedy(ConnectionCheck.ONLY_LOGIN)
SWITCH_OFF_READ_ONLY = _remedy(ConnectionCheck.API_WRITABLE)
GET_PERMISSION = "Look at the account's trading permissions and funds in IB's Client Portal."


@dataclass(frozen=True, slots=True)
class Patient:
    """Which gateway is examined, and what is expected of it; None where anything is right.

    The spare client ids are tried one after the other where the first is somebody else's.
    """

    host: str
    port: int
    client_id: int
    account: str | None = None
    kind: AccountKind | None = None
    spare_client_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What has come of one step; the remedy is empty unless it failed."""

    step: Step
    question: str
    outcome: Outcome
    found: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All steps in their order, and what they come to."""

    patient: Patient
    findings: tuple[Finding, ...]
    verdict: Verdict


class Chart:
    """What has been found so far."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self._findings: dict[Step, Finding] = {}

    def passed(self, step: Step, found: str) -> None:
        """This is as it should be."""
        self._findings[step] = Finding(step, QUESTIONS[step], Outcome.PASSED, found)

    def failed(self, step: Step, found: str, remedy: str) -> None:
        """This is not, and what to do about it."""
        self._findings[step] = Finding(step, QUESTIONS[step], Outcome.FAILED, found, remedy)

    def diagnosis(self) -> Diagnosis:
        """Everything; what was not looked at was not reached."""
        findings = tuple(
            self._findings.get(step) or Finding(step, QUESTIONS[step], Outcome.NOT_REACHED)
            for step in Step
        )
        return Diagnosis(self.patient, findings, _verdict(findings))


def _verdict(findings: tuple[Finding, ...]) -> Verdict:
    """Without a client id of its own nobody is connected, and nothing later was looked at."""
    connected = {Step.PORT, Step.HANDSHAKE, Step.CLIENT_ID}
    if any(
        finding.outcome is not Outcome.PASSED for finding in findings if finding.step in connected
    ):
        return Verdict.NOT_CONNECTED
    if all(finding.outcome is Outcome.PASSED for finding in findings):
        return Verdict.WELL
    return Verdict.FAILED
