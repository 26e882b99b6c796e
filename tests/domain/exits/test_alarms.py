"""As what a person hears of a ladder's alarms."""

import pytest

from backstay.domain.exits.events import Alarm
from backstay.domain.incidents.kinds import IncidentKind, Severity, facts_of


@pytest.mark.req("S3.8", "L2")
@pytest.mark.parametrize("alarm", Alarm)
def test_every_alarm_is_an_incident_of_a_known_severity(alarm: Alarm) -> None:
    waits = {Alarm.HALTED, Alarm.MARKET_CLOSED, Alarm.NO_TOUCH}
    expected = Severity.P2 if alarm in waits else Severity.P1
    if alarm is Alarm.FRACTION:
        expected = Severity.P4
    assert facts_of(alarm.incident).severity is expected


@pytest.mark.parametrize(
    ("alarm", "kind"),
    [
        (Alarm.HALTED, IncidentKind.EXIT_WAITS),
        (Alarm.NOT_ANSWERED, IncidentKind.ORDER_UNKNOWN),
        (Alarm.CANCEL_NOT_CONFIRMED, IncidentKind.EXIT_UNRESOLVED),
        (Alarm.MARKET_NOT_FILLED, IncidentKind.EXIT_NOT_FILLED),
        (Alarm.FROZEN, IncidentKind.EXITS_EXHAUSTED),
        (Alarm.UNPROTECTED, IncidentKind.NAKED_POSITION),
        (Alarm.OVERCOMMITTED, IncidentKind.PROTECTION_MISMATCH),
        (Alarm.OVERFILLED, IncidentKind.ORDER_OVERFILLED),
        (Alarm.FRACTION, IncidentKind.FRACTIONAL_REMAINDER),
    ],
)
def test_an_alarm_is_told_in_the_words_of_its_incident(alarm: Alarm, kind: IncidentKind) -> None:
    assert alarm.incident is kind
