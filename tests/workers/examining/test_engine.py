"""The engine and its page for people: what keeps a trade from going on fails, the rest is noted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backstay.broker.doctor import findings as broker
from workers.config import TemporalTable
from workers.examining import engine, findings
from workers.examining.engine import EngineFacts, PageFacts
from workers.examining.findings import Area, Outcome, Verdict
from workers.examining.pages import Answer

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
WELL = EngineFacts(
    TemporalTable(), version="1.32.0", has_namespace=True, retention=timedelta(days=90)
)


def told(facts: EngineFacts) -> dict[str, tuple[Outcome, str]]:
    return {each.subject: (each.outcome, each.found) for each in engine.judge_engine(facts)}


def test_an_engine_that_is_well() -> None:
    assert told(WELL) == {
        "answers": (Outcome.PASSED, "127.0.0.1:7233, Temporal Server 1.32.0"),
        "namespace": (Outcome.PASSED, "default"),
        "retention": (Outcome.PASSED, "a trade that is over can be looked at for 90 days"),
        "attributes": (Outcome.PASSED, "the engine can search by each of ours"),
    }


def test_an_engine_that_is_silent_is_the_only_thing_that_is_told() -> None:
    assert told(EngineFacts(TemporalTable(), silence="refused")) == {
        "answers": (Outcome.FAILED, "no engine answers at 127.0.0.1:7233: refused")
    }


def test_a_namespace_that_is_missing_ends_the_look() -> None:
    found = told(replace(WELL, has_namespace=False))
    assert list(found) == ["answers", "namespace"]
    assert found["namespace"] == (Outcome.FAILED, "the engine has no namespace default")


@pytest.mark.parametrize(("days", "outcome"), [(30, Outcome.PASSED), (29, Outcome.NOTED)])
def test_a_trade_should_be_there_for_a_month(days: int, outcome: Outcome) -> None:
    assert told(replace(WELL, retention=timedelta(days=days)))["retention"][0] is outcome


def test_attributes_that_are_missing_come_with_a_worker_and_wrong_ones_never() -> None:
    missing = told(replace(WELL, missing=("BackstayState",)))["attributes"]
    assert missing == (Outcome.NOTED, "the engine can't search by BackstayState yet")
    wrong = told(replace(WELL, missing=("BackstayState",), mistyped=("BackstaySymbol",)))
    assert wrong["attributes"] == (
        Outcome.FAILED,
        "the engine knows these with another type: BackstaySymbol",
    )


@pytest.mark.parametrize(
    ("facts", "outcome", "found"),
    [
        (
            PageFacts("h:1", is_guess=False, answer=Answer(200, b"", None, AT)),
            Outcome.PASSED,
            "http://h:1",
        ),
        (
            PageFacts("h:1", is_guess=False, answer=Answer(404, b"", None, AT)),
            Outcome.NOTED,
            "http://h:1 answers with 404",
        ),
        (
            PageFacts("h:1", is_guess=False, answer=None, silence="refused"),
            Outcome.NOTED,
            "http://h:1 does not answer: refused",
        ),
        (
            PageFacts("h:1", is_guess=True, answer=None, silence="refused"),
            Outcome.NOTED,
            "http://h:1 does not answer, where `backstay up` would put it: refused",
        ),
    ],
)
def test_no_trade_needs_the_page_for_people(facts: PageFacts, outcome: Outcome, found: str) -> None:
    finding = engine.judge_page(facts)
    assert (finding.outcome, finding.found) == (outcome, found)


SETTINGS_FAIL = findings.failed(Area.SETTINGS, "file", "x", "y")
LIMITS_FAIL = findings.failed(Area.LIMITS, "bounds", "x", "y")
NOTED = findings.noted(Area.SETTINGS, "file", "x")
UNSEEN = findings.unreached(Area.BOOK, "there", "x")


@pytest.mark.parametrize(
    ("found", "reached", "verdict"),
    [
        ((NOTED, UNSEEN), broker.Verdict.WELL, Verdict.WELL),
        ((LIMITS_FAIL,), broker.Verdict.WELL, Verdict.FAILED),
        ((LIMITS_FAIL,), broker.Verdict.NOT_CONNECTED, Verdict.NOT_CONNECTED),
        ((SETTINGS_FAIL, LIMITS_FAIL), broker.Verdict.NOT_CONNECTED, Verdict.NO_SETTINGS),
        ((SETTINGS_FAIL,), broker.Verdict.WELL, Verdict.NO_SETTINGS),
    ],
)
def test_of_several_troubles_the_first_counts(
    found: tuple[findings.Finding, ...], reached: broker.Verdict, verdict: Verdict
) -> None:
    assert findings.verdict(found, reached) is verdict
