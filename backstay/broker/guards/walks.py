"""All ways out, as the engine walks them.

A way out is found by its leg: the ladder that a guard has begun, or one that was begun here. Where
there is none in this process, it is begun, or put together again. An answer says everything about
the ladder, so two who walk the same way out at once get the same answer, and walking again after an
answer was lost does nothing twice.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from backstay.broker.guards.claims import Claims
from backstay.broker.guards.engine import LadderOf
from backstay.broker.guards.entries import Entries
from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.leaving import Leaving
from backstay.broker.notices import attempt
from backstay.broker.rooms import Rooms
from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits import events
from backstay.domain.exits.events import LadderCommand
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.members import Member
from backstay.domain.ids import IntentKey
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.summary import OrderSummary, summary_of
from backstay.domain.orders.view import OrderView, view_of

Leg = tuple[str, int]


class Walks:
    """The ways out that are walked here."""

    def __init__(self, guarded: LadderOf, entries: Entries, claims: Claims, rooms: Rooms) -> None:
        self._guarded = guarded
        self._entries = entries
        self._claims = claims
        self._rooms = rooms
        self._by_leg: dict[Leg, Leaving] = {}
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """The time in which walks that wait here may wait."""

    async def walk(self, walk: Walk) -> Walked:
        """Take the steps that the engine has decided on, and wait until it is needed again."""
        run = self._run_of(walk)
        was_alone = run.lead(walk.written, walk.ladder)
        if not _has_gone_on(walk, run.ladder) or run.waits_for_entry:
            await self._until_engine_is_needed(run)
        return self._walked(walk, run, was_alone=was_alone)

    def state(self, walk: Walk) -> Walked | None:
        """How a way out stands; None before it is walked here."""
        key = walk.way_out.key
        run = self._guarded(key) or self.ladder_of(key)
        return self._walked(walk, run) if run is not None else None

    async def _until_engine_is_needed(self, run: LadderRun) -> None:
        ended, needed = self._ended, asyncio.ensure_future(run.until_engine_is_needed())
        try:
            await asyncio.wait((needed, ended), return_when=asyncio.FIRST_COMPLETED)
            if not needed.done():
                await ended
                raise SessionTakenError("another edge has the session; walk again")
        finally:
            needed.cancel()

    def _run_of(self, walk: Walk) -> LadderRun:
        """The ladder of the leg; one that can't be begun leaves nothing behind but its error."""
        key = walk.way_out.key
        self._rooms.naked.goes_on(
            key.trade, walk.way_out.instrument.con_id, walk.naked, walk.way_out.rules.profile
        )
        known = self._guarded(key) or self.ladder_of(key)
        if known is not None:
            return known
        leaving = Leaving(walk, self._entries, self._claims, self._rooms)
        self._by_leg[key.trade, key.leg] = leaving
        self._claims.join(walk.way_out.instrument.con_id, leaving)
        try:
            leaving.begin(walk.ladder)
        except BaseException:
            self._let_go(lambda each: each is leaving)
            raise
        return leaving.run

    def _walked(self, walk: Walk, run: LadderRun, *, was_alone: bool = False) -> Walked:
        ladder, instrument, now = run.ladder, walk.way_out.instrument, self._rooms.now()
        own = (self._summary(member) for member in ladder.members)
        return Walked(
            key=walk.way_out.key,
            ladder=ladder,
            at=now,
            position=self._rooms.inbox.position(instrument.con_id),
            orders=(*own, *run.elsewhere),
            naked=self._rooms.naked.of(walk.way_out.key.trade, instrument.con_id),
            went_alone=was_alone or _has_gone_on(walk, ladder),
            entered=run.entered,
            entry=run.entry,
        )

    def _summary(self, member: Member) -> OrderSummary:
        inbox = self._rooms.inbox
        view, known = inbox.view(member.key), inbox.registered(member.key)
        if view is None:
            unheard = view_of(OrderFacts(), member.intent.side, member.intent.quantity)
            view = replace(unheard, sent_at=None if known is None else known.sent_at)
        return summary_of(member.key, view)

    # --- what the ladders here have to hear ---

    def ladder_of(self, key: IntentKey) -> LadderRun | None:
        """The ladder of an order's leg, where it was begun here."""
        leaving = self._by_leg.get((key.trade, key.leg))
        return leaving.run if leaving is not None else None

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of one of our orders."""
        leaving = self._by_leg.get((key.trade, key.leg))
        if leaving is not None:
            leaving.changed(key, view)

    def position_changed(self, con_id: int) -> None:
        """The broker has told another position."""
        for leaving in tuple(self._by_leg.values()):
            if leaving.way_out.instrument.con_id == con_id:
                leaving.position_changed()

    def session_is_ready(self) -> None:
        """A session has synced completely."""
        self._each("a session that is ready", Leaving.session_is_ready)

    def session_is_taken(self) -> None:
        """Another edge has the session, and may be walking the same ways out: what it does there is
        known here only once it is walked here again.
        """
        ended, self._ended = self._ended, asyncio.get_running_loop().create_future()
        ended.set_result(None)
        self._let_go(lambda _: True)

    @property
    def by_leg(self) -> Iterable[tuple[Leg, Leaving]]:
        """The way out of each leg, as far as it was begun here."""
        return self._by_leg.items()

    @property
    def at_work(self) -> int:
        """How many tranches are being left here."""
        return sum(not each.is_over for each in self._by_leg.values())

    @property
    def trades(self) -> frozenset[str]:
        """The trades of which something is being left here."""
        return frozenset(trade for (trade, _), each in self._by_leg.items() if not each.is_over)

    def day_has_turned(self) -> None:
        """A new broker day has begun; what is over is forgotten."""
        self._let_go(lambda leaving: leaving.is_over)

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        self._ended.cancel()
        self._let_go(lambda _: True)

    def _let_go(self, which: Callable[[Leaving], bool]) -> None:
        for leg, leaving in tuple(self._by_leg.items()):
            if which(leaving):
                leaving.close()
                self._claims.drop(leaving.way_out.instrument.con_id, leaving)
                del self._by_leg[leg]

    def _each(self, what: str, told: Callable[[Leaving], None]) -> None:
        """Tell every one; one that fails never keeps it from the others."""
        for leaving in tuple(self._by_leg.values()):
            name = f"{leaving.key}, {what}"
            attempt(name, partial(told, leaving), self._rooms.now, self._rooms.tell)


def _has_gone_on(walk: Walk, ladder: Ladder) -> bool:
    """Whether the ladder has taken steps that whoever walks so can't know of."""
    known = walk.ladder
    return known is not None and any(
        step not in walk.written for member in ladder.members for step in _steps(known, member)
    )


def _steps(known: Ladder, member: Member) -> Iterator[LadderCommand]:
    """What was done to an order since it was known so."""
    before = known.member(member.key)
    if before is None:
        yield events.Send(member.intent)
    if member.cancel_asked and (before is None or (not before.cancel_asked and before.is_live)):
        yield events.Cancel(member.key)
    shapes = {member.intent}
    if before is not None:
        shapes = {before.intent, *([before.new_shape.intent] if before.new_shape else [])}
    asked = member.new_shape.intent if member.new_shape else member.intent
    if asked not in shapes:
        yield events.Reshape(asked)
