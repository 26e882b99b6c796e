"""One incident: calls, answers, steps and quantities."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.incidents.incident import (
    CALLS_MAX,
    Acknowledgement,
    Incident,
    Step,
    StepRecord,
    StepRefused,
    acknowledge,
    answer_due_at,
    escalate,
    overdue,
    raise_incident,
    record_step,
    revise,
)
from backstay.domain.incidents.kinds import IncidentKind, Severity, facts_of

START = datetime(2026, 11, 23, 15, 0, 7, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def lost() -> Incident:
    return raise_incident(IncidentKind.CONNECTION_LOST, "DU1", START, (("code", "1100"),))


def unhedged(quantity: int = 3) -> Incident:
    kind = IncidentKind.IMMEDIATE_MANUAL_HEDGE
    return raise_incident(kind, "T7K2M9QX", START, unhedged_quantity=Decimal(quantity))


@pytest.mark.req("S3.8")
def test_an_incident_is_raised_with_the_severity_of_its_kind_and_calls_once() -> None:
    assert lost() == Incident(
        kind=IncidentKind.CONNECTION_LOST,
        subject="DU1",
        severity=Severity.P2,
        raised_at=START,
        called_at=START,
        calls=1,
        evidence=(("code", "1100"),),
        unhedged_quantity=None,
        acknowledgement=None,
        steps=(),
    )


def test_the_name_of_an_incident_follows_from_what_happened_and_when() -> None:
    assert unhedged().key == "immediate-manual-hedge:T7K2M9QX:20261123T150007Z"


@pytest.mark.req("S4.4", "L2")
def test_a_person_is_told_what_to_do_and_the_exact_unhedged_quantity() -> None:
    assert unhedged().message == (
        "P1 immediate manual hedge, T7K2M9QX: Three market hedges have not covered the risk."
        " Hedge the unhedged quantity by hand, now. Unhedged: 3."
    )
    assert lost().message == (
        "P2 connection lost, DU1: The broker can't be reached. The stops at the broker stand;"
        " the checklist says what to look at."
    )


@pytest.mark.req("S3.8")
@pytest.mark.parametrize(
    "kind",
    [
        IncidentKind.NAKED_POSITION,
        IncidentKind.DATA_LOST,
        IncidentKind.TICKS_STALE,
        IncidentKind.MANUAL_ACTION,
    ],
)
def test_an_incident_is_overdue_when_the_response_time_has_passed(kind: IncidentKind) -> None:
    incident = raise_incident(kind, "DU1", START)
    limit = facts_of(kind).severity.response_limit
    assert answer_due_at(incident) == START + limit
    assert not overdue(incident, START + limit - timedelta(microseconds=1))
    assert overdue(incident, START + limit)


@pytest.mark.req("S3.8")
def test_an_answer_ends_the_waiting_and_the_first_one_stands() -> None:
    answered = acknowledge(lost(), "Ada", START + MINUTE)
    assert answered.acknowledgement == Acknowledgement("Ada", START + MINUTE)
    assert answer_due_at(answered) is None
    assert not overdue(answered, START + DAY)
    assert escalate(answered, START + DAY) == answered
    assert acknowledge(answered, "Bob", START + DAY) == answered


@pytest.mark.req("S3.8")
def test_an_unanswered_incident_gets_worse_one_severity_at_a_time() -> None:
    incident = raise_incident(IncidentKind.MANUAL_ACTION, "DU1", START)
    now = START
    seen = []
    for wait in (DAY, timedelta(hours=1), timedelta(minutes=5), MINUTE, MINUTE):
        assert escalate(incident, now + wait - timedelta(microseconds=1)) == incident
        now += wait
        incident = escalate(incident, now)
        seen.append((incident.severity, incident.calls))
        assert incident.called_at == now
    assert seen == [
        (Severity.P3, 2),
        (Severity.P2, 3),
        (Severity.P1, 4),
        (Severity.P1, 5),
        (Severity.P1, 6),
    ]


@pytest.mark.req("S3.8")
def test_the_calls_of_an_incident_are_bounded_and_it_stays_overdue() -> None:
    incident, now = unhedged(), START
    for _ in range(CALLS_MAX + 3):
        now += MINUTE
        incident = escalate(incident, now)
    assert incident.calls == CALLS_MAX == 10
    assert incident.called_at == START + 9 * MINUTE
    assert overdue(incident, now)


@pytest.mark.req("S3.9")
def test_the_six_steps_are_recorded_in_order_with_who_when_and_a_note() -> None:
    incident: Incident | StepRefused = acknowledge(lost(), "Ada", START)
    for number, step in enumerate(Step, start=1):
        assert isinstance(incident, Incident)
        assert incident.next_step is step
        incident = record_step(incident, step, "Bob", f"did {step}", START + number * MINUTE)
    assert isinstance(incident, Incident)
    assert incident.next_step is None
    assert incident.acknowledgement == Acknowledgement("Ada", START)
    assert incident.steps[0] == StepRecord(Step.STABILISE, "Bob", START + MINUTE, "did stabilise")
    assert [record.step.value for record in incident.steps] == [
        "stabilise",
        "document",
        "investigate",
        "fix",
        "verify",
        "review",
    ]
    assert record_step(incident, Step.REVIEW, "Bob", "again", START) == StepRefused(
        "all steps are recorded and the incident is closed"
    )


@pytest.mark.req("S3.9")
@pytest.mark.parametrize("done", range(6))
@pytest.mark.parametrize("step", list(Step))
def test_a_step_out_of_order_is_refused(done: int, step: Step) -> None:
    records = tuple(StepRecord(each, "Ada", START, "done") for each in list(Step)[:done])
    incident = replace(lost(), steps=records)
    outcome = record_step(incident, step, "Ada", "done", START)
    expected = list(Step)[done]
    if step is expected:
        assert isinstance(outcome, Incident)
        assert outcome.steps[-1].step is step
    else:
        assert outcome == StepRefused(f"the next step is {expected}, not {step}")


@pytest.mark.req("S3.8", "S3.9")
def test_whoever_does_a_step_has_answered() -> None:
    incident = record_step(lost(), Step.STABILISE, "Ada", "restarted the gateway", START + MINUTE)
    assert isinstance(incident, Incident)
    assert incident.acknowledgement == Acknowledgement("Ada", START + MINUTE)


@pytest.mark.req("S4.4")
def test_a_grown_exposure_needs_a_new_answer() -> None:
    answered = acknowledge(escalate(unhedged(2), START + MINUTE), "Ada", START + MINUTE)
    assert answered.calls == 2
    grown = revise(answered, Decimal(3), START + DAY)
    assert grown.unhedged_quantity == 3
    assert (grown.acknowledgement, grown.calls) == (None, 1)
    assert answer_due_at(grown) == START + DAY + MINUTE


@pytest.mark.req("S4.4")
@pytest.mark.parametrize("quantity", [2, 1, 0])
def test_an_exposure_that_did_not_grow_only_corrects_the_record(quantity: int) -> None:
    called = escalate(unhedged(2), START + MINUTE)
    revised = revise(called, Decimal(quantity), START + DAY)
    assert revised == replace(called, unhedged_quantity=Decimal(quantity))


def test_an_exposure_where_there_was_none_calls() -> None:
    answered = acknowledge(lost(), "Ada", START)
    assert revise(answered, Decimal(1), START + DAY).acknowledgement is None
    assert revise(answered, Decimal(0), START + DAY).acknowledgement is not None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"subject": " "}, "the incident connection lost needs a subject"),
        ({"calls": 0}, "an incident calls 1 to 10 times, not 0"),
        ({"calls": 11}, "an incident calls 1 to 10 times, not 11"),
        (
            {"steps": (StepRecord(Step.DOCUMENT, "Ada", START, "early"),)},
            "the steps of an incident are taken in order, each once",
        ),
        (
            {"unhedged_quantity": Decimal(-1)},
            "the unhedged quantity is -1; it must be a number not below 0",
        ),
        (
            {"kind": IncidentKind.IMMEDIATE_MANUAL_HEDGE},
            "a call for a hedge by hand needs the exact quantity",
        ),
    ],
)
def test_an_incident_refuses_what_makes_no_sense(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        replace(lost(), **change)  # type: ignore[arg-type]


@pytest.mark.req("S4.4")
def test_a_person_reads_the_quantity_without_an_exponent() -> None:
    call = revise(unhedged(), Decimal("1.20E+2"), START)
    assert call.message.endswith(" Unhedged: 120.")


@pytest.mark.req("S0.5")
def test_every_time_of_an_incident_is_in_utc() -> None:
    local = START.astimezone(timezone(timedelta(hours=-5)))
    with pytest.raises(ValueError, match=r"^the raising of connection lost: .* is not in UTC$"):
        replace(lost(), raised_at=local)
    with pytest.raises(ValueError, match=r"^the last call of connection lost: .* is not in UTC$"):
        replace(lost(), called_at=local)
    with pytest.raises(ValueError, match=r"^an acknowledgement: .* is not in UTC$"):
        Acknowledgement("Ada", local)
    with pytest.raises(ValueError, match=r"^the step fix: .* is not in UTC$"):
        StepRecord(Step.FIX, "Ada", local, "mended")


def test_an_answer_and_a_step_need_a_name_and_a_step_needs_a_note() -> None:
    with pytest.raises(ValueError, match=r"^an acknowledgement needs a name$"):
        acknowledge(lost(), " ", START)
    with pytest.raises(ValueError, match=r"^the step stabilise needs the name of who did it$"):
        record_step(lost(), Step.STABILISE, "", "note", START)
    with pytest.raises(ValueError, match=r"^the step stabilise needs a note of what was done$"):
        record_step(lost(), Step.STABILISE, "Ada", " ", START)


@pytest.mark.req("S3.8")
@given(st.lists(st.integers(0, 30).map(lambda minutes: minutes * MINUTE), max_size=30))
def test_however_time_passes_an_incident_only_gets_worse_and_calls_within_bounds(
    waits: list[timedelta],
) -> None:
    incident, now = lost(), START
    story = [incident]
    for wait in waits:
        now += wait
        story.append(escalate(story[-1], now))
    for before, after in pairwise(story):
        assert after.severity <= before.severity
        assert before.calls <= after.calls <= min(before.calls + 1, CALLS_MAX)
        assert (after.calls == before.calls) == (after == before)


def test_an_incident_and_a_refusal_survive_json() -> None:
    adapter = TypeAdapter(Incident)
    incident = record_step(unhedged(), Step.STABILISE, "Ada", "hedged by hand", START)
    assert isinstance(incident, Incident)
    assert adapter.validate_json(adapter.dump_json(incident)) == incident
    refusals = TypeAdapter(StepRefused)
    refusal = StepRefused("why")
    assert refusals.validate_json(refusals.dump_json(refusal)) == refusal
