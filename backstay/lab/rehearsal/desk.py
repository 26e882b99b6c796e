"""From an intent to the wire, through both checks.

Owns the sequence that nothing may skip: approved, written, asked about once more, sent. It keeps a
log of what it did, in that order, from which the checks of the rehearsal are made; the log knows
only what happened, never whether it was allowed.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from backstay.domain.figures import plain
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import admit
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.facts import (
    AdmissionFacts,
    LastHopFacts,
    LiveOrder,
    Reference,
    Request,
    Touch,
)
from backstay.domain.limits.last_hop import recheck
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.orders.words import terms_text
from backstay.domain.sessions.calendar import MarketPhase, phase, trading_day
from backstay.lab.rehearsal.books import Books
from backstay.lab.rehearsal.story import Story
from backstay.lab.rehearsal.tape import Scene, Told
from backstay.lab.telling import Who
from backstay.lab.words import order_text, short


class Step(StrEnum):
    """What the desk did with an order, or learned of it."""

    WRITTEN = "written"
    SENT = "sent"
    CHANGED = "changed"
    CANCELLED = "cancel sent"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One step with one order, for so much of it."""

    step: Step
    key: IntentKey
    quantity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """An order before and after a report."""

    key: IntentKey
    before: OrderView
    after: OrderView

    @property
    def filled(self) -> Decimal:
        """How much more has filled; less than zero where a fill was taken back."""
        return self.after.filled - self.before.filled

    @property
    def is_news(self) -> bool:
        """Whether anything that a decision could rest on has changed."""
        return _weight(self.before) != _weight(self.after)

    @property
    def text(self) -> str:
        """What the report amounts to."""
        view = self.after
        if not self.is_news:
            return "changes nothing"
        if self.filled:
            return f"{plain(view.filled)} of {plain(view.quantity)} booked"
        if view.unbooked:
            return f"claims {plain(view.unbooked)} beyond its executions"
        return f"over: {view.end}" if view.end and not self.before.end else ""


def _weight(view: OrderView) -> tuple[object, ...]:
    stands = (view.is_acknowledged, view.is_working, view.is_doubtful, view.end)
    return (*stands, view.filled, view.remaining, view.unbooked, view.commissions)


