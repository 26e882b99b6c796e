"""What the ladder asks for, given the whole picture.

Four situations, and each names its steps: nothing is left (finish), nothing is live (move on), the
market is shut (hold), something works (work). Everything that was asked for is remembered in the
members, so a picture that has not changed asks for nothing again before its time.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.exits import members as take_in
from backstay.domain.exits.events import (
    Alarm,
    AskBroker,
    Cancel,
    LadderCommand,
    LadderEvent,
    ReadFills,
    Reshape,
    Send,
    Tell,
)
from backstay.domain.exits.ladder import Ladder, Told, taken_in
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, NewShape, Role, Standing
from backstay.domain.exits.rules import (
    ANSWER_WITHIN,
    ASK_AGAIN_AFTER,
    CANCEL_GRACE,
    REPRICE_EVERY,
    RETRY_AFTER,
    LadderRules,
)
from backstay.domain.exits.rungs import following_rung, joined, last_rung, limit_rung, shield_of
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sessions import MarketPhase

Decision = tuple[Ladder, tuple[LadderCommand, ...]]


def begin(
    rules: LadderRules,
    quantity: Decimal,
    members: tuple[Member, ...],
    market: MarketNow,
    now: datetime,
) -> Decision:
    """A ladder for `quantity`, over the stop that rests and whatever exit was already sent: the
    broker's stamp of that is the last that is known of it.
    """
    answered_at = max((member.since for member in members), default=now)
    ladder = Ladder(rules, quantity, members, market, answered_at)
    return _advance(ladder, now)


def resume(ladder: Ladder, event: LadderEvent, now: datetime) -> Decision:
    """The first decision after a crash: what is found without a live exit is protected first."""
    return _advance(replace(taken_in(ladder, event, now), protects_first=True), now)


def decide(ladder: Ladder, event: LadderEvent, now: datetime) -> Decision:
    """The ladder after `event`, and what it asks for."""
    return _advance(taken_in(ladder, event, now), now)


@dataclass(slots=True)
class _Turn:
    """One decision in the making: the ladder so far and the commands so far."""

    ladder: Ladder
    now: datetime
    commands: list[LadderCommand] = field(default_factory=list)

    def send(self, intent: OrderIntent, role: Role) -> None:
        member = take_in.sent(intent, role, self.now, self.ladder.rules.patience)
        self.ladder = replace(self.ladder, members=(*self.ladder.members, member))
        self.commands.append(Send(intent))

    def cancel(self, member: Member) -> None:
        if not member.cancel_asked:
            self.ladder = self.ladder.with_member(take_in.asked_to_cancel(member, self.now))
            self.commands.append(Cancel(member.key))

    def cancel_all(self) -> None:
        for member in self.ladder.live:
            self.cancel(member)

    def reshape(self, member: Member, wanted: OrderIntent, role: Role) -> None:
        """Modify `member` into `wanted`, under its own key and with its whole quantity."""
        intent = replace(
            wanted,
            key=member.key,
            quantity=member.filled + self.ladder.left,
            oca=member.intent.oca,
            parent=member.intent.parent,
        )
        shape = NewShape(intent, role, self.now)
        self.ladder = self.ladder.with_member(take_in.asked_to_reshape(member, shape))
        self.commands.append(Reshape(intent))

    def read_fills(self, member: Member) -> None:
        self.ladder = self.ladder.with_member(take_in.asked_for_fills(member, self.now))
        self.commands.append(ReadFills(member.key))

    def ask(self, member: Member, again_after: timedelta) -> None:
        looked = replace(member, looked_after=True, look_at=self.now + again_after)
        self.ladder = self.ladder.with_member(looked)
        self.commands.append(AskBroker(member.key))

    def look_later(self, member: Member, after: timedelta) -> None:
        self.ladder = self.ladder.with_member(replace(member, look_at=self.now + after))

    def tell(self, alarm: Alarm, key: IntentKey | None = None) -> bool:
        """Tell a person, once for each order; whether this was the first time."""
        told = Told(alarm, key)
        if told in self.ladder.told:
            return False
        self.ladder = replace(self.ladder, told=(*self.ladder.told, told))
        self.commands.append(Tell(alarm, abs(self.ladder.left), key))
        return True


def _advance(ladder: Ladder, now: datetime) -> Decision:
    if ladder.retry_at is not None and ladder.retry_at <= now:
        ladder = replace(ladder, retry_at=None)
    turn = _Turn(ladder, now)
    if ladder.left <= 0:
        _finish(turn)
    elif not ladder.live:
        _move_on(turn)
    elif ladder.committed > ladder.left:
        turn.tell(Alarm.OVERCOMMITTED)
        turn.cancel_all()
    elif ladder.market.is_shut:
        _hold(turn)
    else:
        _work(turn)
    for key in [member.key for member in turn.ladder.members]:
        member = turn.ladder.member(key)
        if member and turn.ladder.is_due(member, now):
            _look_after(turn, member)
    return turn.ladder, tuple(turn.commands)


def _finish(turn: _Turn) -> None:
    """Nothing is left: whatever lives is cancelled, and every fill is known before it is over."""
    if turn.ladder.left < 0:
        turn.tell(Alarm.OVERFILLED)
    turn.ladder = replace(turn.ladder, retry_at=None)
    turn.cancel_all()
    _ask_for_fills(turn)


def _ask_for_fills(turn: _Turn) -> None:
    for member in turn.ladder.unproven:
        if member.look_at is None:
            turn.read_fills(member)


def _move_on(turn: _Turn) -> None:
    """Something is open and nothing lives: read the fills, then exit, or put the shield back."""
    ladder = turn.ladder
    if ladder.unproven:
        _ask_for_fills(turn)
    elif _pauses_after_refused_shield(turn):
        return
    elif not _must_wait_behind_a_shield(turn):
        _send_next_rung(turn)
    elif ladder.may_send_shield:
        _put_shield_back(turn, ladder.left)
    elif ladder.market.is_shut or ladder.is_frozen:
        turn.tell(Alarm.UNPROTECTED)
    else:
        _send_next_rung(turn)


def _pauses_after_refused_shield(turn: _Turn) -> bool:
    """A broker that refuses the exit and then the stop is given time, and a person is told."""
    newest = turn.ladder.newest
    if newest is None or newest.role is not Role.SHIELD or newest.refused is None:
        return False
    if turn.tell(Alarm.UNPROTECTED, newest.key):
        retry_at = turn.now + RETRY_AFTER
        turn.ladder = replace(turn.ladder, retry_at=retry_at, protects_first=False)
    return turn.ladder.retry_at is not None


def _must_wait_behind_a_shield(turn: _Turn) -> bool:
    """Whether the exit can't go now, with the reason told."""
    ladder = turn.ladder
    if ladder.market.is_shut:
        _tell_market_is_shut(turn)
    elif ladder.is_frozen:
        turn.tell(Alarm.FROZEN)
    elif ladder.protects_first:
        turn.tell(Alarm.REPROTECTED)
    elif ladder.newest is not None and ladder.exit_was_refused:
        turn.tell(Alarm.EXIT_REFUSED, ladder.newest.key)
    else:
        return False
    return True


