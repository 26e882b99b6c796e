"""What one order of a group does to the others."""

from itertools import product
from typing import Any

import pytest

from backstay.gateway.events import OrderChanged
from backstay.gateway.profile import OPTIMISTIC, PESSIMISTIC, Profile, parse
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import D, House

BY_QUANTITY = parse("pessimistic,+partial_fill_reduces_by_quantity")
SPARES = parse("pessimistic,+cancelling_one_spares_siblings")
JOINABLE = parse("pessimistic,+living_group_can_be_joined")


def pair(
    house: House, oca_type: int = 2, *, limit: int = 100, stop: int = 100, group: str = "g"
) -> tuple[int, int]:
    """A resting sell limit and a sell stop of one group."""
    ids = (
        house.place("SELL", limit, "LMT", "101.00", oca_group=group, oca_type=oca_type),
        house.place("SELL", stop, "STP", "95.00", oca_group=group, oca_type=oca_type),
    )
    assert house.codes() == []
    return ids


@pytest.mark.parametrize(
    ("oca_type", "profile"), list(product([0, 1, 2, 3], [PESSIMISTIC, OPTIMISTIC]))
)
def test_completing_one_cancels_the_others(oca_type: int, profile: Profile) -> None:
    house = House(profile)
    limit, stop = pair(house, oca_type)
    house.market.move(bid=D("101.00"))
    assert (house.status(limit), house.status(stop)) == (Status.FILLED, Status.CANCELLED)
    assert house.held(stop).completed_status == "Cancelled by System"
    assert house.codes() == [202]


@pytest.mark.parametrize("cause", ["cancel", "expiry"])
@pytest.mark.parametrize(
    ("profile", "other"), [(PESSIMISTIC, Status.CANCELLED), (SPARES, Status.PRE_SUBMITTED)]
)
def test_the_end_of_one_takes_all_or_only_itself(
    cause: str, profile: Profile, other: Status
) -> None:
    house = House(profile)
    until: dict[str, Any] = {"tif": "GTD", "good_till_date": "20261123 12:00:05"}
    limit = house.place("SELL", 10, price="101.00", oca_group="g", oca_type=1, **until)
    stop = house.place("SELL", 10, "STP", "95.00", oca_group="g", oca_type=1)
    if cause == "cancel":
        house.cancel(limit)
    house.wait(5)
    assert (house.status(limit), house.status(stop)) == (Status.CANCELLED, other)


@pytest.mark.parametrize(
    ("profile", "limit", "stop", "left"),
    [
        (PESSIMISTIC, 100, 100, 70),
        (PESSIMISTIC, 50, 100, 40),
        (PESSIMISTIC, 100, 50, 35),
        (PESSIMISTIC, 100, 5, 4),
        (PESSIMISTIC, 31, 3, 0),
        (BY_QUANTITY, 100, 100, 70),
        (BY_QUANTITY, 50, 100, 70),
        (BY_QUANTITY, 100, 50, 20),
        (BY_QUANTITY, 100, 30, 0),
        (BY_QUANTITY, 100, 31, 1),
    ],
)
@pytest.mark.parametrize("oca_type", [2, 3])
def test_a_partial_fill_reduces_the_others(
    profile: Profile, limit: int, stop: int, left: int, oca_type: int
) -> None:
    house = House(profile)
    limit_id, stop_id = pair(house, oca_type, limit=limit, stop=stop)
    house.market.move(bid=D("101.00"), bid_size=D(30))
    assert house.held(limit_id).filled == D(30)
    held = house.held(stop_id)
    if left:
        assert (held.status, held.order.quantity) == (Status.PRE_SUBMITTED, D(left))
    else:
        assert (held.status, held.filled) == (Status.CANCELLED, D(0))


def test_a_reduction_is_told_as_new_terms() -> None:
    house = House()
    _, stop = pair(house)
    house.market.move(bid=D("101.00"), bid_size=D(30))
    told = [event for event in house.events if isinstance(event, OrderChanged)]
    assert [each.reworded for each in told if each.held.order.order_id == stop][-1]


def test_a_partial_fill_in_a_group_of_the_first_type_cancels_the_others() -> None:
    house = House()
    limit, stop = pair(house, 1)
    house.market.move(bid=D("101.00"), bid_size=D(30))
    assert (house.status(limit), house.status(stop)) == (Status.SUBMITTED, Status.CANCELLED)


