"""The page about a plan: what it will do, for a person to read before it may.

Owns the wording and the sequence; every figure stands in the report.
"""

from collections.abc import Iterator
from typing import assert_never

from backstay.cli.plan.facts import (
    Fact,
    entry_facts,
    labelled,
    size_facts,
    time_exit_facts,
    ways_out,
)
from backstay.cli.plan.report import (
    GroupReport,
    LegReport,
    PlanReport,
    RefusedReport,
    TradeReport,
)
from backstay.cli.screen import Screen
from backstay.domain.figures import plain
from backstay.domain.hedging.emergency import LEVELS_MAX
from backstay.domain.ids import Purpose, parse_order_ref
from backstay.domain.plan.group import Execution
from backstay.domain.plan.sizing import Sized, Unfit
from backstay.lab.words import count, query_text

_ORDERS = {
    Purpose.ENTRY: "the entry",
    Purpose.PROTECT: "the disaster stop",
    Purpose.EXIT_STOP: "the first exit by the stop",
}


def show(report: PlanReport, screen: Screen, errors: Screen) -> None:
    """The page; why a file is no plan goes to where errors go, one line each."""
    match report:
        case RefusedReport(file=file, complaints=complaints):
            for complaint in complaints:
                errors.line(f"{file}: {complaint.path}: {complaint.text}")
        case TradeReport():
            _show_trade(report, screen)
        case GroupReport():
            _show_group(report, screen)
        case _:
            assert_never(report)


def _show_trade(report: TradeReport, screen: Screen) -> None:
    plan = report.plan
    screen.line(f"{plan.id}: {plan.side} {query_text(plan.instrument)}", "bold")
    screen.line()
    screen.facts(_identity(report))
    screen.facts(entry_facts(plan))
    match report.sizing:
        case Sized() if report.first is not None:
            screen.facts(size_facts(plan, report.sizing))
            screen.facts(ways_out(plan, report.sizing, report.first))
        case Unfit(complaints=complaints):
            screen.facts(labelled("refused", [str(complaint) for complaint in complaints]))
        case _:
            screen.facts([("size", f"not worked out: {report.not_sized_because}")])
    screen.facts(time_exit_facts(plan.time_exit))
    screen.line()
    _show_limits(screen, (("assumed", f"{report.assumed}, until the broker says"),), report)


def _identity(report: TradeReport | GroupReport) -> Iterator[Fact]:
    if report.trade is None:
        yield "trade", "named by the account and the id; give the account with --account"
        return
    yield "trade", f"{report.trade} in {report.account}"
    if isinstance(report, TradeReport):
        yield from labelled("keys", [_key(key) for key in report.keys])


def _key(order_ref: str) -> str:
    key = parse_order_ref(order_ref)
    return order_ref if key is None else f"{order_ref}  {_ORDERS[key.purpose]}"


def _show_group(report: GroupReport, screen: Screen) -> None:
    plan, group = report.plan, report.plan.group
    legs = count(len(report.legs), "leg")
    screen.line(f"{plan.id}: {count(group.quantity, 'set')} of {legs}", "bold")
    screen.line()
    screen.facts(_identity(report))
    screen.facts(labelled("legs", [_leg(report, leg) for leg in report.legs]))
    screen.facts(_group_rules(report))
    screen.facts(time_exit_facts(plan.time_exit))
    screen.line()
    _show_limits(screen, (), report)


def _leg(report: GroupReport, leg: LegReport) -> str:
    name = query_text(report.plan.group.legs[leg.leg].instrument)
    covers = _numbers("covers", leg.covers) + _numbers("covered by", leg.covered_by)
    role = f"{leg.role.upper():5}"
    trade = f"{leg.side:4} {plain(leg.quantity)} {name}"
    return f"{leg.leg}  {role}  {trade}, {covers}{f'  {leg.key}' if leg.key else ''}"


def _numbers(word: str, numbers: tuple[int, ...]) -> str:
    return f"{word} {', '.join(map(str, numbers))}" if numbers else ""


def _group_rules(report: GroupReport) -> Iterator[Fact]:
    plan, group = report.plan, report.plan.group
    if plan.execution is Execution.LEGS:
        yield "order", "each leg by itself: hedges first, risk only against hedge that has filled"
    else:
        yield "order", "all legs as one combination"
    seconds = plain(group.hedge_seconds)
    yield (
        "hedges",
        f"what is exposed is hedged at market for {seconds} s, at most {LEVELS_MAX} times;",
    )
    yield "", "then a person is called for exactly what is left"
    yield "stop", f"closed at a loss of {plain(plan.stop.loss)}, measured over all legs"
    yield (
        "max loss",
        f"at {plain(group.max_loss)} it is closed whatever it costs, and a person is told",
    )
    exposed = [f"{plain(part.quantity)} of leg {part.leg}" for part in report.exposed_without_hedge]
    yield "worst", f"with every risk filled and no hedge, {' and '.join(exposed)} are exposed"


def _show_limits(
    screen: Screen, first: tuple[Fact, ...], report: TradeReport | GroupReport
) -> None:
    screen.facts(first)
    screen.facts(labelled("unchecked", report.not_checked))
