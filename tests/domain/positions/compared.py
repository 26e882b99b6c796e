"""Comparisons with the broker, short enough to read in a line."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import OptionTerms, Right
from backstay.domain.positions.answers import BrokerPosition, ExecutionsAnswer, PositionsAnswer
from backstay.domain.positions.differences import PriceTolerance, compare
from backstay.domain.positions.entries import Adjustment, Cause, Entry, Execution
from backstay.domain.positions.findings import Compared, Correction, Difference, DifferenceClass
from backstay.domain.positions.gaps import OptionDelivery, SystemPosition, UnsettledOrder
from backstay.domain.positions.journal import Journal
from backstay.domain.sides import Side
from tests.domain.positions.booked import OLD, OPTION, STOCK, YOUNG, executed, journal, minute

ASKED = minute(60)
STAMP = "2026-11-23T15:30:00+00:00"
DAY = date(2026, 11, 23)
EXPIRY = date(2026, 12, 18)
TOLERANCE = PriceTolerance()
STOP = IntentKey(OLD, 0, Purpose.EXIT_STOP, 1)
ENTRY = IntentKey(YOUNG, 0, Purpose.ENTRY, 1)


def unsettled(key: IntentKey, side: Side, quantity: str) -> UnsettledOrder:
    return UnsettledOrder(key, side, Decimal(quantity))


def known(*entries: Entry, orders: tuple[UnsettledOrder, ...] = ()) -> SystemPosition:
    return SystemPosition(journal(*entries), orders)


def listed(*system: SystemPosition) -> ExecutionsAnswer:
    """An answer that bears out every execution in the books."""
    ids = tuple(
        entry.exec_id
        for position in system
        for entry in position.journal.entries
        if isinstance(entry, Execution)
    )
    return ExecutionsAnswer(minute(0), complete=True, exec_ids=ids)


def compared(
    *system: SystemPosition,
    broker: dict[int, str],
    price: str = "10",
    executions: ExecutionsAnswer | None = None,
    day: date = DAY,
) -> Compared:
    """A comparison that could be made, with a broker that holds so much at one average price."""
    held = tuple(
        BrokerPosition(con_id, Decimal(many), Decimal(price)) for con_id, many in broker.items()
    )
    answer = PositionsAnswer(ASKED, complete=True, positions=held)
    result = compare(system, answer, executions or listed(*system), day, TOLERANCE)
    assert isinstance(result, Compared)
    return result


def change(cause: Cause, side: Side, quantity: str, price: str) -> Adjustment:
    """What a comparison suggests to book for the stock."""
    return Adjustment(
        name=f"{cause}:{STOCK}:{STAMP}",
        con_id=STOCK,
        trade=None,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        at=ASKED,
        cause=cause,
        estimated=True,
    )


def difference(what: DifferenceClass, system: str, broker: str, mend: Correction) -> Difference:
    return Difference(STOCK, what, Decimal(system), Decimal(broker), mend)


def an_option(right: Right, quantity: str) -> SystemPosition:
    books = Journal(OPTION, "USD", Decimal(100)).with_entries(
        replace(executed(quantity, "3", 1, exec_id="o.01"), con_id=OPTION)
    )
    return SystemPosition(
        books, option=OptionDelivery(OptionTerms(EXPIRY, Decimal(185), right), STOCK)
    )


LONG = executed("100", "10", 1)
SHORT = executed("-100", "10", 1)
