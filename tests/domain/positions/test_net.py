"""One position per contract, and the ledgers that it is the sum of."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.positions.allotment import Holding
from backstay.domain.positions.net import NetPosition, net_position
from tests.domain.positions.booked import MIDDLE, OLD, YOUNG, by_hand, executed, journal, revalued

BOOKS = journal(
    executed("100", "10", 1, trade=OLD),
    executed("50", "13", 2, trade=MIDDLE),
    by_hand("-30", "14", 3),
    by_hand("0", "14", 4),
)


def test_the_net_position_is_the_account_in_one_average() -> None:
    net = net_position(BOOKS)
    assert net.quantity == Decimal(120)
    assert net.total.trade is None
    assert net.total.average_price == Decimal(11)
    assert net.total.realised == Decimal(90)


def test_the_ledgers_keep_their_own_prices() -> None:
    net = net_position(BOOKS)
    assert [ledger.average_price for ledger in net.ledgers] == [Decimal(10), Decimal(13), None]
    assert sum(ledger.realised for ledger in net.ledgers) == Decimal(120)


def test_the_holdings_are_the_trades_and_what_is_foreign() -> None:
    net = net_position(BOOKS)
    assert net.holdings == (
        Holding(OLD, Decimal(70)),
        Holding(MIDDLE, Decimal(50)),
        Holding(None, Decimal(0)),
    )
    assert net.held_by(OLD) == Decimal(70)
    assert net.held_by(YOUNG) == 0


def test_what_is_foreign_can_be_asked_for() -> None:
    assert net_position(journal(by_hand("7", "10"))).held_by(None) == Decimal(7)


def test_an_empty_journal_is_a_flat_position() -> None:
    net = net_position(journal())
    assert net.quantity == net.held_by(None) == 0
    assert net.ledgers == ()


def test_a_revaluation_reaches_the_average_of_the_account() -> None:
    net = net_position(journal(executed("100", "10", 1), revalued("50", 2)))
    assert net.total.average_price == Decimal("10.5")


@pytest.mark.req("L3")
@pytest.mark.parametrize(
    ("broker", "flat"),
    [("50", True), ("50.4", True), ("51", False), ("49", False), ("49.9", False), ("0", False)],
)
def test_a_trade_is_flat_only_if_the_broker_bears_the_ledgers_out(broker: str, flat: bool) -> None:
    closed = BOOKS.with_entries(executed("-70", "14", 5, trade=OLD))
    assert net_position(closed).is_flat(OLD, Decimal(broker)) is flat


def test_a_trade_that_holds_something_is_not_flat() -> None:
    assert net_position(BOOKS).is_flat(OLD, Decimal(120)) is False


def test_a_trade_that_was_sold_twice_is_not_flat() -> None:
    oversold = BOOKS.with_entries(executed("-71", "14", 5, trade=OLD))
    assert net_position(oversold).is_flat(OLD, Decimal(49)) is False


@pytest.mark.req("I10")
@pytest.mark.parametrize(
    ("quantity", "cost", "held"),
    [("1", "0", "119 and -1230"), ("0", "1", "120 and -1229")],
)
def test_ledgers_that_do_not_add_up_are_refused(quantity: str, cost: str, held: str) -> None:
    net = net_position(BOOKS)
    first = net.ledgers[0]
    wrong = replace(
        first, quantity=first.quantity - Decimal(quantity), cost=first.cost - Decimal(cost)
    )
    with pytest.raises(
        ValueError,
        match=f"^the ledgers of contract 265598 hold {held}.0+ in cash; "
        r"the position is 120 and -1230.0+$",
    ):
        replace(net, ledgers=(wrong, *net.ledgers[1:]))


def test_a_net_position_survives_the_way_to_another_process() -> None:
    adapter = TypeAdapter(NetPosition)
    net = net_position(BOOKS)
    assert adapter.validate_json(adapter.dump_json(net)) == net
