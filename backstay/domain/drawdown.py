"""What we have lost, and what that forbids.

Owns the drawdown controller: the result of each trading day, the rules that look at a day, a week,
a month or a row of losing days, and the restraint that follows. Every rule is judged every time and
the most severe one wins, so no milder rule can stand in front of a harder one.

A restraint holds until its period is over. A rule looks at the worst result that a period has seen,
so a position that recovers does not lift it, and neither does a restart: what is known is a value.

It refuses to know clocks and time zones. Which trading day a mark belongs to is the session
calendar's answer; marks are joined so that neither their order nor their repetition matters. A
trading day of which nothing is known yet permits no entry.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Annotated, Literal, assert_never

from pydantic import Field

from backstay.domain.checks import check_above_zero, check_number, check_utc
from backstay.domain.figures import plain
from backstay.domain.prices import percent_of

DAYS_KEPT = 64
"""More than a month and the row of losing days before it."""

NOTHING = Decimal(0)
EVERYTHING_PERCENT = Decimal(100)


class Restraint(StrEnum):
    """What the losses forbid, the mildest first."""

    NONE = "none"
    HALF_SIZE = "half size"
    NO_ENTRIES = "no entries"
    FLATTEN = "flatten"

    @property
    def severity(self) -> int:
        """The place among the restraints; the higher one wins."""
        return _SEVERITY.index(self)

    def permits(self, quantity: Decimal) -> Decimal:
        """How much of an entry of `quantity` may be sent, in whole units."""
        match self:
            case Restraint.NONE:
                return quantity
            case Restraint.HALF_SIZE:
                return (quantity / 2).to_integral_value(ROUND_DOWN)
            case Restraint.NO_ENTRIES | Restraint.FLATTEN:
                return NOTHING
            case _:
                assert_never(self)


_SEVERITY = tuple(Restraint)


class Period(StrEnum):
    """What a rule looks back on; a week is that of the calendar, from Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def _check_forbids(restraint: Restraint) -> None:
    """Without rules nothing may be sent; a rule that forbids nothing must not get around that."""
    if restraint is Restraint.NONE:
        raise ValueError("a drawdown rule must forbid something")


@dataclass(frozen=True, slots=True)
class LossOfMoney:
    """`restraint` from a loss of `amount`, in the base currency, on."""

    period: Period
    amount: Decimal
    restraint: Restraint
    kind: Literal["money"] = "money"

    def __post_init__(self) -> None:
        check_above_zero(f"a loss for the {self.period}", self.amount)
        _check_forbids(self.restraint)


@dataclass(frozen=True, slots=True)
class LossOfEquity:
    """`restraint` from a loss of `percent` of the equity at the start of the period on."""

    period: Period
    percent: Decimal
    restraint: Restraint
    kind: Literal["equity"] = "equity"

    def __post_init__(self) -> None:
        if not 0 < self.percent <= EVERYTHING_PERCENT:
            raise ValueError(
                f"a loss for the {self.period} is {self.percent} % of the equity; "
                "it must be above 0 and at most 100"
            )
        _check_forbids(self.restraint)


@dataclass(frozen=True, slots=True)
class LosingDays:
    """`restraint` on the day after `days` losing days in a row. A day without a loss ends a row."""

    days: int
    restraint: Restraint
    kind: Literal["losing days"] = "losing days"

    def __post_init__(self) -> None:
        if not 1 <= self.days < DAYS_KEPT:
            raise ValueError(f"a row is {self.days} losing days; it is from 1 to {DAYS_KEPT - 1}")
        _check_forbids(self.restraint)


