"""The one table of what a status can become."""

from dataclasses import replace
from itertools import product

import pytest

from backstay.gateway.exchange.lifecycle import (
    FIRST,
    MOVES,
    BackwardMoveError,
    is_over,
    require_move,
)
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import House

ORDINARY = (
    Status.PENDING_SUBMIT,
    Status.PRE_SUBMITTED,
    Status.SUBMITTED,
    Status.PENDING_CANCEL,
)


def held(status: Status) -> HeldOrder:
    house = House()
    return replace(house.held(house.place(price="99.00")), status=status)


def test_every_status_has_its_row() -> None:
    assert tuple(MOVES) == tuple(Status)


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_a_move_is_made_only_if_the_table_allows_it(before: Status, after: Status) -> None:
    if after in MOVES[before]:
        require_move(held(before), held(after))
    else:
        with pytest.raises(BackwardMoveError, match=f"from {before} to {after}"):
            require_move(held(before), held(after))


@pytest.mark.parametrize("status", [Status.FILLED, Status.CANCELLED, Status.INACTIVE])
def test_what_is_over_stays_over(status: Status) -> None:
    assert MOVES[status] == (status,)


def test_no_status_moves_back() -> None:
    for number, status in enumerate(ORDINARY):
        assert not set(MOVES[status]) & set(ORDINARY[:number])


@pytest.mark.parametrize("status", list(Status))
def test_an_order_begins_before_its_end_or_as_rejected(status: Status) -> None:
    if status in FIRST:
        require_move(None, held(status))
    else:
        with pytest.raises(BackwardMoveError, match="from new"):
            require_move(None, held(status))


def test_an_order_is_over_once_it_is_completed() -> None:
    assert not is_over(held(Status.SUBMITTED))
    assert is_over(replace(held(Status.INACTIVE), completed_ns=1))
