"""Whose a position is: a trade that somebody looks after, one that nobody does, or nobody's."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from backstay.domain.edge.held import HeldPosition, TradeBooks, Unattended, held_position, within

A, B = "AAAAAAAA", "BBBBBBBB"


def books(trade: str, entered: int | None, left: int = 0, stop: int = 0) -> TradeBooks:
    """What is known of a trade."""
    return TradeBooks(
        trade, None if entered is None else Decimal(entered), Decimal(left), Decimal(stop)
    )


def held(
    quantity: int, attended: Sequence[tuple[str, int]] = (), *known: TradeBooks
) -> HeldPosition:
    legs = [(trade, Decimal(share)) for trade, share in attended]
    return held_position(1, "AAPL", Decimal(quantity), legs, known)


def nobody(trade: str, quantity: int, stop: int) -> Unattended:
    return Unattended(trade, Decimal(quantity), Decimal(stop))


def test_what_is_looked_after_leaves_nothing_over() -> None:
    found = held(100, [(A, 60), (A, 40)])
    assert found == HeldPosition(1, "AAPL", Decimal(100), Decimal(100), (A,), (), Decimal(0))


@pytest.mark.parametrize(
    ("quantity", "attended", "foreign"),
    [(140, 100, 40), (60, 100, -40), (-40, 0, -40), (0, 100, -100), (40, 0, 40)],
)
def test_what_no_trade_explains_is_foreign(quantity: int, attended: int, foreign: int) -> None:
    found = held(quantity, [(A, attended)])
    assert (found.foreign, found.unattended) == (Decimal(foreign), ())


@pytest.mark.parametrize("sign", [1, -1])
def test_a_trade_that_nobody_attends_to_has_what_its_fills_come_to(sign: int) -> None:
    found = held(sign * 60, (), books(A, sign * 100, sign * 40, sign * 60))
    assert found.unattended == (nobody(A, sign * 60, 60),)
    assert found.foreign == 0
    assert found.attended == 0


def test_without_an_entry_that_can_be_read_it_has_as_much_as_its_stop_protects() -> None:
    assert held(100, (), books(A, None, 30, 70)).unattended == (nobody(A, 70, 70),)
    assert held(100, (), books(A, None, 30, 70)).foreign == 30
    assert held(100, (), books(A, 0, 0, 70)).unattended == ()


def test_there_is_no_more_to_be_guarded_than_is_held() -> None:
    closed_by_hand = held(60, (), books(A, 100, 0, 100))
    assert closed_by_hand.unattended == (nobody(A, 60, 100),)
    assert closed_by_hand.foreign == 0
    shared = held(150, [(B, 50)], books(A, 80), books(B, 80))
    assert shared.unattended == (nobody(A, 80, 0), nobody(B, 20, 0))
    assert shared.trades == (B,)
    assert (shared.attended, shared.foreign) == (Decimal(50), Decimal(0))
    assert held(0, (), books(A, 100)).unattended == ()
    assert held(-10, (), books(A, 100)).unattended == ()
    assert held(-10, (), books(A, 100)).foreign == -10


@pytest.mark.parametrize(
    ("claimed", "rest", "share"),
    [(5, 3, 3), (3, 5, 3), (-5, -3, -3), (5, -3, 0), (0, 3, 0), (3, 0, 0), (4, 4, 4)],
)
def test_a_share_is_no_more_than_there_is(claimed: int, rest: int, share: int) -> None:
    assert within(Decimal(claimed), Decimal(rest)) == share