DrawdownRule = Annotated[LossOfMoney | LossOfEquity | LosingDays, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Mark:
    """The account at one moment of a trading day, in the base currency.

    `profit` is what the day has brought so far: realised and open, less commissions.
    """

    day: date
    at: datetime
    profit: Decimal
    equity: Decimal

    def __post_init__(self) -> None:
        check_utc("a mark", self.at)
        check_number("the profit of a mark", self.profit)
        check_number("the equity of a mark", self.equity)


@dataclass(frozen=True, slots=True)
class DayResult:
    """One trading day, from its first mark to its last, and the worst in between."""

    day: date
    started_at: datetime
    start_equity: Decimal
    marked_at: datetime
    profit: Decimal
    worst: Decimal

    def __post_init__(self) -> None:
        if self.started_at > self.marked_at or self.worst > self.profit:
            raise ValueError(f"{self.day} ends before it starts, or better than its worst")

    @classmethod
    def of(cls, mark: Mark) -> "DayResult":
        """The day as one mark alone shows it. It began with the equity before today's result."""
        start_equity = mark.equity - mark.profit
        return cls(mark.day, mark.at, start_equity, mark.at, mark.profit, mark.profit)

    def join(self, other: "DayResult") -> "DayResult":
        """The same day as both show it. Of two marks of one moment the less favourable counts."""
        started_at, start_equity = min(
            (self.started_at, self.start_equity), (other.started_at, other.start_equity)
        )
        marked_at, loss = max((self.marked_at, -self.profit), (other.marked_at, -other.profit))
        worst = min(self.worst, other.worst)
        return DayResult(self.day, started_at, start_equity, marked_at, -loss, worst)


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The latest trading days, oldest first."""

    days: tuple[DayResult, ...] = ()

    def __post_init__(self) -> None:
        dates = [result.day for result in self.days]
        if dates != sorted(set(dates))[-DAYS_KEPT:]:
            raise ValueError(f"the days must rise and be at most {DAYS_KEPT}")

    def with_mark(self, mark: Mark) -> "Drawdown":
        """What is known once `mark` is told; a late one of an earlier day still counts there."""
        return self.join(Drawdown((DayResult.of(mark),)))

    def join(self, other: "Drawdown") -> "Drawdown":
        """What both together know, without what lies too far back."""
        days = {result.day: result for result in self.days}
        for result in other.days:
            days[result.day] = days[result.day].join(result) if result.day in days else result
        return Drawdown(tuple(days[day] for day in sorted(days)[-DAYS_KEPT:]))


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that is breached, what it asks for, and the figures."""

    restraint: Restraint
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every breach, the most severe first, and so the restraint that holds."""

    breaches: tuple[Breach, ...]

    @property
    def restraint(self) -> Restraint:
        """What the most severe breach asks for."""
        return self.breaches[0].restraint if self.breaches else Restraint.NONE


def judge(drawdown: Drawdown, rules: tuple[DrawdownRule, ...], day: date) -> Verdict:
    """What the losses up to the trading day `day` forbid on it. All rules are looked at."""
    known = tuple(result for result in drawdown.days if result.day <= day)
    breaches = [breach for rule in rules if (breach := _breach(known, rule, day))]
    if not rules:
        breaches.append(Breach(Restraint.NO_ENTRIES, "no drawdown rule is set"))
    if not known or known[-1].day != day:
        breaches.append(Breach(Restraint.NO_ENTRIES, f"nothing is known yet of {day}"))
    by_severity = sorted(breaches, key=lambda breach: breach.restraint.severity, reverse=True)
    return Verdict(tuple(by_severity))


def _breach(known: tuple[DayResult, ...], rule: DrawdownRule, day: date) -> Breach | None:
    """What one rule asks for, if it is breached."""
    if isinstance(rule, LosingDays):
        row = _losing_row(known, day)
        text = f"{row} losing days in a row; {rule.restraint} from {rule.days} on"
        return Breach(rule.restraint, text) if row >= rule.days else None
    days = tuple(result for result in known if _same(rule.period, result.day, day))
    if not days:
        return None
    worst = _worst(days)
    limit, bound = _limit(rule, days[0].start_equity)
    text = f"the {rule.period}'s worst result is {plain(worst)}; {rule.restraint} from {bound} on"
    return Breach(rule.restraint, text) if -worst >= limit else None


def _limit(rule: LossOfMoney | LossOfEquity, start_equity: Decimal) -> tuple[Decimal, str]:
    """The loss from which a rule holds, and how it comes about."""
    match rule:
        case LossOfMoney(amount=amount):
            return amount, plain(-amount)
        case LossOfEquity(percent=percent):
            amount = percent_of(start_equity, percent)
            return amount, f"{plain(-amount)} ({plain(percent)} % of {plain(start_equity)})"
        case _:
            assert_never(rule)


def _same(period: Period, one: date, other: date) -> bool:
    """Whether two trading days lie in the same period."""
    match period:
        case Period.DAY:
            return one == other
        case Period.WEEK:
            return one.isocalendar()[:2] == other.isocalendar()[:2]
        case Period.MONTH:
            return (one.year, one.month) == (other.year, other.month)
        case _:
            assert_never(period)


def _worst(days: tuple[DayResult, ...]) -> Decimal:
    """The lowest that the running result of `days` ever was."""
    worst = running = NOTHING
    for result in days:
        worst = min(worst, running + result.worst)
        running += result.profit
    return worst


def _losing_row(known: tuple[DayResult, ...], day: date) -> int:
    """How many of the days before `day`, counted back from it, were losing days in a row."""
    row = 0
    for result in reversed(known):
        if result.day == day:
            continue
        if result.profit >= 0:
            break
        row += 1
    return row
