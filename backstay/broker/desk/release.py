"""Frames written ahead, and sent in one turn.

Owns the hot path, and the law that an order leaves at most once: its key is taken in the turn in
which it is released, and its id in the turn in which it leaves. Whatever can have changed is asked
in *that* turn, also if the order had to wait in its lane.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from backstay.broker.desk.around import Around
from backstay.broker.desk.last_hop import LastHop
from backstay.broker.desk.sendings import Sending
from backstay.broker.doors.ordering import Left, Prepared, Releasing
from backstay.broker.translation.judging import LastAsked
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sessions.broker_day import day_span

_AGAIN_SECONDS_MIN = 0.001


class Release(Releasing):
    """Sends new orders."""

    def __init__(self, around: Around, last_hop: LastHop) -> None:
        self._lanes = around.lanes
        self._numbers = around.numbers
        self._writing = around.writing
        self._inbox = around.inbox
        self._session = around.session
        self._last_hop = last_hop
        self._requests = around.requests
        self._sendings = around.sendings
        self._now = around.now
        self._zone = around.zone
        self._today = day_span(self._now(), self._zone)
        self._loop = asyncio.get_running_loop()
        self._releasing: Sending | None = None
        """What is being released in this turn: its last hop has just been asked."""

    def prepare(self, submission: Submission, attached: Submission | None = None) -> Prepared:
        """Write the frames ahead; an attached stop has the last word, so both begin together."""
        intent = submission.intent
        if intent.parent is not None:
            raise ValueError(f"{intent.key} is attached to {intent.parent} and leaves with it")
        if attached is not None and attached.intent.parent != intent.key:
            raise ValueError(f"{attached.intent.key} is not attached to {intent.key}")
        return Prepared(
            submission=submission,
            frame=self._writing.order(intent, transmit=attached is None),
            attached=attached,
            attached_frame=(
                self._writing.order(attached.intent, transmit=True)
                if attached is not None
                else None
            ),
            epoch=self._session.epoch,
            cleared=self._last_hop.clearance(submission),
        )

    def release(self, prepared: Prepared) -> Left | Refused | NotSent:
        """Send it in this turn, or have it wait in its lane. A known key is not sent again."""
        key, now = prepared.submission.intent.key, self._now()
        known = self.known(key, now)
        if known is not None:
            return known
        refusal = self._used_stop(prepared, now) or self._refusal(prepared, now)
        if refusal is not None and not _is_too_early(refusal):
            return refusal
        sending = self._take(prepared, now)
        self._releasing = sending if refusal is None else None
        try:
            self._send(prepared, sending)
        finally:
            self._releasing = None
        return sending.answer or Left(key, sending.left_at or now, sending.has_left)

    def _send(self, prepared: Prepared, sending: Sending) -> None:
        """Have it leave as soon as its lane allows, which for an entry paces its symbol."""
        intent = prepared.submission.intent
        self._lanes.send(
            intent.key.purpose.lane,
            partial(self._depart, prepared, sending),
            partial(self._lost, sending),
            messages=1 if prepared.attached is None else 2,
            symbol=intent.instrument.symbol,
        )

    def known(self, key: IntentKey, now: datetime) -> Left | None:
        """What became of an order that must not be sent any more, or None if it may be."""
        sending = self._sendings.of(key)
        if sending is not None and sending.answer is None:
            return Left(key, sending.left_at or sending.taken_at, sending.has_left)
        return Left(key, now, on_the_wire=True) if self._inbox.knows(key) else None

    def _used_stop(self, prepared: Prepared, now: datetime) -> Refused | None:
        """Why an attached stop can't leave with its entry, if its key names another order."""
        if prepared.attached is None or self.known(prepared.attached.intent.key, now) is None:
            return None
        text = f"{RefusalCode.KEY_USED}: {prepared.attached.intent.key} has been sent before"
        return Refused(prepared.submission.intent.key, RefusalCode.KEY_USED, text, now)

    def _refusal(self, prepared: Prepared, now: datetime) -> Refused | NotSent | None:
        """Why it may not leave now, whoever refuses."""
        submission = prepared.submission
        key = submission.intent.key
        if not self._session.may_send or prepared.epoch != self._session.epoch:
            return NotSent(key, NotSentReason.NOT_READY, now)
        if not self._today.holds(now):
            self._today = day_span(now, self._zone)
        if not self._today.holds(submission.asked.at):
            return NotSent(key, NotSentReason.FROM_ANOTHER_DAY, now)
        return self._last_hop.refusal(submission, now, prepared.attached, prepared.cleared)

    def _take(self, prepared: Prepared, now: datetime) -> Sending:
        """From here on the keys are taken."""
        key = prepared.submission.intent.key
        sending = Sending(key, now)
        if prepared.attached is not None:
            sending.attached = Sending(prepared.attached.intent.key, now, leader=key)
            self._sendings.add(sending.attached)
        self._sendings.add(sending)
        return sending

    def _depart(self, prepared: Prepared, sending: Sending) -> Sequence[bytes]:
        """The frames, in the turn in which they leave; none if it is not to leave any more."""
        if sending.answer is not None:
            return ()
        now = sending.taken_at
        if sending is not self._releasing:
            now = self._now()
            refusal = self._refusal(prepared, now)
            if refusal is not None and _is_too_early(refusal):
                # The limits, or the broker's clock, may ask for longer than the lane does.
                self._loop.call_later(_too_early_by(refusal), self._send, prepared, sending)
                return ()
            if refusal is not None:
                self._sendings.end(sending, refusal)
                return ()
        entry, order_id = prepared.submission.intent, self._numbers.next_order_id()
        frames = [prepared.frame.at(order_id)]
        self._goes(sending, entry, order_id, now)
        if prepared.attached is not None and prepared.attached_frame is not None:
            child_id = self._numbers.next_order_id()
            frames.append(prepared.attached_frame.at(child_id, order_id))
            if sending.attached is not None:
                self._goes(sending.attached, prepared.attached.intent, child_id, now)
        return frames

    def _goes(self, sending: Sending, intent: OrderIntent, order_id: int, now: datetime) -> None:
        self._inbox.expect(intent, order_id)
        self._requests.asked(order_id, LastAsked.NEW)
        sending.left_at, sending.left_on = now, self._loop.time()
        if intent.key.purpose.effect is Effect.OPENS:
            self._last_hop.entries.left(intent.instrument.symbol, intent.key, now)
        self._sendings.wakes.wake(intent.key)

    def _lost(self, sending: Sending, _why: str) -> None:
        """It will not leave. If its ids were taken by then, it is treated as if it had left."""
        if sending.waits:
            answer = NotSent(sending.key, NotSentReason.LOST_IN_LANE, self._now())
            self._sendings.end(sending, answer)


def _is_too_early(refusal: Refused | NotSent) -> bool:
    """Whether nothing is wrong but that the last entry in the symbol was just now."""
    return isinstance(refusal, Refused) and refusal.code is RefusalCode.RATE


def _too_early_by(refusal: Refused | NotSent) -> float:
    """By how many seconds it is."""
    if not isinstance(refusal, Refused) or refusal.measured is None or refusal.bound is None:
        return _AGAIN_SECONDS_MIN
    return max(float(refusal.bound - refusal.measured), _AGAIN_SECONDS_MIN)