def _put_shield_back(turn: _Turn, quantity: Decimal) -> None:
    ladder = turn.ladder
    retry_at = turn.now + RETRY_AFTER if ladder.exit_was_refused else ladder.retry_at
    turn.ladder = replace(ladder, retry_at=retry_at)
    turn.send(shield_of(ladder.rules, ladder.next_shield_key, quantity), Role.SHIELD)


def _send_next_rung(turn: _Turn) -> None:
    intent, role = _next_rung(turn)
    turn.ladder = replace(turn.ladder, protects_first=False, retry_at=None)
    turn.send(intent, role)


def _next_rung(turn: _Turn) -> tuple[OrderIntent, Role]:
    """The limit once, unless it would be pointless; then, however often, the last rung."""
    ladder = turn.ladder
    key, quantity = ladder.next_exit_key, ladder.left
    if not ladder.limit_was_tried:
        limit = limit_rung(ladder.rules, key, quantity, ladder.market)
        if limit is not None:
            return limit, Role.LIMIT
    return _last_rung(turn, key, quantity), Role.LAST


def _last_rung(turn: _Turn, key: IntentKey, quantity: Decimal) -> OrderIntent:
    ladder = turn.ladder
    _tell_if_nobody_quotes(turn)
    return last_rung(ladder.rules, key, quantity, ladder.market, shuns_market=ladder.shuns_market)


def _tell_if_nobody_quotes(turn: _Turn) -> None:
    if turn.ladder.rules.shield.instrument.is_option and turn.ladder.market.touch is None:
        turn.tell(Alarm.NO_TOUCH)


def _hold(turn: _Turn) -> None:
    """The market is shut: what rests stays, what is uncovered gets a stop, nothing else goes."""
    _tell_market_is_shut(turn)
    if turn.ladder.market.phase is not MarketPhase.REGULAR:
        _recall_market_orders(turn)
    _cover_the_rest(turn)


def _cover_the_rest(turn: _Turn) -> None:
    """While the exit waits, what the live orders don't cover gets a stop of its own."""
    ladder = turn.ladder
    uncovered = ladder.left - ladder.committed
    if uncovered <= 0:
        return
    if ladder.unproven:
        _ask_for_fills(turn)
    elif _pauses_after_refused_shield(turn):
        return
    elif ladder.may_send_shield:
        _put_shield_back(turn, uncovered)
    else:
        turn.tell(Alarm.UNPROTECTED)


def _tell_market_is_shut(turn: _Turn) -> None:
    turn.tell(Alarm.HALTED if turn.ladder.market.halted else Alarm.MARKET_CLOSED)


def _recall_market_orders(turn: _Turn) -> None:
    """No market order is left waiting for a later session."""
    for member in turn.ladder.live:
        if member.is_market:
            turn.cancel(member)