class Desk:
    """The account's book, the orders on the scripted wire, and what has been heard of each."""

    def __init__(self, scene: Scene, story: Story) -> None:
        self.scene = scene
        self.book = Book()
        self.books = Books.of(scene.instruments)
        self.log: list[LogLine] = []
        self.reports_without_news = 0
        self.strays = 0
        self._story = story
        self._approvals: dict[IntentKey, Approved] = {}
        self._intents: dict[IntentKey, OrderIntent] = {}
        self._facts: dict[IntentKey, OrderFacts] = {}
        self._views: dict[IntentKey, OrderView] = {}

    @property
    def phase(self) -> MarketPhase:
        """What trading is possible now."""
        return phase(self.scene.calendar, self._story.now)

    @property
    def trading_day(self) -> date:
        """The trading day of now."""
        zone = ZoneInfo(self.scene.instruments[0].time_zone)
        day = trading_day(self.scene.calendar, self._story.now, zone)
        if day is None:
            raise ValueError(f"the calendar of the rehearsal does not cover {self._story.now}")
        return day

    def facts(self, reference: Reference | None, uncovered: Decimal = Decimal()) -> AdmissionFacts:
        """What admission looks at besides the account's book."""
        return AdmissionFacts(
            account_kind=self.scene.account_kind,
            phase=self.phase,
            trading_day=self.trading_day,
            rates=self.scene.rates,
            reference=reference,
            margin=self.scene.margin,
            uncovered=uncovered,
        )

    def approve(self, intents: tuple[OrderIntent, ...], facts: AdmissionFacts) -> Refused | None:
        """Admit all of them or none, and write down what was admitted."""
        requests = tuple(Request(intent, facts) for intent in intents)
        book, answer = admit(requests, self.book, self.scene.settings, self._story.now)
        if isinstance(answer, Refused):
            return answer
        self.book = book
        for approved in answer:
            self._approvals[approved.intent.key] = approved
            self._write(approved.intent)
        return None

    def approval(self, key: IntentKey) -> Approved:
        """The approval that covers an order: its own, or that of its first generation."""
        return self._approvals.get(key) or self._approvals[replace(key, generation=1)]

    def send(self, intent: OrderIntent, why: str, touch: Touch | None = None) -> Refused | None:
        """Put an order on the wire, or change the one that is there, if the last hop agrees."""
        key, now = intent.key, self._story.now
        if key not in self._approvals:
            self._write(intent)
        facts = self._last_hop(intent, touch)
        refused = recheck(self.approval(key), intent, facts, self.scene.settings, now)
        if refused is not None:
            self._story.tell(Who.RULES, f"{short(key)} is not sent", refused.reason)
            return refused
        is_new = key not in self._intents
        self._intents[key] = intent
        self._facts.setdefault(key, OrderFacts())
        self._look(key)
        self._note(Step.SENT if is_new else Step.CHANGED, key, intent.quantity)
        text = order_text(intent) if is_new else f"now {terms_text(intent.terms)}"
        self._story.tell(Who.SENT, f"{short(key)}  {text}", why)
        return None

    def cancel(self, key: IntentKey, why: str) -> None:
        """Cancel an order on the wire."""
        self._note(Step.CANCELLED, key, self.view(key).remaining)
        self._story.tell(Who.SENT, f"{short(key)}  cancel", why)

    def hear(self, told: Told) -> Heard | None:
        """Take in a report, or count it as a stray if it is about no order of this desk."""
        key = self.key(told.order)
        if key is None:
            self.strays += 1
            self._story.tell(Who.BROKER, f"{told.order}  was never sent; nothing is done")
            return None
        before = self.view(key)
        self._facts[key] = self._facts[key].with_reports(told.report)
        self._look(key)
        self.books = self.books.after(key.leg, key.trade, told.report)
        heard = Heard(key, before, self.view(key))
        self.reports_without_news += not heard.is_news
        self.strays += self._is_unasked_cancel(heard)
        self._keep_book(heard)
        return heard

    def key(self, order: str) -> IntentKey | None:
        """The key of the order that the tape calls so."""
        return next((key for key in self._intents if short(key) == order), None)

    def intent(self, key: IntentKey) -> OrderIntent:
        """An order as it was sent last."""
        return self._intents[key]

    def view(self, key: IntentKey) -> OrderView:
        """What has been heard of an order amounts to this."""
        return self._views[key]

    def views(self, purpose: Purpose) -> dict[IntentKey, OrderView]:
        """The orders of one purpose, as they were sent."""
        return {key: view for key, view in self._views.items() if key.purpose is purpose}

    def last_entry_at(self, symbol: str, besides: IntentKey | None = None) -> datetime | None:
        """When the last entry in a symbol left."""
        times = [
            line.at
            for line in self.log
            if line.step is Step.SENT and line.key.purpose.effect is Effect.OPENS
            if line.key != besides and self._intents[line.key].instrument.symbol == symbol
        ]
        return max(times, default=None)

    def _is_unasked_cancel(self, heard: Heard) -> bool:
        """Whether an order has been cancelled that nobody here has sent a cancel for."""
        was_asked = any(line.step is Step.CANCELLED and line.key == heard.key for line in self.log)
        ends_so = heard.after.end is OrderEnd.CANCELLED and heard.before.end is None
        return ends_so and not was_asked

    def _look(self, key: IntentKey) -> None:
        intent = self._intents[key]
        self._views[key] = view_of(self._facts[key], intent.side, intent.quantity)

    def _last_hop(self, intent: OrderIntent, touch: Touch | None) -> LastHopFacts:
        return LastHopFacts(
            accounts=(self.scene.account,),
            account_kind=self.scene.account_kind,
            kill=self.book.kill,
            phase=self.phase,
            touch=touch,
            position=self.books.position(intent.key.leg),
            live_orders=tuple(self._live(intent.key.leg)),
            last_entry_at=self.last_entry_at(intent.instrument.symbol, intent.key),
        )

    def _live(self, leg: int) -> list[LiveOrder]:
        """The orders in one contract that may still fill."""
        live = []
        for key, intent in self._intents.items():
            view = self.view(key)
            if key.leg == leg and not view.is_settled:
                order = (key, intent.side, intent.quantity, view.filled, intent.oca, intent.parent)
                live.append(LiveOrder(*order))
        return live

    def _keep_book(self, heard: Heard) -> None:
        """What is filled makes no room in the account's book; what is over does."""
        key, view = heard.key, heard.after
        self.book = self.book.filled(key, view.filled)
        if view.is_settled and not heard.before.is_settled:
            self.book = self.book.released(key)
            self._note(Step.OVER, key, view.filled)

    def _write(self, intent: OrderIntent) -> None:
        self._note(Step.WRITTEN, intent.key, intent.quantity)

    def _note(self, step: Step, key: IntentKey, quantity: Decimal) -> None:
        self.log.append(LogLine(step, key, quantity, self._story.now))
