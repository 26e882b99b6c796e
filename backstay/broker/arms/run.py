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
from backstay.broker.doors import ArmedWatch, Attendance, EdgeError, Left, Prepared
from backstay.broker.errands import Alarm
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import (
    AmendAnswer,
    Amended,
    Arm,
    ArmChange,
    ArmPhase,
    ExtendUntil,
    FireNow,
    Gone,
    MoveTrigger,
    Progress,
    Unfit,
)
from backstay.domain.edge.looking import Absent, FindAnswer, Found
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission, SubmitAnswer
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.orders.outcome import Accepted, Rejected, Unknown
from backstay.domain.orders.view import OrderView
from backstay.domain.sessions.broker_day import is_same_broker_day
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

CANCEL_AGAIN_AFTER = timedelta(seconds=5)


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
        self._cancelling = Alarm(rooms.now, self._cancel)
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
        now = self._rooms.now()
        if not is_same_broker_day(self._asked.at, now, self._rooms.zone):
            self._become_unknown(NotSentReason.FROM_ANOTHER_DAY.value)
            return
        if self.arm.expires_at is not None:
            if now >= self.arm.expires_at:
                self._expire()
                return
            self._expiry.set(self.arm.expires_at)
        try:
            self._prepare()
        except ValueError as error:
            self._come_to(ArmPhase.REFUSED, f"it can't be written: {error}")
            return
        if self._is_meant_for_now:
            self._attend()
        else:
            self._begin_watch()

    def refuse(self, why: str) -> None:
        """It is not even begun."""
        self._come_to(ArmPhase.REFUSED, why)

    def session_is_ready(self) -> None:
        """A session has synced, perhaps for the second time: what was prepared in another is not
        valid, and what the broker shows now counts.
        """
        if self.phase is ArmPhase.OVER and not self._is_handed_over:
            self._protector.look()
        if self.phase.is_final:
            return
        if self._cancelling.is_set:
            self._cancel()
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
        self._ask_anew()
        self._tell("a new broker day, and nothing has left")

    def amend(self, version: int, change: ArmChange) -> AmendAnswer:
        """Make a change, once; too late when the entry has left."""
        if version <= self.version:
            return Amended(self.key, self.version)
        if self.phase is not ArmPhase.WAITING:
            return Gone(self.key, f"the entry is {self.phase.value}")
        why_not = self._objection_to(change)
        if why_not:
            return Unfit(self.key, why_not)
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

    def _objection_to(self, change: ArmChange) -> str:
        """Why a change means nothing to this arm, or nothing if it does."""
        match change:
            case MoveTrigger() if self._is_meant_for_now:
                return "it waits for no trigger any more"
            case ExtendUntil(entry=entry) if entry.intent.key != self.key:
                return f"the approval is for another order, {entry.intent.key}"
            case ExtendUntil(entry=entry) if entry.intent.parent is not None:
                return f"{entry.intent.key} would be attached to {entry.intent.parent}"
            case _:
                return ""

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
            text = f"trading is stopped: {kill.text}"
            self._refusal = Refused(self.key, RefusalCode.KILLED, text, self._rooms.now())
            self._come_to(ArmPhase.REFUSED, text)
        else:
            self._cancel()

    def leave(self) -> None:
        """The position is being left: nothing more is to be added to it, and the way out answers
        for what is open.
        """
        self._protector.stand_aside()
        if self.phase is ArmPhase.WAITING:
            self._come_to(ArmPhase.WITHDRAWN, "the position is being left")
        elif not self.phase.is_final:
            self._cancel()

    def _cancel(self) -> None:
        """Cancel what has left, again and again until it is over: a cancel may be lost, too."""
        if not self.phase.is_final:
            self._rooms.desk.cancel_now(self.key)
            self._cancelling.set(self._rooms.now() + CANCEL_AGAIN_AFTER)

    def close(self, why: EdgeError | None = None) -> None:
        """Let go of everything here; at the broker nothing changes. Who waits is told `why`."""
        self._wait_no_longer()
        self._rest()
        self._protector.close()
        self.telling.end(why)

    def hand_over(self) -> None:
        """A guard answers for the position from now on; for what an entry fills that is not over
        yet, this arm does until it is.
        """
        self._is_handed_over = True
        if self.phase is ArmPhase.OVER:
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
        self._attendance = self._attended()
        if self._attendance is None:
            self._come_to(ArmPhase.REFUSED, "no market data line is left")

    def _wait_no_longer(self) -> None:
        """What was waited for has come, or will not: nothing of it may fire any more."""
        self._end_watch()
        self._expiry.clear()

    def _listen(self) -> None:
        """The prices are wanted while the entry works: each change of it is judged by them."""
        if self._attendance is None:
            self._attendance = self._attended()

    def _attended(self) -> Attendance | None:
        entry = self.arm.entry.intent
        return self._rooms.watch.attend(self.key, entry.instrument, entry.side, self._quoted)

    def _quoted(self) -> None:
        """There is a good price."""
        if self.phase is ArmPhase.WAITING:
            self._fire()

    def _end_attendance(self) -> None:
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None

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

    def _ask_anew(self) -> None:
        """Nothing has left on the day that is over, so it can be asked for on this one."""
        position = self._rooms.inbox.position(self.arm.entry.intent.instrument.con_id)
        self._asked = self._asked.on_the_day_of(self._rooms.now(), position, self._rooms.zone)
        self._prepare()

    def _fire(self) -> None:
        """Send the entry with its stop, in this turn."""
        if self._prepared is None:
            return
        sent = self._rooms.desk.release(self._prepared)
        if isinstance(sent, NotSent) and sent.reason is NotSentReason.FROM_ANOTHER_DAY:
            self._ask_anew()
            sent = self._rooms.desk.release(self._prepared)
        match sent:
            case Left():
                self.phase = ArmPhase.SENDING
                # Its bytes leave at the end of this turn, so what can wait for that does.
                self._rooms.errands.soon(str(self.key), self._has_left)
            case Refused():
                self._refusal = sent
                self._come_to(ArmPhase.REFUSED, sent.reason)
            case NotSent():
                self._not_sent(sent)
            case _:
                assert_never(sent)

    def _has_left(self) -> None:
        self._rooms.errands.begin(f"send {self.key}", self._await_outcome)
        if self.phase is ArmPhase.SENDING:
            self._listen()
            self._wait_no_longer()
            self._tell("")

    def _not_sent(self, sent: NotSent) -> None:
        """Nothing has left. It goes when the session is back."""
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
            self._protector.look()
            return
        if key == self.key and not view.instances:
            return
        self._follow()

    def _follow_what_is_known(self) -> None:
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
            self._wait_no_longer()
            self._rest()
        elif phase is not ArmPhase.WAITING:
            self._listen()
            self._wait_no_longer()
        if is_news:
            self._tell(why)
        else:
            self.telling.later()

    def _rest(self) -> None:
        """Nothing more is asked, or told by itself; what is filled stays protected."""
        self._end_attendance()
        self._asking.clear()
        self._cancelling.clear()
        self.telling.close()
        if self.phase is not ArmPhase.OVER or self._is_handed_over:
            self._protector.close()

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
