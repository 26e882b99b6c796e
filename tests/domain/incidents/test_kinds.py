"""The kinds of incidents: how bad each is, and how it is told."""

from datetime import timedelta

import pytest

from backstay.domain.incidents.kinds import IncidentKind, Severity, facts_of


@pytest.mark.req("S3.8")
@pytest.mark.parametrize(
    ("severity", "limit"),
    [
        (Severity.P1, timedelta(minutes=1)),
        (Severity.P2, timedelta(minutes=5)),
        (Severity.P3, timedelta(hours=1)),
        (Severity.P4, timedelta(hours=24)),
    ],
)
def test_each_severity_has_its_response_time(severity: Severity, limit: timedelta) -> None:
    assert severity.response_limit == limit


@pytest.mark.req("S3.8")
def test_a_severity_is_raised_one_at_a_time_and_never_above_the_worst() -> None:
    assert [severity.raised for severity in Severity] == [
        Severity.P1,
        Severity.P1,
        Severity.P2,
        Severity.P3,
    ]


SEVERITIES = {
    Severity.P1: {
        IncidentKind.IMMEDIATE_MANUAL_HEDGE,
        IncidentKind.HEDGE_CANCEL_UNCONFIRMED,
        IncidentKind.HEDGE_FILLS_UNREAD,
        IncidentKind.NAKED_POSITION,
        IncidentKind.PROTECTION_MISMATCH,
        IncidentKind.EXIT_UNRESOLVED,
        IncidentKind.EXIT_NOT_FILLED,
        IncidentKind.EXITS_EXHAUSTED,
        IncidentKind.ORDER_UNKNOWN,
        IncidentKind.ORDER_SURVIVES,
        IncidentKind.ORDER_OVERFILLED,
        IncidentKind.FILL_AFTER_END,
        IncidentKind.UNEXPECTED_POSITION,
        IncidentKind.RUNAWAY_ORDERS,
        IncidentKind.FLATTEN_INCOMPLETE,
    },
    Severity.P2: {
        IncidentKind.KILLED,
        IncidentKind.DRAWDOWN_LIMIT,
        IncidentKind.CONNECTION_LOST,
        IncidentKind.COMPETING_SESSION,
        IncidentKind.DATA_LOST,
        IncidentKind.EXIT_WAITS,
        IncidentKind.POSITION_MISMATCH,
        IncidentKind.POSITION_CHANGED,
        IncidentKind.FILL_CORRECTED,
        IncidentKind.STATE_INCONSISTENT,
        IncidentKind.TASK_SILENT,
        IncidentKind.PROCESS_GIVEN_UP,
        IncidentKind.PROCESS_SILENT,
    },
    Severity.P3: {
        IncidentKind.TASK_FAILED,
        IncidentKind.PROCESS_ENDED,
        IncidentKind.CLOCK_STEPPED,
        IncidentKind.TICKS_STALE,
        IncidentKind.ORDER_REJECTED,
        IncidentKind.SHORT_SALE_HELD,
    },
    Severity.P4: {
        IncidentKind.PRICE_MISMATCH,
        IncidentKind.FRACTIONAL_REMAINDER,
        IncidentKind.MANUAL_ACTION,
    },
}


@pytest.mark.req("S3.8")
@pytest.mark.parametrize("severity", list(Severity))
def test_every_kind_is_as_bad_as_it_is_meant_to_be(severity: Severity) -> None:
    kinds = {kind for kind in IncidentKind if facts_of(kind).severity is severity}
    assert kinds == SEVERITIES[severity]


@pytest.mark.req("S3.8")
@pytest.mark.parametrize("kind", list(IncidentKind))
def test_every_kind_is_told_in_whole_sentences_of_its_own(kind: IncidentKind) -> None:
    sentence = facts_of(kind).sentence
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "  " not in sentence
    assert [facts_of(other).sentence for other in IncidentKind].count(sentence) == 1
