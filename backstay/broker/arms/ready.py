"""The orders of an arm, written ahead so that nothing but bytes is left to be sent."""

from dataclasses import replace
from datetime import tzinfo

from backstay.broker.doors.knowing import Inbox
from backstay.broker.doors.ordering import Desk, Left, Prepared
from backstay.broker.doors.wire import Now
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.ticks.levels import moved
from backstay.domain.ticks.triggers import Confirming, TriggerState, Unseen, Waiting


class Ready:
    """An entry and its stop, as they would leave now."""

    def __init__(self, asked: Asked, rooms: Rooms) -> None:
        self.asked = asked
        self._desk: Desk = rooms.desk
        self._inbox: Inbox = rooms.inbox
        self._now: Now = rooms.now
        self._zone: tzinfo = rooms.zone
        self._prepared: Prepared | None = None

    @property
    def submission(self) -> Submission | None:
        """The entry as it was written last."""
        return self._prepared.submission if self._prepared is not None else None

    def write(self, arm: Arm, state: TriggerState | None) -> Prepared:
        """Write the frames of today."""
        position = self._inbox.position(arm.entry.intent.instrument.con_id)
        self.asked = self.asked.on_the_day_of(self._now(), position, self._zone)
        stop = arm.protection
        attached = Submission(stop, stop.intent, self.asked) if stop is not None else None
        entry = Submission(arm.entry, entry_of(arm, state), self.asked)
        self._prepared = self._desk.prepare(entry, attached)
        return self._prepared

    def release(self, arm: Arm, state: TriggerState | None) -> Left | Refused | NotSent:
        """Send them in this turn; nothing has left on a day that is over, so what was written then
        is written anew.
        """
        sent = self._desk.release(self._prepared or self.write(arm, state))
        if isinstance(sent, NotSent) and sent.reason is NotSentReason.FROM_ANOTHER_DAY:
            sent = self._desk.release(self.write(arm, state))
        return sent


def entry_of(arm: Arm, state: TriggerState | None) -> OrderIntent:
    """The entry, its limit where the level of the trigger takes it: another one that was given, or
    one that has moved with a new trading day.
    """
    entry, offset, trigger = arm.entry.intent, arm.limit_offset, arm.trigger
    if offset is None or trigger is None or not isinstance(entry.terms, Limit):
        return entry
    level = state.level if isinstance(state, Unseen | Waiting | Confirming) else trigger.price
    away = moved(trigger.when, level, offset)
    price = entry.instrument.grid.to_saving_side(entry.side, away)
    return replace(entry, terms=Limit(price))
