"""A trade's life, told in lines from what is written down of it.

Owns what each entry of a chronicle means in words, and which lines it gives. It decides nothing,
and it refuses to fill a gap: what is not written down is not told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from backstay.domain.edge import guards
from backstay.domain.edge.arms import ArmPhase, ArmReport
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits.events import Cancel, Reshape, Send
from backstay.domain.exits.ladder import Ladder, Told
from backstay.domain.figures import plain
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.words import name_of
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Call, TradeFacts
from backstay.domain.trade.pages import command_text
from backstay.domain.trade.prospect import NoProspect, Prospect
from backstay.domain.trade.terms import trigger_text
from backstay.domain.trade.timeline.changes import Changes
from backstay.domain.trade.timeline.ladders import exits, first_step, waits_for
from backstay.domain.trade.timeline.lines import (
    ANYWHERE,
    Clocks,
    Line,
    Sheet,
    What,
    Window,
)
from backstay.domain.trade.timeline.moments import Moment, heard, moments
from backstay.domain.trade.timeline.orders import Orders
from backstay.domain.trade.timeline.words import (
    leaving_text,
    retry_text,
    settled_text,
    unknown_moment,
    watch_text,
    wish_text,
)

_TOLD_PHASES = {
    ArmPhase.UNKNOWN: What.TROUBLE,
    ArmPhase.MISSED: What.ENDED,
    ArmPhase.EXPIRED: What.ENDED,
    ArmPhase.WITHDRAWN: What.ENDED,
    ArmPhase.REFUSED: What.REFUSED,
}
"""Phases of an entry that are news beside what its order tells."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lines in their sequence, and how far the broker's clock was ahead of the engine's when it
    was heard last.
    """

    lines: tuple[Line, ...]
    broker_ahead: timedelta


def timeline_of(facts: TradeFacts) -> Timeline:
    """What has happened to a trade, as far as anything is written down."""
    clocks = Clocks(heard(facts))
    sheet = Sheet(clocks)
    story = _Story(sheet)
    for moment in sorted(moments(facts), key=lambda each: each.at):
        story.tell(moment)
    return Timeline(sheet.lines, clocks.ahead)


class _Story:
    """Tells entries in the sequence in which they were written down and answered."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._orders = Orders(sheet)
        self._changes = Changes(sheet)
        self._ways_out: dict[str, datetime] = {}
        self._phase = ArmPhase.WAITING
        self._why = ""
        self._is_armed = False
        self._is_guarded = False
        self._alarms: set[Told] = set()
        self._is_alone = False

    def tell(self, moment: Moment) -> None:
        """One moment."""
        entry = moment.entry
        if not isinstance(entry, Call):
            self._note(entry)
        elif moment.is_answer:
            self._answered(entry, moment.at)
        else:
            self._asked(entry)

    # --- what is no call ---

    def _note(
        self,
        entry: chronicle.Begun
        | chronicle.Wish
        | chronicle.Killed
        | chronicle.CallOff
        | chronicle.WayOutBegun
        | chronicle.WayOutOver
        | chronicle.Stuck
        | chronicle.Over,
    ) -> None:
        engine, at = self._sheet.engine, entry.at
        match entry:
            case chronicle.Begun(order=order):
                text = f"{order.plan.side.value} {order.plan.instrument.symbol} in {order.account}"
                engine(at, What.BEGUN, f"{text}: the plan {order.plan.id}, trade {order.trade}")
            case chronicle.Wish():
                engine(at, What.BY_HAND, wish_text(entry))
            case chronicle.Killed(epoch=epoch, mode=mode):
                engine(at, What.KILLED, f"trading is stopped: {mode.value}, epoch {epoch}")
            case chronicle.CallOff():
                text = "the workflow was asked to end: nothing more is entered, what has filled"
                engine(at, What.BY_HAND, f"{text} stays guarded")
            case chronicle.WayOutBegun(walk=walk, way_out=way_out):
                self._know(walk, at)
                self._ways_out[way_out] = at
                engine(at, What.LEAVES, f"{leaving_text(walk)}, led by {way_out}")
            case chronicle.WayOutOver(outcome=outcome, failure=failure, way_out=way_out):
                if outcome is None:
                    engine(at, What.TROUBLE, f"{way_out} was ended before its time: {failure}")
                    return
                after = self._ways_out.get(way_out, at)
                self._hand_over(outcome.ladder)
                self._alarmed(outcome.ladder, outcome.at, Window(after, at))
                for each in outcome.orders:
                    self._orders.hear(each, outcome.at, within=Window(after, at))
                ladder = outcome.ladder
                text = f"{plain(ladder.quantity - ladder.left)} of {plain(ladder.quantity)} are out"
                held = f"the broker holds {plain(outcome.position)} in all"
                self._sheet.broker(
                    outcome.at,
                    What.FLAT,
                    f"{text}; {held}",
                    within=Window(after, at),
                    following=self._sheet.last_of({each.key for each in outcome.orders}),
                )
            case chronicle.Stuck(text=text):
                text = f"a step of the workflow fails and is tried again: {text}"
                engine(at, What.TROUBLE, text)
            case chronicle.Over(settlement=settlement, failure=failure):
                text = f"broken off: {failure}"
                if settlement is not None:
                    text = settlement.state.value + (settlement.why and f": {settlement.why}")
                engine(at, What.OVER, text)
            case _:
                assert_never(entry)

    # --- calls as they are written down ---

    def _asked(self, call: Call) -> None:
        orders, at = self._orders, call.at
        match call.deed:
            case chronicle.Arming(arm=arm):
                orders.write(arm.entry.intent, at)
                orders.approve(arm.key, at)
                if arm.protection is not None:
                    orders.write(arm.protection.intent, at)
                    orders.approve(arm.protection.intent.key, at)
                if arm.trigger is not None and not self._is_armed:
                    self._sheet.engine(at, What.WAITS, f"until {trigger_text(arm.trigger)}")
                self._is_armed = True
            case chronicle.Guarding(guard=guard):
                for approved in (guard.exit, guard.protection):
                    orders.approve(approved.intent.key, at)
                self._aim(guard.target, at)
                if not self._is_guarded:
                    self._is_guarded = True
                    self._changes.stop = guard.guarded.level.stop
                    self._sheet.engine(at, What.GUARDED, watch_text(guard))
            case chronicle.Walking(walk=walk):
                self._know(walk, at)
                self._steps(walk, at)
            case chronicle.ChangingGuard(change=guards.LeaveNow(exit=approved)):
                orders.approve(approved.intent.key, at)
            case chronicle.Splitting(asked=asked):
                self._aim(asked.target, at)
            case chronicle.Cancelling(key=key):
                self._sheet.engine(at, What.WRITTEN, "its cancel is written down", key)
            case chronicle.Alerting(incident=incident, text=text):
                self._sheet.engine(at, What.ALERT, f"{incident}: {text}")
            case _:
                pass

    def _aim(self, target: guards.Target | None, at: datetime) -> None:
        if target is not None:
            self._orders.approve(target.exit.intent.key, at)

    def _know(self, walk: Walk, at: datetime) -> None:
        """Everything that a way out may send."""
        for approved in (walk.way_out.exit, walk.way_out.protection):
            self._orders.approve(approved.intent.key, at)
        if walk.ladder is not None:
            self._hand_over(walk.ladder)

    def _hand_over(self, ladder: Ladder) -> None:
        for member in exits(ladder):
            self._orders.hand_over(member.intent, member.since)
        for number, member in enumerate(ladder.members):
            if member.cancel_asked_at is not None:
                self._orders.cancel(member.key, member.cancel_asked_at)
            later = ladder.members[number + 1 :]
            over = [each.since for each in later if waits_for(each, member)]
            if over:
                self._orders.over_before(member.key, min(over))

    def _steps(self, walk: Walk, at: datetime) -> None:
        """What is written down of a way out before it is carried out."""
        for command in walk.commands:
            match command:
                case Send(intent):
                    self._orders.write(intent, at)
                case Reshape(intent):
                    self._sheet.engine(at, What.WRITTEN, command_text(command), intent.key)
                case Cancel(key):
                    self._sheet.engine(at, What.WRITTEN, "its cancel is written down", key)
                case _:
                    pass

    # --- calls as they are answered ---

    def _answered(self, call: Call, at: datetime) -> None:
        if call.retry is not None:
            self._sheet.engine(call.retry.at, What.TROUBLE, retry_text(call.retry))
        if call.failure:
            text = f"{call.deed.kind} fails for good and is asked for anew: {call.failure}"
            self._sheet.engine(at, What.TROUBLE, text)
        within = Window(call.at, call.answered_at)
        match call.deed:
            case chronicle.Prospecting(answer):
                self._learned(answer, within)
            case chronicle.Admitting(answer=Refused(reason=reason)):
                self._sheet.engine(at, What.REFUSED, reason)
            case chronicle.Admitting(asked=asked, answer=answer) if answer is not None:
                names = ", ".join(name_of(each.intent.key) for each in asked.requests)
                text = f"the account has room for {len(asked.requests)} orders: {names}"
                self._sheet.engine(at, What.ADMITTED, text)
            case chronicle.Arming() as arming:
                report = arming.answer or arming.newest
                if report is not None:
                    self._reported(report, within)
            case chronicle.Guarding() as guarding:
                self._watched(guarding, within)
            case chronicle.Walking() as walking:
                walked = walking.answer or walking.newest
                if walked is not None:
                    self._walked(walked, within)
            case chronicle.Settling(settlement=settlement, is_booked=is_booked):
                text = settled_text(settlement)
                self._sheet.engine(
                    at, What.SETTLED, text if is_booked else f"{text}; not booked yet"
                )
            case _:
                self._changes.tell(call, at)

    def _learned(self, answer: Prospect | NoProspect | None, within: Window) -> None:
        match answer:
            case None:
                return
            case NoProspect(complaints=complaints):
                what, text = What.REFUSED, "; ".join(map(str, complaints))
            case Prospect(sized=sized, not_before=not_before):
                what, stops = What.LEARNED if not_before is None else What.WAITS, sized.stops
                wide = "" if stops.disaster is None else f", {plain(stops.disaster)} at the broker"
                wait = "" if not_before is None else f"; it waits for {not_before:%d %B %H:%M} UTC"
                text = f"{plain(sized.quantity)} at {plain(sized.entry_price)}"
                text += f", stop {plain(stops.stop)}{wide}{wait}"
            case _:
                assert_never(answer)
        self._sheet.broker(answer.at, what, text, within=within)

    def _reported(self, report: ArmReport, within: Window) -> None:
        """News of the entry."""
        for order in (report.entry, *report.stops):
            if order is not None:
                self._orders.hear(order, report.at, within=within)
        why = report.why
        if report.refusal is not None:
            why = report.refusal.reason
        if report.rejection is not None:
            why = report.rejection.text
        is_news = (report.phase, why) != (self._phase, self._why)
        self._phase, self._why = report.phase, why
        what = _TOLD_PHASES.get(report.phase)
        if report.phase is ArmPhase.WAITING and why:
            what = What.WAITS
        if what is not None and is_news:
            text = f"the entry is {report.phase.value}" + (why and f": {why}")
            self._sheet.broker(report.at, what, text, report.key, within=within)

    def _watched(self, guarding: chronicle.Guarding, within: Window) -> None:
        """News of the guard."""
        news, newest = guarding.answer, guarding.newest
        if news is None:
            if newest is not None and newest.version >= self._changes.version:
                self._changes.moved(newest.guarded.level.stop, newest.at, within)
            return
        told_at = news.at
        if isinstance(news, guards.ExitBegun):
            # It has left in the turn of its trigger, before anything was told.
            told_at = first_step(news.ladder, told_at)
        self._changes.moved(news.guarded.level.stop, told_at, within)
        match news:
            case guards.TargetReached(target=target):
                part = "all" if target.part is None else plain(target.part)
                what, text = What.TARGET, f"{plain(target.price)} is reached: {part} leave"
            case guards.ExitBegun(why=why, ladder=ladder, guarded=guarded):
                self._hand_over(ladder)
                what = What.LEAVES
                text = f"{plain(ladder.quantity)} leave: {_reason(why, guarded.level.stop)}"
            case guards.GuardEnded(why=end, orders=orders):
                for order in orders:
                    self._orders.hear(order, news.at, within=within)
                what, text = What.LEAVES, f"the watch is over: {end.value}"
            case _:
                assert_never(news)
        self._sheet.broker(told_at, what, text, within=within)

    def _walked(self, walked: Walked, within: Window) -> None:
        """How a way out has come along."""
        self._hand_over(walked.ladder)
        self._alarmed(walked.ladder, walked.at, within)
        for order in walked.orders:
            self._orders.hear(order, walked.at, within=within)
        if walked.went_alone and not self._is_alone:
            text = "the engine was silent, and the edge went on leaving alone"
            self._sheet.broker(walked.at, What.TROUBLE, text, within=within)
        self._is_alone = walked.went_alone

    def _alarmed(self, ladder: Ladder, told_at: datetime, within: Window) -> None:
        """What a person was told while it was walked; a moment that is not known is before now."""
        for told in ladder.told:
            if told not in self._alarms:
                self._alarms.add(told)
                text = told.alarm.value + ("" if told.at else unknown_moment(told_at))
                by = told_at if told.at is None else None
                self._sheet.broker(
                    told.at, What.ALERT, text, told.key, within=within, following=ANYWHERE, by=by
                )


def _reason(why: guards.Exit, stop: Decimal) -> str:
    match why:
        case guards.Exit.STOP:
            return f"the stop {plain(stop)} is broken"
        case guards.Exit.TARGET:
            return "the target is reached"
        case guards.Exit.TIME:
            return "its time has come"
        case guards.Exit.HAND:
            return "somebody has said so"
        case _:
            assert_never(why)
