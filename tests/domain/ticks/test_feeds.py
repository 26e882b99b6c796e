"""Whether the data can be trusted at all."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.ticks.feeds import (
    Confirmed,
    Doubt,
    Doubted,
    FeedDecision,
    FeedReport,
    FeedState,
    begin,
    doubts_about,
    on_good_tick,
    on_report,
)
from backstay.domain.ticks.quotes import Feed
from tests.domain.ticks.samples import NOON, TWEAK, after

GOOD = FeedReport(
    is_connected=True, is_subscribed=True, lines_used=100, lines_max=100, feed=Feed.REAL_TIME
)
LOST = replace(GOOD, is_connected=False)
CONFIRMED = Confirmed(NOON)
AWAITING_TICK = Doubted(NOON, after(5), (Doubt.NO_TICK_YET,))
IN_DOUBT = Doubted(NOON, after(5), (Doubt.NOT_CONNECTED,))
NOTHING = FeedDecision.NOTHING


@pytest.mark.req("S3.7", "X.9")
@pytest.mark.parametrize(
    ("report", "doubts"),
    [
        (GOOD, ()),
        (replace(GOOD, lines_used=101), (Doubt.TOO_MANY_LINES,)),
        (LOST, (Doubt.NOT_CONNECTED,)),
        (replace(GOOD, is_subscribed=False), (Doubt.NOT_SUBSCRIBED,)),
        (replace(GOOD, feed=Feed.DELAYED), (Doubt.NOT_REAL_TIME,)),
        (replace(GOOD, feed=Feed.FROZEN), (Doubt.NOT_REAL_TIME,)),
        (replace(GOOD, feed=Feed.DELAYED_FROZEN), (Doubt.NOT_REAL_TIME,)),
        (
            FeedReport(False, False, 1, 0, Feed.DELAYED),
            (
                Doubt.NOT_CONNECTED,
                Doubt.NOT_SUBSCRIBED,
                Doubt.TOO_MANY_LINES,
                Doubt.NOT_REAL_TIME,
            ),
        ),
    ],
)
def test_a_report_raises_every_doubt_that_it_gives_reason_for(
    report: FeedReport, doubts: tuple[Doubt, ...]
) -> None:
    assert doubts_about(report) == doubts


@pytest.mark.req("S3.7")
@pytest.mark.parametrize(
    ("state", "report", "expected", "decision"),
    [
        (CONFIRMED, GOOD, CONFIRMED, NOTHING),
        (
            CONFIRMED,
            LOST,
            Doubted(after(9), after(9), (Doubt.NOT_CONNECTED,)),
            FeedDecision.HALT_ENTRIES,
        ),
        (IN_DOUBT, LOST, Doubted(NOON, after(9), (Doubt.NOT_CONNECTED,)), NOTHING),
        (IN_DOUBT, GOOD, AWAITING_TICK, NOTHING),
        (AWAITING_TICK, GOOD, AWAITING_TICK, NOTHING),
        (AWAITING_TICK, LOST, Doubted(NOON, after(9), (Doubt.NOT_CONNECTED,)), NOTHING),
        (begin(NOON), GOOD, Doubted(NOON, NOON, (Doubt.NO_TICK_YET,)), NOTHING),
    ],
)
def test_each_state_takes_each_report_as_the_table_says(
    state: Confirmed | Doubted,
    report: FeedReport,
    expected: Confirmed | Doubted,
    decision: FeedDecision,
) -> None:
    assert on_report(state, report, after(9)) == (expected, decision)


@pytest.mark.req("S3.7")
def test_data_is_in_doubt_until_it_was_reported_and_ticked() -> None:
    assert begin(NOON) == Doubted(NOON, NOON, (Doubt.NO_REPORT_YET,))
    assert on_good_tick(begin(NOON), after(1), after(1)) == (begin(NOON), NOTHING)


@pytest.mark.req("S3.7")
def test_a_good_tick_after_the_last_doubt_confirms() -> None:
    assert on_good_tick(AWAITING_TICK, after(5) + TWEAK, after(7)) == (
        Confirmed(after(7)),
        FeedDecision.ALLOW_ENTRIES,
    )


@pytest.mark.req("S3.7")
@pytest.mark.parametrize("happened_at", [after(5) - TWEAK, after(5)])
def test_a_tick_that_is_not_from_after_the_last_doubt_confirms_nothing(
    happened_at: datetime,
) -> None:
    assert on_good_tick(AWAITING_TICK, happened_at, after(7)) == (AWAITING_TICK, NOTHING)


@pytest.mark.parametrize("state", [IN_DOUBT, CONFIRMED])
def test_a_tick_stills_no_other_doubt_and_confirms_nothing_twice(
    state: Confirmed | Doubted,
) -> None:
    assert on_good_tick(state, after(8), after(8)) == (state, NOTHING)


REPORTS = st.builds(
    FeedReport,
    st.booleans(),
    st.booleans(),
    st.integers(99, 101),
    st.just(100),
    st.sampled_from([Feed.REAL_TIME, Feed.REAL_TIME, Feed.DELAYED]),
)
EVENTS = st.lists(st.one_of(st.just(GOOD), REPORTS, st.none()), max_size=20)


@pytest.mark.req("S3.7")
@given(events=EVENTS)
def test_entries_are_allowed_only_by_a_tick_after_a_report_without_doubts(
    events: list[FeedReport | None],
) -> None:
    state: Confirmed | Doubted = begin(NOON)
    reported_good, allowed = False, False
    for seconds, report in enumerate(events, 1):
        now = after(seconds)
        if report is None:
            state, decision = on_good_tick(state, now, now)
            expected = FeedDecision.ALLOW_ENTRIES if reported_good and not allowed else NOTHING
            allowed = allowed or reported_good
        else:
            state, decision = on_report(state, report, now)
            reported_good = not doubts_about(report)
            expected = NOTHING if reported_good or not allowed else FeedDecision.HALT_ENTRIES
            allowed = allowed and reported_good
        assert decision is expected
        assert isinstance(state, Confirmed) is allowed


@pytest.mark.parametrize("state", [CONFIRMED, AWAITING_TICK, begin(NOON)])
def test_each_state_survives_as_json(state: Confirmed | Doubted) -> None:
    adapter: TypeAdapter[Confirmed | Doubted] = TypeAdapter(FeedState)
    assert adapter.validate_json(adapter.dump_json(state)) == state


def test_a_report_survives_as_json() -> None:
    adapter = TypeAdapter(FeedReport)
    assert adapter.validate_json(adapter.dump_json(GOOD)) == GOOD
