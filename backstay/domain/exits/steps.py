"""What the ladder asks for, given the whole picture.

    decide(ladder, event, now) -> (ladder, commands)

First the event is taken in; then the steps ask for what is missing, so the same picture leads to
the same commands however it came about. Five situations, and each names its steps: nothing is left
(finish), less than one is left (give up), nothing is live (move on), the market is shut (hold),
something works (work). Then what is overdue is looked after. `now` is broker time; a fallback also
needs an answer of the broker from after its deadline, so a stalled process or a stepped clock can't
fire one on an order that has filled meanwhile.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.domain.exits.events import Alarm, LadderCommand, LadderEvent
from backstay.domain.exits.ladder import Ladder, taken_in
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.overdue import look_after
from backstay.domain.exits.rules import RETRY_AFTER, LadderRules
from backstay.domain.exits.rungs import joined, shield_of
from backstay.domain.exits.turn import Turn
from backstay.domain.figures import whole
from backstay.domain.sessions import MarketPhase

Decision = tuple[Ladder, tuple[LadderCommand, ...]]


def laid(
    rules: LadderRules,
    quantity: Decimal,
    members: tuple[Member, ...],
    market: MarketNow,
    now: datetime,
) -> Ladder:
    """A ladder for `quantity`, over the stop that rests and whatever exit was already sent: the
    broker's stamp of that is the last that is known of it. Nothing is decided on it yet.
    """
    answered_at = max((member.since for member in members), default=now)
    return Ladder(rules, quantity, members, market, answered_at, begun_at=now)


def begin(
    rules: LadderRules,
    quantity: Decimal,
    members: tuple[Member, ...],
    market: MarketNow,
    now: datetime,
) -> Decision:
    """The first decision on it."""
    return _advance(laid(rules, quantity, members, market, now), now)


def resume(
    ladder: Ladder, event: LadderEvent, now: datetime, shown: tuple[LadderEvent, ...] = ()
) -> Ladder:
    """The ladder after a crash: what is found without a live exit is protected first. `shown` is
    what the broker shows of the orders by now. Nothing is decided on it yet.
    """
    found = replace(taken_in(ladder, event, now), protects_first=True)
    for each in shown:
        found = taken_in(found, each, now)
    return found


def decide(ladder: Ladder, event: LadderEvent, now: datetime) -> Decision:
    """The ladder after `event`, and what it asks for."""
    return _advance(taken_in(ladder, event, now), now)


def _advance(ladder: Ladder, now: datetime) -> Decision:
    # A pause that is over must not stay due: whoever waits for it would never sleep again.
    if ladder.retry_at is not None and ladder.retry_at <= now:
        ladder = replace(ladder, retry_at=None)
    turn = Turn(ladder, now)
    if ladder.left <= 0:
        _finish(turn)
    elif ladder.committed > ladder.left:
        turn.tell(Alarm.OVERCOMMITTED)
        turn.cancel_all()
    elif not ladder.left_whole:
        _give_up(turn)
    elif not ladder.live:
        _move_on(turn)
    elif ladder.market.is_shut:
        _hold(turn)
    else:
        _work(turn)
    for key in [member.key for member in turn.ladder.members]:
        member = turn.ladder.member(key)
        if member and turn.ladder.is_due(member, now):
            look_after(turn, member)
    return turn.ladder, tuple(turn.commands)


def _finish(turn: Turn) -> None:
    """Nothing is left: whatever lives is cancelled, and every fill is known before it is over."""
    if turn.ladder.left < 0:
        turn.tell(Alarm.OVERFILLED)
    turn.ladder = replace(turn.ladder, retry_at=None)
    turn.cancel_all()
    turn.read_missing_fills()


def _give_up(turn: Turn) -> None:
    """Less than one is left, and no order can be for that: whatever has filled and is not over yet
    is cancelled, and once every fill is known, the rest is for a person.
    """
    turn.ladder = replace(turn.ladder, retry_at=None)
    turn.cancel_all()
    turn.read_missing_fills()
    if turn.ladder.is_left_to_a_person:
        turn.tell(Alarm.FRACTION)


def _move_on(turn: Turn) -> None:
    """Something is open and nothing lives: read the fills, then exit, or put the shield back."""
    ladder = turn.ladder
    if ladder.unproven:
        turn.read_missing_fills()
    elif _pauses_after_refused_shield(turn):
        return
    elif not _must_wait_behind_a_shield(turn):
        _send_next_rung(turn)
    elif ladder.may_send_shield:
        _put_shield_back(turn, ladder.left_whole)
    elif ladder.market.is_shut or ladder.is_frozen:
        turn.tell(Alarm.UNPROTECTED)
    else:
        _send_next_rung(turn)


def _pauses_after_refused_shield(turn: Turn) -> bool:
    """A broker that refuses the exit and then the stop is given time, and a person is told."""
    newest = turn.ladder.newest
    if newest is None or newest.role is not Role.SHIELD or newest.refused is None:
        return False
    if turn.tell(Alarm.UNPROTECTED, newest.key):
        retry_at = turn.now + RETRY_AFTER
        turn.ladder = replace(turn.ladder, retry_at=retry_at, protects_first=False)
    return turn.ladder.retry_at is not None


def _must_wait_behind_a_shield(turn: Turn) -> bool:
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


def _put_shield_back(turn: Turn, quantity: Decimal) -> None:
    ladder = turn.ladder
    retry_at = turn.now + RETRY_AFTER if ladder.exit_was_refused else ladder.retry_at
    turn.ladder = replace(ladder, retry_at=retry_at)
    turn.send(shield_of(ladder.rules, ladder.next_shield_key, quantity), Role.SHIELD)


def _send_next_rung(turn: Turn) -> None:
    intent, role = turn.next_order()
    turn.ladder = replace(turn.ladder, retry_at=None)
    turn.send(intent, role)


def _hold(turn: Turn) -> None:
    """The market is shut: what rests stays, what is uncovered gets a stop, nothing else goes."""
    _tell_market_is_shut(turn)
    if turn.ladder.market.phase is not MarketPhase.REGULAR:
        _recall_market_orders(turn)
    _cover_the_rest(turn)


def _cover_the_rest(turn: Turn) -> None:
    """While the exit waits, what the live orders don't cover gets a stop of its own."""
    ladder = turn.ladder
    uncovered = whole(ladder.left - ladder.committed)
    if uncovered <= 0:
        return
    if ladder.unproven:
        turn.read_missing_fills()
    elif _pauses_after_refused_shield(turn):
        return
    elif ladder.may_send_shield:
        _put_shield_back(turn, uncovered)
    else:
        turn.tell(Alarm.UNPROTECTED)


