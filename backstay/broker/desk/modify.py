"""Modifications of orders that work, one at a time.

A modification that is lost from view can leave two orders behind, so it is sent only while the
session may modify, only for an order that is known to work, and never beside another one. It is
made once the broker shows the order so; that it was sent proves nothing. It can always cross the
end of its order; where the broker's ids have fallen back it would be a new order then, of all that
was just executed, so it stays here.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from backstay.broker.desk.around import Around
from backstay.broker.desk.changes import Change, Changes
from backstay.broker.desk.last_hop import LastHop
from backstay.broker.doors.ordering import Left
from backstay.broker.translation.judging import LastAsked
from backstay.domain.edge.changing import (
    Ended,
    Modified,
    ModifyAnswer,
    ModifyRejected,
    ModifyUnknown,
)
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission
from backstay.domain.ids import IntentKey
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView

SHOWN_WITHIN_SECONDS = 1.5
TRY_AGAIN_AFTER_SECONDS = 0.6
"""A modification too soon after the last change is refused (103); a moment later it is not."""

TRIES_MAX = 2
TOO_SOON = 103


class Modify:
    """Carries modifications out."""

    def __init__(self, around: Around, last_hop: LastHop) -> None:
        self._lanes = around.lanes
        self._writing = around.writing
        self._inbox = around.inbox
        self._session = around.session
        self._numbers = around.numbers
        self._requests = around.requests
        self._wakes = around.sendings.wakes
        self._now = around.now
        self._last_hop = last_hop
        self._changes = Changes()
        self._loop = asyncio.get_running_loop()
        self._sending: Change | None = None
        """What is being sent in this turn: its last hop has just been asked."""

    def modify_now(self, submission: Submission) -> Left | Refused | NotSent:
        """Send it in this turn, or have it wait for the one that is under way."""
        change = self._begin(submission)
        answer = change.answer
        if isinstance(answer, Refused | NotSent):
            return answer
        is_out = change.left_at is not None or isinstance(answer, Modified)
        return Left(change.key, change.left_at or self._now(), is_out)

    async def modify(self, submission: Submission) -> ModifyAnswer:
        """Send it, and wait until the broker shows the order so, or should have."""
        change = self._begin(submission)
        while change.answer is None:
            await self._wakes.news(change.key)
        return change.answer

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something new was heard of an order."""
        change = self._changes.under_way(key)
        if change is None or change.left_at is None:
            return
        if view.is_settled:
            self._end(change, Ended(key, view, self._now()))
        elif shows(view, change.submission.intent):
            self._end(change, Modified(key, view, self._now()))

    def refused(self, key: IntentKey, code: int, text: str) -> None:
        """The broker would not modify the order; it stands as it was."""
        change = self._changes.under_way(key)
        if change is None or change.left_at is None:
            return
        if change.before is not None:
            self._inbox.expect(change.before, change.order_id)
        if code == TOO_SOON and self._may_be_tried_again(change):
            change.left_at = None
            self._loop.call_later(TRY_AGAIN_AFTER_SECONDS, self._try_again, change)
            return
        self._end(change, ModifyRejected(key, code, text, self._now()))

    def give_up(self, key: IntentKey) -> None:
        """The order is being cancelled: nothing of it is to be modified any more."""
        answer = NotSent(key, NotSentReason.WITHDRAWN, self._now())
        self._changes.drop_waiting(key, answer)
        self._wakes.wake(key)
        change = self._changes.under_way(key)
        if change is None:
            return
        change.is_wanted = False
        if change.left_at is None:
            self._end(change, answer)

    def line_lost(self) -> None:
        """What is under way may have been read, or not."""
        for change in self._changes.all_under_way():
            answer = NotSent(change.key, NotSentReason.NOT_READY, self._now())
            self._changes.drop_waiting(change.key, answer)
            if change.left_at is None:
                self._end(change, answer)
            else:
                self._end(change, ModifyUnknown(change.key, change.left_at))

    def _begin(self, submission: Submission) -> Change:
        """A change that has left, waits, or has its answer already."""
        change, now = Change(submission), self._now()
        if self._changes.under_way(change.key) is not None:
            replaced = self._changes.enqueue(change)
            if replaced is not None:
                replaced.answer = NotSent(change.key, NotSentReason.REPLACED, now)
                self._wakes.wake(change.key)
        else:
            self._start(change, now)
        return change

    def _start(self, change: Change, now: datetime) -> None:
        change.answer = self._objection(change, now)
        if change.answer is None:
            self._changes.begin(change)
            self._send(change)

    def _objection(self, change: Change, now: datetime) -> ModifyAnswer | None:
        """Why it is not to leave, or that there is no need to."""
        key, intent = change.key, change.submission.intent
        if not self._session.may_modify:
            return NotSent(key, NotSentReason.NOT_READY, now)
        view, known = self._inbox.view(key), self._inbox.registered(key)
        if view is not None and view.is_settled:
            return Ended(key, view, now)
        if view is None or known is None or not view.is_working or view.is_cancelling:
            return NotSent(key, NotSentReason.NOT_WORKING, now)
        if len(known.order_ids) != 1 or len(view.surviving_perm_ids) > 1:
            return NotSent(key, NotSentReason.NOT_WORKING, now)
        if shows(view, intent):
            return Modified(key, view, now)
        if not self._numbers.is_spent(known.order_ids[0]):
            return NotSent(key, NotSentReason.ID_FELL_BACK, now)
        change.before, change.order_id = known.intent, known.order_ids[0]
        return self._last_hop.refusal(change.submission, now)

    def _send(self, change: Change) -> None:
        self._sending = change
        try:
            self._lanes.send(
                change.key.purpose.lane, partial(self._depart, change), partial(self._lost, change)
            )
        finally:
            self._sending = None

    def _depart(self, change: Change) -> Sequence[bytes]:
        if change.answer is not None:
            return ()
        now = self._now()
        if change is not self._sending:
            objection = self._objection(change, now)
            if objection is not None:
                self._end(change, objection)
                return ()
        intent = change.submission.intent
        frame = self._writing.order(intent, transmit=True).at(change.order_id)
        self._inbox.expect(intent, change.order_id)
        self._requests.asked(change.order_id, LastAsked.MODIFY)
        change.left_at = now
        change.tries += 1
        self._loop.call_later(SHOWN_WITHIN_SECONDS, self._overdue, change, change.tries)
        return (frame,)

    def _lost(self, change: Change, _why: str) -> None:
        if change.left_at is None:
            self._end(change, NotSent(change.key, NotSentReason.LOST_IN_LANE, self._now()))

    def _overdue(self, change: Change, tries: int) -> None:
        if change.answer is None and change.left_at is not None and change.tries == tries:
            self._end(change, ModifyUnknown(change.key, change.left_at))

    def _may_be_tried_again(self, change: Change) -> bool:
        is_newest = self._changes.waiting(change.key) is None
        return is_newest and change.is_wanted and change.tries < TRIES_MAX

    def _try_again(self, change: Change) -> None:
        """The same once more, if it is still wanted."""
        if change.answer is not None:
            return
        now = self._now()
        if not self._may_be_tried_again(change):
            self._end(change, NotSent(change.key, NotSentReason.REPLACED, now))
            return
        objection = self._objection(change, now)
        if objection is None:
            self._send(change)
        else:
            self._end(change, objection)

    def _end(self, change: Change, answer: ModifyAnswer) -> None:
        """It is over; what has waited for it leaves now."""
        following = self._changes.end(change, answer)
        self._wakes.wake(change.key)
        if following is not None:
            self._start(following, self._now())


def shows(view: OrderView, intent: OrderIntent) -> bool:
    """Whether every life of the order is described by the broker as this intent has it."""
    alive = [life for life in view.instances if life.end is None]
    return bool(alive) and all(
        life.described is not None
        and life.described.terms == intent.terms
        and life.described.quantity == intent.quantity
        for life in alive
    )
