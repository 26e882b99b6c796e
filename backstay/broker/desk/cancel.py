"""Cancels, and the evidence that they have worked.

A cancel leaves for every order id under which the order can be reached in this session. It is
confirmed only by evidence over every life of the order; what survives where no order id reaches it
is told to a person, once.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from backstay.broker.desk.around import Around
from backstay.broker.desk.rounds import Rounds
from backstay.broker.desk.survivors import Survivors, out_of_reach
from backstay.broker.translation.judging import LastAsked
from backstay.domain.edge.changing import CancelAnswer, CancelPending, Ended, NothingToCancel
from backstay.domain.edge.submission import NotSent, NotSentReason
from backstay.domain.ids import IntentKey, Lane
from backstay.domain.orders.view import OrderView

CONFIRMED_WITHIN_SECONDS = 1.0
_OUT_OF_REACH = "it lives on, and no order id of this session cancels it"


class Cancel:
    """Cancels orders of ours, by key."""

    def __init__(self, around: Around, rounds: Rounds, survivors: Survivors) -> None:
        self._lanes = around.lanes
        self._writing = around.writing
        self._inbox = around.inbox
        self._sendings = around.sendings
        self._requests = around.requests
        self._now = around.now
        self._rounds = rounds
        self._survivors = survivors
        self._loop = asyncio.get_running_loop()

    def cancel_now(self, key: IntentKey) -> bool:
        """Withdraw it if it waits in its lane, else send a cancel for each of its order ids."""
        return self._withdraw(key) is not None or bool(self._send(key))

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel it and wait for the evidence; without any, ask the broker, and try once more if
        only its answer has shown how the order can be reached.
        """
        since = self._now()
        withdrawn = self._withdraw(key)
        if withdrawn is not None:
            return withdrawn
        if not self._inbox.knows(key):
            return NothingToCancel(key)
        attempts = self._send(key)
        if attempts:
            await self._wait(key, since)
        ended = self._ended(key)
        if ended is not None:
            return ended
        answer = await self._rounds.ask()
        if not attempts:
            attempts = self._send(key)
            if attempts:
                await self._wait(key, since)
        ended = self._ended(key)
        if ended is not None:
            return ended
        if not answer.unanswered:
            return self._pending(key, since)
        if all(attempt.is_lost for attempt in attempts):
            return NotSent(key, NotSentReason.NOT_READY, self._now())
        return self._unproven(key, since)

    def _withdraw(self, key: IntentKey) -> NotSent | None:
        sending = self._sendings.of(key)
        if sending is None or not sending.waits:
            return None
        answer = NotSent(key, NotSentReason.WITHDRAWN, self._now())
        self._sendings.end(sending, answer)
        return answer

    def _send(self, key: IntentKey) -> tuple["_Attempt", ...]:
        """Have a cancel leave for each order id under which the order can be reached."""
        known, view = self._inbox.registered(key), self._inbox.view(key)
        if known is None or (view is not None and view.is_terminal and not view.is_doubtful):
            return ()
        attempts = tuple(_Attempt(order_id) for order_id in known.order_ids)
        for attempt in attempts:
            self._lanes.send(Lane.CANCEL, partial(self._depart, attempt.order_id), attempt.lost)
        return attempts

    def _depart(self, order_id: int) -> Sequence[bytes]:
        self._requests.asked(order_id, LastAsked.CANCEL)
        return (self._writing.cancel(order_id),)

    async def _wait(self, key: IntentKey, since: datetime) -> None:
        """Until it is over, or the cancel is refused, or it has been long enough."""
        until = self._loop.time() + CONFIRMED_WITHIN_SECONDS
        while not self._is_decided(key, since):
            if not await self._sendings.wakes.news(key, until):
                return

    def _is_decided(self, key: IntentKey, since: datetime) -> bool:
        view = self._inbox.view(key)
        return view is not None and (view.is_settled or _refusal(view, since) != "")

    def _ended(self, key: IntentKey) -> Ended | None:
        view = self._inbox.view(key)
        return Ended(key, view, self._now()) if view is not None and view.is_settled else None

    def _pending(self, key: IntentKey, since: datetime) -> CancelPending:
        """The broker has shown what it has, and the order is not over."""
        known, view = self._inbox.registered(key), self._inbox.view(key)
        if known is not None and view is not None:
            self._survivors.found(key, out_of_reach(view, known.order_ids), _OUT_OF_REACH)
        return self._unproven(key, since)

    def _unproven(self, key: IntentKey, since: datetime) -> CancelPending:
        view = self._inbox.view(key)
        if view is None:
            return CancelPending(key, since)
        return CancelPending(key, since, view.surviving_perm_ids, _refusal(view, since))


class _Attempt:
    """One cancel on its way out."""

    def __init__(self, order_id: int) -> None:
        self.order_id = order_id
        self.is_lost = False

    def lost(self, _why: str) -> None:
        """It will not leave."""
        self.is_lost = True


def _refusal(view: OrderView, since: datetime) -> str:
    """What the broker said against a cancel, if it has said so since then."""
    told = view.cancel_refused
    return f"{told.code}: {told.text}" if told is not None and told.received_at >= since else ""
