"""What the ladder of a way out says of the sequence in which its orders came."""

from collections.abc import Iterator
from datetime import datetime

from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.members import Member, Role


def exits(ladder: Ladder) -> Iterator[Member]:
    """The orders that leave; the others protect."""
    return (each for each in ladder.members if each.role is not Role.SHIELD)


def waits_for(later: Member, earlier: Member) -> bool:
    """Whether an exit can only have left once the order before it was over."""
    group = later.intent.oca
    return later.role is not Role.SHIELD and (group is None or group != earlier.intent.oca)


def first_step(ladder: Ladder, told_at: datetime) -> datetime:
    """When the first step of a way out was decided on, as far as it knows."""
    steps = [each.since for each in exits(ladder)]
    steps += [ladder.begun_at] if ladder.begun_at is not None else []
    return min(steps, default=told_at)
