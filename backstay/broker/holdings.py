"""What is traded here, contract by contract, as the protection audit has to know it."""

from decimal import Decimal

from backstay.broker.doors.market import Quotes
from backstay.broker.inbox.audit import Described
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.guards import Guard
from backstay.domain.edge.walking import WayOut
from backstay.domain.instruments import Instrument
from backstay.domain.ticks.sources import PriceSource, standing_price


class Holdings:
    """The contracts that are armed or guarded here, and whether they are held through all hours."""

    def __init__(self, quotes: Quotes) -> None:
        self._quotes = quotes
        self._known: dict[int, tuple[Instrument, bool]] = {}

    def armed(self, arm: Arm) -> None:
        """An entry may build a position."""
        stop = arm.protection
        is_awake = stop is not None and stop.intent.outside_regular_hours
        self._learn(arm.entry.intent.instrument, is_held_outside=is_awake)

    def guarded(self, guard: Guard) -> None:
        """A position is held."""
        shield = guard.ladder.shield
        self._learn(guard.instrument, is_held_outside=shield.outside_regular_hours)

    def left(self, way_out: WayOut) -> None:
        """A position is being left."""
        shield = way_out.rules.shield
        self._learn(way_out.instrument, is_held_outside=shield.outside_regular_hours)

    def describe(self, con_id: int) -> Described | None:
        """What is known of a contract, or None if nobody here trades it."""
        known = self._known.get(con_id)
        if known is None:
            return None
        return Described(known[0], known[1], self._price(con_id))

    def _learn(self, instrument: Instrument, *, is_held_outside: bool) -> None:
        _, before = self._known.get(instrument.con_id, (instrument, False))
        self._known[instrument.con_id] = instrument, before or is_held_outside

    def _price(self, con_id: int) -> Decimal | None:
        quote = self._quotes.quote(con_id)
        if quote is None:
            return None
        return standing_price(quote, PriceSource.LAST) or standing_price(quote, PriceSource.MID)
