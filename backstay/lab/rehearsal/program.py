"""All scripts, and what they come to.

Owns the document that a rehearsal ends in: for each part its lines, its figures and its checks, and
the sums over all of them. Everything in it is computed from what happened.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.hedging.exposure import uncovered
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.plan.complaints import PlanRefusedError, path_text
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.lab.rehearsal import breakout, condor, mistakes
from backstay.lab.rehearsal.checks import (
    booked_as_executed,
    called_for_what_is_exposed,
    every_order_was_written,
    is_hedge,
    nothing_strange,
    one_at_a_time,
    risk_within_hedge,
)
from backstay.lab.rehearsal.desk import Desk, Step
from backstay.lab.rehearsal.group import GroupRehearsal
from backstay.lab.rehearsal.story import Story
from backstay.lab.rehearsal.tape import Tape, moment
from backstay.lab.rehearsal.trade import TradeRehearsal
from backstay.lab.telling import Check, Event, Who

NOTICE = (
    "Nothing is connected and nothing is sent. Prices, fills and every word of the broker come"
    " from a script; every decision between them is made by the rules that are to trade."
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one part comes to. Naked time is filled quantity x seconds without a working stop."""

    intents_written: int = 0
    orders_sent: int = 0
    changes_sent: int = 0
    cancels_sent: int = 0
    ticks: int = 0
    bad_ticks: int = 0
    reports: int = 0
    reports_without_news: int = 0
    booked_quantity: Decimal = Decimal()
    naked_unit_seconds: Decimal = Decimal()
    naked_before_exit: Decimal = Decimal()
    cash: Decimal = Decimal()
    commissions: Decimal = Decimal()
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Part:
    """One script: what it is about, what happened, what it comes to, whether it may be so."""

    title: str
    plan_id: str
    account: str
    events: tuple[Event, ...]
    figures: Figures
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums over all parts."""

    holds: bool
    checks: int
    checks_held: int
    events: int
    intents_written: int
    orders_sent: int
    naked_unit_seconds: Decimal


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The whole document."""

    notice: str
    parts: tuple[Part, ...]
    summary: Summary


def rehearsal_of(breakout_plan: TradePlan, condor_plan: GroupPlan) -> Rehearsal:
    """Play every script, each from the beginning."""
    parts = (_breakout(breakout_plan), _condor(condor_plan), _mistakes())
    checks = [check for part in parts for check in part.checks]
    summary = Summary(
        holds=all(check.holds for check in checks),
        checks=len(checks),
        checks_held=sum(check.holds for check in checks),
        events=sum(len(part.events) for part in parts),
        intents_written=sum(part.figures.intents_written for part in parts),
        orders_sent=sum(part.figures.orders_sent for part in parts),
        naked_unit_seconds=sum((part.figures.naked_unit_seconds for part in parts), Decimal()),
    )
    return Rehearsal(NOTICE, parts, summary)


def _breakout(plan: TradePlan) -> Part:
    played = TradeRehearsal(plan, breakout.SCENE, breakout.TAPE)
    played.play()
    desk, story = played.desk, played.story
    left_naked = played.protection.left_naked
    checks = (
        Check("flat at the end, in the books and at the broker", played.is_flat, _holds(desk)),
        every_order_was_written(desk.log),
        one_at_a_time(desk.log, "exits", _closes),
        Check("every fill had its stop in time", not left_naked, f"{left_naked} left naked"),
        booked_as_executed(desk.books.booked, played.tape),
        nothing_strange(desk.strays),
    )
    figures = replace(
        _figures(desk, played.tape, played.market.bad_ticks),
        naked_unit_seconds=played.naked_unit_seconds,
        naked_before_exit=played.naked_before_exit,
    )
    title = "A breakout: in on the trigger, up with the trail, out by the ladder"
    return Part(title, plan.id, desk.scene.account, story.events, figures, checks)


def _condor(plan: GroupPlan) -> Part:
    played = GroupRehearsal(plan, condor.SCENE, condor.TAPE)
    played.play()
    desk = played.desk
    exposed = sum((one.quantity for one in uncovered(played.group, played.holdings)), Decimal())
    called_for = played.emergency.called_for if played.emergency else None
    checks = (
        Check("the books agree with the broker's positions", played.agrees, _holds(desk)),
        every_order_was_written(desk.log),
        one_at_a_time(desk.log, "emergency hedges", is_hedge),
        risk_within_hedge(desk.log, played.group, played.tape),
        called_for_what_is_exposed(called_for, exposed),
        booked_as_executed(desk.books.booked, played.tape),
        nothing_strange(desk.strays),
    )
    bad_ticks = sum(market.bad_ticks for market in played.markets)
    figures = _figures(desk, played.tape, bad_ticks)
    title = "An iron condor: risk against filled hedge only, and a hedge that breaks"
    return Part(title, plan.id, desk.scene.account, played.story.events, figures, checks)


def _mistakes() -> Part:
    """A plan that is refused: nothing comes of it but its complaints."""
    story = Story(moment(mistakes.PLAYED_AT))
    told: tuple[str, ...] = ()
    try:
        read_toml(mistakes.TEXT)
    except PlanRefusedError as refused:
        for complaint in refused.complaints:
            story.tell(Who.RULES, path_text(complaint.path), complaint.text)
        told = tuple(path_text(complaint.path) for complaint in refused.complaints)
    planted = len(mistakes.PLANTED)
    found = f"{len(told)} of {planted}"
    check = Check("every mistake is told, and at once", told == mistakes.PLANTED, found)
    title = "A plan with three mistakes: refused, with every one of them"
    return Part(title, "aapl-breakout-0313", "", story.events, Figures(), (check,))


def _closes(key: IntentKey) -> bool:
    return key.purpose.effect is Effect.REDUCES


def _holds(desk: Desk) -> str:
    quantities = (plain(ledger.quantity) for ledger in desk.books.ledgers)
    return f"the books hold {', '.join(quantities)}"


def _figures(desk: Desk, tape: Tape, bad_ticks: int) -> Figures:
    steps = [line.step for line in desk.log]
    charges = [charge for ledger in desk.books.ledgers for charge in ledger.commissions]
    return Figures(
        intents_written=steps.count(Step.WRITTEN),
        orders_sent=steps.count(Step.SENT),
        changes_sent=steps.count(Step.CHANGED),
        cancels_sent=steps.count(Step.CANCELLED),
        ticks=len(tape.ticks),
        bad_ticks=bad_ticks,
        reports=len(tape.told),
        reports_without_news=desk.reports_without_news,
        booked_quantity=desk.books.booked,
        cash=sum((ledger.cash for ledger in desk.books.ledgers), Decimal()),
        commissions=sum((charge.amount for charge in charges), Decimal()),
    )
