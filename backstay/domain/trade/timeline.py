"""A trade's life, told in lines from what is written down of it.

Owns what each entry of a chronicle means in words, and which lines it gives. It decides nothing,
and it refuses to fill a gap: what is not written down is not told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, assert_never

from backstay.domain.edge import guards
from backstay.domain.edge.arms import ArmPhase, ArmReport
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits.events import Cancel, Reshape, Send
from backstay.domain.exits.ladder import Ladder, Told
from backstay.domain.exits.members import Member, Role
from backstay.domain.figures import plain
from backstay.domain.limits.codes import Refused
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Call, Entry, TradeFacts
from backstay.domain.trade.pages import command_text
from backstay.domain.trade.prospect import NoProspect, Prospect
from backstay.domain.trade.terms import trigger_text
from backstay.domain.trade.timeline_changes import Changes
from backstay.domain.trade.timeline_lines import Heard, Line, Sheet, What, Window, broker_ahead
from backstay.domain.trade.timeline_orders import Orders
from backstay.domain.trade.timeline_words import (
    leaving_text,
    retry_text,
    settled_text,
    short,
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
    """The lines in their sequence, and how far the broker's clock is ahead of the engine's."""

    lines: tuple[Line, ...]
    broker_ahead: timedelta


def timeline_of(facts: TradeFacts) -> Timeline:
    """What has happened to a trade, as far as anything is written down."""
    ahead = broker_ahead(_heard(facts))
    sheet = Sheet(ahead)
    story = _Story(sheet)
    for moment in sorted(_moments(facts), key=lambda each: each.at):
        story.tell(moment)
    return Timeline(sheet.lines, ahead)


class _Moment(NamedTuple):
    """An entry as it was written down, or a call as it was answered."""

    at: datetime
    entry: Entry
    is_answer: bool


def _moments(facts: TradeFacts) -> Iterator[_Moment]:
    """What runs is heard of last of all."""
    last = max((_last(each) for each in facts.entries), default=None)
    for entry in facts.entries:
        yield _Moment(entry.at, entry, is_answer=False)
        if isinstance(entry, Call) and last is not None:
            yield _Moment(entry.answered_at or last, entry, is_answer=True)


def _last(entry: Entry) -> datetime:
    """The last moment of the engine that an entry, or its newest sign of life, speaks of."""
    moments = [entry.at]
    if isinstance(entry, Call):
        moments += [entry.answered_at] if entry.answered_at is not None else []
        moments += [entry.retry.at] if entry.retry is not None else []
    return max(moments)


def _heard(facts: TradeFacts) -> Iterator[Heard]:
    for entry in facts.entries:
        if not isinstance(entry, Call) or isinstance(entry.deed, chronicle.Admitting):
            continue
        answer = getattr(entry.deed, "answer", None)
        told_at = getattr(answer, "at", None)
        if entry.answered_at is not None and told_at is not None:
            yield Heard(told_at, entry.answered_at)


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

    def tell(self, moment: _Moment) -> None:
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
                self._hand_over(outcome.ladder)
                after = self._ways_out.get(way_out, at)
                for each in outcome.orders:
                    self._orders.hear(each, outcome.at, after=after, before=at)
                ladder = outcome.ladder
                text = f"{plain(ladder.quantity - ladder.left)} of {plain(ladder.quantity)} are out"
                held = f"the broker holds {plain(outcome.position)} in all"
                self._sheet.broker(
                    outcome.at, What.FLAT, f"{text}; {held}", within=Window(after, at)
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
        for member in _exits(ladder):
            self._orders.hand_over(member.intent, member.since)

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
        match call.deed:
            case chronicle.Prospecting(answer):
                self._learned(answer, call.at, at)
            case chronicle.Admitting(answer=Refused(reason=reason)):
                self._sheet.engine(at, What.REFUSED, reason)
            case chronicle.Admitting(asked=asked, answer=answer) if answer is not None:
                names = ", ".join(short(each.intent.key) for each in asked.requests)
                text = f"the account has room for {len(asked.requests)} orders: {names}"
                self._sheet.engine(at, What.ADMITTED, text)
            case chronicle.Arming() as arming:
                report = arming.answer or arming.newest
                if report is not None:
                    self._reported(report, call.at, at)
            case chronicle.Guarding() as guarding:
                self._watched(guarding, call.at, at)
            case chronicle.Walking() as walking:
                walked = walking.answer or walking.newest
                if walked is not None:
                    self._walked(walked, call.at, at)
            case chronicle.Settling(settlement=settlement, is_booked=is_booked):
                text = settled_text(settlement)
                self._sheet.engine(
                    at, What.SETTLED, text if is_booked else f"{text}; not booked yet"
                )
            case _:
                self._changes.tell(call, at)

    def _learned(self, answer: Prospect | NoProspect | None, asked: datetime, at: datetime) -> None:
        match answer:
            case None:
                return
            case NoProspect(complaints=complaints):
                what, text = What.REFUSED, "; ".join(map(str, complaints))
            case Prospect(sized=sized, not_before=not_before):
                what, stops = What.LEARNED, sized.stops
                wide = "" if stops.disaster is None else f", {plain(stops.disaster)} at the broker"
                text = f"{plain(sized.quantity)} at {plain(sized.entry_price)}"
                text += f", stop {plain(stops.stop)}{wide}"
                if not_before is not None:
                    what, text = What.WAITS, f"{text}; it waits for {not_before:%d %B %H:%M} UTC"
            case _:
                assert_never(answer)
        self._sheet.broker(answer.at, what, text, within=Window(asked, at))

    def _reported(self, report: ArmReport, asked: datetime, at: datetime) -> None:
        """News of the entry."""
        for order in (report.entry, *report.stops):
            if order is not None:
                self._orders.hear(order, report.at, after=asked, before=at)
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
            self._sheet.broker(report.at, what, text, report.key, within=Window(asked, at))

    def _watched(self, guarding: chronicle.Guarding, asked: datetime, at: datetime) -> None:
        """News of the guard."""
        news, newest = guarding.answer, guarding.newest
        if news is None:
            if newest is not None and newest.version >= self._changes.version:
                self._changes.moved(newest.guarded.level.stop, newest.at, asked, at)
            return
        told_at = news.at
        if isinstance(news, guards.ExitBegun):
            # It has left in the turn of its trigger, before anything was told.
            told_at = min((each.since for each in _exits(news.ladder)), default=told_at)
        self._changes.moved(news.guarded.level.stop, told_at, asked, at)
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
                    self._orders.hear(order, news.at, after=asked, before=at)
                what, text = What.LEAVES, f"the watch is over: {end.value}"
            case _:
                assert_never(news)
        self._sheet.broker(told_at, what, text, within=Window(asked, at))

    def _walked(self, walked: Walked, asked: datetime, at: datetime) -> None:
        """How a way out has come along."""
        self._hand_over(walked.ladder)
        for alarm in walked.ladder.told:
            if alarm not in self._alarms:
                self._alarms.add(alarm)
                self._sheet.broker(
                    walked.at, What.ALERT, alarm.alarm.value, alarm.key, within=Window(asked, at)
                )
        for order in walked.orders:
            self._orders.hear(order, walked.at, after=asked, before=at)
        if walked.went_alone and not self._is_alone:
            text = "the engine was silent, and the edge went on leaving alone"
            self._sheet.broker(walked.at, What.TROUBLE, text, within=Window(asked, at))
        self._is_alone = walked.went_alone


def _exits(ladder: Ladder) -> Iterator[Member]:
    return (each for each in ladder.members if each.role is not Role.SHIELD)


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
