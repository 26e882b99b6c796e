"""What was changed of a running trade, and what came of it: by a person, by a kill, by a target."""

from datetime import datetime
from decimal import Decimal
from typing import assert_never

from backstay.domain.edge import arms, guards
from backstay.domain.edge.arms import AmendAnswer, Amended
from backstay.domain.edge.changing import CancelReport, CancelStanding
from backstay.domain.edge.looking import AbsenceDeclared, DeclareAnswer
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Call
from backstay.domain.trade.timeline.lines import Sheet, What, Window


class Changes:
    """Tells of changes, and remembers where the stop stands by them, and the newest version: what a
    watch says of an older one does not count any more.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.stop: Decimal | None = None
        self.version = 0

    def tell(self, call: Call, at: datetime) -> None:
        """A change that was answered at `at`; a call of another sort changes nothing."""
        match call.deed:
            case chronicle.ChangingArm(change=change, answer=answer, key=key):
                self._arm(change, answer, key, at)
            case chronicle.ChangingGuard(change=change, answer=answer):
                self._guard(change, answer, at)
            case chronicle.Splitting(asked=asked, answer=answer):
                self._split(asked, answer, call.at, at)
            case chronicle.Cancelling(answer=answer, key=key):
                self._cancelled(answer, key, at)
            case chronicle.DeclaringAbsent(answer=answer, key=key, by=by):
                self._declared(answer, key, by, at)
            case _:
                pass

    def moved(self, stop: Decimal, told_at: datetime, within: Window) -> None:
        """Where the stop stands; what moved it in between is known to the edge alone."""
        if self.stop is not None and stop != self.stop:
            text = f"it has moved from {plain(self.stop)} to {plain(stop)} by then"
            self._sheet.broker(told_at, What.STOP, text, within=within)
        self.stop = stop

    def _arm(
        self,
        change: arms.ArmChange | None,
        answer: AmendAnswer | None,
        key: IntentKey,
        at: datetime,
    ) -> None:
        match answer:
            case None:
                pass
            case Amended():
                self._sheet.engine(at, What.CHANGED, _ARM_CHANGES[type(change)], key)
            case _:
                self._sheet.engine(at, What.REFUSED, f"not changed: {answer.why}", key)

    def _guard(self, change: guards.GuardChange, answer: AmendAnswer | None, at: datetime) -> None:
        match answer:
            case None:
                pass
            case Amended(version=version):
                self.version = max(self.version, version)
                self._told_to_change(change, at)
            case _:
                self._sheet.engine(at, What.REFUSED, f"the guard is not changed: {answer.why}")

    def _told_to_change(self, change: guards.GuardChange, at: datetime) -> None:
        match change:
            case guards.MoveStop(stop):
                self.stop = stop
                self._sheet.engine(at, What.STOP, f"moved to {plain(stop)}")
            case guards.BreakEven(price):
                self._tighter(price, at)
            case guards.TightenTrail(distance):
                text = f"it trails at {plain(distance)} from now on"
                self._sheet.engine(at, What.STOP, text)
            case guards.Resize(quantity):
                self._sheet.engine(at, What.GUARDED, f"{plain(quantity)} from now on")
            case guards.LeaveNow():
                self._sheet.engine(at, What.LEAVES, "told to leave now")
            case _:
                assert_never(change)

    def _split(
        self,
        asked: guards.SplitOff,
        answer: guards.SplitAnswer | None,
        asked_at: datetime,
        at: datetime,
    ) -> None:
        match answer:
            case None:
                pass
            case guards.Split(part=part, rest=rest, version=version):
                self.version = max(self.version, version)
                text = f"{plain(part)} are split off, {plain(rest)} stay guarded"
                self._sheet.broker(answer.at, What.TARGET, text, within=Window(asked_at, at))
                if asked.break_even is not None:
                    self._tighter(asked.break_even, at)
            case guards.NotSplit(why=why):
                self._sheet.engine(at, What.REFUSED, f"nothing is split off: {why}")
            case _:
                assert_never(answer)

    def _cancelled(self, answer: CancelReport | None, key: IntentKey, at: datetime) -> None:
        if answer is not None and answer.standing is not CancelStanding.ENDED:
            text = f"the cancel is {answer.standing.value}" + (answer.text and f": {answer.text}")
            self._sheet.engine(at, What.TROUBLE, text, key)

    def _declared(
        self, answer: DeclareAnswer | None, key: IntentKey, by: str, at: datetime
    ) -> None:
        match answer:
            case None:
                pass
            case AbsenceDeclared():
                self._sheet.engine(at, What.BY_HAND, answer.text, key)
            case _:
                text = f"the word of {by} that it is absent is not taken: {answer.why}"
                self._sheet.engine(at, What.REFUSED, text, key)

    def _tighter(self, price: Decimal, at: datetime) -> None:
        self._sheet.engine(at, What.STOP, f"to {plain(price)}, unless it is tighter already")


_ARM_CHANGES: dict[type, str] = {
    type(None): "let go before anything has left",
    arms.FireNow: "told to enter now",
    arms.MoveTrigger: "waits for another trigger",
    arms.ExtendUntil: "approved anew, and waits on",
}
