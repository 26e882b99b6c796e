"""A way out that the engine walks, and that no guard of this process has begun.

A part that leaves at its target has a leg of its own, and nothing is watched for it any more. And
after a crash a way out is gone on with from what the engine has written down, and from what the
broker shows. Either way it is done here what a guard does for its ladder: its orders are heard, it
never closes more than there is, and there are prices for as long as it runs.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.broker.doors.market import Attendance
from backstay.broker.guards.asking import Asking
from backstay.broker.guards.claims import Claims
from backstay.broker.guards.entries import Entries
from backstay.broker.guards.hands import Hands
from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.members import known_members, remember
from backstay.broker.guards.tranche import Tranche
from backstay.broker.notices import Notice
from backstay.broker.rooms import Rooms
from backstay.domain.edge.walking import Walk
from backstay.domain.exits.ladder import Ladder
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.view import OrderView


class Leaving:
    """A tranche that is being left."""

    def __init__(self, walk: Walk, entries: Entries, claims: Claims, rooms: Rooms) -> None:
        way_out, con_id = walk.way_out, walk.way_out.instrument.con_id
        self.way_out = way_out
        self._rooms = rooms
        self._entries = entries
        others = claims.besides(con_id, self)
        self.tranche = Tranche(way_out, way_out.rules.shield.side, rooms.inbox, others)
        self._attendance: Attendance | None = None
        self._hands = Hands(self.tranche, rooms, others, self._gone, self._is_less)
        self.tranche.goes_on(
            way_out.quantity if walk.ladder is None else walk.ladder.quantity, walk.entered
        )
        self._asking = Asking(way_out.asked, con_id, rooms, self._has_changed)
        self.run = LadderRun(
            way_out, self.tranche, self._asking, entries, rooms, _nothing, self._done
        )

    @property
    def key(self) -> IntentKey:
        """The key of its first exit."""
        return self.way_out.key

    @property
    def claim(self) -> Decimal:
        """What of the contract's position is its to leave."""
        return Decimal(0) if self.is_over else self.tranche.open_before_hands

    @property
    def executed(self) -> Decimal:
        """The same by its own executions alone, whatever the position is."""
        return Decimal(0) if self.is_over else self.tranche.open_by_executions

    @property
    def is_leaving(self) -> bool:
        """It is, for as long as it is here."""
        return True

    @property
    def age(self) -> tuple[datetime, IntentKey]:
        """When it was written down, and its name."""
        return self.way_out.asked.at, self.key

    @property
    def is_over(self) -> bool:
        """Whether the ladder has nothing left to do."""
        return self.run.is_done

    def begin(self, ladder: Ladder | None) -> None:
        """Begin; or where an exit has left before, go on with what is known of it."""
        inbox, rules, way_out = self._rooms.inbox, self.way_out.rules, self.way_out
        approved = (way_out.exit.intent, way_out.protection.intent)
        remember(approved, self.tranche.reducing, inbox)
        self._asking.now()
        self._answer_for()
        self._entries.leave(self.key.trade, self.key.leg)
        self._attendance = self._rooms.watch.attend(
            self.key, way_out.instrument, rules.shield.side, _nothing
        )
        now = self._rooms.now()
        if ladder is not None:
            self.run.take_up(replace(ladder, quantity=self.tranche.quantity))
        elif self.tranche.exits:
            self.run.resume(self.tranche.closable, known_members(inbox, rules, now))
        else:
            self.run.begin(self.tranche.closable, known_members(inbox, rules, now))
        self.position_changed()

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of an order of this leg."""
        if key.purpose.effect is not Effect.REDUCES and self.tranche.count_late_fills():
            self._answer_for()
            self.run.resize(self.tranche.quantity)
        self.run.changed(key, view)
        self._fit()

    def _answer_for(self) -> None:
        """What it is in all is what naked time is measured of."""
        con_id, tranche = self.way_out.instrument.con_id, self.tranche
        self._rooms.naked.answers_for(self.key, con_id, tranche.given, tranche.taken)

    def position_changed(self) -> None:
        """The broker has told another position in the contract."""
        self._fit()
        if not self.run.is_done:
            self._hands.position_changed(is_leaving=True)

    def session_is_ready(self) -> None:
        """A session has synced completely: a position that is gone is told by not being named."""
        self.run.session_is_ready()
        self.position_changed()

    def _fit(self) -> None:
        """A correction may have left less to close than it had begun with. The position alone says
        nothing: it can be told before the execution of an exit.
        """
        run = self.run
        if not run.is_done and self.tranche.quantity < run.ladder.quantity:
            run.resize(self.tranche.quantity)

    def _is_less(self) -> None:
        """Somebody else has closed a part of it, or has not after all."""
        self._answer_for()
        if not self.run.is_done:
            self.run.resize(self.tranche.quantity)

    def _gone(self) -> None:
        """Somebody else was faster than the way out: nothing is left for it but to end."""
        self._answer_for()
        run = self.run
        if run.is_done or run.ladder.left <= 0:
            return
        self._tell(IncidentKind.MANUAL_ACTION, self._hands.end.value)
        run.resize(run.ladder.quantity - run.ladder.left)

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        self._done()
        self.run.close()

    def _done(self) -> None:
        """The prices are needed for as long as the ladder runs."""
        self._hands.close()
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None

    def _has_changed(self, before: Decimal, position: Decimal) -> None:
        text = f"the position was {before} when this was written, and is {position}"
        self._tell(IncidentKind.POSITION_MISMATCH, text)

    def _tell(self, kind: IncidentKind, text: str) -> None:
        self._rooms.tell(Notice(kind, str(self.key), text, self._rooms.now()))


def _nothing() -> None:
    """Nobody has to be told: whoever walks waits for what is next."""
