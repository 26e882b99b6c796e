"""One guard, from its beginning to its result.

Watches the stop, the target and the time, and what happens to the position at the broker. The first
exit order leaves in the turn in which the stop is confirmed; what the ladder does until then, such
as proving that the resting stop is over, is done here. Then the result is told and the ladder
stands by.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import assert_never

from backstay.broker.arms.books import leg_books
from backstay.broker.doors.market import Attendance, GuardedWatch
from backstay.broker.errands import Alarm
from backstay.broker.guards.asking import Asking
from backstay.broker.guards.entries import Entries
from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.members import known_members, remember_orders
from backstay.broker.guards.shielding import Shielding
from backstay.broker.guards.splitting import Splitting
from backstay.broker.guards.telling import Telling
from backstay.broker.guards.tranche import Tranche
from backstay.broker.guards.ways import way_begun, way_out
from backstay.broker.inbox.holdings import LAG_MAX
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import AmendAnswer, Amended, Gone, Unfit
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
    Headway,
    LeaveNow,
    MoveStop,
    NotSplit,
    Resize,
    Split,
    SplitAnswer,
    SplitOff,
    TargetReached,
    TightenTrail,
)
from backstay.domain.edge.walking import WayOut
from backstay.domain.figures import plain
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.approval import Approved
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.cover import StopAtBroker
from backstay.domain.protection.naked import NakedTime
from backstay.domain.ticks.guarding import Guarded

FLAT_FOR = timedelta(seconds=1)
"""How long a flat position must be unexplained before somebody else is taken to have closed it:
the broker tells positions and executions apart, in either order.
"""


class GuardRun:
    """A tranche that is watched, and left when it is time."""

    def __init__(
        self, guard: Guard, version: int, after: int, entries: Entries, rooms: Rooms
    ) -> None:
        self.guard = guard
        self.version = version
        self.ladder: LadderRun | None = None
        self._entries = entries
        self._rooms = rooms
        self._asking = Asking(guard.asked, guard.instrument.con_id, rooms, self._has_changed)
        self._tranche = Tranche(guard, guard.ladder.shield.side, rooms.inbox, guard.headway)
        self._target = guard.target
        self._guarded = guard.guarded
        self._watch: GuardedWatch | None = None
        self._attendance: Attendance | None = None
        self._shielding = Shielding(guard, self._asking, rooms, self._look)
        self._telling = Telling(guard, after)
        self._splitting = Splitting(
            guard.headway.split, rooms.errands, self._objection, self._shrink, self._split
        )
        self._leave_at = Alarm(rooms.now, lambda: self._leave(Exit.TIME, self.guarded))
        self._flat_at = Alarm(rooms.now, self._judge_flat)
        self._why = Exit.STOP
        self._by_hand = guard.headway.leaving
        self._is_released = False

    @property
    def key(self) -> IntentKey:
        """The key of its first exit."""
        return self.guard.key

    @property
    def is_over(self) -> bool:
        """Whether its result is known and no ladder of it has anything left to do."""
        return self._telling.is_over and (self.ladder is None or self.ladder.is_done)

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
            quantity=self._tranche.given,
            trail=self._watch.trail if self._watch is not None else self.guard.rules.trail,
            target=self._target,
            headway=Headway(
                told=self._telling.told,
                reached=self._telling.reached,
                split_off=self._tranche.split_off,
                split=self._splitting.last,
                entered=self._tranche.counted,
                leaving=self._by_hand,
            ),
            naked=self._naked,
        )

    @property
    def _naked(self) -> NakedTime:
        return self._rooms.naked.of(self.key.trade, self.guard.instrument.con_id)

    async def news(self, after: int) -> GuardResult:
        """What is told after the news numbered `after`."""
        return await self._telling.after(after)

    @property
    def is_watching(self) -> bool:
        """Whether the position is watched."""
        return not self._telling.is_over

    # --- beginning, and being changed ---

    def begin(self) -> None:
        """Watch; or where an exit of the leg has left before, go on with its ladder."""
        remember_orders(self.guard, self._tranche.reducing, self._rooms.inbox)
        self._asking.now()
        self._measure()
        if self._tranche.exits:
            self._resume()
            return
        self._watch = self._rooms.watch.guard(self.key, self.guard, self._fired, self._moved)
        if self._watch is None:
            text = "no market data line is left; only the stop at the broker watches"
            self._tell(IncidentKind.DATA_LOST, text)
        elif self._telling.is_reached:
            self._watch.aim(None)
        if self.guard.leave_at is not None and not self.is_leaving:
            self._leave_at.set(self.guard.leave_at)
        self._entries.hand_over(self.key.trade, self.key.leg)
        self._look()
        self.position_changed()
        if self._by_hand is not None:
            self._leave(Exit.HAND, self.guarded)
        elif self._guarded.has_fired:
            self._leave(Exit.STOP, self._guarded)

    def _measure(self) -> None:
        """Have naked time measured from where it was known to stand."""
        guard, con_id = self.guard, self.guard.instrument.con_id
        self._rooms.naked.goes_on(self.key.trade, con_id, guard.naked, guard.ladder.profile)
        self._answer_for()

    def _answer_for(self) -> None:
        con_id = self.guard.instrument.con_id
        self._rooms.naked.answers_for(self.key, con_id, self._tranche.given)

    def amend(self, version: int, change: GuardChange) -> AmendAnswer:
        """Make a change, once; too late when the exit has begun, but for another quantity."""
        if version <= self.version:
            return Amended(self.key, self.version)
        if self.is_over or (self.is_leaving and not isinstance(change, Resize)):
            return Gone(self.key, "the exit has begun, or the position is gone")
        try:
            self._make(change)
        except ValueError as error:
            return Unfit(self.key, str(error))
        self.version = version
        return Amended(self.key, version)

    def _make(self, change: GuardChange) -> None:
        match change:
            case Resize(quantity, shield):
                self._resize(quantity, shield)
            case MoveStop(stop):
                self._on_watch(lambda watch: watch.move_stop(stop))
            case BreakEven(entry_price):
                self._on_watch(lambda watch: watch.break_even(entry_price))
            case TightenTrail(distance):
                self._on_watch(lambda watch: watch.tighten_trail(distance))
            case LeaveNow(approval):
                self._leave_by_hand(approval)
            case _:
                assert_never(change)

    def _resize(self, quantity: Decimal, shield: OrderIntent | None) -> None:
        """What the entry has filled by now is in the quantity that is given."""
        self._tranche.resize(quantity)
        self._answer_for()
        if self.ladder is not None:
            self.ladder.resize(quantity)
            return
        if shield is not None:
            self._rooms.inbox.remember(shield)
        self._shielding.stands(shield)
        self._look()

    @property
    def is_leaving(self) -> bool:
        """Whether the way out has begun."""
        return self.ladder is not None

    def release(self, version: int) -> Amended | Gone:
        """Watch no longer; too late when the exit has begun."""
        if self.is_leaving:
            return Gone(self.key, "the exit has begun")
        if self._telling.is_over and not self._is_released:
            return Gone(self.key, "the position is gone")
        self.version = max(version, self.version)
        self._is_released = True
        self._end(GuardEnd.RELEASED)
        return Amended(self.key, self.version)

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        self._stop_watching()
        if self.ladder is not None:
            self.ladder.close()
        self._telling.close()

    # --- what happens to the position ---

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of an order of this leg."""
        if key.purpose.effect is not Effect.REDUCES:
            self._count_late_fills()
        if self.ladder is not None:
            self.ladder.changed(key, view)
            self._fit_ladder(self.ladder)
        elif not self._telling.is_over:
            self._look()

    def _count_late_fills(self) -> None:
        """What is filled while it is guarded, or left, is guarded and left as well."""
        if not self._tranche.count_late_fills():
            return
        self._answer_for()
        if self.ladder is not None:
            self.ladder.resize(self._tranche.given)

    def position_changed(self) -> None:
        """The broker has told another position in the contract."""
        if self.ladder is not None:
            self._fit_ladder(self.ladder)
            if not self._tranche.is_held and not self.ladder.is_done:
                self._flat_at.set(self._rooms.now() + FLAT_FOR)
            return
        if self._telling.is_over:
            return
        if self._tranche.is_held:
            self._look()
        # What is held by the executions alone may prove to have been closed by somebody else.
        waits = LAG_MAX + FLAT_FOR if self._tranche.is_held else FLAT_FOR
        self._flat_at.set(self._rooms.now() + waits)

    def _fit_ladder(self, run: LadderRun) -> None:
        """A correction may have left less to close than it had begun with. The position alone says
        nothing: it can be told before the execution of an exit.
        """
        if not run.is_done and self._tranche.quantity < run.ladder.quantity:
            run.resize(self._tranche.quantity)

    def session_is_ready(self) -> None:
        """A session has synced completely, perhaps for the second time."""
        if self.ladder is not None:
            self.ladder.session_is_ready()
        elif not self._telling.is_over:
            self._look()
            self.position_changed()

    def day_has_turned(self) -> None:
        """A new broker day: that no exit has left by now is known here, and nowhere else."""
        self._asking.now()
        option = self.guard.instrument.option
        if option is None or self._telling.is_over or self.ladder is not None:
            return
        today = self._rooms.now().astimezone(self._rooms.zone).date()
        if today > option.expiry and not self._tranche.is_held:
            self._end(GuardEnd.EXPIRED)

    def _look(self) -> None:
        """See whether the stop at the broker has done its work, or is gone without having."""
        if self._telling.is_over or self.is_leaving:
            return
        if self._tranche.exits:
            self._end(GuardEnd.EXIT_ELSEWHERE)
            return
        shield = self._shielding.shield
        if shield is None:
            return
        living = self._living_stops()
        view = next((stop.order for stop in living if stop.key == shield.key), None)
        if self._entries.protects(self.key.trade, self.key.leg):
            self._shielding.look_again()
            return
        if view is not None:
            self._shielding.thin_out(view, self._tranche.open_quantity)
            self._shielding.fit(living, self._tranche.open_quantity, self._tranche.held_open)
        elif self._tranche.open_quantity <= 0:
            self._cancel(stop.key for stop in living)
            self._end(GuardEnd.SHIELD_FILLED)
            return
        elif living:
            self._shielding.adopt(living)
        elif self._tranche.is_held and self._rooms.session.may_send:
            self._shielding.put_back(self._tranche.held_open)
        self._shielding.ask_about(tuple(stop for stop in living if not stop.order.is_acknowledged))

    def _living_stops(self) -> tuple[StopAtBroker, ...]:
        stops = leg_books(self._rooms.inbox, self.key).stops
        return tuple(stop for stop in stops if not stop.order.is_settled)

    def _cancel(self, keys: Iterable[IntentKey]) -> None:
        for key in keys:
            self._rooms.desk.cancel_now(key)

    def _judge_flat(self) -> None:
        """Whether somebody else has closed the position; then its stops must not outlive it."""
        if self._tranche.is_held:
            return
        if self.ladder is not None:
            self._judge_left(self.ladder)
            return
        if self._telling.is_over:
            return
        if self._tranche.closed >= self._tranche.given:
            self._end(GuardEnd.SHIELD_FILLED)
            return
        self._tell(IncidentKind.MANUAL_ACTION, "the position was closed by somebody else")
        self._cancel(self._tranche.reducing)
        self._end(GuardEnd.CLOSED_BY_HAND)

    def _judge_left(self, run: LadderRun) -> None:
        """Somebody else was faster than the way out: nothing is left for it but to end."""
        if run.is_done or run.ladder.left <= 0:
            return
        self._tell(IncidentKind.MANUAL_ACTION, "the position was closed by somebody else")
        run.resize(run.ladder.quantity - run.ladder.left)

    # --- targets in parts ---

    def _fired(self, why: Exit, guarded: Guarded) -> None:
        """The price has come to the stop, or to the target; that of a part is told, and that is all
        that comes of it here.
        """
        target = self._target
        if why is not Exit.TARGET or target is None or target.part is None:
            self._leave(why, guarded)
            return
        now, number = self._rooms.now(), self._telling.number
        self._telling.reach(TargetReached(self.key, self.version, number, target, guarded, now))

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Let go of a part, once the broker shows the stop for no more than the rest."""
        return await self._splitting.split_off(asked)

    def _objection(self, asked: SplitOff) -> NotSplit | None:
        if self._telling.is_over or self.is_leaving:
            return NotSplit(self.key, "the exit has begun, or the position is gone", is_over=True)
        if asked.version <= self.version:
            text = f"version {asked.version} is not newer than {self.version}"
            return NotSplit(self.key, text, is_over=False)
        if asked.part >= self._tranche.held_open:
            text = f"no more than {plain(self._tranche.held_open)} is open"
            return NotSplit(self.key, text, is_over=True)
        if self._entries.protects(self.key.trade, self.key.leg):
            return NotSplit(self.key, "the entry can still fill", is_over=False)
        return None

    async def _shrink(self, asked: SplitOff) -> str:
        return await self._shielding.shrink(
            self._living_stops, lambda: self._tranche.held_open - asked.part
        )

    def _split(self, asked: SplitOff) -> Split:
        """In one turn: the rest, its next target, and its stop at the entry's price."""
        self._tranche.split(asked.part)
        self._answer_for()
        self.version = max(self.version, asked.version)
        if asked.target != self._target:
            self._target = asked.target
            self._telling.next_target()
            if self._watch is not None:
                self._watch.aim(asked.target)
        price = asked.break_even
        if price is not None:
            self._on_watch(lambda watch: watch.break_even(price))
        rest, now = self._tranche.given, self._rooms.now()
        return Split(self.key, self.version, asked.part, rest, now)

    # --- leaving ---

    def _moved(self, guarded: Guarded) -> None:
        self._shielding.follow(guarded.level.stop)

    def _leave(self, why: Exit, guarded: Guarded) -> None:
        """In the turn that confirmed it: the ladder begins, over the stop that rests."""
        if self._telling.is_over or self.ladder is not None:
            return
        self._guarded, self._why = guarded, why
        self._stop_alarms()
        self._entries.leave(self.key.trade, self.key.leg)
        self.ladder = self._ladder_of(
            way_out(self.guard, why, guarded, self._target, self._by_hand)
        )
        known = known_members(self._rooms.inbox, self.ladder.way_out.rules, self._rooms.now())
        self.ladder.begin(self._tranche.closable, known)

    def _leave_by_hand(self, approval: Approved) -> None:
        first = approval.intent.key
        if (first.trade, first.leg) != (self.key.trade, self.key.leg) or not first.purpose.is_exit:
            raise ValueError(f"{first} is no exit of {self.key}")
        self._by_hand = approval
        self._leave(Exit.HAND, self.guarded)

    def _resume(self) -> None:
        """An exit had left before a crash; the engine is told, and leads."""
        side = self.guard.ladder.shield.side
        self._attendance = self._rooms.watch.attend(
            self.key, self.guard.instrument, side, lambda: None
        )
        self._why, way = way_begun(self.guard, min(self._tranche.exits), self._by_hand)
        self._entries.leave(self.key.trade, self.key.leg)
        self.ladder = self._ladder_of(way)
        known = known_members(self._rooms.inbox, way.rules, self._rooms.now())
        self.ladder.resume(self._tranche.closable, known)

    def _ladder_of(self, way: WayOut) -> LadderRun:
        return LadderRun(way, self._asking, self._rooms, self._begun, self._end_watch)

    def _begun(self) -> None:
        if self.ladder is None:
            return
        self._telling.end(
            ExitBegun(
                self.key,
                self.version,
                self._why,
                self.ladder.ladder,
                self._guarded,
                self._rooms.now(),
                self._naked,
            )
        )

    def _end(self, why: GuardEnd) -> None:
        self._guarded = self.guarded
        self._stop_watching()
        self._telling.end(
            GuardEnded(
                self.key,
                self.version,
                why,
                self._guarded,
                self._rooms.now(),
                orders=self._tranche.summaries,
                naked=self._naked,
            )
        )

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

    def _has_changed(self, before: Decimal, position: Decimal) -> None:
        text = f"the position was {before} when this was written, and is {position}"
        self._tell(IncidentKind.POSITION_MISMATCH, text)

    def _on_watch(self, change: Callable[[GuardedWatch], None]) -> None:
        """The hand moves the engine's stop, and the one at the broker follows."""
        if self._watch is not None:
            change(self._watch)
            self._moved(self._watch.guarded)

    def _tell(self, kind: IncidentKind, text: str) -> None:
        self._rooms.tell(Notice(kind, str(self.key), text, self._rooms.now()))