def _tell_market_is_shut(turn: Turn) -> None:
    turn.tell(Alarm.HALTED if turn.ladder.market.halted else Alarm.MARKET_CLOSED)


def _recall_market_orders(turn: Turn) -> None:
    """No market order is left waiting for a later session."""
    for member in turn.ladder.live:
        if member.is_market:
            turn.cancel(member)


def _work(turn: Turn) -> None:
    """The market trades and something lives: start the exit, or leave it to its rung's time."""
    ladder = turn.ladder
    if any(member.is_changing for member in ladder.live):
        return
    if ladder.rests_on_shields:
        _meet_the_shield(turn)
    elif not ladder.market.takes_market_orders:
        _recall_market_orders(turn)


def _meet_the_shield(turn: Turn) -> None:
    """Only protective stops live: the exit goes, or has to wait behind them."""
    if turn.ladder.is_frozen:
        turn.tell(Alarm.FROZEN)
        _cover_the_rest(turn)
    elif turn.ladder.retry_at is not None or turn.ladder.awaits_protection:
        _cover_the_rest(turn)
    else:
        _start_from_the_shield(turn, turn.ladder.live[0])


def _start_from_the_shield(turn: Turn, shield: Member) -> None:
    """The exit meets the resting stop in the best way that the profile allows."""
    ladder = turn.ladder
    fits = len(ladder.live) == 1 and shield.remaining == ladder.left_whole
    works = fits and shield.standing is Standing.WORKING
    if works and ladder.may_reshape:
        turn.reshape_into_next_rung(shield)
    elif works and ladder.rules.profile.living_group_can_be_joined and shield.intent.oca:
        _join_the_shield(turn, shield)
    else:
        turn.cancel_all()


def _join_the_shield(turn: Turn, shield: Member) -> None:
    """A limit joins the stop's group; the last rung goes alone, after both are proven over."""
    intent, role = turn.next_order()
    if role is Role.LIMIT:
        turn.send(joined(intent, shield.intent.oca), role)
    else:
        turn.cancel(shield)