@pytest.mark.parametrize(("oca_type", "sold"), [(1, 100), (2, 100), (3, 200)])
def test_only_a_group_without_block_overfills_in_one_move(oca_type: int, sold: int) -> None:
    house = House()
    for _ in range(2):
        house.place("SELL", 100, "LMT", "101.00", oca_group="g", oca_type=oca_type)
    house.market.move(bid=D("101.00"), bid_size=D(500))
    assert sum(shares for _, shares, _ in house.fills()) == D(sold)


def test_a_partial_reduction_keeps_what_the_other_has_filled() -> None:
    house = House()
    first = house.place("SELL", 100, price="101.00", oca_group="g", oca_type=2)
    second = house.place("SELL", 100, price="101.50", oca_group="g", oca_type=2)
    house.market.move(last=D("101.20"), last_size=D(40))
    house.market.move(bid=D("101.50"), bid_size=D(10))
    held = house.held(second)
    assert (house.held(first).filled, held.order.quantity) == (D(50), D(50))
    assert house.held(first).remaining == held.remaining == D(50)


def joins(house: House) -> bool:
    """Whether another order gets into the group."""
    house.heard()
    house.place("SELL", 100, price="102.00", oca_group="g", oca_type=2)
    return house.codes() == []


@pytest.mark.parametrize("profile", [PESSIMISTIC, JOINABLE])
@pytest.mark.parametrize(("seconds", "is_late"), [(0.0, False), (1.0, False), (1.001, True)])
def test_a_group_that_works_is_joined_only_if_the_profile_allows(
    profile: Profile, seconds: float, is_late: bool
) -> None:
    house = House(profile)
    pair(house)
    house.wait(seconds)
    assert joins(house) is (profile is JOINABLE or not is_late)


@pytest.mark.parametrize("profile", [PESSIMISTIC, JOINABLE])
def test_a_group_of_which_one_has_filled_is_joined_by_nobody(profile: Profile) -> None:
    house = House(profile)
    pair(house)
    house.market.move(bid=D("101.00"), bid_size=D(1))
    assert not joins(house)


@pytest.mark.parametrize("profile", [PESSIMISTIC, parse("optimistic")])
def test_the_name_of_a_group_that_is_over_is_used_again_if_the_profile_allows(
    profile: Profile,
) -> None:
    house = House(profile)
    for order_id in pair(house):
        house.cancel(order_id)
    assert joins(house) is (profile is not PESSIMISTIC)


def test_a_group_of_which_one_was_cancelled_is_joined_by_nobody() -> None:
    house = House(parse("optimistic"))
    limit, _ = pair(house)
    house.cancel(limit)
    assert not joins(house)


def test_a_name_is_free_for_another_account_and_after_a_rejection() -> None:
    house = House()
    house.accounts.refusal = "no"
    house.place("SELL", 100, price="102.00", oca_group="g", oca_type=2)
    house.accounts.refusal = None
    house.wait(5)
    assert joins(house)
    house.wait(5)
    house.place("SELL", 100, price="102.00", oca_group="g", account="DU2")
    assert house.codes() == []


def test_a_name_of_yesterday_is_free() -> None:
    house = House()
    for order_id in pair(house):
        house.cancel(order_id)
    house.until("00:00:00", "20261124")
    assert joins(house)


def test_parked_members_do_not_make_a_group_work() -> None:
    house = House()
    house.place("SELL", 100, price="102.00", oca_group="g", transmit=False)
    house.wait(60)
    assert joins(house)


@pytest.mark.parametrize(
    "change", [{"oca_group": ""}, {"oca_group": "h"}, {"oca_type": 1}, {"oca_type": 3}]
)
def test_the_group_of_an_order_can_not_be_revised(change: dict[str, object]) -> None:
    house = House()
    limit, _ = pair(house)
    house.modify(limit, **change)
    assert house.codes() == [10326]


def test_a_living_group_survives_a_restart() -> None:
    house = House()
    limit, stop = pair(house)
    after = house.restarted()
    after.market.move(bid=D("101.00"))
    assert (after.status(limit), after.status(stop)) == (Status.FILLED, Status.CANCELLED)
