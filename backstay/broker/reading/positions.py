"""What is held, contract by contract: by the broker's reports, the legs at work and the orders.

A trade of which a restarted process knows nothing but its orders at the broker is found by them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.inbox.record import OrderRecord
from backstay.broker.reading.at_work import Leg
from backstay.domain.edge.held import HeldPosition, TradeBooks, held_position
from backstay.domain.edge.live import LegPhase
from backstay.domain.figures import total
from backstay.domain.ids import Effect, Purpose

_NOBODY = frozenset({LegPhase.HELD, LegPhase.OVER})
"""A leg that is about this is looked after by nobody."""


class Positions:
    """Reads what is held; whatever it is asked, nothing changes by it."""

    def __init__(self, inbox: BrokerInbox) -> None:
        self._inbox = inbox

    def read(
        self, legs: Iterable[tuple[LegPhase, Leg]], trades: Collection[str]
    ) -> tuple[HeldPosition, ...] | None:
        """Every position, or those of these trades; None where the broker has not told them."""
        complete = self._inbox.completeness
        if complete.positions_at is None or complete.executions_at is None:
            return None
        return tuple(
            held
            for held in self._positions(legs)
            if not trades or any(each.trade in trades for each in held.unattended)
        )

    def _positions(self, legs: Iterable[tuple[LegPhase, Leg]]) -> Iterator[HeldPosition]:
        records = list(self._inbox.records())
        known = {record.key.trade for record in records}
        attended: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
        for phase, leg in legs:
            # Of most that wait nothing has ever left, and there can be thousands.
            if phase in _NOBODY or (phase is LegPhase.WAITING and leg.trade not in known):
                continue
            share = leg.side.signed(leg.open_quantity(self._inbox))
            attended[leg.instrument.con_id].append((leg.trade, share))
        names = {(name, con_id) for con_id in attended for name, _ in attended[con_id]}
        books = _books(records, names)
        held = {position.con_id for position in self._inbox.positions}
        held |= {con_id for con_id in attended if any(share for _, share in attended[con_id])}
        for con_id in sorted(held):
            yield held_position(
                con_id,
                self._inbox.symbol(con_id),
                self._inbox.position(con_id),
                attended.get(con_id, ()),
                books.get(con_id, ()),
            )


def _books(
    records: Iterable[OrderRecord], attended: Collection[tuple[str, int]]
) -> dict[int, list[TradeBooks]]:
    """Those of the trades that nobody attends to, by contract."""
    orders: dict[tuple[str, int], list[OrderRecord]] = defaultdict(list)
    for record in records:
        name = record.key.trade, record.con_id
        if name not in attended:
            orders[name].append(record)
    found: dict[int, list[TradeBooks]] = defaultdict(list)
    for trade, con_id in sorted(orders):
        found[con_id].append(_books_of(trade, orders[trade, con_id]))
    return found


def _books_of(trade: str, orders: Iterable[OrderRecord]) -> TradeBooks:
    entered, left, stop = [], [], []
    for record in orders:
        view = record.view
        if view is None:
            continue
        if record.key.purpose.effect is not Effect.REDUCES:
            entered.append(view.side.signed(view.filled))
            continue
        left.append(view.side.opposite.signed(view.filled))
        if record.key.purpose is Purpose.PROTECT:
            stop.append(view.side.opposite.signed(view.working))
    return TradeBooks(trade, total(entered) if entered else None, total(left), total(stop))
