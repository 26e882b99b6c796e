"""Marks and drawdown rules, short enough to read in a line."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from backstay.domain.drawdown import (
    Drawdown,
    DrawdownRule,
    LossOfEquity,
    LossOfMoney,
    Mark,
    Period,
    Restraint,
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
