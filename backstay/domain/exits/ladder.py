"""The ladder as a value: how far the way out has come, what it waits for, and until when.

An event is taken in here, which only records what was heard. Stale or repeated events change
nothing. What follows from the whole picture is for `steps` to decide.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from backstay.domain.exits import members as take_in
from backstay.domain.exits.events import (
    Absent,
    Alarm,
    CancelRefused,
    FillsRead,
    LadderEvent,
    MarketMoved,
    Refused,
    Reshaped,
    ReshapeRefused,
    Resized,
    Seen,
    TimePassed,
    Unanswered,
)
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.rules import (
    ENGINE_SILENCE,
    GENERATIONS_MAX,
    SHIELD_GENERATIONS_MAX,
    LadderRules,
)
from backstay.domain.figures import whole
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.outcome import RejectionClass


class Waiting(StrEnum):
    """What a ladder waits for; every one of them has a name."""

    NOTHING = "nothing: it is done"
    PROOF = "the proof that a cancelled order is over"
    FILLS = "the fills of an order that is over"
    CHANGE = "the confirmation of a modification"
    FILL = "the fill of a live exit"
    MARKET = "the market to trade again"
    RETRY = "the next try"
    PERSON = "a person's decision"


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm that was given, and the order it was about; given again, it is the same one."""

    alarm: Alarm
    key: IntentKey | None
    at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The way out of one tranche of `quantity`, as far as it has come. `begun_at` is when it was
    first decided on, as far as that is known.
    """

    rules: LadderRules
    quantity: Decimal
    members: tuple[Member, ...]
    market: MarketNow
    answered_at: datetime
    told: tuple[Told, ...] = ()
    shuns_market: bool = False
    shuns_reshape: bool = False
    protects_first: bool = False
    retry_at: datetime | None = None
    begun_at: datetime | None = None

    @property
    def left(self) -> Decimal:
        """What is still open; below zero where exits have filled too much."""
        return self.quantity - sum((member.filled for member in self.members), Decimal(0))

    @property
    def left_whole(self) -> Decimal:
        """What of it an order can be for: a split may leave a part of one, which none can."""
        return whole(self.left)

    @property
    def is_left_to_a_person(self) -> bool:
        """Whether less than one is left, which no order can be for, and nothing can fill it yet."""
        return 0 < self.left < 1 and not self.live and not self.unproven

    @property
    def live(self) -> tuple[Member, ...]:
        """The members that may still fill."""
        return tuple(member for member in self.members if member.is_live)

    @property
    def unproven(self) -> tuple[Member, ...]:
        """The members that are over and whose fills are not read yet."""
        return tuple(m for m in self.members if not m.is_live and not m.is_proven)

    @property
    def is_done(self) -> bool:
        """Whether nothing is open, nothing is live and no fill can be missing."""
        return self.left <= 0 and not self.live and not self.unproven

    @property
    def committed(self) -> Decimal:
        """What the live members could fill together; a pair of one group fills once."""
        alone = [member.remaining for member in self.live if member.intent.oca is None]
        groups: dict[str, Decimal] = {}
        for member in self.live:
            if member.intent.oca is not None:
                name = member.intent.oca.name
                groups[name] = min(groups.get(name, member.remaining), member.remaining)
        return sum(alone, Decimal(0)) + sum(groups.values(), Decimal(0))

    @property
    def limit_was_tried(self) -> bool:
        """Whether the ladder has left its first rung."""
        return any(member.role is not Role.SHIELD for member in self.members)

    @property
    def next_exit_key(self) -> IntentKey:
        """The key that the next exit order would carry."""
        return self._next_key(self.rules.first_key, lambda key: key.purpose.is_exit)

    @property
    def next_shield_key(self) -> IntentKey:
        """The key that the next protective stop would carry."""
        return self._next_key(self.rules.shield.key, lambda key: key.purpose is Purpose.PROTECT)

    def _next_key(self, first: IntentKey, belongs: Callable[[IntentKey], bool]) -> IntentKey:
        used = [m.key.generation for m in self.members if belongs(m.key)]
        return replace(first, generation=max([first.generation - 1, *used]) + 1)

    @property
    def is_frozen(self) -> bool:
        """Whether the trade has used all its exit orders."""
        return self.next_exit_key.generation > GENERATIONS_MAX

    @property
    def may_send_shield(self) -> bool:
        """Whether the trade has a protective stop left to send."""
        return self.next_shield_key.generation <= SHIELD_GENERATIONS_MAX

    @property
    def newest(self) -> Member | None:
        """The order that was sent last."""
        return self.members[-1] if self.members else None

    @property
    def exit_was_refused(self) -> bool:
        """Whether the last rung was refused for a reason that the ladder can't mend by itself."""
        newest = self.newest
        if newest is None or newest.role is not Role.LAST or newest.refused is None:
            return False
        return not (newest.is_market and self.shuns_market)

    @property
    def may_reshape(self) -> bool:
        """Whether a live order's type can be changed, as far as is known."""
        return self.rules.profile.order_type_can_be_modified and not self.shuns_reshape

    @property
    def rests_on_shields(self) -> bool:
        """Whether at most protective stops live, and none of them is being changed."""
        return all(member.role is Role.SHIELD and not member.is_changing for member in self.live)

    @property
    def awaits_protection(self) -> bool:
        """Whether a stop that has to be there first is not acknowledged yet."""
        return self.protects_first and any(m.standing is Standing.SENT for m in self.live)

    def member(self, key: IntentKey) -> Member | None:
        """The member of this key."""
        return next((member for member in self.members if member.key == key), None)

    def is_looked_after(self, member: Member) -> bool:
        """Whether time matters to `member`. In a shut market exits that rest just go on resting."""
        if member.look_at is None:
            return False
        rests = member.standing is Standing.WORKING and not member.is_changing
        return not (self.market.is_shut and rests)

    def has_outlasted(self, member: Member) -> bool:
        """Whether a limit's time was over by the broker's own clock when it answered last."""
        return self.answered_at >= member.since + self.rules.patience

    def is_due(self, member: Member, now: datetime) -> bool:
        """Whether `member` is looked after now: its time has come, or for a limit whose time had
        come, the answer that it was waiting for.
        """
        if member.look_at is None or not self.is_looked_after(member):
            return False
        is_limit = member.role is Role.LIMIT and member.is_live and not member.is_changing
        may_end = is_limit and not self.market.is_shut
        return member.look_at <= now or (may_end and self.has_outlasted(member))

    def with_member(self, changed: Member) -> "Ladder":
        """The ladder with what is now known of one member."""
        others = (changed if m.key == changed.key else m for m in self.members)
        return replace(self, members=tuple(others))

    def with_answer(self, at: datetime) -> "Ladder":
        """The ladder, knowing that the broker answered at `at`."""
        return replace(self, answered_at=max(self.answered_at, at))


