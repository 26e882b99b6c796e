"""Trading days, joined from marks in any order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.drawdown import (
    DAYS_KEPT,
    DayResult,
    Drawdown,
    DrawdownRule,
    LosingDays,
    Mark,
    Period,
    Verdict,
    judge,
)
from tests.domain.losses import (
    DAILY,
    DAYS,
    FLATTEN,
    HALF,
    MONDAY,
    NO_ENTRIES,
    NONE,
    TUESDAY,
    WEEKLY,
    after,
    equity,
    mark,
    money,
    restraint,
)


def test_a_day_starts_with_the_equity_before_its_result() -> None:
    one = Mark(MONDAY, datetime(2026, 11, 23, 15, tzinfo=UTC), Decimal(-300), Decimal(9700))
    assert Drawdown().with_mark(one).days == (
        DayResult(MONDAY, one.at, Decimal(10000), one.at, Decimal(-300), Decimal(-300)),
    )


def test_a_day_keeps_its_first_equity_its_last_result_and_its_worst() -> None:
    marks = (
        mark(MONDAY, "10", 1, equity="1000"),
        mark(MONDAY, "-50", 2, equity="2000"),
        mark(MONDAY, "20", 3, equity="3000"),
    )
    expected = DayResult(MONDAY, marks[0].at, Decimal(1000), marks[2].at, Decimal(20), Decimal(-50))
    assert after(*marks).days == (expected,)
    assert after(*marks[::-1]).days == (expected,)


def test_of_two_marks_of_one_moment_the_less_favourable_counts() -> None:
    good, bad = mark(MONDAY, "10", 1, equity="2000"), mark(MONDAY, "-50", 1, equity="1000")
    (day,) = after(good, bad).days
    assert (day.start_equity, day.profit, day.worst) == (Decimal(1000), Decimal(-50), Decimal(-50))
    assert after(bad, good) == after(good, bad)


@pytest.mark.req("S3.10")
def test_a_late_mark_of_an_earlier_day_still_counts_there() -> None:
    drawdown = after(mark(MONDAY, "5", 1), mark(TUESDAY, "5"), mark(MONDAY, "-500", 2))
    assert restraint(drawdown, WEEKLY, day=TUESDAY) is NO_ENTRIES
    assert restraint(drawdown, LosingDays(1, HALF), day=TUESDAY) is HALF


def test_only_the_latest_days_are_kept() -> None:
    marks = [mark(MONDAY + timedelta(days=n), "1") for n in range(DAYS_KEPT + 3)]
    days = [result.day for result in after(*marks).days]
    assert days == [one.day for one in marks[3:]]
    assert after(*marks[::-1]) == after(*marks)
    assert after(*marks).with_mark(marks[0]) == after(*marks)


marks = st.builds(
    mark,
    st.sampled_from(DAYS),
    st.integers(-900, 900).map(str),
    st.integers(0, 3),
    st.sampled_from(["10000", "20000"]),
)


@pytest.mark.req("S3.10")
@given(st.lists(marks, max_size=8), st.data())
def test_neither_order_nor_repetition_of_marks_matters(
    told: list[Mark], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(told * 2))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert after(*shuffled[:cut]).join(after(*shuffled[cut:])) == after(*told)


@pytest.mark.req("S3.10", "S1.14")
@given(st.lists(marks, max_size=8), st.sampled_from(DAYS))
def test_the_worst_of_a_period_is_what_a_plain_walk_through_its_marks_finds(
    told: list[Mark], day: date
) -> None:
    week = sorted(
        (one for one in told if one.day.isocalendar().week == day.isocalendar().week),
        key=lambda one: (one.day, one.at, -one.profit),
    )
    worst = closed = last = Decimal(0)
    for before, one in zip([None, *week], week, strict=False):
        closed += last if before and before.day != one.day else 0
        last = one.profit
        worst = min(worst, closed + last) if one.day <= day else worst
    drawdown = after(*told)
    for amount in {1, 250, 500, max(int(-worst), 1), int(-worst) + 1}:
        breached = any(
            breach.text.startswith("the week's")
            for breach in judge(drawdown, (money(Period.WEEK, str(amount)),), day).breaches
        )
        assert breached is (-worst >= amount)


@pytest.mark.req("S3.10")
@given(st.lists(marks, max_size=8), marks)
def test_a_further_loss_never_eases_a_restraint(told: list[Mark], more: Mark) -> None:
    rules = (
        money(Period.DAY, "300", HALF),
        money(Period.DAY, "600", FLATTEN),
        money(Period.WEEK, "700", NO_ENTRIES),
    )
    drawdown = after(*told)
    later = max((one.at for one in told if one.day == more.day), default=more.at)
    profit = min((one.profit for one in told if one.day == more.day), default=Decimal(0))
    worse = replace(more, at=later + timedelta(minutes=1), profit=min(profit, more.profit))
    known = judge(drawdown.with_mark(replace(worse, profit=profit)), rules, more.day)
    assert (
        judge(drawdown.with_mark(worse), rules, more.day).restraint.severity
        >= known.restraint.severity
    )


@pytest.mark.req("S1.14", "S3.10")
def test_what_is_known_and_what_is_ruled_survive_a_restart() -> None:
    drawdown = after(mark(MONDAY, "-1"), mark(TUESDAY, "2.5"))
    adapter = TypeAdapter(Drawdown)
    assert adapter.validate_json(adapter.dump_json(drawdown)) == drawdown
    rules: tuple[DrawdownRule, ...] = (DAILY, equity(Period.WEEK, "2"), LosingDays(3, HALF))
    rule_adapter: TypeAdapter[tuple[DrawdownRule, ...]] = TypeAdapter(tuple[DrawdownRule, ...])
    assert rule_adapter.validate_json(rule_adapter.dump_json(rules)) == rules
    verdict = judge(drawdown, rules, TUESDAY)
    verdicts = TypeAdapter(Verdict)
    assert verdicts.validate_json(verdicts.dump_json(verdict)) == verdict


@pytest.mark.parametrize("amount", ["0", "-1", "Infinity"])
def test_a_loss_that_is_not_above_zero_is_refused(amount: str) -> None:
    with pytest.raises(
        ValueError, match=f"^a loss for the day is {amount}; it must be a number above"
    ):
        money(Period.DAY, amount)


@pytest.mark.parametrize("percent", ["0", "-1", "100.1"])
def test_a_percentage_beyond_the_equity_is_refused(percent: str) -> None:
    with pytest.raises(
        ValueError,
        match=f"^a loss for the week is {percent} % of the equity; "
        "it must be above 0 and at most 100$",
    ):
        equity(Period.WEEK, percent)


def test_the_whole_equity_can_be_a_limit() -> None:
    assert equity(Period.WEEK, "100").percent == 100


@pytest.mark.parametrize("days", [0, -1, DAYS_KEPT])
def test_a_row_that_cannot_be_counted_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match=f"^a row is {days} losing days; it is from 1 to 63$"):
        LosingDays(days, HALF)


@pytest.mark.parametrize("days", [1, DAYS_KEPT - 1])
def test_a_row_that_can_be_counted_is_accepted(days: int) -> None:
    assert LosingDays(days, HALF).days == days


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=-5))])
def test_a_mark_that_is_not_in_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match=r"^a mark: the time 2026-11-23 09:30:00.* is not in UTC$"):
        Mark(MONDAY, datetime(2026, 11, 23, 9, 30, tzinfo=zone), Decimal(0), Decimal(1))


@pytest.mark.parametrize(
    "changed", [{"started_at": datetime(2026, 11, 24, tzinfo=UTC)}, {"worst": Decimal("-0.9")}]
)
def test_a_day_that_contradicts_itself_is_refused(changed: dict[str, datetime | Decimal]) -> None:
    (day,) = after(mark(MONDAY, "-1")).days
    with pytest.raises(ValueError, match=r"^2026-11-23 ends before it starts, or better than"):
        replace(day, **changed)  # type: ignore[arg-type]


def test_days_that_do_not_rise_are_refused() -> None:
    monday, tuesday = after(mark(MONDAY, "-1"), mark(TUESDAY, "1")).days
    for days in ((tuesday, monday), (monday, monday)):
        with pytest.raises(ValueError, match=r"^the days must rise and be at most 64$"):
            Drawdown(days)


def test_too_many_days_are_refused() -> None:
    results = tuple(
        DayResult.of(mark(MONDAY + timedelta(days=n), "1")) for n in range(DAYS_KEPT + 1)
    )
    assert len(Drawdown(results[1:]).days) == DAYS_KEPT
    with pytest.raises(ValueError, match=r"^the days must rise and be at most 64$"):
        Drawdown(results)


@pytest.mark.req("S3.10")
@pytest.mark.parametrize(
    "rule",
    [
        lambda: money(Period.DAY, "1", NONE),
        lambda: equity(Period.DAY, "1", NONE),
        lambda: LosingDays(1, NONE),
    ],
)
def test_a_rule_that_forbids_nothing_is_refused(rule: Callable[[], DrawdownRule]) -> None:
    with pytest.raises(ValueError, match=r"^a drawdown rule must forbid something$"):
        rule()


@pytest.mark.parametrize(("profit", "equity"), [("NaN", "1"), ("0", "Infinity")])
def test_a_mark_without_its_figures_is_refused(profit: str, equity: str) -> None:
    with pytest.raises(ValueError, match=r"of a mark is (NaN|Infinity); it must be a number$"):
        mark(MONDAY, profit, equity=equity)
