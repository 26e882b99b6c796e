"""One decision in the making: the ladder so far, and what it asks for so far.

Whatever is asked for is remembered in the ladder in the same stroke, so that a picture that has not
changed asks for nothing again before its time. It decides nothing: that is `steps` and `overdue`.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.exits import members as take_in
from backstay.domain.exits.events import (
    Alarm,
    AskBroker,
    Cancel,
    LadderCommand,
    ReadFills,
    Reshape,
    Send,
    Tell,
)
from backstay.domain.exits.ladder import Ladder, Told
from backstay.domain.exits.members import Member, NewShape, Role
from backstay.domain.exits.rungs import last_rung, limit_rung, modified
from backstay.domain.figures import whole
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import Limit, OrderIntent


class Turn:
    """The working memory of one decision."""

    def __init__(self, ladder: Ladder, now: datetime) -> None:
        self.ladder = ladder
        self.now = now
        self.commands: list[LadderCommand] = []

    def send(self, intent: OrderIntent, role: Role) -> None:
        """Have a new order sent."""
        member = take_in.sent(intent, role, self.now, self.ladder.rules.patience)
        self.ladder = replace(self.ladder, members=(*self.ladder.members, member))
        self.commands.append(Send(intent))

    def cancel(self, member: Member) -> None:
        """Have an order cancelled, unless that is under way already."""
        if not member.cancel_asked:
            self.ladder = self.ladder.with_member(take_in.asked_to_cancel(member, self.now))
            self.commands.append(Cancel(member.key))

    def cancel_again(self, member: Member) -> None:
        """Repeat a cancel that is not confirmed."""
        self.commands.append(Cancel(member.key))

    def cancel_all(self) -> None:
        """Have whatever lives cancelled."""
        for member in self.ladder.live:
            self.cancel(member)

    def reshape(self, member: Member, wanted: OrderIntent, role: Role) -> None:
        """Have a live order modified."""
        shape = NewShape(wanted, role, self.now)
        self.ladder = self.ladder.with_member(take_in.asked_to_reshape(member, shape))
        self.commands.append(Reshape(wanted))

    def read_fills(self, member: Member) -> None:
        """Ask what an order that is over has filled."""
        self.ladder = self.ladder.with_member(take_in.asked_for_fills(member, self.now))
        self.commands.append(ReadFills(member.key))

    def read_missing_fills(self) -> None:
        """Ask what every order has filled that is over and not asked about yet."""
        for member in self.ladder.unproven:
            if member.look_at is None:
                self.read_fills(member)

    def ask(self, member: Member, again_after: timedelta) -> None:
        """Ask what has become of an order, and again if nothing is heard of it."""
        looked = replace(member, looked_after=True, look_at=self.now + again_after)
        self.ladder = self.ladder.with_member(looked)
        self.commands.append(AskBroker(member.key))

    def look_later(self, member: Member, after: timedelta) -> None:
        """Leave an order alone for a while."""
        self.ladder = self.ladder.with_member(replace(member, look_at=self.now + after))

    def tell(self, alarm: Alarm, key: IntentKey | None = None) -> bool:
        """Tell a person, once for each order; whether this was the first time."""
        told = Told(alarm, key, self.now)
        if told in self.ladder.told:
            return False
        self.ladder = replace(self.ladder, told=(*self.ladder.told, told))
        self.commands.append(Tell(alarm, abs(self.ladder.left), key))
        return True

    def tell_if_nobody_quotes(self) -> None:
        """Tell a person that a limit has no touch to follow, and rests at a floor."""
        if self.ladder.market.touch is None:
            self.tell(Alarm.NO_TOUCH)

    def next_rung(self, key: IntentKey, quantity: Decimal) -> tuple[OrderIntent, Role]:
        """The limit once, unless it would be pointless; then, however often, the last rung."""
        ladder = self.ladder
        if not ladder.limit_was_tried:
            limit = limit_rung(ladder.rules, key, quantity, ladder.market)
            if limit is not None:
                return limit, Role.LIMIT
        shuns_market = ladder.shuns_market
        last = last_rung(ladder.rules, key, quantity, ladder.market, shuns_market=shuns_market)
        if isinstance(last.terms, Limit):
            self.tell_if_nobody_quotes()
        return last, Role.LAST

    def next_order(self) -> tuple[OrderIntent, Role]:
        """The next rung as an order of its own, for what is open and can be ordered."""
        return self.next_rung(self.ladder.next_exit_key, self.ladder.left_whole)

    def reshape_into_next_rung(self, member: Member) -> None:
        """The next rung as a modification of a live order, with what that has filled already."""
        intent, role = self.next_rung(member.key, whole(member.filled + self.ladder.left))
        self.reshape(member, modified(member.intent, intent), role)