def taken_in(ladder: Ladder, event: LadderEvent, now: datetime) -> Ladder:
    """The ladder with the event recorded, and nothing decided."""
    match event:
        case Resized(quantity):
            return replace(ladder, quantity=quantity)
        case MarketMoved(market):
            return _market_moved(ladder, market)
        case TimePassed():
            return ladder
        case Unanswered() | CancelRefused() | ReshapeRefused():
            return _not_answered(ladder, event, now)
        case _:
            return _answered(ladder, event).with_answer(event.at)


def _answered(ladder: Ladder, event: Seen | FillsRead | Absent | Refused | Reshaped) -> Ladder:
    """What the broker says of one order; of an order that is not ours nothing is recorded."""
    member = ladder.member(event.key)
    if member is None:
        return ladder
    match event:
        case Seen():
            heard = take_in.seen(member, event)
            if heard is not member and heard.is_live:
                ladder = replace(ladder, protects_first=False)
            return ladder.with_member(heard)
        case FillsRead():
            return ladder.with_member(take_in.fills_read(member, event))
        case Absent():
            return ladder.with_member(take_in.absent(member))
        case Refused():
            return _refused(ladder, member, event)
        case Reshaped():
            return ladder.with_member(take_in.reshaped(member, event, ladder.rules.patience))
        case _:
            assert_never(event)


def _not_answered(
    ladder: Ladder, event: Unanswered | CancelRefused | ReshapeRefused, now: datetime
) -> Ladder:
    """What went wrong with something that was asked for; it makes an order worth a look now."""
    member = ladder.member(event.key)
    if member is None or not member.is_live:
        return ladder
    match event:
        case Unanswered() if member.standing is Standing.SENT and not member.is_changing:
            return ladder.with_member(take_in.doubted(member, now))
        case CancelRefused() if member.cancel_asked:
            return ladder.with_member(take_in.doubted(member, now))
        case ReshapeRefused() if member.new_shape is not None:
            same = replace(ladder, shuns_reshape=True)
            return same.with_member(take_in.not_reshaped(member, now))
        case _:
            return ladder


def _market_moved(ladder: Ladder, market: MarketNow) -> Ladder:
    """A market that trades again may shut again: then a person is told again."""
    stale: tuple[Alarm, ...] = () if market.is_shut else (Alarm.HALTED, Alarm.MARKET_CLOSED)
    if market.touch is not None:
        stale = (*stale, Alarm.NO_TOUCH)
    told = tuple(told for told in ladder.told if told.alarm not in stale)
    return replace(ladder, market=market, told=told)


def _refused(ladder: Ladder, member: Member, event: Refused) -> Ladder:
    """What the broker's reason teaches about the market belongs to the ladder."""
    changed = ladder.with_member(take_in.refused(member, event))
    if changed == ladder:
        return ladder
    if event.rejection is RejectionClass.HALTED:
        return replace(changed, market=replace(ladder.market, halted=True))
    if event.rejection is RejectionClass.MARKET_CLOSED and member.is_market:
        return replace(changed, shuns_market=True)
    return changed


def due(ladder: Ladder) -> datetime | None:
    """When the ladder wants to hear that time has passed, if nothing else happens."""
    times = [m.look_at for m in ladder.members if m.look_at and ladder.is_looked_after(m)]
    if ladder.retry_at and not ladder.market.is_shut:
        times.append(ladder.retry_at)
    return min(times, default=None)


def edge_goes_on_at(ladder: Ladder) -> datetime | None:
    """When the edge goes on alone if the engine has not acted on what is due."""
    at = due(ladder)
    return at + ENGINE_SILENCE if at else None


def waiting_for(ladder: Ladder) -> Waiting:
    """The name of what the ladder waits for."""
    live = ladder.live
    if ladder.is_done:
        return Waiting.NOTHING
    if any(member.cancel_asked for member in live):
        return Waiting.PROOF
    if any(member.new_shape for member in live):
        return Waiting.CHANGE
    if any(member.role is not Role.SHIELD for member in live):
        return Waiting.FILL
    if not live and ladder.unproven:
        return Waiting.FILLS
    if ladder.is_left_to_a_person:
        return Waiting.PERSON
    if ladder.market.is_shut:
        return Waiting.MARKET
    return Waiting.PERSON if ladder.is_frozen else Waiting.RETRY
