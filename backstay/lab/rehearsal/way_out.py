"""The ladder of a rehearsal: what it asks for is carried out, what it hears comes from the tape.

Owns the translation in both directions and tells of each command. It decides nothing.
"""

from datetime import datetime
from decimal import Decimal
from typing import assert_never

from backstay.domain.exits import hearing, members
from backstay.domain.exits.events import (
    AskBroker,
    Cancel,
    LadderCommand,
    LadderEvent,
    MarketMoved,
    ReadFills,
    Reshape,
    Send,
    Tell,
    TimePassed,
)
from backstay.domain.exits.ladder import due, waiting_for
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.rungs import is_beyond
from backstay.domain.exits.steps import begin, decide
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.ticks.sources import touch_source
from backstay.lab.rehearsal.desk import Desk
from backstay.lab.rehearsal.story import Story
from backstay.lab.telling import Who
from backstay.lab.words import short


class WayOut:
    """A ladder over the stop that rests at the broker."""

    def __init__(
        self,
        rules: LadderRules,
        resting: IntentKey,
        touch: Decimal | None,
        desk: Desk,
        story: Story,
    ) -> None:
        self._desk = desk
        self._story = story
        self._asked: list[IntentKey] = []
        shield = _resting(desk.intent(resting), rules, desk, story.now)
        quantity = abs(desk.books.position(resting.leg))
        market = MarketNow(desk.phase, touch=touch)
        self._ladder, commands = begin(rules, quantity, (shield,), market, story.now)
        self._carry_out(commands)

    @property
    def due(self) -> datetime | None:
        """When the ladder wants to hear that time has passed."""
        return due(self._ladder)

    def on_time(self) -> None:
        """Nothing but time has passed."""
        self._decide(TimePassed())

    def on_touch(self, touch: Decimal | None) -> None:
        """The price at which an exit would trade has moved."""
        if touch == self._ladder.market.touch:
            return
        for member in self._ladder.live:
            self._tell_if_run_over(member.intent, touch)
        self._decide(MarketMoved(MarketNow(self._desk.phase, touch=touch)))

    def on_report(self, key: IntentKey) -> None:
        """The broker has said something of an order."""
        event = hearing.seen(key, self._desk.view(key), self._story.now)
        if event is not None:
            self._decide(event)

    def on_answer(self, key: IntentKey) -> bool:
        """The broker has answered what was asked about an order; whether anybody had asked."""
        if key not in self._asked:
            return False
        self._asked.remove(key)
        view, now = self._desk.view(key), self._story.now
        event = hearing.fills_read(key, view, now) or hearing.seen(key, view, now)
        if event is not None:
            self._decide(event)
        return True

    def _tell_if_run_over(self, intent: OrderIntent, touch: Decimal | None) -> None:
        if isinstance(intent.terms, Limit) and touch is not None:
            limit, source = intent.terms.price, touch_source(intent.side)
            if is_beyond(intent.side, touch, limit):
                self._story.tell(Who.MARKET, f"{source} {touch}", f"has run over the limit {limit}")

    def _decide(self, event: LadderEvent) -> None:
        self._ladder, commands = decide(self._ladder, event, self._story.now)
        self._carry_out(commands)

    def _carry_out(self, commands: tuple[LadderCommand, ...]) -> None:
        waits = f"waits for {waiting_for(self._ladder)}"
        for command in commands:
            match command:
                case Send(intent) | Reshape(intent):
                    self._desk.send(intent, waits)
                case Cancel(key):
                    self._desk.cancel(key, waits)
                case ReadFills(key):
                    self._ask(key, "what has it filled?", waits)
                case AskBroker(key):
                    self._ask(key, "what became of it?", self._why_ask(key))
                case Tell(alarm, quantity):
                    self._story.tell(Who.PERSON, alarm, f"{plain(quantity)} are open")
                case _:
                    assert_never(command)

    def _why_ask(self, key: IntentKey) -> str:
        member = self._ladder.member(key)
        is_cancelled = member is not None and member.cancel_asked
        return "the cancel is not confirmed" if is_cancelled else "an old answer cancels nothing"

    def _ask(self, key: IntentKey, question: str, why: str) -> None:
        self._asked.append(key)
        self._story.tell(Who.SENT, f"{short(key)}  {question}", why)


def _resting(intent: OrderIntent, rules: LadderRules, desk: Desk, now: datetime) -> Member:
    """The stop at the broker as a member of the ladder, with all that was heard of it."""
    member = members.sent(intent, Role.SHIELD, now, rules.patience)
    seen = hearing.seen(intent.key, desk.view(intent.key), now)
    return member if seen is None else members.seen(member, seen)
