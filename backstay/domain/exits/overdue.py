"""What becomes of an order of which nothing was heard for as long as it is left alone.

A silence is never taken for an answer. It is a reason to ask, to tell a person, and for a limit
whose time is over by the broker's own clock, to end it; never a reason for a second order.
"""

from backstay.domain.exits.events import Alarm
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.rules import (
    ANSWER_WITHIN,
    ASK_AGAIN_AFTER,
    CANCEL_GRACE,
    REPRICE_EVERY,
)
from backstay.domain.exits.rungs import following_rung, modified
from backstay.domain.exits.turn import Turn
from backstay.domain.figures import whole


def look_after(turn: Turn, member: Member) -> None:
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


def _pursue_cancel(turn: Turn, member: Member) -> None:
    """First ask, then tell a person; then cancel and ask again for as long as it takes."""
    if not member.looked_after:
        turn.ask(member, CANCEL_GRACE)
        return
    turn.tell(Alarm.CANCEL_NOT_CONFIRMED, member.key)
    turn.cancel_again(member)
    turn.ask(member, ASK_AGAIN_AFTER)


def _look_after_limit(turn: Turn, member: Member) -> None:
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


def _end_limit_rung(turn: Turn, member: Member) -> None:
    """The last rung takes the limit's place: in it, or after whatever lives is proven over."""
    ladder = turn.ladder
    works = member.standing is Standing.WORKING
    if not works:
        turn.tell(Alarm.NOT_ANSWERED, member.key)
    if works and ladder.may_reshape and ladder.live == (member,):
        turn.reshape_into_next_rung(member)
    else:
        turn.cancel_all()


def _follow_the_touch(turn: Turn, member: Member) -> None:
    """A last rung that is a limit moves with the touch, with what is left and into other hours, in
    place: that leaves no gap and costs no generation, also when market orders would be taken by
    now.
    """
    ladder = turn.ladder
    turn.tell_if_nobody_quotes()
    quantity = whole(member.filled + ladder.left)
    following = following_rung(ladder.rules, member.key, quantity, ladder.market)
    wanted = modified(member.intent, following)
    if wanted == member.intent:
        turn.look_later(member, REPRICE_EVERY)
    elif member.keeps_shape:
        turn.cancel(member)
    else:
        turn.reshape(member, wanted, Role.LAST)
