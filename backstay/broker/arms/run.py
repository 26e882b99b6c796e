r"""One arm, from its arming to its end.

    waiting --trigger--> sending --named--> working --proven over, and covered--> over
       |                    \--not answered--> unknown --found / absent--^
       \--> missed, expired, refused, withdrawn

Owns when the entry leaves and what is told of it. An arm whose key the broker has shown, in this
session's complete sync or since, is never sent again: it is followed. What could not leave because
the session was away leaves when it is back, if the last hop still lets it.
"""

from datetime import datetime
from typing import assert_never

from backstay.broker.arms.books import leg_books
from backstay.broker.arms.changes import amended, objection_to
from backstay.broker.arms.protector import Protector
from backstay.broker.arms.pursuit import Pursuit
from backstay.broker.arms.ready import Ready
from backstay.broker.arms.telling import Telling
from backstay.broker.arms.waiting import Wait
from backstay.broker.doors.ordering import Left
from backstay.broker.doors.wire import EdgeError
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
from backstay.domain.edge.submission import NotSent, NotSentReason, SubmitAnswer
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillState
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.outcome import Accepted, Rejected, Unknown
from backstay.domain.orders.view import OrderView
from backstay.domain.sessions.broker_day import is_same_broker_day
from backstay.domain.ticks.triggers import IfMissed, TriggerDecision, TriggerState

BY_HAND = "by hand; it leaves as soon as there is a good price"
CROSSED = "the price had crossed while nobody watched"


