"""What we have lost, and what that forbids."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.drawdown import (
    DAYS_KEPT,
    Breach,
    DayResult,
    Drawdown,
    DrawdownRule,
    LosingDays,
    LossOfEquity,
    LossOfMoney,
    Mark,
    Period,
    Restraint,
    Verdict,
    judge,
)

NONE, HALF, NO_ENTRIES, FLATTEN = Restraint
MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in range(1, 5))
NEXT_MONDAY = MONDAY + timedelta(days=7)
DAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, NEXT_MONDAY)


def mark(day: date, profit: str, minute: int = 0, equity: str = "25000") -> Mark:
    """The result of `day` so many minutes after its open. Equity is that before the day began."""
    at = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC) + timedelta(minutes=minute)
    return Mark(day, at, Decimal(profit), Decimal(equity) + Decimal(profit))


def after(*marks: Mark) -> Drawdown:
    drawdown = Drawdown()
    for one in marks:
        drawdown = drawdown.with_mark(one)
    return drawdown


def money(period: Period, amount: str, restraint: Restraint = NO_ENTRIES) -> LossOfMoney:
    return LossOfMoney(period, Decimal(amount), restraint)


def equity(period: Period, percent: str, restraint: Restraint = NO_ENTRIES) -> LossOfEquity:
    return LossOfEquity(period, Decimal(percent), restraint)


DAILY = money(Period.DAY, "500")
WEEKLY = money(Period.WEEK, "500")
MONTHLY = money(Period.MONTH, "500")


def restraint(drawdown: Drawdown, *rules: DrawdownRule, day: date = MONDAY) -> Restraint:
    return judge(drawdown, rules, day).restraint


@pytest.mark.req("S3.10")
@pytest.mark.parametrize("rule", [DAILY, WEEKLY, MONTHLY])
@pytest.mark.parametrize(
    ("profit", "expected"),
    [("-499.99", NONE), ("-500", NO_ENTRIES), ("-500.01", NO_ENTRIES), ("500", NONE), ("0", NONE)],
)
def test_a_loss_of_the_limit_breaches_every_period(
    rule: LossOfMoney, profit: str, expected: Restraint
) -> None:
    assert restraint(after(mark(MONDAY, profit)), rule) is expected


@pytest.mark.req("S3.10")
@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize(
    ("profit", "expected"), [("-499.99", NONE), ("-500", FLATTEN), ("-500.01", FLATTEN)]
)
def test_a_percentage_is_that_of_the_equity_when_the_period_began(
    period: Period, profit: str, expected: Restraint
) -> None:
    drawdown = after(mark(MONDAY, profit, equity="25000"))
    assert restraint(drawdown, equity(period, "2", FLATTEN)) is expected


@pytest.mark.req("S3.10")
def test_a_week_is_measured_by_the_equity_on_its_first_day() -> None:
    drawdown = after(
        mark(MONDAY, "-100", equity="10000"),
        mark(TUESDAY, "-100", equity="99000"),
    )
    rule = equity(Period.WEEK, "2")
    assert restraint(drawdown, rule, day=TUESDAY) is NO_ENTRIES
    assert restraint(drawdown, rule, day=MONDAY) is NONE


@pytest.mark.req("S3.10")
def test_equity_that_is_gone_before_the_period_began_leaves_no_loss_to_make() -> None:
    assert restraint(after(mark(MONDAY, "0", equity="0")), equity(Period.DAY, "2")) is NO_ENTRIES


@pytest.mark.req("S3.10")
@pytest.mark.parametrize(
    ("first", "second", "day", "rule", "expected"),
    [
        ("-300", "-200", TUESDAY, DAILY, NONE),
        ("-300", "-200", TUESDAY, WEEKLY, NO_ENTRIES),
        ("-300", "-199", TUESDAY, WEEKLY, NONE),
        ("300", "-500", TUESDAY, WEEKLY, NONE),
        ("300", "-800", TUESDAY, WEEKLY, NO_ENTRIES),
        ("-300", "-200", NEXT_MONDAY, WEEKLY, NONE),
        ("-300", "-200", NEXT_MONDAY, MONTHLY, NO_ENTRIES),
        ("-500", "0", NEXT_MONDAY, WEEKLY, NONE),
        ("-500", "0", TUESDAY, DAILY, NONE),
    ],
)
def test_each_period_adds_up_its_own_days(
    first: str, second: str, day: date, rule: LossOfMoney, expected: Restraint
) -> None:
    drawdown = after(mark(MONDAY, first), mark(day, second))
    assert restraint(drawdown, rule, day=day) is expected


@pytest.mark.req("S3.10")
@pytest.mark.parametrize(
    ("one", "other", "period", "together"),
    [
        (date(2026, 11, 29), date(2026, 11, 30), Period.WEEK, False),
        (date(2026, 11, 30), date(2026, 12, 1), Period.WEEK, True),
        (date(2026, 11, 30), date(2026, 12, 1), Period.MONTH, False),
        (date(2026, 12, 31), date(2027, 1, 1), Period.WEEK, True),
        (date(2026, 12, 31), date(2027, 1, 1), Period.MONTH, False),
        (date(2027, 1, 3), date(2027, 1, 4), Period.WEEK, False),
        (date(2025, 11, 28), date(2026, 11, 23), Period.MONTH, False),
        (date(2025, 11, 28), date(2026, 11, 27), Period.WEEK, False),
        (date(2026, 11, 2), date(2026, 11, 30), Period.MONTH, True),
    ],
)
def test_periods_end_with_the_calendar_week_and_month(
    one: date, other: date, period: Period, together: bool
) -> None:
    drawdown = after(mark(one, "-300"), mark(other, "-200"))
    expected = NO_ENTRIES if together else NONE
    assert restraint(drawdown, money(period, "500"), day=other) is expected


@pytest.mark.req("S3.10")
@pytest.mark.parametrize("rule", [DAILY, WEEKLY, MONTHLY])
def test_a_recovery_does_not_lift_a_restraint(rule: LossOfMoney) -> None:
    drawdown = after(mark(MONDAY, "-500", 1), mark(MONDAY, "200", 2))
    assert restraint(drawdown, rule) is NO_ENTRIES


@pytest.mark.req("S3.10")
def test_the_low_of_a_later_day_counts_on_top_of_the_days_before() -> None:
    drawdown = after(mark(MONDAY, "-300"), mark(TUESDAY, "-200", 1), mark(TUESDAY, "100", 2))
    assert restraint(drawdown, WEEKLY, day=TUESDAY) is NO_ENTRIES
    recovered = drawdown.with_mark(mark(WEDNESDAY, "900"))
    assert restraint(recovered, WEEKLY, day=WEDNESDAY) is NO_ENTRIES
    assert restraint(recovered, DAILY, day=WEDNESDAY) is NONE


@pytest.mark.req("S3.10")
def test_days_after_the_one_in_question_are_not_looked_at() -> None:
    drawdown = after(mark(MONDAY, "-1"), mark(TUESDAY, "-800"))
    assert restraint(drawdown, DAILY, WEEKLY, MONTHLY) is NONE


@pytest.mark.req("S3.10")
@pytest.mark.parametrize(
    ("profits", "row"),
    [
        ([], 0),
        (["-1"], 1),
        (["-1", "-1", "-1"], 3),
        (["1", "-1", "-1"], 2),
        (["-1", "-1", "1"], 0),
        (["-1", "-1", "0"], 0),
        (["-1", "0", "-1"], 1),
        (["-0.01", "-0.01"], 2),
    ],
)
@pytest.mark.parametrize("days", [1, 2, 3])
def test_losing_days_in_a_row_are_counted_back_from_the_day_before(
    profits: list[str], row: int, days: int
) -> None:
    past = [mark(day, profit) for day, profit in zip(DAYS, profits, strict=False)]
    today = DAYS[len(profits)]
    drawdown = after(*past, mark(today, "-900"))
    expected = HALF if row >= days else NONE
    assert restraint(drawdown, LosingDays(days, HALF), day=today) is expected


@pytest.mark.req("S3.10")
def test_the_best_of_a_losing_day_does_not_save_it() -> None:
    drawdown = after(mark(MONDAY, "700", 1), mark(MONDAY, "-1", 2), mark(TUESDAY, "0"))
    assert restraint(drawdown, LosingDays(1, HALF), day=TUESDAY) is HALF


@pytest.mark.req("S3.10")
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((money(Period.DAY, "100", HALF), money(Period.DAY, "200", FLATTEN)), FLATTEN),
        ((money(Period.DAY, "200", FLATTEN), money(Period.DAY, "100", HALF)), FLATTEN),
        ((money(Period.DAY, "100", HALF), money(Period.WEEK, "200", NO_ENTRIES)), NO_ENTRIES),
        ((money(Period.MONTH, "200", NO_ENTRIES), money(Period.DAY, "201", FLATTEN)), NO_ENTRIES),
        ((money(Period.DAY, "100", HALF), money(Period.DAY, "201", FLATTEN)), HALF),
        ((money(Period.DAY, "100", NONE),), NONE),
    ],
)
def test_the_most_severe_breach_wins_wherever_it_stands(
    rules: tuple[DrawdownRule, ...], expected: Restraint
) -> None:
    assert restraint(after(mark(MONDAY, "-200")), *rules) is expected


@pytest.mark.req("S3.10")
def test_a_verdict_tells_every_breach_with_its_figures_the_most_severe_first() -> None:
    drawdown = after(mark(MONDAY, "-300"), mark(TUESDAY, "-250.50", 1), mark(TUESDAY, "-100", 2))
    rules = (
        LosingDays(1, HALF),
        money(Period.DAY, "250.50", FLATTEN),
        money(Period.MONTH, "5000", FLATTEN),
        equity(Period.WEEK, "2.2", NO_ENTRIES),
    )
    assert judge(drawdown, rules, TUESDAY) == Verdict(
        (
            Breach(FLATTEN, "the day's worst result is -250.50; flatten from -250.50 on"),
            Breach(
                NO_ENTRIES,
                "the week's worst result is -550.50; no entries from -550.000 (2.2 % of 25000) on",
            ),
            Breach(HALF, "1 losing days in a row; half size from 1 on"),
        )
    )


@pytest.mark.req("S3.10")
def test_a_day_of_which_nothing_is_known_permits_no_entry() -> None:
    unknown = Breach(NO_ENTRIES, "nothing is known yet of 2026-11-24")
    assert judge(after(mark(MONDAY, "5")), (DAILY,), TUESDAY) == Verdict((unknown,))
    assert judge(Drawdown(), (DAILY,), TUESDAY) == Verdict((unknown,))


@pytest.mark.req("S3.10")
def test_an_unknown_day_does_not_hide_what_the_week_has_lost() -> None:
    week = money(Period.WEEK, "500", FLATTEN)
    assert restraint(after(mark(MONDAY, "-500")), week, day=TUESDAY) is FLATTEN


@pytest.mark.req("S3.10")
def test_no_rule_at_all_permits_no_entry() -> None:
    assert judge(after(mark(MONDAY, "5")), (), MONDAY) == Verdict(
        (Breach(NO_ENTRIES, "no drawdown rule is set"),)
    )


def test_a_verdict_without_a_breach_restrains_nothing() -> None:
    assert judge(after(mark(MONDAY, "5")), (DAILY,), MONDAY) == Verdict(())
    assert Verdict(()).restraint is NONE


@pytest.mark.req("S3.10")
@pytest.mark.parametrize(
    ("restraint_", "wanted", "permitted"),
    [
        (NONE, "7", "7"),
        (HALF, "7", "3"),
        (HALF, "8", "4"),
        (HALF, "1", "0"),
        (NO_ENTRIES, "7", "0"),
        (FLATTEN, "7", "0"),
    ],
)
def test_a_restraint_permits_so_much_of_an_entry(
    restraint_: Restraint, wanted: str, permitted: str
) -> None:
    assert restraint_.permits(Decimal(wanted)) == Decimal(permitted)


def test_restraints_rise_from_none_to_flatten() -> None:
    assert [one.severity for one in (NONE, HALF, NO_ENTRIES, FLATTEN)] == [0, 1, 2, 3]


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


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_loss_that_is_not_above_zero_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match=f"^a loss for the day is {amount}; it must be above 0$"):
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
    with pytest.raises(ValueError, match=r"of a mark is not in UTC$"):
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
