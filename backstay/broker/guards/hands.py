"""What somebody else has closed of a guarded tranche.

Positions and executions are told apart, in either order, so a position that is too small has to
stand for a while, and a session has to have read all that was executed. What is missing then is
allotted: the oldest tranche of the contract loses first. Nothing of it is kept: when the position
is there again, so is the tranche. What is left of its stops then has nothing to protect, and is
cancelled until it is over: one cancel may be lost with a line.
"""

from collections.abc import Callable
from datetime import timedelta

from backstay.broker.errands import Alarm
from backstay.broker.guards.claims import Others
from backstay.broker.guards.tranche import Tranche
from backstay.broker.inbox.holdings import LAG_MAX
from backstay.broker.rooms import Rooms
from backstay.domain.edge.guards import GuardEnd
from backstay.domain.ids import IntentKey

STANDS_FOR = timedelta(seconds=1)
"""How long a position that is too small must stand before somebody else is taken to have closed
what is missing.
"""

CANCEL_AGAIN_AFTER = timedelta(seconds=5)


class Hands:
    """Looks after one tranche."""

    def __init__(
        self,
        tranche: Tranche,
        rooms: Rooms,
        others: Callable[[], Others],
        gone: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        """`gone` is told when nothing is left of it, `changed` when more or less is than before."""
        self._tranche = tranche
        self._others = others
        self._gone = gone
        self._changed = changed
        self._now, self._desk, self._session = rooms.now, rooms.desk, rooms.session
        self._alarm = Alarm(rooms.now, self._judge)
        self._cutting = Alarm(rooms.now, self._cut)
        self._surplus: tuple[IntentKey, ...] = ()
        self._settled_at = rooms.now()

    def position_changed(self, *, is_leaving: bool) -> None:
        """The broker has told another position. One that is told before the executions of a way out
        looks like a hand's, so that is given more time.
        """
        now = self._now()
        self._settled_at = now + LAG_MAX + STANDS_FOR
        is_patient = (is_leaving or self._others().is_any_leaving) and self._tranche.is_held
        self._alarm.set(self._settled_at if is_patient else now + STANDS_FOR)

    @property
    def end(self) -> GuardEnd:
        """What has become of a tranche of which nothing is left by no order of its leg."""
        return GuardEnd.LESS_IS_HELD if self._tranche.is_held else GuardEnd.CLOSED_BY_HAND

    def cut_stops(self) -> None:
        """Nothing is left to protect: cancel what reduces by now, again and again until it is over.
        What comes later is for what fills later.
        """
        self._surplus = self._tranche.reducing
        self._cut()

    def close(self) -> None:
        """Look no more, and cut nothing."""
        self._alarm.clear()
        self._cutting.clear()

    def _cut(self) -> None:
        self._surplus = tuple(key for key in self._surplus if self._desk.cancel_now(key))
        if self._surplus:
            self._cutting.set(self._now() + CANCEL_AGAIN_AFTER)

    def _judge(self) -> None:
        if not self._session.may_send:
            # The executions that made it so small may be what a lost line still owes.
            self._alarm.set(self._now() + STANDS_FOR)
            return
        # What is held by the executions alone may prove to have been closed by somebody else.
        if self._now() < self._settled_at:
            self._alarm.set(self._settled_at)
        if not self._tranche.is_held:
            self._tranche.taken = self._tranche.open_before_hands
            self._gone()
            return
        others = self._others()
        missing = self._tranche.missing(others.open_quantity, others.older)
        if missing == self._tranche.taken:
            return
        self._tranche.taken = missing
        if self._tranche.open_quantity > 0:
            self._changed()
        else:
            self._gone()
