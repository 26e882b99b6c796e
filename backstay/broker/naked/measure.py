"""How much of each trade has stood naked in each contract, and for how long.

Owns the one measure that everybody tells of: over the entry, the guard, the gap in which a stop is
swapped for an exit, and the way out. It is taken anew whenever the broker has said something of an
order of the trade, and at no other time. While there is no session, what was known last counts on.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from backstay.broker.doors.knowing import Inbox
from backstay.broker.doors.wire import Now
from backstay.broker.naked.books import AnsweredFor, naked_of
from backstay.domain.ids import IntentKey
from backstay.domain.orders.view import OrderView
from backstay.domain.profile import BrokerProfile
from backstay.domain.protection.naked import NakedTime

_NOTHING = Decimal(0)


@dataclass(slots=True)
class _Measure:
    """Of one trade in one contract; `since` is when the last stretch without any break began."""

    began_at: datetime
    naked: NakedTime
    profile: BrokerProfile
    answered_for: dict[int, AnsweredFor] = field(default_factory=dict)
    goes_on: bool = False
    since: datetime | None = None


class NakedTimes:
    """The measures of one account."""

    def __init__(self, inbox: Inbox, profile: BrokerProfile, now: Now) -> None:
        self._inbox = inbox
        self._profile = profile
        self._now = now
        self._measures: dict[tuple[str, int], _Measure] = {}

    def of(self, trade: str, con_id: int) -> NakedTime:
        """What has stood naked so far, how much does now, and since when that is so."""
        measure = self._measures.get((trade, con_id))
        return NakedTime(_NOTHING, _NOTHING, self._now()) if measure is None else measure.naked

    def since(self, trade: str, con_id: int) -> datetime | None:
        """Since when something of it is naked without a break; None if nothing is."""
        measure = self._measures.get((trade, con_id))
        return None if measure is None else measure.since

    def goes_on(
        self,
        trade: str,
        con_id: int,
        seed: NakedTime | None,
        profile: BrokerProfile | None = None,
    ) -> None:
        """A process that is gone had measured `seed`: what stood naked then has done so until it
        was looked at here. Only the first seed counts; after that everything is measured here.
        """
        measure = self._of(trade, con_id)
        measure.profile = profile or measure.profile
        if seed is not None and not measure.goes_on:
            before, here = seed.until(measure.began_at), measure.naked
            measure.naked = NakedTime(before + here.unit_seconds, here.quantity, here.since)
        measure.goes_on = True
        self._take(trade, con_id, measure)

    def answers_for(
        self, leg: IntentKey, con_id: int, quantity: Decimal, taken: Decimal = _NOTHING
    ) -> None:
        """Somebody answers for the leg of this key, which is so much in all: also what was entered
        on a day that can't be read any more. What somebody else has `taken` of it stands no more.
        """
        measure = self._of(leg.trade, con_id)
        measure.answered_for[leg.leg] = AnsweredFor(quantity, taken)
        self._take(leg.trade, con_id, measure)

    def changed(self, key: IntentKey, _view: OrderView) -> None:
        """Something was heard of one of our orders."""
        known = self._inbox.registered(key)
        if known is not None:
            self._take(key.trade, known.con_id, self._of(key.trade, known.con_id))

    def forget(self, followed: Collection[str]) -> None:
        """Forget every trade that nobody follows any more."""
        self._measures = {
            name: measure for name, measure in self._measures.items() if name[0] in followed
        }

    def _of(self, trade: str, con_id: int) -> _Measure:
        known = self._measures.get((trade, con_id))
        if known is None:
            now = self._now()
            known = _Measure(now, NakedTime(_NOTHING, _NOTHING, now), self._profile)
            self._measures[trade, con_id] = known
        return known

    def _take(self, trade: str, con_id: int, measure: _Measure) -> None:
        quantity = naked_of(self._inbox, trade, con_id, measure.answered_for, measure.profile)
        if quantity == measure.naked.quantity:
            return
        now = self._now()
        measure.naked = measure.naked.changed(quantity, now)
        if not quantity:
            measure.since = None
        elif measure.since is None:
            measure.since = now
