"""A trigger above 190, in each state that it can come to."""

from dataclasses import replace
from decimal import Decimal

from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import (
    Confirming,
    Fired,
    Missed,
    Trigger,
    TriggerDecision,
    Unseen,
    Waiting,
)
from tests.domain.ticks.samples import NOON

State = Unseen | Waiting | Confirming | Fired | Missed

LEVEL = Decimal(190)
TRIGGER = Trigger(LEVEL, Crossing.ABOVE)
TWICE = replace(TRIGGER, confirm_ticks=2)

UNSEEN, WAITING = Unseen(LEVEL), Waiting(LEVEL)
WATCHED_ONCE, UNWATCHED_ONCE = Confirming(LEVEL, 1, True), Confirming(LEVEL, 1, False)
FIRED, MISSED = Fired(Decimal(191), NOON), Missed(Decimal(191), NOON)
LIVING = (UNSEEN, WAITING, WATCHED_ONCE, UNWATCHED_ONCE)

NOTHING = TriggerDecision.NOTHING
NEAR, TOUCHING, BEYOND = "189.99", "190.00", "190.01"
