"""One guard, from its beginning to its result.

Watches the stop, the target and the time, and what happens to the position at the broker. The first
exit order leaves in the turn in which the stop is confirmed; what the ladder does until then, such
as proving that the resting stop is over, is done here. Then the result is told and the ladder
stands by.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import assert_never

from backstay.broker.doors import Attendance, GuardedWatch
from backstay.broker.errands import Alarm
from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.members import known_members
from backstay.broker.guards.shielding import Shielding
from backstay.broker.inbox.holdings import LAG_MAX
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import Amended, Gone
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.guards import (
    BreakEven,
    Exit,
    ExitBegun,
    Guard,
    GuardChange,
    GuardEnd,
    GuardEnded,
    GuardResult,
    GuardState,
    MoveStop,
    Resize,
    TightenTrail,
)
from backstay.domain.figures import total
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.view import OrderView
from backstay.domain.sessions.broker_day import is_same_broker_day
from backstay.domain.ticks.guarding import Guarded

FLAT_FOR = timedelta(seconds=1)
"""How long a flat position must be unexplained before somebody else is taken to have closed it:
the broker tells positions and executions apart, in either order.
"""


class GuardRun:
    """A tranche that is watched, and left when it is time."""

    def __init__(self, guard: Guard, version: int, rooms: Rooms) -> None:
        self.guard = guard
        self.version = version
        self.ladder: LadderRun | None = None
        self.result: asyncio.Future[GuardResult] = asyncio.get_running_loop().create_future()
        self._rooms = rooms
        self._asked = guard.asked
        self._quantity = guard.quantity
        self._guarded = guard.guarded
        self._watch: GuardedWatch | None = None
        self._attendance: Attendance | None = None
        self._shielding = Shielding(guard, rooms)
        self._leave_at = Alarm(rooms.now, lambda: self._leave(Exit.TIME, self.guarded))
        self._flat_at = Alarm(rooms.now, self._judge_flat)
        self._why = Exit.STOP

    @property
    def key(self) -> IntentKey:
        """The key of its first exit."""
        return self.guard.key

    @property
    def is_over(self) -> bool:
        """Whether its result is known and no ladder of it has anything left to do."""
        return self.result.done() and (self.ladder is None or self.ladder.is_done)

    @property
    def guarded(self) -> Guarded:
        """Where the engine's stop stands."""
        return self._watch.guarded if self._watch is not None else self._guarded

    @property
    def state(self) -> GuardState:
        """How it stands, for whoever goes on with it after a crash."""
        return GuardState(
            self.key,
            self.version,
            self.guarded,
            self._shielding.shield,
            self._watch.last_tick_at if self._watch is not None else None,
            self._rooms.now(),
        )

    # --- beginning, and being changed ---

    def begin(self) -> None:
        """Watch; or where an exit of the leg has left before, go on with its ladder."""
        approvals = [self.guard.exit, self.guard.protection]
        for intent in (*(approved.intent for approved in approvals), self.guard.shield):
            if intent is not None:
                self._rooms.inbox.remember(intent)
        self._renew_asked()
        if self._exits:
            self._resume()
            return
        self._watch = self._rooms.watch.guard(self.key, self.guard, self._leave, self._moved)
        if self._watch is None:
            text = "no market data line is left; only the stop at the broker watches"
            self._tell(IncidentKind.DATA_LOST, text)
        if self.guard.leave_at is not None:
            self._leave_at.set(self.guard.leave_at)
        self._look()
        self.position_changed()

    def amend(self, version: int, change: GuardChange) -> Amended | Gone:
        """Make a change, once; too late when the exit has begun."""
        if version <= self.version:
            return Amended(self.key, self.version)
        if self.result.done() or self.ladder is not None:
            return Gone(self.key, "the exit has begun, or the position is gone")
        self.version = version
        match change:
            case Resize(quantity, shield):
                self._quantity = quantity
                self._shielding.shield = shield
                self._look()
            case MoveStop(stop):
                self._on_watch(lambda watch: watch.move_stop(stop))
            case BreakEven(entry_price):
                self._on_watch(lambda watch: watch.break_even(entry_price))
            case TightenTrail(distance):
                self._on_watch(lambda watch: watch.tighten_trail(distance))
            case _:
                assert_never(change)
        return Amended(self.key, version)

    def release(self, version: int) -> Amended | Gone:
        """Watch no longer; too late when the exit has begun."""
        if self.ladder is not None:
            return Gone(self.key, "the exit has begun")
        self.version = max(version, self.version)
        self._end(GuardEnd.RELEASED)
        return Amended(self.key, self.version)

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        self._stop_watching()
        if self.ladder is not None:
            self.ladder.close()
        if not self.result.done():
            self.result.cancel()

    # --- what happens to the position ---

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of an order of this leg."""
        if self.ladder is not None:
            self.ladder.changed(key, view)
            self._fit_ladder(self.ladder)
        elif not self.result.done():
            self._look()

    def position_changed(self) -> None:
        """The broker has told another position in the contract."""
        if self.ladder is not None:
            self._fit_ladder(self.ladder)
            return
        if self.result.done():
            return
        if self._has_position:
            self._look()
        # What is held by the executions alone may prove to have been closed by somebody else.
        waits = LAG_MAX + FLAT_FOR if self._has_position else FLAT_FOR
        self._flat_at.set(self._rooms.now() + waits)

    def _fit_ladder(self, run: LadderRun) -> None:
        """A correction may have left less to close than it had begun with. The position alone says
        nothing: it can be told before the execution of an exit.
        """
        if not run.is_done and self._tranche < run.ladder.quantity:
            run.resize(self._tranche)

    def session_is_ready(self) -> None:
        """A session has synced completely, perhaps for the second time."""
        if self.ladder is not None:
            self.ladder.session_is_ready()
        elif not self.result.done():
            self._look()
            self.position_changed()

    def day_has_turned(self) -> None:
        """A new broker day: that no exit has left by now is known here, and nowhere else."""
        self._renew_asked()
        option = self.guard.instrument.option
        if option is None or self.result.done() or self.ladder is not None:
            return
        today = self._rooms.now().astimezone(self._rooms.zone).date()
        if today > option.expiry and not self._has_position:
            self._end(GuardEnd.EXPIRED)

    def _look(self) -> None:
        """See whether the stop at the broker has done its work, or is gone without having."""
        if self._exits:
            self._end(GuardEnd.EXIT_ELSEWHERE)
            return
        shield = self._shielding.shield
        if shield is None:
            return
        view = self._rooms.inbox.view(shield.key)
        if view is not None and not view.is_settled and self._rooms.inbox.knows(shield.key):
            self._shielding.thin_out(view, self._open_quantity)
            self._shielding.fit(view, self._open_quantity, self._asked)
        elif self._open_quantity <= 0:
            self._end(GuardEnd.SHIELD_FILLED)
        elif self._has_position and self._rooms.session.may_send:
            self._shielding.put_back(self._closable - self._closed, self._asked)

    def _judge_flat(self) -> None:
        """Whether somebody else has closed the position; then its stops must not outlive it."""
        if self.result.done() or self.ladder is not None or self._has_position:
            return
        if self._closed >= self._quantity:
            self._end(GuardEnd.SHIELD_FILLED)
            return
        self._tell(IncidentKind.MANUAL_ACTION, "the position was closed by somebody else")
        for key in self._reducing:
            self._rooms.desk.cancel_now(key)
        self._end(GuardEnd.CLOSED_BY_HAND)

    # --- leaving ---

    def _moved(self, guarded: Guarded) -> None:
        self._shielding.follow(guarded.level.stop, self._asked)

    def _leave(self, why: Exit, guarded: Guarded) -> None:
        """In the turn that confirmed it: the ladder begins, over the stop that rests."""
        if self.result.done() or self.ladder is not None:
            return
        self._guarded, self._why = guarded, why
        self._stop_alarms()
        rules, approval = self.guard.ladder, self.guard.exit
        if why is Exit.TARGET and self.guard.target is not None:
            approval = self.guard.target.exit
            rules = replace(rules, first_key=approval.intent.key, trigger=self.guard.target.price)
        elif why is Exit.STOP:
            rules = replace(rules, trigger=guarded.level.stop)
        self.ladder = LadderRun(
            self.guard, rules, approval, self._rooms, self._begun, self._end_watch
        )
        known = known_members(self._rooms.inbox, rules, self._rooms.now())
        self.ladder.begin(self._closable, known, self._asked)

    def _resume(self) -> None:
        """An exit had left before a crash; the engine is told, and leads."""
        side = self.guard.ladder.shield.side
        self._attendance = self._rooms.watch.attend(
            self.key, self.guard.instrument, side, lambda: None
        )
        first = min(self._exits)
        rules, approval = self.guard.ladder, self.guard.exit
        target = self.guard.target
        if target is not None and first.purpose is target.exit.intent.key.purpose:
            self._why, approval = Exit.TARGET, target.exit
            rules = replace(rules, first_key=approval.intent.key, trigger=target.price)
        self.ladder = LadderRun(
            self.guard, rules, approval, self._rooms, self._begun, self._end_watch
        )
        known = known_members(self._rooms.inbox, rules, self._rooms.now())
        self.ladder.resume(self._closable, known, self._asked)

    def _begun(self) -> None:
        if self.ladder is not None and not self.result.done():
            self.result.set_result(
                ExitBegun(
                    self.key,
                    self.version,
                    self._why,
                    self.ladder.ladder,
                    self._guarded,
                    self._rooms.now(),
                )
            )

    def _end(self, why: GuardEnd) -> None:
        self._guarded = self.guarded
        self._stop_watching()
        if not self.result.done():
            at = self._rooms.now()
            self.result.set_result(GuardEnded(self.key, self.version, why, self._guarded, at))

    def _stop_watching(self) -> None:
        self._end_watch()
        self._stop_alarms()

    def _end_watch(self) -> None:
        """The prices are needed for as long as the ladder runs."""
        if self._watch is not None:
            self._guarded = self._watch.guarded
            self._watch.end()
            self._watch = None
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None

    def _stop_alarms(self) -> None:
        self._leave_at.clear()
        self._flat_at.clear()
        self._shielding.close()

    # --- what is known ---

    @property
    def _reducing(self) -> tuple[IntentKey, ...]:
        return tuple(
            key
            for key in self._rooms.inbox.keys_of(self.key.trade)
            if key.leg == self.key.leg and key.purpose.effect is Effect.REDUCES
        )

    @property
    def _exits(self) -> tuple[IntentKey, ...]:
        """The exits of the leg that have left, whoever sent them."""
        inbox = self._rooms.inbox
        return tuple(key for key in self._reducing if key.purpose.is_exit and inbox.knows(key))

    @property
    def _open_quantity(self) -> Decimal:
        return self._tranche - self._closed

    @property
    def _closed(self) -> Decimal:
        views = (self._rooms.inbox.view(key) for key in self._reducing)
        return total(view.filled for view in views if view is not None)

    @property
    def _tranche(self) -> Decimal:
        """What was entered, where a correction has taken some of it back: smaller than it was
        asked for only if both the entry's executions and the position say so. What was entered on
        another day is in the position alone.
        """
        inbox = self._rooms.inbox
        entries = [
            view
            for key in inbox.keys_of(self.key.trade)
            if key.leg == self.key.leg and key.purpose.effect is not Effect.REDUCES
            if (view := inbox.view(key)) is not None and view.executions and not view.unbooked
        ]
        if not entries:
            return self._quantity
        entered = total(view.filled for view in entries)
        held = abs(inbox.position(self.guard.instrument.con_id)) + self._closed
        return min(self._quantity, max(entered, held))

    @property
    def _closable(self) -> Decimal:
        """What of it can be closed without going past flat: an order for more would be refused, and
        leave the whole of it without one.
        """
        if not self._has_position:
            return self._tranche
        held = abs(self._rooms.inbox.position(self.guard.instrument.con_id))
        return min(self._tranche, held + self._closed)

    @property
    def _has_position(self) -> bool:
        """Whether the broker holds anything that this guard could close."""
        position = self._rooms.inbox.position(self.guard.instrument.con_id)
        return self.guard.ladder.shield.side.signed(position) < 0

    def _renew_asked(self) -> None:
        """What was written down on another day can't be looked up any more, but the position can:
        an exit never closes more than there is.
        """
        now = self._rooms.now()
        if is_same_broker_day(self._asked.at, now, self._rooms.zone):
            return
        position = self._rooms.inbox.position(self.guard.instrument.con_id)
        if position != self._asked.position:
            text = (
                f"the position was {self._asked.position} when this was written, and is {position}"
            )
            self._tell(IncidentKind.POSITION_MISMATCH, text)
        self._asked = Asked(now, position)

    def _on_watch(self, change: Callable[[GuardedWatch], None]) -> None:
        if self._watch is not None:
            change(self._watch)

    def _tell(self, kind: IncidentKind, text: str) -> None:
        self._rooms.tell(Notice(kind, str(self.key), text, self._rooms.now()))
