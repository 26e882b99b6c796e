"""Resuming after a kill: every condition alone keeps the trading closed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter

from backstay.domain.incidents.resumption import (
    PREFLIGHT_QUESTIONS,
    Allowed,
    Condition,
    Missing,
    NotYet,
    PositionReview,
    Preflight,
    PreflightResult,
    ResumeVerdict,
    Resumption,
    may_resume,
)

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
KILLED_AT = datetime(2026, 11, 20, 20, 45, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def result(item: Preflight, *, passed: bool = True, day: date = MONDAY) -> PreflightResult:
    return PreflightResult(item, passed, "Ada", day)


READY = Resumption(
    epoch=7,
    killed_at=KILLED_AT,
    killed_day=FRIDAY,
    person=" Ada ",
    reason="a wrong limit; corrected",
    review=PositionReview("Ada", MONDAY, 0),
    preflight=tuple(result(item) for item in Preflight),
)


@pytest.mark.req("S0.5")
def test_the_time_of_a_kill_is_in_utc() -> None:
    local = KILLED_AT.astimezone(timezone(timedelta(hours=-5)))
    with pytest.raises(ValueError, match=r"^the kill: the time 2026-11-20 15:45.* is not in UTC$"):
        replace(READY, killed_at=local)


@pytest.mark.req("S3.2")
def test_trading_goes_on_when_every_condition_is_met() -> None:
    assert may_resume(READY, MONDAY_MORNING, MONDAY) == Allowed(epoch=7, person="Ada")


@pytest.mark.req("S3.2")
@pytest.mark.parametrize(
    ("resumption", "condition", "text"),
    [
        (
            replace(READY, review=None),
            Condition.POSITIONS_VERIFIED,
            "compare the positions with the broker's",
        ),
        (
            replace(READY, review=PositionReview("Ada", FRIDAY, 0)),
            Condition.POSITIONS_VERIFIED,
            "the positions were compared on 2026-11-20; compare them again today",
        ),
        (
            replace(READY, review=PositionReview("Ada", MONDAY, 1)),
            Condition.POSITIONS_VERIFIED,
            "positions that differ from the broker's: 1",
        ),
        (
            replace(READY, reason=" "),
            Condition.REASON_DOCUMENTED,
            "the reason of the kill is not written down",
        ),
        (
            replace(READY, person=" "),
            Condition.PERSON_NAMED,
            "the person who resumes is not written down",
        ),
        (
            READY.with_result(result(Preflight.CLOCK, passed=False)),
            Condition.PREFLIGHT_PASSED,
            "not passed today: clock",
        ),
        (
            READY.with_result(result(Preflight.LIMITS, day=FRIDAY)),
            Condition.PREFLIGHT_PASSED,
            "not passed today: limits",
        ),
        (
            replace(READY, preflight=()),
            Condition.PREFLIGHT_PASSED,
            f"not passed today: {', '.join(Preflight)}",
        ),
    ],
)
def test_one_missing_condition_is_named_and_enough_to_refuse(
    resumption: Resumption, condition: Condition, text: str
) -> None:
    verdict = may_resume(resumption, MONDAY_MORNING, MONDAY)
    assert verdict == NotYet((Missing(condition, text),))


@pytest.mark.req("S3.2")
@pytest.mark.parametrize(
    ("passed", "waits"),
    [(timedelta(0), True), (timedelta(seconds=1799.999), True), (timedelta(minutes=30), False)],
)
def test_half_an_hour_must_have_passed(passed: timedelta, waits: bool) -> None:
    killed_at = datetime(2026, 11, 23, 4, 50, tzinfo=UTC)
    overnight = replace(READY, killed_at=killed_at, killed_day=FRIDAY)
    missing = Missing(Condition.WAITED, "wait until 2026-11-23 05:20:00 UTC")
    expected = NotYet((missing,)) if waits else Allowed(7, "Ada")
    assert may_resume(overnight, killed_at + passed, MONDAY) == expected


@pytest.mark.req("S3.2")
def test_the_same_trading_day_is_never_enough_however_late_it_gets() -> None:
    same_day = replace(
        READY,
        review=PositionReview("Ada", FRIDAY, 0),
        preflight=tuple(result(item, day=FRIDAY) for item in Preflight),
    )
    verdict = may_resume(same_day, KILLED_AT + timedelta(days=2), FRIDAY)
    text = "wait for the first trading day after 2026-11-20"
    assert verdict == NotYet((Missing(Condition.NEXT_TRADING_DAY, text),))


@pytest.mark.req("S3.2")
def test_without_a_calendar_nobody_resumes() -> None:
    verdict = may_resume(READY, MONDAY_MORNING, None)
    assert isinstance(verdict, NotYet)
    assert verdict.missing[0] == Missing(
        Condition.NEXT_TRADING_DAY, "no calendar tells which trading day it is"
    )
    assert [missing.condition for missing in verdict.missing[1:]] == [
        Condition.POSITIONS_VERIFIED,
        Condition.PREFLIGHT_PASSED,
    ]


@pytest.mark.req("S3.2")
def test_right_after_a_kill_all_six_conditions_are_named_at_once() -> None:
    fresh = Resumption(epoch=7, killed_at=KILLED_AT, killed_day=FRIDAY)
    verdict = may_resume(fresh, KILLED_AT, FRIDAY)
    assert isinstance(verdict, NotYet)
    assert [missing.condition for missing in verdict.missing] == list(Condition)


@pytest.mark.req("S3.2")
def test_the_last_look_at_an_item_counts() -> None:
    failed = READY.with_result(result(Preflight.ORDERS, passed=False))
    mended = failed.with_result(result(Preflight.ORDERS))
    assert len(mended.preflight) == len(Preflight)
    assert isinstance(may_resume(failed, MONDAY_MORNING, MONDAY), NotYet)
    assert may_resume(mended, MONDAY_MORNING, MONDAY) == Allowed(7, "Ada")


@pytest.mark.req("S3.2")
def test_the_list_is_complete() -> None:
    assert ", ".join(Preflight) == (
        "connection, account, orders, protection, market data, limits, clock, notifications,"
        " kill switch, incidents"
    )


@pytest.mark.req("S3.2")
def test_every_item_of_the_list_asks_a_question() -> None:
    assert list(PREFLIGHT_QUESTIONS) == list(Preflight)
    assert all(question.endswith("?") for question in PREFLIGHT_QUESTIONS.values())


@pytest.mark.parametrize(
    "verdict", [Allowed(7, "Ada"), NotYet((Missing(Condition.WAITED, "wait"),))]
)
def test_a_verdict_survives_json(verdict: ResumeVerdict) -> None:
    adapter: TypeAdapter[ResumeVerdict] = TypeAdapter(ResumeVerdict)
    assert adapter.validate_json(adapter.dump_json(verdict)) == verdict


def test_a_resumption_survives_json() -> None:
    adapter = TypeAdapter(Resumption)
    assert adapter.validate_json(adapter.dump_json(READY)) == READY
