"""What a ladder will ask for if nothing comes between.

A step has to be written down before it leaves, and writing down takes time, which on a ladder is
time at the market. So whoever writes down a step writes the foreseeable ones along with it. Nothing
is decided here: each of these is done only if the ladder of that moment asks for exactly it, and
where anything has come between, a fill, a halt, another price, it asks for something else.

No new order is ever foreseen. It is decided on when the old one is proven over and its fills have
been read, and the time that takes is also the time in which a fill that comes late can be heard.
"""

from datetime import datetime

from backstay.domain.exits import events
from backstay.domain.exits.events import Cancel, LadderCommand, LadderEvent, Reshape, Reshaped, Seen
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.steps import decide

STEPS_MAX = 4


def foreseen(ladder: Ladder) -> tuple[LadderCommand, ...]:
    """The cancels and modifications that follow, in order, until a new order has to be sent."""
    found: list[LadderCommand] = []
    for _ in range(STEPS_MAX):
        member = _next(ladder)
        if member is None:
            break
        at = _when(ladder, member)
        ladder, commands = decide(ladder.with_answer(at), _expected(member, at), at)
        found += (each for each in commands if isinstance(each, Cancel | Reshape))
        if any(member.cancel_asked for member in ladder.live):
            break
    return tuple(found)


def changes(command: LadderCommand) -> bool:
    """Whether it changes anything at the broker; questions and alarms don't."""
    return isinstance(command, events.Send | events.Reshape | events.Cancel)


def _next(ladder: Ladder) -> Member | None:
    """The order of which something is heard next; None where that leads to no more."""
    for member in ladder.live:
        if member.cancel_asked:
            return None
        if member.new_shape is not None or member.role is Role.LIMIT:
            return member
        if member.role is Role.SHIELD and member.standing is Standing.SENT:
            return member
    return None


def _when(ladder: Ladder, member: Member) -> datetime:
    """When it is heard, as far as it matters: a limit is left until its time is over."""
    rests = member.new_shape is None and member.standing is Standing.WORKING
    if rests and member.role is Role.LIMIT:
        return max(ladder.answered_at, member.since + ladder.rules.patience)
    return ladder.answered_at


def _expected(member: Member, at: datetime) -> LadderEvent:
    """What is heard if all goes as it was asked."""
    if member.new_shape is not None:
        wanted = member.new_shape.intent
        return Reshaped(member.key, wanted.terms, wanted.quantity, at)
    return Seen(member.key, False, member.filled, member.revision + 1, at)
