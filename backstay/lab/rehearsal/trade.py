"""A whole trade, from its plan to a flat account.

Owns the sequence of its stretches, and hands each price, each report and each passing of time to
the one that it concerns. What is decided is decided there.
"""

from datetime import datetime
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.ids import Purpose
from backstay.domain.lifecycle import Happened
from backstay.domain.orders.reports import CommissionReported
from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.levels import stop_levels
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.opening import ladder_rules
from backstay.lab.rehearsal.desk import Desk, Heard
from backstay.lab.rehearsal.guard import PositionGuard
from backstay.lab.rehearsal.market import Market
from backstay.lab.rehearsal.opening import Opening
from backstay.lab.rehearsal.progress import Progress
from backstay.lab.rehearsal.protection import Protection
from backstay.lab.rehearsal.settling import AGREES, agreement
from backstay.lab.rehearsal.story import Story
from backstay.lab.rehearsal.tape import Answered, Counted, Item, Scene, Tape, Tick, Told
from backstay.lab.rehearsal.way_out import WayOut
from backstay.lab.telling import Who
from backstay.lab.words import report_text, short


class TradeRehearsal:
    """One trade on one tape."""

    def __init__(self, plan: TradePlan, scene: Scene, tape: Tape) -> None:
        self.plan = plan
        self.tape = tape
        self.story = Story(tape.begins)
        self.desk = Desk(scene, self.story)
        self.market = Market(is_option=plan.instrument.is_option, story=self.story)
        self.protection = Protection(self.desk, self.story)
        self.progress = Progress(hedge_first=False, story=self.story)
        self.is_flat = False
        self._opening = Opening(plan, self.desk, self.progress, self.story)
        self._guard: PositionGuard | None = None
        self._way_out: WayOut | None = None
        self._naked_at_exit: Decimal | None = None

    def play(self) -> None:
        """Play the tape to its end."""
        self._opening.begin()
        for item in self.tape.items:
            self._pass_time(item.at)
            self.story.now = item.at
            self._take(item)

    @property
    def naked_unit_seconds(self) -> Decimal:
        """How much stood naked, and for how long, up to now."""
        return self.protection.naked.until(self.story.now)

    @property
    def naked_before_exit(self) -> Decimal:
        """How much of it did so before the stop fired."""
        at_exit = self._naked_at_exit
        return self.naked_unit_seconds if at_exit is None else at_exit

    @property
    def _open_quantity(self) -> Decimal:
        return abs(self.desk.books.position(0))

    def _pass_time(self, until: datetime) -> None:
        """Everything that is due before the tape goes on, at its own time."""
        while (due := self._due()) is not None and due <= until:
            self.story.now = due
            self._on_time()

    def _due(self) -> datetime | None:
        if self._way_out is not None:
            return self._way_out.due
        dues = (self.protection.due, self._guard.due if self._guard is not None else None)
        return min((due for due in dues if due is not None), default=None)

    def _on_time(self) -> None:
        if self._way_out is not None:
            self._way_out.on_time()
            return
        self.protection.look(self._open_quantity)
        if self._guard is not None and self._guard.on_time(self.market, self.story):
            self._leave(self._guard)

    def _take(self, item: Item) -> None:
        match item:
            case Tick():
                self._on_tick(item)
            case Told():
                self._on_told(item)
            case Answered(order=order):
                self._on_answered(order)
            case Counted():
                self._on_counted(item)

    def _on_tick(self, tick: Tick) -> None:
        good = self.market.hear(tick)
        if good is None:
            return
        if self._way_out is not None:
            self._way_out.on_touch(self._touch)
        elif self._guard is None:
            is_confirmed = self.market.is_confirmed
            self._opening.on_tick(good, self.market.touch, is_confirmed=is_confirmed)
        elif self._guard.on_tick(good, self.story):
            self._leave(self._guard)

    def _on_told(self, told: Told) -> None:
        heard = self.desk.hear(told)
        if heard is None:
            return
        came = self._came_further(heard)
        if not isinstance(told.report, CommissionReported):
            what = f"{short(heard.key)}  {report_text(told.report)}"
            self.story.tell(Who.BROKER, what, "; ".join(filter(None, (heard.text, came))))
        self.protection.measure(self._open_quantity)
        if self._way_out is not None:
            self._way_out.on_report(heard.key)
            return
        self.protection.look(self._open_quantity)
        if self._guard is None:
            self._guard_what_is_whole(heard)

    def _came_further(self, heard: Heard) -> str:
        """How a report about the entry has moved the trade, in words."""
        if heard.key.purpose is not Purpose.ENTRY or not heard.filled:
            return ""
        if heard.filled < 0:
            return self.progress.after(Happened.RISK_CORRECTED, heard.filled)
        rest = heard.after.unfilled
        happened = Happened.RISK_PARTLY_FILLED if rest else Happened.RISK_FILLED
        return self.progress.after(happened, heard.filled)

    def _guard_what_is_whole(self, heard: Heard) -> None:
        """The entry is over, with something filled: from here on the position is guarded."""
        price = heard.after.average_price
        if heard.key.purpose is not Purpose.ENTRY or not heard.after.is_settled or price is None:
            return
        grid = self.desk.scene.instruments[0].grid
        levels = stop_levels(self.plan.stop, self.plan.side, price, grid, None)
        if isinstance(levels, Complaint):
            self.story.tell(Who.PERSON, "the position has no stop", str(levels))
            return
        (shield,) = self.desk.views(Purpose.PROTECT)
        self._guard = PositionGuard(self.plan, price, levels.stop, shield, self.desk)
        state = self.progress.after(Happened.COMPLETED)
        what = f"guarded: in at {price:.4f}, stop {levels.stop}"
        self.story.tell(Who.RULES, what, f"{state}: all is in place")

    @property
    def _touch(self) -> Decimal | None:
        """Where an exit would trade."""
        touch = self.market.touch
        return None if touch is None else touch.price_for(self.plan.side.opposite)

    def _leave(self, guard: PositionGuard) -> None:
        """The stop has fired: the ladder begins, over the stop that rests at the broker."""
        self._naked_at_exit = self.protection.naked.until(self.story.now)
        (shield,) = self.desk.views(Purpose.PROTECT)
        resting = self.desk.intent(shield)
        rules = ladder_rules(self.plan, resting, guard.stop, self.desk.scene.profile)
        self._way_out = WayOut(rules, shield, self._touch, self.desk, self.story)

    def _on_answered(self, order: str) -> None:
        key = self.desk.key(order)
        was_asked = key is not None and self._way_out is not None and self._way_out.on_answer(key)
        if not was_asked:
            self.desk.strays += 1
            self.story.tell(Who.BROKER, f"{order}  answered", "nobody has asked")

    def _on_counted(self, counted: Counted) -> None:
        """The broker's own position says whether the trade is over."""
        text = agreement(self.desk, counted, self.tape)
        held = sum((one.quantity for one in counted.positions), Decimal())
        entries = tuple(self.desk.views(Purpose.ENTRY))
        self.is_flat = text == AGREES and all(
            self.desk.books.net(0).is_flat(entry.trade, held) for entry in entries
        )
        state = self.progress.after(Happened.CLOSED) if self.is_flat else "not flat"
        what = f"holds {plain(held)} {self.plan.instrument.symbol}"
        self.story.tell(Who.BROKER, what, f"{text}; {state}")
