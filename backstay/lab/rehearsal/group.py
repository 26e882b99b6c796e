"""A whole group: hedges first, risk only against what has filled, and what follows if that breaks.

Owns the sequence; what may be sent and what is exposed is measured anew after each report.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.hedging.exposure import (
    Holding,
    Holdings,
    LegQuantity,
    LegRole,
    sendable,
    to_hedge,
    uncovered,
)
from backstay.domain.hedging.stress import TooDear, judge_margins
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.lifecycle import Happened, TradeState
from backstay.domain.orders.intent import Limit, OrderIntent, TimeInForce
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.rules import exposed_group
from backstay.domain.plan.timing import overdue
from backstay.lab.rehearsal.desk import Desk, Heard
from backstay.lab.rehearsal.emergency import Emergency
from backstay.lab.rehearsal.market import Market
from backstay.lab.rehearsal.progress import Progress
from backstay.lab.rehearsal.settling import AGREES, agreement
from backstay.lab.rehearsal.story import Story
from backstay.lab.rehearsal.tape import Answered, Counted, Item, Scene, Tape, Tick, Told
from backstay.lab.telling import Who
from backstay.lab.words import count, instrument_text, report_text, short


class GroupRehearsal:
    """One group on one tape."""

    def __init__(self, plan: GroupPlan, scene: Scene, tape: Tape) -> None:
        self.plan = plan
        self.tape = tape
        self.group = exposed_group(plan.group)
        self.story = Story(tape.begins)
        self.desk = Desk(scene, self.story)
        self.markets = tuple(
            Market(is_option=one.is_option, story=self.story) for one in scene.instruments
        )
        self.progress = Progress(hedge_first=True, story=self.story)
        self.emergency: Emergency | None = None
        self.agrees = False
        self._trade = trade_id(scene.account, plan.id)
        self._may_build = False

    def play(self) -> None:
        """Play the tape to its end."""
        self._begin()
        for item in self.tape.items:
            self._pass_time(item.at)
            self.story.now = item.at
            self._take(item)
            self._turn()

    @property
    def holdings(self) -> Holdings:
        """What is held of each leg, and what its live orders may still do."""
        return tuple(self._holding(leg) for leg in range(len(self.group.legs)))

    def _holding(self, leg: int) -> Holding:
        views = [
            view
            for purpose in (Purpose.ENTRY, Purpose.HEDGE)
            for key, view in self.desk.views(purpose).items()
            if key.leg == leg
        ]
        filled = sum((view.filled for view in views), Decimal())
        return Holding(filled, working=sum((view.remaining for view in views), Decimal()))

    def _begin(self) -> None:
        """Judge the group's margin in its worst scenario before anything of it is asked for."""
        scene, story = self.desk.scene, self.story
        verdict = judge_margins(scene.group_margins, scene.margin.available)
        reasons = [str(late) for late in overdue(self.plan, story.now)]
        if not scene.is_of(*(leg.instrument for leg in self.plan.group.legs)):
            reasons.append("the tape is about other contracts")
        if reasons or isinstance(verdict, TooDear):
            reasons += [verdict.reason] if isinstance(verdict, TooDear) else []
            state = self.progress.after(Happened.REJECTED)
            story.tell(Who.RULES, f"refused: {state}", "; ".join(reasons))
            return
        self._may_build = True
        state = self.progress.after(Happened.VALIDATED)
        story.tell(Who.RULES, f"{self.plan.id} is trade {self._trade}", state)
        what = f"margin {verdict.worst.margin} if prices go {verdict.worst.scenario}"
        story.tell(Who.RULES, what, f"affordable: {plain(scene.margin.available)} available")

    def _pass_time(self, until: datetime) -> None:
        """Everything that is due before the tape goes on, at its own time."""
        while (due := self._due()) is not None and due <= until:
            self.story.now = due
            if self.emergency is not None:
                self.emergency.on_time()
            self._turn()

    def _due(self) -> datetime | None:
        if self.emergency is not None:
            return self.emergency.due
        return self._next_entry_at if self._may_build and self._wanted() else None

    @property
    def _next_entry_at(self) -> datetime | None:
        """When the rate lets the next entry leave; None if it does so now."""
        symbol = self.desk.scene.instruments[0].symbol
        last = self.desk.last_entry_at(symbol)
        interval = self.desk.scene.settings.entry_interval_seconds_min
        at = last and last + timedelta(seconds=float(interval))
        return at if at and at > self.story.now else None

    def _wanted(self) -> tuple[LegQuantity, ...]:
        """What is still to be sent: the planned hedges, then the risk that filled hedges allow."""
        holdings, planned = self.holdings, self.plan.group
        hedges = (
            LegQuantity(leg, self.group.legs[leg].side, missing)
            for leg in self.group.with_role(LegRole.HEDGE)
            if (missing := planned.leg_quantity(leg) - holdings[leg].possible) > 0
        )
        return (*hedges, *sendable(self.group, holdings))

    def _turn(self) -> None:
        """Cover what is exposed; while nothing is, build on."""
        if self.emergency is not None:
            self._note_when_called(self.emergency)
            return
        if not self._may_build:
            return
        exposed = uncovered(self.group, self.holdings)
        if exposed:
            # Where hedge orders still work for all of it, there is nothing more to ask for yet.
            for wanted in to_hedge(self.group, self.holdings)[:1]:
                self._open_emergency(exposed, wanted)
            return
        for wanted in self._wanted():
            self._send(wanted)
        self._note_when_hedged()

    def _open_emergency(self, exposed: tuple[LegQuantity, ...], wanted: LegQuantity) -> None:
        for part in exposed:
            name = instrument_text(self.desk.scene.instruments[part.leg])
            what = f"{count(part.quantity, 'contract')} of {name} exposed"
            self.story.tell(Who.RULES, what, "no filled hedge covers them")
        limit = timedelta(seconds=float(self.plan.group.hedge_seconds))
        story, desk = self.story, self.desk
        self.emergency = Emergency(wanted, self._trade, limit, self._unhedged, desk, story)

    def _unhedged(self) -> Decimal:
        """What the hedge legs would have to be for everything exposed to be covered."""
        parts = to_hedge(self.group, self.holdings)
        return sum((part.quantity for part in parts), Decimal())

    def _send(self, wanted: LegQuantity) -> None:
        """One leg at the touch, as soon as its prices are good and the rate allows it."""
        market, used = self.markets[wanted.leg], self._entries(wanted.leg)
        touch = market.touch
        price = None if touch is None else touch.price_for(wanted.side)
        settled = all(self.desk.view(key).is_settled for key in used)
        may_leave = market.is_confirmed and settled and self._next_entry_at is None
        if price is None or not may_leave:
            return
        intent = OrderIntent(
            key=IntentKey(self._trade, wanted.leg, Purpose.ENTRY, len(used) + 1),
            account=self.desk.scene.account,
            instrument=self.desk.scene.instruments[wanted.leg],
            side=wanted.side,
            quantity=wanted.quantity,
            terms=Limit(price),
            time_in_force=TimeInForce.DAY,
        )
        refused = self.desk.approve((intent,), self.desk.facts(touch))
        if refused is not None:
            self._may_build = False
            self.story.tell(Who.RULES, f"{short(intent.key)} is not approved", refused.reason)
            return
        is_hedge = self.group.legs[wanted.leg].role is LegRole.HEDGE
        happened = Happened.HEDGE_SUBMITTED if is_hedge else Happened.RISK_SUBMITTED
        why = "a hedge, before any risk" if is_hedge else "no more than its hedge has filled"
        if self.desk.send(intent, why, touch) is None and not used:
            self.progress.after(happened)

    def _entries(self, leg: int) -> tuple[IntentKey, ...]:
        return tuple(key for key in self.desk.views(Purpose.ENTRY) if key.leg == leg)

    def _note_when_called(self, emergency: Emergency) -> None:
        if emergency.called_for and not self.progress.lifecycle.state.is_over:
            state = self.progress.after(Happened.ESCALATED)
            self.story.tell(Who.RULES, f"the group is {state}", "a person decides from here")

    def _note_when_hedged(self) -> None:
        if self.progress.lifecycle.state is not TradeState.RISK_FILLED:
            return
        state = self.progress.after(Happened.HEDGED)
        self.story.tell(Who.RULES, f"the group stands: {state}", "no filled risk without its hedge")

    def _take(self, item: Item) -> None:
        match item:
            case Tick(leg=leg):
                self.markets[leg].hear(item)
            case Told():
                self._on_told(item)
            case Answered(order=order):
                self._on_answered(order)
            case Counted():
                self._on_counted(item)

    def _on_told(self, told: Told) -> None:
        heard = self.desk.hear(told)
        if heard is None:
            return
        came = self._came_further(heard)
        what = f"{short(heard.key)}  {report_text(told.report)}"
        self.story.tell(Who.BROKER, what, "; ".join(filter(None, (heard.text, came))))
        if self.emergency is not None:
            self.emergency.on_report(heard.key)

    def _came_further(self, heard: Heard) -> str:
        """How a fill, or one taken back, has moved the group, in words."""
        role = self.group.legs[heard.key.leg].role
        partly, whole, corrected = _HAPPENED[role]
        if not heard.filled:
            return ""
        # An emergency hedge makes up for what was counted before; to the trade it is a correction.
        if heard.filled < 0 or heard.key.purpose is Purpose.HEDGE:
            return self.progress.after(corrected, heard.filled)
        happened = whole if self._is_whole(role) else partly
        return self.progress.after(happened, heard.filled)

    def _is_whole(self, role: LegRole) -> bool:
        """Whether every leg of the role has filled all that the plan wants of it."""
        holdings, planned = self.holdings, self.plan.group
        legs = self.group.with_role(role)
        return all(holdings[leg].filled >= planned.leg_quantity(leg) for leg in legs)

    def _on_answered(self, order: str) -> None:
        key = self.desk.key(order)
        was_asked = key is not None and self.emergency is not None and self.emergency.on_answer(key)
        if not was_asked:
            self.desk.strays += 1
            self.story.tell(Who.BROKER, f"{order}  answered", "nobody has asked")

    def _on_counted(self, counted: Counted) -> None:
        text = agreement(self.desk, counted, self.tape)
        self.agrees = text == AGREES
        held = "  ".join(f"{one.quantity:+}" for one in counted.positions)
        self.story.tell(Who.BROKER, f"holds {held}", text)


_HAPPENED = {
    LegRole.HEDGE: (
        Happened.HEDGE_PARTLY_FILLED,
        Happened.HEDGE_FILLED,
        Happened.HEDGE_CORRECTED,
    ),
    LegRole.RISK: (Happened.RISK_PARTLY_FILLED, Happened.RISK_FILLED, Happened.RISK_CORRECTED),
}
