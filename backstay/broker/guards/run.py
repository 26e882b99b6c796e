"""One guard, from its beginning to its result.

Watches the stop, the target and the time, and what happens to the position at the broker. The first
exit order leaves in the turn in which the stop is confirmed; what the ladder does until then, such
as proving that the resting stop is over, is done here. Then the result is told and the ladder
stands by.
"""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import assert_never

from backstay.broker.errands import Alarm
from backstay.broker.guards.asking import Asking
from backstay.broker.guards.claims import Claims
from backstay.broker.guards.doubting import Doubting
from backstay.broker.guards.entries import Entries
from backstay.broker.guards.exiting import Exiting
from backstay.broker.guards.hands import Hands
from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.members import remember_orders
from backstay.broker.guards.shielding import Shielding
from backstay.broker.guards.sight import Sight
from backstay.broker.guards.splitting import Splitting
from backstay.broker.guards.telling import Telling
from backstay.broker.guards.tranche import Tranche
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import AmendAnswer, Amended, Gone, Unfit
from backstay.domain.edge.guards import (
    BreakEven,
    Exit,
    Guard,
    GuardChange,
    GuardEnd,
    GuardEnded,
    GuardResult,
    GuardState,
    LeaveNow,
    MoveStop,
    NotSplit,
    Resize,
    SplitAnswer,
    SplitOff,
    TargetReached,
    TightenTrail,
)
from backstay.domain.figures import plain
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.naked import NakedTime
from backstay.domain.ticks.guarding import Guarded


