"""The emergency hedge of a rehearsal: what it asks for is carried out, and answered by the tape.

Owns the translation in both directions and tells of each command. It decides nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from backstay.domain.exits import hearing
from backstay.domain.figures import plain
from backstay.domain.hedging.emergency import decide, due, open_hedge
from backstay.domain.hedging.events import (
    AskBroker,
    CallOff,
    CancelHedge,
    Escalate,
    FillsRead,
    HedgeCommand,
    HedgeEvent,
    OrderSeen,
    ReadFills,
    SendHedge,
    TimePassed,
    UndoSurplus,
)
from backstay.domain.hedging.exposure import LegQuantity
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind, facts_of
from backstay.domain.orders.intent import Market, OrderIntent, TimeInForce
from backstay.lab.rehearsal.desk import Desk
from backstay.lab.rehearsal.story import Story
from backstay.lab.telling import Who
from backstay.lab.words import short


class Emergency:
    """One emergency hedge of one leg. `unhedged` measures what that leg has to cover right now."""

    def __init__(
        self,
        wanted: LegQuantity,
        trade: str,
        limit: timedelta,
        unhedged: Callable[[], Decimal],
        desk: Desk,
        story: Story,
    ) -> None:
        self.called_for: Decimal | None = None
        self._wanted = wanted
        self._unhedged = unhedged
        self._desk = desk
        self._story = story
        self._asked: list[IntentKey] = []
        key = IntentKey(trade, wanted.leg, Purpose.HEDGE, 1)
        self._hedge, commands = open_hedge(wanted.quantity, key, story.now, limit)
        self._carry_out(commands)

    @property
    def due(self) -> datetime | None:
        """When time alone changes something."""
        return due(self._hedge)

    def on_time(self) -> None:
        """Nothing but time has passed."""
        self._decide(TimePassed())

    def on_report(self, key: IntentKey) -> None:
        """The broker has said something of an order; of others than its own it hears nothing."""
        seen = hearing.seen(key, self._desk.view(key), self._story.now)
        if seen is not None and key in [order.key for order in self._hedge.orders]:
            self._decide(OrderSeen(key, seen.over, seen.filled, seen.revision))

    def on_answer(self, key: IntentKey) -> bool:
        """The broker has answered what was asked about an order; whether anybody had asked."""
        if key not in self._asked:
            return False
        self._asked.remove(key)
        read = hearing.fills_read(key, self._desk.view(key), self._story.now)
        if read is not None:
            self._decide(FillsRead(key, read.filled, read.revision))
        return True

    def _decide(self, event: HedgeEvent) -> None:
        self._hedge, commands = decide(self._hedge, event, self._story.now)
        self._carry_out(commands)

    def _carry_out(self, commands: tuple[HedgeCommand, ...]) -> None:
        for command in commands:
            match command:
                case SendHedge(key, level, quantity):
                    self._send(key, level, quantity)
                case CancelHedge(key):
                    self._desk.cancel(key, "time is up; waits for the proof")
                case ReadFills(key):
                    self._ask(key, "what has it filled?")
                case AskBroker(key):
                    self._ask(key, "what became of it?")
                case Escalate(incident, quantity):
                    self._call(incident, quantity)
                case CallOff():
                    self._story.tell(Who.PERSON, "late fills have covered everything")
                case UndoSurplus(quantity):
                    what = f"{plain(quantity)} too many: trade them back"
                    self._story.tell(Who.PERSON, what)
                case _:
                    assert_never(command)

    def _send(self, key: IntentKey, level: int, quantity: Decimal) -> None:
        intent = OrderIntent(
            key=key,
            account=self._desk.scene.account,
            instrument=self._desk.scene.instruments[key.leg],
            side=self._wanted.side,
            quantity=quantity,
            terms=Market(),
            time_in_force=TimeInForce.DAY,
        )
        refused = self._desk.approve((intent,), self._desk.facts(None, self._unhedged()))
        if refused is not None:
            self._story.tell(Who.PERSON, f"{short(key)} is not approved", refused.reason)
            return
        self._desk.send(intent, f"level {level}, exactly what is exposed")

    def _ask(self, key: IntentKey, question: str) -> None:
        self._asked.append(key)
        self._story.tell(Who.SENT, f"{short(key)}  {question}", "nothing goes before that is known")

    def _call(self, incident: IncidentKind, quantity: Decimal) -> None:
        known = facts_of(incident)
        if incident is IncidentKind.IMMEDIATE_MANUAL_HEDGE:
            self.called_for = quantity
        what = f"{known.severity.upper()} {incident}: {plain(quantity)}"
        self._story.tell(Who.PERSON, what, known.sentence)
