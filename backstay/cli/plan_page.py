"""The page about a plan: what it will do, for a person to read before it may.

Owns the wording and the sequence; every figure stands in the report.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from backstay.cli.plan_report import (
    FirstTerms,
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
from backstay.domain.plan.entry import WatchedSession
from backstay.domain.plan.exits import AfterTarget, Target, TimeExit
from backstay.domain.plan.group import Execution
from backstay.domain.plan.rules import judged_on, stop_rule
from backstay.domain.plan.sizing import Sized, Unfit
from backstay.domain.plan.trade import TradePlan
from backstay.lab.words import cents, count, instant_text, query_text, terms_text

Fact = tuple[str, str]

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
    screen.facts(_entry(plan))
    match report.sizing:
        case Sized() if report.first is not None:
            screen.facts(_size(report, report.sizing))
            screen.facts(_ways_out(report, report.sizing, report.first))
        case Unfit(complaints=complaints):
            screen.facts(_labelled("refused", [str(complaint) for complaint in complaints]))
        case _:
            screen.facts([("size", f"not worked out: {report.not_sized_because}")])
    screen.facts(_time_exit(plan.time_exit))
    screen.line()
    _show_limits(screen, (("assumed", f"{report.assumed}, until the broker says"),), report)


def _identity(report: TradeReport | GroupReport) -> Iterator[Fact]:
    if report.trade is None:
        yield "trade", "named by the account and the id; give the account with --account"
        return
    yield "trade", f"{report.trade} in {report.account}"
    if isinstance(report, TradeReport):
        yield from _labelled("keys", [_key(key) for key in report.keys])


def _key(order_ref: str) -> str:
    key = parse_order_ref(order_ref)
    return order_ref if key is None else f"{order_ref}  {_ORDERS[key.purpose]}"


def _entry(plan: TradePlan) -> Iterator[Fact]:
    entry, trigger = plan.entry, plan.entry.trigger
    worse = "under" if plan.side.sign < 0 else "over"
    limit = f" at {entry.limit} or better" if entry.limit is not None else ""
    if entry.limit_offset is not None:
        limit = f" at most {entry.limit_offset} {worse} the {'trigger' if trigger else 'market'}"
    if trigger is None:
        yield (
            "entry",
            f"{entry.order}{limit}, at once; while the market is closed: {entry.if_closed}",
        )
    else:
        ticks = count(trigger.confirm_ticks, "tick")
        depth = f" by over {trigger.breach_pct} %" if trigger.breach_pct else ""
        crossed = f"{trigger.source} is {trigger.when} {trigger.price}{depth} for {ticks}"
        yield "entry", f"{entry.order}{limit}, once {crossed}"
        hours = "regular hours"
        if trigger.session is WatchedSession.PREMARKET:
            hours = f"premarket ({trigger.premarket}) and regular hours"
        yield "", f"watched in {hours} until {instant_text(trigger.expires)}"
        yield "", f"crossed while nobody watched: {trigger.if_missed}"
    if entry.expires is not None:
        yield "", f"what has not filled by {instant_text(entry.expires)} is cancelled"


def _size(report: TradeReport, size: Sized) -> Iterator[Fact]:
    instrument = report.plan.instrument
    money = instrument.currency
    at = f"at {size.entry_price}, worth {cents(size.value)} {money}"
    yield "size", f"{count(size.quantity, instrument.unit)} {at}"
    if size.reduced_by:
        yield "", f"made smaller by {size.reduced_by}"
    yield "losses", f"{cents(size.losses.at_stop)} {money} at the stop"
    if size.losses.at_disaster is not None:
        unattended = f"{cents(size.losses.at_disaster)} {money} at the disaster stop"
        yield "", f"{unattended}, with nobody there to act"
    yield "", "a gap or a thin market can make either worse"


def _ways_out(report: TradeReport, size: Sized, first: FirstTerms) -> Iterator[Fact]:
    plan = report.plan
    stop, rule = plan.stop, stop_rule(plan.stop, plan.side)
    source = judged_on(stop, plan.side, is_option=plan.instrument.is_option)
    yield "stop", f"{size.stops.stop}, judged on {source} by Backstay itself"
    held = int(rule.stands_for.total_seconds() * 1000)
    beyond = f"{rule.crossing} {plain(first.breached_beyond)} ({rule.breach_pct} %)"
    yield "", f"believed {beyond} for {count(rule.confirm_ticks, 'tick')}, or for {held} ms"
    if first.protection is not None:
        yield (
            "disaster",
            f"{terms_text(first.protection)} at the broker, {stop.disaster_pct} % wider",
        )
        yield "", "attached to the entry and good till cancelled, whatever becomes of Backstay"
    elif stop.protection.stated_risk:
        yield "disaster", stop.protection.stated_risk
    exit_text = terms_text(first.first_exit)
    if stop.ladder.limit_seconds:
        seconds = plain(stop.ladder.limit_seconds)
        exit_text += f" for {seconds} s, its cancel proven, then MKT for exactly what is left"
    yield "ladder", exit_text
    if stop.trail is not None and first.trail_from is not None:
        begins = f"from {plain(first.trail_from)} on, {stop.trail.activate_pct} % past the entry"
        yield "trail", f"{begins}: {stop.trail.distance} behind the best price"
    shares = zip(plan.targets, first.target_quantities, strict=True)
    yield from _labelled(
        "targets", [_target(target, units, size.quantity) for target, units in shares]
    )


def _target(target: Target, units: Decimal, quantity: Decimal) -> str:
    where = str(target.price) if target.price is not None else f"{target.offset} past the entry"
    then = ", then the stop to break even" if target.then is AfterTarget.BREAK_EVEN else ""
    return f"{where}: {plain(units)} of {plain(quantity)}{then}"


def _time_exit(time_exit: TimeExit | None) -> Iterator[Fact]:
    if time_exit is None:
        return
    if time_exit.at is not None:
        yield "time", f"closed at {instant_text(time_exit.at)}, whatever it is worth"
    else:
        yield "time", f"closed {time_exit.before_close_minutes} minutes before the session ends"


def _show_group(report: GroupReport, screen: Screen) -> None:
    plan, group = report.plan, report.plan.group
    legs = count(len(report.legs), "leg")
    screen.line(f"{plan.id}: {count(group.quantity, 'set')} of {legs}", "bold")
    screen.line()
    screen.facts(_identity(report))
    screen.facts(_labelled("legs", [_leg(report, leg) for leg in report.legs]))
    screen.facts(_group_rules(report))
    screen.facts(_time_exit(plan.time_exit))
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
    screen.facts(_labelled("unchecked", report.not_checked))


def _labelled(label: str, texts: Iterator[str] | tuple[str, ...] | list[str]) -> Iterator[Fact]:
    for number, text in enumerate(texts):
        yield "" if number else label, text
