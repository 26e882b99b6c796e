r"""One arm, from its arming to its end.

    waiting --trigger--> sending --named--> working --proven over, and covered--> over
       |                    \--not answered--> unknown --found / absent--^
       \--> missed, expired, refused, withdrawn

Owns when the entry leaves and what is told of it. An arm whose key the broker has shown, in this
session's complete sync or since, is never sent again: it is followed. What could not leave because
the session was away leaves when it is back, if the last hop still lets it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from backstay.broker.arms.books import leg_books
from backstay.broker.arms.protector import Protector
from backstay.broker.arms.telling import Telling
from backstay.broker.doors import ArmedWatch, Attendance, Left, Prepared
from backstay.broker.errands import Alarm
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import (
    Amended,
    Arm,
    ArmChange,
    ArmPhase,
    ExtendUntil,
    FireNow,
    Gone,
    MoveTrigger,
    Progress,
)
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.looking import Absent, FindAnswer, Found
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission, SubmitAnswer
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.orders.outcome import Accepted, Rejected, Unknown
from backstay.domain.orders.view import OrderView
from backstay.domain.ticks.levels import moved
from backstay.domain.ticks.triggers import (
    Confirming,
    Fired,
    TriggerDecision,
    TriggerState,
    Unseen,
    Waiting,
)

ASK_AGAIN_AFTER = timedelta(seconds=5)
"""How long an answer that left something open is left alone."""


class ArmRun:
    """An entry kept ready, and followed once it has left."""

    def __init__(self, arm: Arm, version: int, rooms: Rooms) -> None:
        self.arm = arm
        self.version = version
        self.phase = ArmPhase.WAITING
        self._rooms = rooms
        self._asked = arm.asked
        self._why = ""
        self._is_fill_told = False
        self._is_handed_over = False
        self._is_fired_by_hand = False
        self._refusal: Refused | None = None
        self._rejection: Rejected | None = None
        self._watch: ArmedWatch | None = None
        self._watched: TriggerState | None = arm.watch
        self._attendance: Attendance | None = None
        self._prepared: Prepared | None = None
        self._expiry = Alarm(rooms.now, self._expire)
        self._asking = Alarm(rooms.now, self._ask)
        self._protector = Protector(arm, rooms)
        self.telling = Telling(rooms.now, self._progress)

    @property
    def key(self) -> IntentKey:
        """The key of its entry."""
        return self.arm.key

    @property
    def watch_state(self) -> TriggerState | None:
        """How far its trigger has come."""
        return self._watch.state if self._watch is not None else self._watched

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do: it came to nothing, or a guard answers for it."""
        return self.phase.is_final and (self.phase is not ArmPhase.OVER or self._is_handed_over)

    # --- beginning, and being changed ---

    def begin(self) -> None:
        """Follow what is known already, else watch or fire. The session has synced completely."""
        for approved in (self.arm.entry, self.arm.protection):
            if approved is not None:
                self._rooms.inbox.remember(approved.intent)
        if self._rooms.inbox.knows(self.key):
            self._follow_what_is_known()
            return
        if self.arm.expires_at is not None:
            if self._rooms.now() >= self.arm.expires_at:
                self._expire()
                return
            self._expiry.set(self.arm.expires_at)
        self._prepare()
        if self._is_meant_for_now:
            self._attend()
        else:
            self._begin_watch()

    def session_is_ready(self) -> None:
        """A session has synced, perhaps for the second time: what was prepared in another is not
        valid, and what the broker shows now counts.
        """
        if self.phase is ArmPhase.OVER and not self._is_handed_over:
            self._protector.look()
        if self.phase.is_final:
            return
        if self._rooms.inbox.knows(self.key):
            self._follow_what_is_known()
        elif self.phase is ArmPhase.WAITING:
            self._prepare()
            if self._is_meant_for_now:
                self._attend()

    def day_has_turned(self) -> None:
        """A new broker day: that nothing has left by now is known here, and nowhere else."""
        if self.phase is not ArmPhase.WAITING:
            return
        con_id = self.arm.entry.intent.instrument.con_id
        self._asked = Asked(self._rooms.now(), self._rooms.inbox.position(con_id))
        self._prepare()
        self._tell("a new broker day, and nothing has left")

    def amend(self, version: int, change: ArmChange) -> Amended | Gone:
        """Make a change, once; too late when the entry has left."""
        if version <= self.version:
            return Amended(self.key, self.version)
        if self.phase is not ArmPhase.WAITING:
            return Gone(self.key, f"the entry is {self.phase.value}")
        self.version = version
        match change:
            case MoveTrigger(trigger):
                self.arm = replace(self.arm, trigger=trigger, watch=None)
                self._watched = None
                self._prepare()
                if self._watch is None:
                    self._begin_watch()
                else:
                    self._watch.retrigger(trigger)
            case FireNow():
                self._is_fired_by_hand = True
                self._fire()
            case ExtendUntil(expires_at, entry):
                self.arm = replace(self.arm, entry=entry, expires_at=expires_at)
                self._expiry.set(expires_at)
                self._prepare()
            case _:
                assert_never(change)
        return Amended(self.key, version)

    def release(self, version: int) -> Amended | Gone:
        """Let it go before anything has left; too late after that."""
        if self.phase is ArmPhase.WITHDRAWN:
            return Amended(self.key, self.version)
        if self.phase is not ArmPhase.WAITING:
            return Gone(self.key, f"the entry is {self.phase.value}")
        self.version = max(version, self.version)
        self._come_to(ArmPhase.WITHDRAWN, "released")
        return Amended(self.key, self.version)

    def killed(self, kill: KillState) -> None:
        """Nothing opens any more; a freeze lets what covers a risk go on."""
        covers = self.key.purpose.effect is Effect.COVERS
        if self.phase.is_final or (covers and kill.mode is KillMode.FREEZE):
            return
        if self.phase is ArmPhase.WAITING:
            self._come_to(ArmPhase.REFUSED, f"trading is stopped: {kill.text}")
        else:
            self._rooms.desk.cancel_now(self.key)

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        self._end_watch()
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None
        self._expiry.clear()
        self._asking.clear()
        self.telling.close()
        if self.phase is not ArmPhase.OVER:
            self._protector.close()

    def hand_over(self) -> None:
        """A guard answers for the position from now on."""
        self._is_handed_over = True
        self._protector.close()

    # --- watching and firing ---

    @property
    def _is_meant_for_now(self) -> bool:
        """Whether nothing but a good price is waited for: no trigger, or one that has fired."""
        has_fired = self._is_fired_by_hand or isinstance(self.watch_state, Fired)
        return self.arm.trigger is None or has_fired

    def _attend(self) -> None:
        """Send as soon as there is a good price to trade at."""
        if self._attendance is not None:
            self._attendance.again()
            return
        self._end_watch()
        entry = self.arm.entry.intent
        self._attendance = self._rooms.watch.attend(
            self.key, entry.instrument, entry.side, self._fire
        )
        if self._attendance is None:
            self._come_to(ArmPhase.REFUSED, "no market data line is left")

    def _end_watch(self) -> None:
        if self._watch is not None:
            self._watched = self._watch.state
            self._watch.end()
            self._watch = None

    def _begin_watch(self) -> None:
        trigger = self.arm.trigger
        if trigger is None:
            return
        self._watch = self._rooms.watch.arm(
            self.key,
            self.arm.entry.intent.instrument,
            trigger,
            self._watched,
            self._triggered,
            self._rebased,
        )
        if self._watch is None:
            self._come_to(ArmPhase.REFUSED, "no market data line is left")

    def _triggered(self, decision: TriggerDecision, state: TriggerState) -> None:
        """In the turn of the tick that decided."""
        self._watched = state
        if decision is TriggerDecision.FIRE:
            self._fire()
        elif decision is TriggerDecision.MISSED:
            self._come_to(ArmPhase.MISSED, "the price had crossed while nobody watched")

    def _rebased(self, state: TriggerState) -> None:
        self._watched = state
        self._prepare()

    def _prepare(self) -> None:
        """Write the frames ahead, as they would leave now."""
        protection = self.arm.protection
        attached = (
            Submission(protection, protection.intent, self._asked)
            if protection is not None
            else None
        )
        self._prepared = self._rooms.desk.prepare(
            Submission(self.arm.entry, self._entry(), self._asked), attached
        )

    def _entry(self) -> OrderIntent:
        """The entry, its limit where the level of the trigger takes it."""
        entry, offset, trigger = self.arm.entry.intent, self.arm.limit_offset, self.arm.trigger
        state = self.watch_state
        if offset is None or trigger is None or not isinstance(entry.terms, Limit):
            return entry
        if not isinstance(state, Unseen | Waiting | Confirming) or state.level == trigger.price:
            return entry
        away = moved(trigger.when, state.level, offset)
        price = entry.instrument.grid.to_saving_side(entry.side, away)
        return replace(entry, terms=Limit(price))

    def _fire(self) -> None:
        """Send the entry with its stop, in this turn."""
        if self._prepared is None:
            self._prepare()
        if self._prepared is None:
            return
        sent = self._rooms.desk.release(self._prepared)
        match sent:
            case Left():
                self._come_to(ArmPhase.SENDING)
                self._rooms.errands.begin(f"send {self.key}", self._await_outcome)
            case Refused():
                self._refusal = sent
                self._come_to(ArmPhase.REFUSED, sent.reason)
            case NotSent():
                self._not_sent(sent)
            case _:
                assert_never(sent)

    def _not_sent(self, sent: NotSent) -> None:
        """Nothing has left. It goes when the session is back; what may have left before doesn't."""
        if sent.reason is NotSentReason.FROM_ANOTHER_DAY:
            self._become_unknown(sent.reason.value)
            return
        self.phase = ArmPhase.WAITING
        self._tell(sent.reason.value)

    async def _await_outcome(self) -> None:
        prepared = self._prepared
        if prepared is None:
            return
        self._take_outcome(await self._rooms.desk.submit(prepared.submission))

    def _take_outcome(self, answer: SubmitAnswer) -> None:
        match answer:
            case Accepted():
                self._follow()
            case Rejected():
                self._rejection = answer
                self._follow()
            case Unknown():
                self._become_unknown("the broker does not say what became of it")
            case Refused():
                self._refusal = answer
                self._come_to(ArmPhase.REFUSED, answer.reason)
            case NotSent():
                self._not_sent(answer)
            case _:
                assert_never(answer)

    # --- following what has left ---

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of an order of this leg."""
        if self.phase is ArmPhase.OVER and not self._is_handed_over:
            self._protector.look()
        if self.phase.is_final:
            return
        if self.phase is ArmPhase.WAITING and key != self.key:
            return
        if key == self.key and not view.instances:
            return
        self._follow()

    def _follow_what_is_known(self) -> None:
        self._end_watch()
        self._expiry.clear()
        view = self._rooms.inbox.view(self.key)
        if view is None or not (view.is_acknowledged or view.is_terminal):
            self._become_unknown("sent before, and the broker has not named it")
        else:
            self._follow()

    def _follow(self) -> None:
        view = self._rooms.inbox.view(self.key)
        if view is None:
            return
        self._protector.look()
        if view.filled and not self._is_fill_told:
            self._is_fill_told = True
            self._tell("the first fill")
        if view.rejection is not None and view.is_terminal and not view.filled:
            self._come_to(ArmPhase.REFUSED, view.rejection.text)
        elif view.is_settled and self._protector.is_settled:
            self._come_to(ArmPhase.OVER)
        elif view.is_acknowledged or view.is_terminal:
            self._come_to(ArmPhase.WORKING)
            if view.is_terminal:
                # It is over and a fill may be missing, or a stop: the broker is asked.
                self._asking.set(self._rooms.now() + ASK_AGAIN_AFTER)

    def _become_unknown(self, why: str) -> None:
        if self.phase is not ArmPhase.UNKNOWN:
            self._rooms.tell(
                Notice(IncidentKind.ORDER_UNKNOWN, str(self.key), why, self._rooms.now())
            )
        self._come_to(ArmPhase.UNKNOWN, why)
        self._ask()

    def _ask(self) -> None:
        if not self.phase.is_final:
            self._rooms.errands.begin(f"ask about {self.key}", self._find)

    async def _find(self) -> None:
        con_id = self.arm.entry.intent.instrument.con_id
        self._take_answer(await self._rooms.desk.find(self.key, con_id, self._asked))

    def _take_answer(self, answer: FindAnswer) -> None:
        if isinstance(answer, Found):
            self._follow()
        elif isinstance(answer, Absent):
            self._come_to(ArmPhase.EXPIRED, "the broker never had it; it is not sent again")
        if not self.phase.is_final and self.phase is not ArmPhase.WORKING:
            self._asking.set(self._rooms.now() + ASK_AGAIN_AFTER)

    def _expire(self) -> None:
        if self.phase is ArmPhase.WAITING:
            self._come_to(ArmPhase.EXPIRED, "its time is over")

    def _come_to(self, phase: ArmPhase, why: str = "") -> None:
        is_news = phase is not self.phase
        self.phase, self._why = phase, why or self._why
        if phase.is_final:
            self.close()
        if is_news:
            self._tell(why)
        else:
            self.telling.later()

    def _tell(self, why: str) -> None:
        self._why = why
        self.telling.now()

    def _progress(self, revision: int, at: datetime) -> Progress:
        books = leg_books(self._rooms.inbox, self.key)
        return Progress(
            key=self.key,
            version=self.version,
            revision=revision,
            phase=self.phase,
            at=at,
            watch=self.watch_state,
            entry=books.entry,
            stops=books.stops,
            naked=self._protector.naked,
            refusal=self._refusal,
            rejection=self._rejection,
            why=self._why,
        )