def _work(turn: _Turn) -> None:
    """The market trades and something lives: start the exit, or leave it to its rung's time."""
    ladder = turn.ladder
    if any(member.is_changing for member in ladder.live):
        return
    if ladder.rests_on_shields:
        _meet_the_shield(turn)
    elif not ladder.market.takes_market_orders:
        _recall_market_orders(turn)


def _meet_the_shield(turn: _Turn) -> None:
    """Only protective stops live: the exit goes, or has to wait behind them."""
    if turn.ladder.is_frozen:
        turn.tell(Alarm.FROZEN)
        _cover_the_rest(turn)
    elif turn.ladder.retry_at is not None or turn.ladder.awaits_protection:
        _cover_the_rest(turn)
    else:
        _start_from_the_shield(turn, turn.ladder.live[0])


def _start_from_the_shield(turn: _Turn, shield: Member) -> None:
    """The exit meets the resting stop in the best way that the profile allows."""
    ladder = turn.ladder
    fits = len(ladder.live) == 1 and shield.remaining == ladder.left
    works = fits and shield.standing is Standing.WORKING
    if works and ladder.may_reshape:
        wanted, role = _next_rung(turn)
        turn.reshape(shield, wanted, role)
    elif works and ladder.rules.profile.living_group_can_be_joined and shield.intent.oca:
        _join_the_shield(turn, shield)
    else:
        turn.cancel_all()


def _join_the_shield(turn: _Turn, shield: Member) -> None:
    """A limit joins the stop's group; the last rung goes alone, after both are proven over."""
    wanted, role = _next_rung(turn)
    if role is Role.LIMIT:
        turn.send(joined(wanted, shield.intent.oca), role)
    else:
        turn.cancel(shield)


def _look_after(turn: _Turn, member: Member) -> None:
    """Nothing was heard of `member` for as long as it is left alone."""
    if not member.is_live:
        turn.tell(Alarm.FILLS_NOT_READ, member.key)
        turn.read_fills(member)
    elif member.cancel_asked:
        _pursue_cancel(turn, member)
    elif member.new_shape is not None:
        turn.tell(Alarm.RESHAPE_NOT_CONFIRMED, member.key)
        turn.cancel(member)
    elif member.role is Role.LIMIT:
        _look_after_limit(turn, member)
    elif member.standing is Standing.SENT:
        turn.tell(Alarm.NOT_ANSWERED, member.key)
        turn.ask(member, ASK_AGAIN_AFTER)
    elif member.is_market:
        turn.tell(Alarm.MARKET_NOT_FILLED, member.key)
        turn.ask(member, ASK_AGAIN_AFTER)
    else:
        _follow_the_touch(turn, member)


def _pursue_cancel(turn: _Turn, member: Member) -> None:
    """First ask, then tell a person; then cancel and ask again for as long as it takes."""
    if not member.looked_after:
        turn.ask(member, CANCEL_GRACE)
        return
    turn.tell(Alarm.CANCEL_NOT_CONFIRMED, member.key)
    turn.commands.append(Cancel(member.key))
    turn.ask(member, ASK_AGAIN_AFTER)


def _look_after_limit(turn: _Turn, member: Member) -> None:
    """Its time is over by the broker's own clock, or else the broker is asked first."""
    ladder = turn.ladder
    if ladder.has_outlasted(member) and not ladder.market.is_shut:
        _end_limit_rung(turn, member)
        return
    time_left = member.since + ladder.rules.patience - turn.now
    asked_in_vain = member.looked_after and time_left <= -ANSWER_WITHIN
    if asked_in_vain or member.standing is Standing.SENT:
        turn.tell(Alarm.NOT_ANSWERED, member.key)
    is_slow = asked_in_vain or ladder.market.is_shut
    turn.ask(member, ASK_AGAIN_AFTER if is_slow else max(time_left, ANSWER_WITHIN))


def _end_limit_rung(turn: _Turn, member: Member) -> None:
    """The last rung takes the limit's place: in it, or after whatever lives is proven over."""
    ladder = turn.ladder
    works = member.standing is Standing.WORKING
    if not works:
        turn.tell(Alarm.NOT_ANSWERED, member.key)
    if works and ladder.may_reshape and ladder.live == (member,):
        turn.reshape(member, _last_rung(turn, member.key, ladder.left), Role.LAST)
    else:
        turn.cancel_all()


def _follow_the_touch(turn: _Turn, member: Member) -> None:
    """A last rung that is a limit moves with the touch and with what is left, in place: that
    leaves no gap and costs no generation, also when market orders would be taken by now.
    """
    ladder = turn.ladder
    _tell_if_nobody_quotes(turn)
    quantity = member.filled + ladder.left
    wanted = following_rung(ladder.rules, member.key, quantity, ladder.market)
    if (wanted.terms, wanted.quantity) == (member.intent.terms, member.intent.quantity):
        turn.look_later(member, REPRICE_EVERY)
    elif member.keeps_shape:
        turn.cancel(member)
    else:
        turn.reshape(member, wanted, Role.LAST)
