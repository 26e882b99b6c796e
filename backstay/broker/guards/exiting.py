"""The way out of a guarded tranche: which ladder it is, and of what size.

It begins once, or had begun before a crash. Whatever makes the tranche larger or smaller while it
is left makes the ladder so.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from backstay.broker.guards.asking import Asking
from backstay.broker.guards.entries import Entries
from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.members import known_members
from backstay.broker.guards.sight import Sight
from backstay.broker.guards.tranche import Tranche
from backstay.broker.guards.ways import way_begun, way_out
from backstay.broker.rooms import Rooms
from backstay.domain.edge.guards import Exit, ExitBegun, Guard, Target
from backstay.domain.edge.walking import WayOut
from backstay.domain.exits.ladder import Told
from backstay.domain.ids import IntentKey
from backstay.domain.limits.approval import Approved
from backstay.domain.orders.view import OrderView


class Exiting:
    """The exit of one guard."""

    def __init__(
        self,
        guard: Guard,
        tranche: Tranche,
        sight: Sight,
        asking: Asking,
        entries: Entries,
        rooms: Rooms,
        begun: Callable[[], None],
    ) -> None:
        """`begun` is told once the first exit order has left."""
        self._guard = guard
        self._tranche = tranche
        self._sight = sight
        self._asking = asking
        self._entries = entries
        self._rooms = rooms
        self._begun = begun
        self._why = Exit.STOP
        self.ladder: LadderRun | None = None
        self.by_hand = guard.headway.leaving
        """The approval under which a hand leaves."""

    @property
    def is_done(self) -> bool:
        """Whether no ladder of it has anything left to do."""
        return self.ladder is None or self.ladder.is_done

    def take_hand(self, approval: Approved) -> None:
        """A hand leaves under this approval; ValueError if it is for something else."""
        first, key = approval.intent.key, self._guard.key
        if (first.trade, first.leg) != (key.trade, key.leg) or not first.purpose.is_exit:
            raise ValueError(f"{first} is no exit of {key}")
        self.by_hand = approval

    def begin(self, why: Exit, target: Target | None, told: tuple[Told, ...]) -> None:
        """Leave, in this turn, over the stop that rests; so much was `told` already."""
        self._why = why
        guard = replace(self._guard, quantity=self._tranche.given)
        way = way_out(guard, why, self._sight.guarded, target, self.by_hand)
        known = known_members(self._rooms.inbox, way.rules, self._rooms.now())
        self._lead(way).begin(self._tranche.closable, known, told)

    def resume(self) -> None:
        """An exit had left before a crash; the engine is told, and leads."""
        self._sight.attend()
        self._why, way = way_begun(self._guard, min(self._tranche.exits), self.by_hand)
        known = known_members(self._rooms.inbox, way.rules, self._rooms.now())
        self._lead(way).resume(self._tranche.closable, known)

    def told(self, version: int) -> ExitBegun | None:
        """What is told of it, once it has begun."""
        if self.ladder is None:
            return None
        key, now = self._guard.key, self._rooms.now()
        naked = self._rooms.naked.of(key.trade, self._guard.instrument.con_id)
        guarded, ladder = self._sight.guarded, self.ladder.ladder
        entered, split = self._tranche.counted, self._tranche.split_off
        return ExitBegun(key, version, self._why, ladder, guarded, now, naked, entered, split)

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of an order of the leg."""
        if self.ladder is not None:
            self.ladder.changed(key, view)
            self.fit()

    def fit(self) -> None:
        """A correction may have left less to close than it had begun with. The position alone says
        nothing: it can be told before the execution of an exit.
        """
        run = self.ladder
        if run is not None and not run.is_done and self._tranche.quantity < run.ladder.quantity:
            run.resize(self._tranche.quantity)

    def resize(self) -> None:
        """The tranche is of another size; what came late is left although all else has been."""
        run, quantity = self.ladder, self._tranche.quantity
        if run is not None and (not run.is_done or quantity > run.ladder.quantity):
            run.resize(quantity)

    def is_forestalled(self) -> bool:
        """Whether somebody else was faster: nothing is left for the way out then but to end."""
        run = self.ladder
        if run is None or run.is_done or run.ladder.left <= Decimal(0):
            return False
        run.resize(run.ladder.quantity - run.ladder.left)
        return True

    def close(self) -> None:
        """Decide nothing more here."""
        if self.ladder is not None:
            self.ladder.close()

    def _lead(self, way: WayOut) -> LadderRun:
        key = self._guard.key
        self._entries.leave(key.trade, key.leg)
        self.ladder = LadderRun(
            way,
            self._tranche,
            self._asking,
            self._entries,
            self._rooms,
            self._begun,
            self._sight.end,
        )
        return self.ladder
