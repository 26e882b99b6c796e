"""Lives of trades as they stand in a history, as short as a test wants to write them.

The engine's clock stands at noon, the broker's an hour and a quarter of a second ahead: whatever is
told in one place by both must still be in sequence.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from backstay.domain.edge.arms import ArmPhase, ArmReport
from backstay.domain.edge.guards import Exit, ExitBegun, Guard
from backstay.domain.edge.walking import Walk, Walked, WayOut
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.facts import Request
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.view import CommissionTotal
from backstay.domain.orders.words import name_of
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.trails import Resting
from backstay.domain.trade import chronicle
from backstay.domain.trade.admission import AdmissionRequest
from backstay.domain.trade.agreed import Agreed
from backstay.domain.trade.chronicle import Call, Deed, Entry, TradeFacts
from backstay.domain.trade.leaving import ExitOutcome
from backstay.domain.trade.progress import ending
from backstay.domain.trade.recounting import standing_of
from backstay.domain.trade.settlement import settlement_of
from backstay.domain.trade.timeline.lines import Line
from backstay.domain.trade.timeline.story import timeline_of
from backstay.domain.trade.watching import first_guard
from tests.domain.trade.samples import (
    ACCOUNT,
    NOW,
    admitted,
    agreed,
    an_order,
    at,
    prospect_of,
    report,
    summary,
)

AHEAD = timedelta(hours=1, milliseconds=250)
WALL = NOW - AHEAD
"""The engine's clock when the broker's says NOW."""

LIFE = f"trade:{ACCOUNT}:aapl-1"
WAY_OUT = "exit:0"


def wall(seconds: float) -> datetime:
    """The engine's time, when `at(seconds)` is the broker's."""
    return WALL + timedelta(seconds=seconds)


def call(deed: Deed, asked: float, answered: float | None = None, **more: Any) -> Call:
    """A call, from its asking to its answer."""
    life = more.pop("life", LIFE)
    end = None if answered is None else wall(answered)
    return Call(life, wall(asked), deed, answered_at=end, **more)


class Life:
    """A trade of one plan, entry by entry."""

    def __init__(self, more: str = "") -> None:
        self.order = an_order(more)
        self.entries: list[Entry] = []
        self.agreed: Agreed = agreed(self.order)

    @property
    def guard(self) -> Guard:
        """What watches it, once all of its entry has filled."""
        entry = self.entry(filled=100, sent=2, heard=2.1)
        return first_guard(self.agreed, self.report(entry=entry), entry)

    def key(self, purpose: Purpose = Purpose.ENTRY, generation: int = 1, leg: int = 0) -> IntentKey:
        """The key of one of its orders."""
        return IntentKey(self.order.trade, leg, purpose, generation)

    def add(self, *entries: Entry) -> "Life":
        """What is written down next."""
        self.entries.extend(entries)
        return self

    def admitted(self) -> "Life":
        """From its beginning until it has room."""
        order, first = self.order, self.agreed.first
        prospect = prospect_of(order)
        requests = tuple(Request(intent, prospect.facts) for intent in first.all)
        asked = AdmissionRequest(order.account, order.plan.id, order.trade, requests, NOW)
        return self.add(
            chronicle.Begun(LIFE, wall(-1), order),
            call(chronicle.Prospecting(prospect), -0.9, 0),
            call(chronicle.Admitting(asked, admitted(asked)), 0.1, 0.2),
        )

    def entered(self) -> "Life":
        """From its beginning until it is guarded: sent at 2 s, filled by 3 s."""
        entry = self.entry(filled=100, sent=2, heard=2.1)
        stop = self.stop(sent=2, heard=2.2)
        news = self.report(entry=entry, stops=(stop,))
        self.admitted()
        return self.add(call(chronicle.Arming(self.agreed.arm(), news), 0.3, 3.01))

    def entry(self, filled: int = 0, **more: Any) -> OrderSummary:
        """The entry as the broker has it."""
        return heard_of(summary(self.key(), 100, filled), **more)

    def stop(self, filled: int = 0, **more: Any) -> OrderSummary:
        """The stop at the broker."""
        stop = summary(self.key(Purpose.PROTECT), 100, filled, "95.90", side=Side.SELL)
        return heard_of(stop, **more)

    def exit(self, filled: int = 100, generation: int = 1, **more: Any) -> OrderSummary:
        """An exit by the stop."""
        key = self.key(Purpose.EXIT_STOP, generation)
        end = OrderEnd.FILLED if filled == 100 else None
        return heard_of(summary(key, 100, filled, "97.50", end, Side.SELL), **more)

    def report(self, phase: ArmPhase = ArmPhase.OVER, seconds: float = 3, **more: Any) -> ArmReport:
        """News of the entry."""
        return report(self.order, phase, seconds=seconds, **{"entry": None, **more})

    def way_out(self, quantity: int = 100) -> WayOut:
        """All that its way out may send."""
        first = self.agreed.first
        return WayOut(
            first.ladder,
            Decimal(quantity),
            self.agreed.approval(first.first_exit.key),
            self.agreed.approval(first.stop.key),
            self.agreed.prospect.asked,
        )

    def ladder(self, filled: int = 0, since: float = 10, **more: Any) -> Ladder:
        """The way out with its first exit."""
        first = self.agreed.first
        exit_ = Member(
            first.first_exit,
            Role.LIMIT,
            at(since),
            None,
            standing=Standing.WORKING,
            filled=Decimal(filled),
        )
        shield = Member(first.stop, Role.SHIELD, at(since), None)
        market = MarketNow(MarketPhase.REGULAR)
        ladder = Ladder(first.ladder, Decimal(100), (shield, exit_), market, at(since))
        return replace(ladder, **more)

    def begun_to_leave(self, why: Exit = Exit.STOP, ladder: Ladder | None = None) -> "Life":
        """Guarded from 3.1 s on, and left at 10 s."""
        guard, ladder = self.guard, ladder or self.ladder()
        news = ExitBegun(guard.key, 1, why, ladder, guarded=guard.guarded, at=at(10.01))
        self.add(call(chronicle.Guarding(guard, news), 3.1, 10.02))
        walk = Walk(self.way_out(), ladder)
        return self.add(chronicle.WayOutBegun(LIFE, wall(10.1), WAY_OUT, walk))

    def swapped(self, filled: int = 0) -> Ladder:
        """The way out that knows when it was begun, and when the cancel of the stop left."""
        shield, exit_ = self.ladder(filled).members
        asked = replace(shield, cancel_asked=True, cancel_asked_at=at(9.9))
        return self.ladder(filled, members=(asked, exit_), begun_at=at(9.9))

    def walked(self, *orders: OrderSummary, seconds: float = 11, **more: Any) -> Walked:
        """How the way out has come along."""
        ladder = more.pop("ladder", self.ladder(100))
        naked = NakedTime(Decimal("2.5"), Decimal(0), at(seconds))
        key = self.key(Purpose.EXIT_STOP)
        return Walked(key, ladder, at(seconds), Decimal(0), orders, naked, **more)

    def outcome(self, *orders: OrderSummary, seconds: float = 11) -> ExitOutcome:
        """What the way out has come to."""
        naked = NakedTime(Decimal("2.5"), Decimal(0), at(seconds))
        key = self.key(Purpose.EXIT_STOP)
        return ExitOutcome(key, self.ladder(100), orders, Decimal(0), naked, at(seconds))

    def settled(self, seconds: float = 12) -> "Life":
        """Booked, and over."""
        standing = standing_of(self.facts())
        assert standing is not None
        ended = ending(standing, None)
        settlement = settlement_of(ended, 1, Decimal(1), at(seconds))
        return self.add(
            call(chronicle.Settling(settlement, is_booked=True), seconds, seconds + 0.1),
            chronicle.Over(LIFE, wall(seconds + 0.2), settlement),
        )

    def facts(self, *, is_running: bool = True) -> TradeFacts:
        """Everything so far."""
        return TradeFacts(LIFE, tuple(self.entries), is_running)

    def lines(self) -> tuple[Line, ...]:
        """Its timeline."""
        return timeline_of(self.facts()).lines

    def told(self, since: str = "") -> list[str]:
        """Its timeline as text, after the last line about `since`."""
        lines = [text_of(line) for line in self.lines()]
        found = [number for number, line in enumerate(lines) if since and since in line]
        return lines[found[-1] + 1 :] if found else lines


def heard_of(
    order: OrderSummary,
    *,
    sent: float | None = None,
    heard: float | None = None,
    fill: float = 3,
    **more: Any,
) -> OrderSummary:
    """The order with its moments, in broker time."""
    filled_at = at(fill) if order.filled else None
    return replace(
        order,
        sent_at=None if sent is None else at(sent),
        acknowledged_at=None if heard is None else at(heard),
        is_acknowledged=heard is not None or bool(order.filled),
        first_fill_at=filled_at,
        last_fill_at=filled_at,
        **more,
    )


def cost(amount: str) -> tuple[CommissionTotal, ...]:
    """What an order has cost."""
    return (CommissionTotal("USD", Decimal(amount)),)


def text_of(line: Line) -> str:
    """One line: its seconds by its own clock, whose that is, what, which order, and the text."""
    start = NOW if line.clock == "broker" else WALL
    seconds = "?" if line.at is None else f"{(line.at - start).total_seconds():g}"
    key = "" if line.key is None else f"{name_of(line.key)} "
    return f"{seconds} {line.clock[0]} {line.what}: {key}{line.text}"


def whole_life() -> Life:
    """From its beginning to flat, by its stop."""
    life = Life().entered()
    life.begun_to_leave(ladder=life.swapped())
    out = life.exit(sent=10, heard=10.3, fill=10)
    shield = life.stop(sent=2, heard=2.2, end=OrderEnd.CANCELLED, ended_at=at(9.95))
    walked = life.walked(out, shield, ladder=life.swapped(100))
    walking = chronicle.Walking(Walk(life.way_out(), life.ladder()), walked)
    life.add(
        call(walking, 10.2, 11.02, life=WAY_OUT),
        chronicle.WayOutOver(LIFE, wall(11.1), WAY_OUT, life.outcome(out, shield)),
    )
    return life.settled()


def moved_to(stop: str) -> Guarded:
    """A guard whose stop is there."""
    return Guarded(Resting(Decimal(stop)))


KEY = Life().key()
"""Of the entry."""
