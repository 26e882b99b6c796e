"""What we have lost, and what that forbids."""

from datetime import date
from decimal import Decimal

import pytest

from backstay.domain.drawdown import (
    Breach,
    Drawdown,
    DrawdownRule,
    LosingDays,
    LossOfMoney,
    Period,
    Restraint,
    Verdict,
    judge,
)
from tests.domain.losses import (
    DAILY,
    DAYS,
    FLATTEN,
    HALF,
    MONDAY,
    MONTHLY,
    NEXT_MONDAY,
    NO_ENTRIES,
    NONE,
    TUESDAY,
    WEDNESDAY,
    WEEKLY,
    after,
    equity,
    mark,
    money,
    restraint,
)


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
def test_a_fraction_of_a_percent_can_be_a_limit() -> None:
    rule = equity(Period.DAY, "0.5")
    assert restraint(after(mark(MONDAY, "-124.99")), rule) is NONE
    assert restraint(after(mark(MONDAY, "-125")), rule) is NO_ENTRIES


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
@pytest.mark.parametrize(("third", "expected"), [("-100", NO_ENTRIES), ("-99.99", NONE)])
def test_a_week_adds_up_all_its_days(third: str, expected: Restraint) -> None:
    drawdown = after(mark(MONDAY, "-200"), mark(TUESDAY, "-200"), mark(WEDNESDAY, third))
    assert restraint(drawdown, WEEKLY, day=WEDNESDAY) is expected


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
            Breach(FLATTEN, "the day's worst result is -250.5; flatten from -250.5 on"),
            Breach(
                NO_ENTRIES,
                "the week's worst result is -550.5; no entries from -550 (2.2 % of 25000) on",
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