class ArmRun:
    """An entry kept ready, and followed once it has left."""

    def __init__(self, arm: Arm, version: int, rooms: Rooms) -> None:
        self.arm = arm
        self.version = version
        self.phase = ArmPhase.WAITING
        self._rooms = rooms
        self.why = ""
        self._declared = ""
        self._is_fill_told = False
        self._is_handed_over = False
        self._refusal: Refused | None = None
        self._rejection: Rejected | None = None
        self._ready = Ready(arm.asked, rooms)
        self.waiting = Wait(arm, rooms.watch, self._triggered, self._write, self._fire)
        self._expiry = Alarm(rooms.now, self._expire)
        self.pursuit = Pursuit(
            arm.entry.intent, lambda: self._ready.asked, rooms, self._take_answer
        )
        self._protector = Protector(arm, rooms)
        self.telling = Telling(rooms.now, self._progress)

    @property
    def key(self) -> IntentKey:
        """The key of its entry."""
        return self.arm.key

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do: it came to nothing, or a guard answers for it."""
        return self.phase.is_final and (self.phase is not ArmPhase.OVER or self._is_handed_over)

    # --- beginning, and being changed ---

    def begin(self) -> None:
        """Follow what is known already, else watch or fire. The session has synced completely."""
        self._protector.begin()
        if self._rooms.inbox.knows(self.key):
            self._follow_what_is_known()
            return
        now = self._rooms.now()
        if not is_same_broker_day(self.arm.asked.at, now, self._rooms.zone):
            self._become_unknown(NotSentReason.FROM_ANOTHER_DAY.value)
            return
        if self.arm.expires_at is not None:
            if now >= self.arm.expires_at:
                self._expire()
                return
            self._expiry.set(self.arm.expires_at)
        try:
            self._write()
        except ValueError as error:
            self._come_to(ArmPhase.REFUSED, f"it can't be written: {error}")
            return
        self._wait()

    def refuse(self, why: str) -> None:
        """It is not even begun."""
        self._come_to(ArmPhase.REFUSED, why)

    def session_is_ready(self) -> None:
        """A session has synced: what was written in another is void, and what it shows counts."""
        if self.phase.is_final:
            self._protector.look()
            return
        self.pursuit.session_is_ready()
        if self._rooms.inbox.knows(self.key):
            self._follow_what_is_known()
        elif self.phase is ArmPhase.WAITING:
            self._write()
            if self.waiting.is_for_price:
                self._wait()

    def day_has_turned(self) -> None:
        """A new broker day: that nothing has left by now is known here, and nowhere else."""
        if self.phase is not ArmPhase.WAITING:
            return
        self._write()
        self._tell("a new broker day, and nothing has left")

    def amend(self, version: int, change: ArmChange) -> AmendAnswer:
        """Make a change, once; too late when the entry has left."""
        if version <= self.version:
            return Amended(self.key, self.version)
        if self.phase is not ArmPhase.WAITING:
            return Gone(self.key, f"the entry is {self.phase.value}")
        why_not = objection_to(change, self.arm, is_meant_for_now=self.waiting.is_for_price)
        if why_not:
            return Unfit(self.key, why_not)
        self.version = version
        self.arm = amended(self.arm, change)
        match change:
            case MoveTrigger(trigger):
                self.waiting.for_another(trigger)
                self._wait()
                self._write()
            case FireNow():
                self.why = BY_HAND
                self.waiting.fired_by_hand()
                self._wait()
                if self.phase is ArmPhase.WAITING:
                    self._tell(self.why)
            case ExtendUntil(expires_at):
                self._expiry.set(expires_at)
                self._write()
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
        if self.phase.is_final or not kill.ends(self.key.purpose.effect):
            return
        if self.phase is ArmPhase.WAITING:
            text = f"trading is stopped: {kill.text}"
            self._refusal = Refused(self.key, RefusalCode.KILLED, text, self._rooms.now())
            self._come_to(ArmPhase.REFUSED, text)
        else:
            self.pursuit.cancel()

    def leave(self) -> None:
        """The position is being left: nothing is added to it, and the way out protects it."""
        self._protector.stand_aside()
        if self.phase is ArmPhase.WAITING:
            self._come_to(ArmPhase.WITHDRAWN, "the position is being left")
        elif not self.phase.is_final:
            self.pursuit.cancel()

    def close(self, why: EdgeError | None = None) -> None:
        """Let go of everything here; at the broker nothing changes. Who waits is told `why`."""
        self._rest()
        self._protector.close()
        self.telling.end(why)

    def hand_over(self) -> None:
        """A guard answers for the position; for what fills yet, this arm does until it is over."""
        self._is_handed_over = True
        if self.phase is ArmPhase.OVER:
            self._protector.close()

    # --- watching and firing ---

    def _wait(self) -> None:
        """For the trigger, or as soon as there is a good price to trade at."""
        if self.waiting.is_missed:
            self._miss()
        if self.phase is ArmPhase.WAITING and not self.waiting.begin():
            self._come_to(ArmPhase.REFUSED, "no market data line is left")

    def _triggered(self, decision: TriggerDecision, _state: TriggerState) -> None:
        """In the turn of the tick that decided."""
        if decision is TriggerDecision.FIRE:
            self._fire()
        elif decision is TriggerDecision.MISSED:
            self._miss()

    def _miss(self) -> None:
        """The chance is gone; or a person is asked, and it waits to be fired, moved or released."""
        if self.arm.trigger is not None and self.arm.trigger.if_missed is IfMissed.ASK:
            self._tell(f"{CROSSED}; a person decides")
        else:
            self._come_to(ArmPhase.MISSED, CROSSED)

    def _write(self, _moved: TriggerState | None = None) -> None:
        """Write the orders ahead, as they would leave now."""
        self._ready.write(self.arm, self.waiting.state)

    def _fire(self) -> None:
        """Send the entry with its stop, in this turn."""
        if self.phase is not ArmPhase.WAITING:
            return
        sent = self._ready.release(self.arm, self.waiting.state)
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
            self._work()
            self._tell("", at_once=False)

    def _not_sent(self, sent: NotSent) -> None:
        """Nothing has left. It goes when the session is back."""
        self.phase = ArmPhase.WAITING
        self._tell(sent.reason.value)

    async def _await_outcome(self) -> None:
        submission = self._ready.submission
        if submission is not None:
            self._take_outcome(await self._rooms.desk.submit(submission))

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
        if self.phase.is_final:
            self._protector.look()
            return
        if self.phase is ArmPhase.WAITING and key != self.key:
            self._protector.look()
            return
        if key == self.key and not view.instances:
            return
        self._follow()

    def declared_absent(self, why: str) -> None:
        """A person says that the broker does not have it: what it has filled is all."""
        self._declared = why
        if self.phase is ArmPhase.UNKNOWN and not self._rooms.inbox.knows(self.key):
            self._come_to(ArmPhase.EXPIRED, why)
        self._follow()

    def _follow_what_is_known(self) -> None:
        view = self._rooms.inbox.view(self.key)
        if view is None or not (view.is_acknowledged or view.is_terminal):
            self._become_unknown("sent before, and the broker has not named it")
        else:
            self._follow()

    def _follow(self) -> None:
        view = self._rooms.inbox.view(self.key)
        if view is None or self.phase.is_final:
            return
        self._protector.look()
        if view.filled and not self._is_fill_told:
            self._is_fill_told = True
            self._tell("the first fill")
        if view.rejection is not None and view.is_terminal and not view.filled:
            self._come_to(ArmPhase.REFUSED, view.rejection.text)
        elif view.is_settled and self._protector.is_settled:
            was_never_there = view.end is OrderEnd.ABSENT and not view.filled
            self._come_to(ArmPhase.EXPIRED if was_never_there else ArmPhase.OVER, self._declared)
        elif view.is_acknowledged or view.is_terminal:
            self._come_to(ArmPhase.WORKING)
            if view.is_terminal:
                # It is over and a fill may be missing, or a stop: the broker is asked.
                self.pursuit.ask_later()

    def _become_unknown(self, why: str) -> None:
        if self.phase is not ArmPhase.UNKNOWN:
            now = self._rooms.now()
            self._rooms.tell(Notice(IncidentKind.ORDER_UNKNOWN, str(self.key), why, now))
        self._come_to(ArmPhase.UNKNOWN, why)
        self.pursuit.ask()

    def _take_answer(self, answer: FindAnswer) -> None:
        if isinstance(answer, Found):
            self._follow()
        elif isinstance(answer, Absent):
            self._come_to(ArmPhase.EXPIRED, "the broker never had it; it is not sent again")
        if not self.phase.is_final and self.phase is not ArmPhase.WORKING:
            self.pursuit.ask_later()

    def _expire(self) -> None:
        if self.phase is ArmPhase.WAITING:
            self._come_to(ArmPhase.EXPIRED, "its time is over")

    def _come_to(self, phase: ArmPhase, why: str = "") -> None:
        if self.phase.is_final:
            return
        is_news = phase is not self.phase
        self.phase = phase
        if phase.is_final:
            self._rest()
        elif phase is not ArmPhase.WAITING:
            self._work()
        is_urgent = is_news and (phase.is_final or phase is ArmPhase.UNKNOWN)
        self._tell(why if is_news else why or self.why, at_once=is_urgent)

    def _work(self) -> None:
        """Nothing that was waited for may fire any more, but the prices are wanted."""
        self.waiting.listen()
        self.waiting.no_longer()
        self._expiry.clear()

    def _rest(self) -> None:
        """Nothing more is asked, or told by itself; what is filled stays protected."""
        self.waiting.end()
        self._expiry.clear()
        self.pursuit.end()
        self.telling.close()
        if self.phase is not ArmPhase.OVER or self._is_handed_over:
            self._protector.close()

    def _tell(self, why: str, *, at_once: bool = True) -> None:
        """At once where somebody acts on it, else with whatever else there is to tell."""
        self.why = why
        (self.telling.now if at_once else self.telling.later)()

    def _progress(self, revision: int, at: datetime) -> Progress:
        books = leg_books(self._rooms.inbox, self.key)
        return Progress(
            key=self.key,
            version=self.version,
            revision=revision,
            phase=self.phase,
            at=at,
            watch=self.waiting.state,
            entry=books.entry,
            stops=books.stops,
            naked=self._protector.naked,
            refusal=self._refusal,
            rejection=self._rejection,
            why=self.why,
            asked=self._ready.asked,
        )
