"""What is held beyond settlements: each may be there or be gone, none is explained away."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backstay.domain.edge.snapshot import (
    BookedExecution,
    BrokerSnapshot,
    Completeness,
    OwnOrder,
)
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import Claim, ForeignHolding
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import ExecutionReported
from backstay.domain.orders.view import view_of
from backstay.domain.positions.answers import BrokerPosition
from backstay.domain.positions.settled import Beyond, beyond_settlements, is_under_way
from backstay.domain.sides import Side
from backstay.domain.trade.settlement import Settlement
from tests.accounts.cases import round_trip, settlement, summary
from tests.domain.limits.samples import ACCOUNT, OTHER_SHARE, OTHER_TRADE, SHARE, TRADE, key

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
CON_ID = SHARE.con_id
FLAT = round_trip()
LEFT = round_trip(OTHER_TRADE, closed=60)
"""It has left 40 over."""


def snapshot(
    held: int,
    *executed: BookedExecution,
    orders: tuple[OwnOrder, ...] = (),
    con_id: int = CON_ID,
) -> BrokerSnapshot:
    positions = (BrokerPosition(con_id, Decimal(held), Decimal(100)),) if held else ()
    return BrokerSnapshot(ACCOUNT, AT, Completeness(), positions, orders, (), executed, ())


def fill(change: int) -> ExecutionReported:
    side = Side.BUY if change > 0 else Side.SELL
    return ExecutionReported("0000e.1.01", 1, 7, side, Decimal(abs(change)), Decimal(100), AT)


def own(named: IntentKey, change: int) -> OwnOrder:
    report = fill(change)
    view = view_of(OrderFacts().with_reports(report), report.side, report.quantity)
    return OwnOrder(named, CON_ID, view)


def kept(quantity: int) -> Book:
    return Book(foreign=(ForeignHolding(CON_ID, Decimal(quantity), Decimal(100)),))


def beyond(held: int, explained: int, *trades: str) -> Beyond:
    return Beyond(CON_ID, Decimal(held), Decimal(explained), trades or (TRADE,))


def found(
    shown: BrokerSnapshot, *settlements: Settlement, book: Book | None = None
) -> Beyond | None:
    return beyond_settlements(CON_ID, book or Book(), settlements, shown)


@pytest.mark.req("L3")
@pytest.mark.parametrize("held", [-100, 100, 1])
def test_what_is_held_where_a_trade_has_left_nothing_is_beyond(held: int) -> None:
    assert found(snapshot(held), FLAT) == beyond(held, 0)


def test_a_contract_in_which_nothing_was_settled_lately_is_somebody_elses() -> None:
    elsewhere = round_trip(con_id=OTHER_SHARE.con_id)
    assert found(snapshot(500)) is None
    assert found(snapshot(500), elsewhere) is None


def test_what_is_not_held_is_not_beyond() -> None:
    assert found(snapshot(0), LEFT, book=kept(40)) is None
    assert found(snapshot(7, con_id=OTHER_SHARE.con_id), FLAT) is None


@pytest.mark.parametrize(("held", "explained"), [(40, None), (15, None), (41, 40), (-5, 0)])
def test_what_a_trade_has_left_over_is_there_or_gone(held: int, explained: int | None) -> None:
    answer = found(snapshot(held), LEFT, book=kept(40))
    assert answer == (None if explained is None else beyond(held, explained, OTHER_TRADE))


def test_what_was_left_over_earlier_explains_what_it_comes_to() -> None:
    assert found(snapshot(30), FLAT, book=kept(30)) is None
    assert found(snapshot(70), FLAT, LEFT, book=kept(70)) is None
    assert found(snapshot(71), FLAT, LEFT, book=kept(70)) == beyond(71, 70, TRADE, OTHER_TRADE)


def test_what_one_trade_has_left_explains_nothing_away_of_another_one() -> None:
    """A hand has closed the 40 that one has left short; the 40 that the other has are there."""
    short = settlement(summary(key(), 40, side=Side.SELL), left_over=-40)
    assert found(snapshot(40), short, LEFT, book=Book()) is None
    assert found(snapshot(-40), short, LEFT, book=Book()) is None
    assert found(snapshot(41), short, LEFT, book=Book()) == beyond(41, 40, TRADE, OTHER_TRADE)


def test_what_hands_have_executed_today_is_told_as_theirs() -> None:
    theirs = BookedExecution(CON_ID, None, fill(25))
    ours = BookedExecution(CON_ID, key(), fill(100))
    elsewhere = BookedExecution(OTHER_SHARE.con_id, None, fill(100))
    assert found(snapshot(25, theirs), FLAT) is None
    assert found(snapshot(26, theirs), FLAT) == beyond(26, 25)
    assert found(snapshot(-26, theirs), FLAT) == beyond(-26, 0)
    assert found(snapshot(9, ours, elsewhere), FLAT) == beyond(9, 0)


def test_what_an_order_has_filled_late_is_told_of_the_order() -> None:
    """The entry has filled 30 that its trade was not settled with."""
    late = (own(key(), 130), own(key(Purpose.EXIT_STOP), -100))
    assert found(snapshot(30, orders=late), FLAT) is None
    assert found(snapshot(31, orders=late), FLAT) == beyond(31, 30)


def test_what_was_taken_back_of_an_order_explains_nothing() -> None:
    taken_back = (own(key(), 100), own(key(Purpose.EXIT_STOP), -60))
    assert found(snapshot(40, orders=taken_back), FLAT) == beyond(40, 0)


def test_a_trade_is_under_way_from_its_approval_on() -> None:
    claim = Claim(key(), CON_ID, Side.BUY, Decimal(100), Decimal(100), Decimal(0), ended=True)
    book = Book(claims=(claim,))
    assert is_under_way(CON_ID, book)
    assert not is_under_way(OTHER_SHARE.con_id, book)
    assert not is_under_way(CON_ID, kept(40))
