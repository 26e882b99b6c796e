"""What is made of the broker's findings where its gateway may be one of this house."""

from datetime import UTC, datetime

import pytest

from backstay.broker.doctor import findings as broker
from backstay.broker.doctor.findings import Diagnosis, Patient, Step
from backstay.domain.limits.facts import AccountKind
from workers.examining.findings import Outcome
from workers.examining.walk import at_broker
from workers.supervising.roster import Part, Process, Roster, Running

HERE = "127.0.0.1:4002"
ELSEWHERE = "127.0.0.1:4999"
SIMULATED = "A simulated gateway may keep a time of its own."


def told(step: Step, gateway: str | None, patient: Patient, remedy: str) -> tuple[Outcome, str]:
    """What is told of a step that failed, where the house has its gateway there."""
    keeper, since = Process(1, "1"), datetime(2026, 11, 23, 15, tzinfo=UTC)
    running = () if gateway is None else (Running(Part.GATEWAY, keeper, gateway, since),)
    found = broker.Finding(step, "Well?", broker.Outcome.FAILED, "it is not", remedy)
    diagnosis = Diagnosis(patient, (found,), broker.Verdict.FAILED)
    (finding,) = at_broker(diagnosis, Roster(keeper, "", running))
    return finding.outcome, finding.remedy


def patient(host: str = "127.0.0.1", kind: AccountKind = AccountKind.PAPER) -> Patient:
    """Whom to examine."""
    return Patient(host, 4002, 9, "DU1234567", kind)


@pytest.mark.parametrize(
    ("step", "gateway", "examined", "outcome", "remedy"),
    [
        (Step.CLOCK, HERE, patient(), Outcome.NOTED, ""),
        (Step.CLOCK, ELSEWHERE, patient(), Outcome.FAILED, f"Mend it. {SIMULATED}"),
        (Step.CLOCK, None, patient(), Outcome.FAILED, f"Mend it. {SIMULATED}"),
        (Step.CLOCK, None, patient("tws.example"), Outcome.FAILED, "Mend it."),
        (Step.CLOCK, None, patient(kind=AccountKind.LIVE), Outcome.FAILED, "Mend it."),
        (
            *(Step.HANDSHAKE, HERE, patient(), Outcome.FAILED),
            "It is the simulated one: `backstay up` begins it again if it stays silent.",
        ),
        (Step.HANDSHAKE, None, patient(), Outcome.FAILED, "Mend it."),
        (
            *(Step.PORT, None, patient(), Outcome.FAILED),
            "Mend it. Or have a simulated one: `backstay up`.",
        ),
        (Step.PORT, None, patient("tws.example"), Outcome.FAILED, "Mend it."),
    ],
)
def test_nobody_is_told_to_mend_for_a_simulated_gateway_what_only_a_real_one_has(
    step: Step, gateway: str | None, examined: Patient, outcome: Outcome, remedy: str
) -> None:
    assert told(step, gateway, examined, "Mend it.") == (outcome, remedy)
