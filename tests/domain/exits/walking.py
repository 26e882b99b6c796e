"""A ladder on its way, for the tests of single steps: each event gives what was asked for then."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.exits.events import (
    FillsRead,
    LadderCommand,
    LadderEvent,
    MarketMoved,
    Refused,
    Reshaped,
    Resized,
    Seen,
    TimePassed,
)
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing, over, sent
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.steps import Decision, begin, decide, resume
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.outcome import RejectionClass
from tests.domain.exits.armed import limit_order, resting_stop, rules
from tests.domain.exits.world import OPEN, START

Commands = tuple[LadderCommand, ...]


def at(seconds: float) -> datetime:
    """So many seconds after the trigger."""
    return START + timedelta(seconds=seconds)


class Walk:
    """The ladder, the time, and the newest revision of what the broker has said."""

    def __init__(self, decision: Decision, revision: int = 1) -> None:
        self.ladder, self.commands = decision
        self.now = START
        self.revision = revision

    def hears(self, event: LadderEvent, seconds: float | None = None) -> Commands:
        self.now = self.now if seconds is None else at(seconds)
        self.ladder, self.commands = decide(self.ladder, event, self.now)
        return self.commands

    def resumes(self, event: LadderEvent, seconds: float) -> Commands:
        self.now = at(seconds)
        found = resume(self.ladder, event, self.now)
        self.ladder, self.commands = decide(found, TimePassed(), self.now)
        return self.commands

    def passes(self, seconds: float) -> Commands:
        return self.hears(TimePassed(), seconds)

    def lives(self, key: IntentKey, filled: int = 0, seconds: float | None = None) -> Commands:
        return self._seen(key, filled, seconds, is_over=False)

    def ends(self, key: IntentKey, filled: int = 0, seconds: float | None = None) -> Commands:
        return self._seen(key, filled, seconds, is_over=True)

    def _seen(
        self, key: IntentKey, filled: int, seconds: float | None, *, is_over: bool
    ) -> Commands:
        self.revision += 1
        when = self.now if seconds is None else at(seconds)
        return self.hears(Seen(key, is_over, Decimal(filled), self.revision, when), seconds)

    def has_filled(self, key: IntentKey, filled: int, seconds: float | None = None) -> Commands:
        when = self.now if seconds is None else at(seconds)
        return self.hears(FillsRead(key, Decimal(filled), self.revision, when), seconds)

    def refuses(self, key: IntentKey, why: RejectionClass = RejectionClass.OTHER) -> Commands:
        return self.hears(Refused(key, why, self.now))

    def shows(self, intent: OrderIntent) -> Commands:
        return self.hears(Reshaped(intent.key, intent.terms, intent.quantity, self.now))

    def resizes(self, quantity: int) -> Commands:
        return self.hears(Resized(Decimal(quantity)))

    def market(self, market: MarketNow) -> Commands:
        return self.hears(MarketMoved(market))

    def is_proven_over(self, key: IntentKey, filled: int = 0) -> Commands:
        self.ends(key, filled)
        return self.has_filled(key, filled)


def triggered(
    armed: LadderRules | None = None,
    market: MarketNow = OPEN,
    *,
    quantity: int = 2,
    stops: tuple[Member, ...] | None = None,
) -> Walk:
    """A stop rests, and its exit has just been triggered."""
    members = (resting_stop(START, quantity),) if stops is None else stops
    return Walk(begin(armed or rules(), Decimal(quantity), members, market, START))


def acknowledged(intent: OrderIntent, role: Role, armed: LadderRules) -> Member:
    """An order sent at the trigger, of which the broker has said once that it lives."""
    return replace(sent(intent, role, START, armed.patience), standing=Standing.WORKING, revision=1)


def spent(member: Member, filled: int = 0) -> Member:
    """An order that is proven over."""
    return replace(over(member), filled=Decimal(filled), fills_read=True)


def on_limit(
    armed: LadderRules | None = None, market: MarketNow = OPEN, *, quantity: int = 2
) -> Walk:
    """The stop is over and the limit works since the trigger."""
    armed = armed or rules()
    limit = acknowledged(limit_order(quantity=quantity), Role.LIMIT, armed)
    members = (spent(resting_stop(START, quantity)), limit)
    return Walk(begin(armed, Decimal(quantity), members, market, START))


def on_last(
    intent: OrderIntent,
    armed: LadderRules | None = None,
    market: MarketNow = OPEN,
    *,
    quantity: int = 2,
) -> Walk:
    """Stop and limit are over and the last rung works since the trigger."""
    armed = armed or rules()
    limit = spent(acknowledged(limit_order(quantity=quantity), Role.LIMIT, armed))
    stop = spent(resting_stop(START, quantity))
    last = acknowledged(intent, Role.LAST, armed)
    return Walk(begin(armed, Decimal(quantity), (stop, limit, last), market, START))