class GuardRun:
    """A tranche that is watched, and left when it is time."""

    def __init__(
        self,
        guard: Guard,
        version: int,
        after: int,
        entries: Entries,
        claims: Claims,
        rooms: Rooms,
    ) -> None:
        self.guard = guard
        self.version = version
        self._entries = entries
        self._rooms = rooms
        self._asking = Asking(guard.asked, guard.instrument.con_id, rooms, self._has_changed)
        others = claims.besides(guard.instrument.con_id, self)
        self.tranche = Tranche(guard, guard.ladder.shield.side, rooms.inbox, others, guard.headway)
        self._sight = Sight(guard, rooms.watch, rooms.now)
        doubting = Doubting(guard, self.tranche, others, self._sight, rooms, self._look)
        self._shielding = Shielding(guard, self._asking, doubting, rooms, self._look)
        self._telling = Telling(guard, after)
        self._splitting = Splitting(
            guard, self.tranche, self._shielding, self._sight, self._telling, rooms, self
        )
        self._hands = Hands(self.tranche, rooms, others, self._gone, self._is_less)
        self._leave_at = Alarm(rooms.now, partial(self._leave, Exit.TIME))
        self._exiting = Exiting(
            guard, self.tranche, self._sight, self._asking, entries, rooms, self._begun
        )
        self._is_released = False

    @property
    def key(self) -> IntentKey:
        """The key of its first exit."""
        return self.guard.key

    @property
    def is_over(self) -> bool:
        """Whether its result is known and no ladder of it has anything left to do."""
        return self._telling.is_over and self._exiting.is_done

    @property
    def ladder(self) -> LadderRun | None:
        """The ladder by which it is left, once it is."""
        return self._exiting.ladder

    @property
    def claim(self) -> Decimal:
        """What of the contract's position is its to watch, or to leave."""
        return Decimal(0) if self.is_over else self.tranche.open_before_hands

    @property
    def executed(self) -> Decimal:
        """The same by its own executions alone, whatever the position is."""
        return Decimal(0) if self.is_over else self.tranche.open_by_executions

    @property
    def age(self) -> tuple[datetime, IntentKey]:
        """When it was written down, and its name."""
        return self.guard.asked.at, self.key

    @property
    def state(self) -> GuardState:
        """How it stands, for whoever goes on with it after a crash."""
        return GuardState(
            self.key,
            self.version,
            self._sight.guarded,
            self._shielding.shield,
            self._sight.last_tick_at,
            self._rooms.now(),
            quantity=self.tranche.given,
            trail=self._sight.trail,
            target=self._splitting.target,
            headway=self._splitting.headway(self._exiting.by_hand),
            naked=self._naked,
        )

    @property
    def _naked(self) -> NakedTime:
        return self._rooms.naked.of(self.key.trade, self.guard.instrument.con_id)

    async def news(self, after: int) -> GuardResult:
        """What is told after the news numbered `after`; of an end, with what is filled by now."""
        news = await self._telling.after(after)
        return self._ended(news.why, news.at) if isinstance(news, GuardEnded) else news

    @property
    def is_watching(self) -> bool:
        """Whether the position is watched."""
        return not self._telling.is_over

    # --- beginning, and being changed ---

    def begin(self) -> None:
        """Watch; or where an exit of the leg has left before, go on with its ladder."""
        remember_orders(self.guard, self.tranche.reducing, self._rooms.inbox)
        self._asking.now()
        self._answer_for()
        if self.tranche.exits:
            self._exiting.resume()
            self._hands.position_changed(is_leaving=True)
            return
        if not self._sight.begin(self._fired, self._moved):
            text = "no market data line is left; only the stop at the broker watches"
            self._tell(IncidentKind.DATA_LOST, text)
        if self._telling.is_reached:
            self._sight.aim(None)
        if self.guard.leave_at is not None and not self.is_leaving:
            self._leave_at.set(self.guard.leave_at)
        self._entries.hand_over(self.key.trade, self.key.leg)
        self._look()
        self.position_changed()
        if self._exiting.by_hand is not None:
            self._leave(Exit.HAND)
        elif self._sight.guarded.has_fired:
            self._leave(Exit.STOP)

    def _answer_for(self) -> None:
        """What it is in all is what naked time is measured of."""
        con_id, tranche = self.guard.instrument.con_id, self.tranche
        self._rooms.naked.answers_for(self.key, con_id, tranche.given, tranche.taken)

    def amend(self, version: int, change: GuardChange, *, again: bool) -> AmendAnswer:
        """Make a change, once; too late when the exit has begun, but for another quantity."""
        if version <= self.version:
            return Amended(self.key, self.version)
        if self.is_over or (self.is_leaving and not isinstance(change, Resize)):
            return Gone(self.key, "the exit has begun, or the position is gone")
        before, self.version = self.version, version
        try:
            self._make(change, again=again)
        except ValueError as error:
            self.version = before
            return Unfit(self.key, str(error))
        return Amended(self.key, version)

    def _make(self, change: GuardChange, *, again: bool) -> None:
        match change:
            case Resize(quantity, shield):
                self._resize(quantity, shield)
            case MoveStop() | BreakEven() | TightenTrail():
                self._sight.change(change, again=again)
                stop, may_loosen = self._sight.guarded.level.stop, isinstance(change, MoveStop)
                self._shielding.follow(stop, is_by_hand=may_loosen)
            case LeaveNow(approval):
                self._exiting.take_hand(approval)
                self._leave(Exit.HAND)
            case _:
                assert_never(change)

    def _resize(self, quantity: Decimal, shield: OrderIntent | None) -> None:
        """What the entry has filled by now is in the quantity that is given."""
        self.tranche.resize(quantity)
        self._answer_for()
        if self.is_leaving:
            self._exiting.resize()
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
        self._exiting.close()
        self._telling.close()

    # --- what happens to the position ---

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of an order of this leg."""
        if key.purpose.effect is not Effect.REDUCES:
            self._count_late_fills()
        self._exiting.changed(key, view)
        self._look()

    def _count_late_fills(self) -> None:
        """What is filled while it is guarded, or left, is guarded and left as well."""
        if not self.tranche.count_late_fills():
            return
        self._answer_for()
        self._exiting.resize()

    def position_changed(self) -> None:
        """The broker has told another position in the contract."""
        self._exiting.fit()
        if self.is_over:
            return
        if self.tranche.is_held:
            self._look()
        self._hands.position_changed(is_leaving=self.is_leaving)

    def session_is_ready(self) -> None:
        """A session has synced completely, perhaps for the second time."""
        if self.ladder is not None:
            self.ladder.session_is_ready()
        elif not self._telling.is_over:
            self._look()
        self.position_changed()  # one that is gone is told by not being named

    def day_has_turned(self) -> None:
        """A new broker day: that no exit has left by now is known here, and nowhere else."""
        self._asking.now()
        option = self.guard.instrument.option
        if option is None or self._telling.is_over or self.is_leaving:
            return
        today = self._rooms.now().astimezone(self._rooms.zone).date()
        if today > option.expiry and not self.tranche.is_held:
            self._end(GuardEnd.EXPIRED)

    def _look(self) -> None:
        """See whether the stop at the broker has done its work, or is gone without having."""
        if self._telling.is_over or self.is_leaving:
            return
        if self.tranche.exits:
            self._end(GuardEnd.EXIT_ELSEWHERE)
            return
        if self._shielding.shield is None:
            return
        if self._entries.protects(self.key.trade, self.key.leg):
            self._shielding.look_again()
        elif self._shielding.has_done_its_work(self.tranche):
            self._end(GuardEnd.SHIELD_FILLED)

    def _is_less(self) -> None:
        """Somebody else has closed a part of it, or it was there all the time."""
        self._answer_for()
        if self.tranche.taken:
            text = f"{plain(self.tranche.taken)} is held no more: closed by somebody else, or split"
            self._tell(IncidentKind.MANUAL_ACTION, text)
        self._exiting.resize()
        self._look()

    def _gone(self) -> None:
        """Somebody else has closed all of it; then its stops must not outlive it."""
        self._answer_for()
        if self._exiting.is_forestalled():
            self._tell(IncidentKind.MANUAL_ACTION, self._hands.end.value)
        if self._telling.is_over or self.is_leaving:
            return
        if self.tranche.closed >= self.tranche.given:
            self._end(GuardEnd.SHIELD_FILLED)
            return
        self._tell(IncidentKind.MANUAL_ACTION, self._hands.end.value)
        self._end(self._hands.end)
        self._hands.cut_stops()

    # --- targets in parts ---

    def _fired(self, why: Exit, guarded: Guarded) -> None:
        """The price has come to the stop or the target; that of a part is told, and no more."""
        target = self._splitting.target
        if why is not Exit.TARGET or target is None or target.part is None:
            self._leave(why)
            return
        now, number = self._rooms.now(), self._telling.number
        self._telling.reach(TargetReached(self.key, self.version, number, target, guarded, now))

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Let go of a part, once the broker shows the stop for no more than the rest."""
        return await self._splitting.split_off(asked)

    def objection_to(self, asked: SplitOff) -> NotSplit | None:
        """Why nothing can be split off as things stand."""
        if self._telling.is_over or self.is_leaving:
            return NotSplit(self.key, "the exit has begun, or the position is gone", is_over=True)
        if asked.version <= self.version:
            text = f"version {asked.version} is not newer than {self.version}"
            return NotSplit(self.key, text, is_over=False)
        if self._entries.protects(self.key.trade, self.key.leg):
            return NotSplit(self.key, "the entry can still fill", is_over=False)
        return None

    def has_split(self) -> None:
        """A part was split off, or everything is to be as it was."""
        last = self._splitting.last
        if last is not None:
            self.version = max(self.version, last.version)
            self._answer_for()
        self._look()

    # --- leaving ---

    def _moved(self, guarded: Guarded) -> None:
        self._shielding.follow(guarded.level.stop)

    def _leave(self, why: Exit) -> None:
        """In the turn that confirmed it: the ladder begins, over the stop that rests."""
        if self._telling.is_over or self.ladder is not None:
            return
        self._stop_alarms()
        self._exiting.begin(why, self._splitting.target, self._shielding.told)
        self._hands.position_changed(is_leaving=True)  # a hand may just have closed it

    def _begun(self) -> None:
        begun = self._exiting.told(self.version)
        if begun is not None:
            self._telling.end(begun)

    def _end(self, why: GuardEnd) -> None:
        self._stop_watching()
        self._telling.end(self._ended(why, self._rooms.now()))

    def _ended(self, why: GuardEnd, at: datetime) -> GuardEnded:
        guarded, naked, of = self._sight.guarded, self._naked, self.tranche
        orders, entry, split = of.summaries, of.entry, of.split_off
        return GuardEnded(self.key, self.version, why, guarded, at, orders, naked, entry, split)

    def _stop_watching(self) -> None:
        self._sight.end()
        self._stop_alarms()

    def _stop_alarms(self) -> None:
        self._leave_at.clear()
        self._hands.close()
        self._shielding.close()

    def _has_changed(self, before: Decimal, position: Decimal) -> None:
        text = f"the position was {before} when this was written, and is {position}"
        self._tell(IncidentKind.POSITION_MISMATCH, text)

    def _tell(self, kind: IncidentKind, text: str) -> None:
        self._rooms.tell(Notice(kind, str(self.key), text, self._rooms.now()))
