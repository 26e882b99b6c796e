"""How much of a position live exits can close."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.closing import Closing, closing
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.orders.intent import OcaGroup
from backstay.domain.sides import Side
from tests.domain.limits.samples import ENTRY, EXIT, OTHER_TRADE, SHIELD, key

STOP, ENTRY_KEY = SHIELD.key, ENTRY.key
OTHER_STOP = key(Purpose.PROTECT, trade=OTHER_TRADE)
OTHER_ENTRY = key(trade=OTHER_TRADE)
PAIR = OcaGroup("pair", 2)


def live(
    named: IntentKey,
    quantity: int = 100,
    *,
    side: Side = Side.SELL,
    filled: int = 0,
    oca: OcaGroup | None = None,
    parent: IntentKey | None = None,
) -> LiveOrder:
    return LiveOrder(named, side, Decimal(quantity), Decimal(filled), oca, parent)


def working_entry(quantity: int = 100, filled: int = 0, named: IntentKey = ENTRY_KEY) -> LiveOrder:
    return live(named, quantity, side=Side.BUY, filled=filled)


def closing_with(*orders: LiveOrder, position: int = 100, oca: OcaGroup | None = None) -> Closing:
    return closing(replace(EXIT, oca=oca), orders, Decimal(position))


@pytest.mark.parametrize(
    ("position", "side", "closable"),
    [
        (100, Side.SELL, 100),
        (100, Side.BUY, 0),
        (-100, Side.BUY, 100),
        (-100, Side.SELL, 0),
        (0, Side.SELL, 0),
    ],
)
@pytest.mark.req("I8")
def test_only_the_side_that_closes_can_close_anything(
    position: int, side: Side, closable: int
) -> None:
    assert closing(replace(EXIT, side=side), (), Decimal(position)).closable == closable


def test_an_order_is_live_as_it_was_meant_with_what_it_has_filled() -> None:
    intent = replace(EXIT, oca=PAIR, parent=ENTRY_KEY)

    assert LiveOrder.of(intent, Decimal(7)) == live(EXIT.key, filled=7, oca=PAIR, parent=ENTRY_KEY)


@pytest.mark.parametrize(("position", "fits"), [(99, False), (100, True), (101, True)])
@pytest.mark.req("I8")
def test_a_lone_exit_is_as_large_as_the_position_at_most(position: int, *, fits: bool) -> None:
    alone = closing_with(position=position)

    assert alone == Closing(Decimal(position), Decimal(100), Decimal(0), Decimal(100))
    assert alone.fits is fits


@pytest.mark.parametrize(
    ("orders", "before", "after"),
    [
        # Other exits add up, whatever trade they belong to.
        ((live(OTHER_STOP, 50),), 50, 150),
        ((live(OTHER_STOP, 50, filled=20),), 30, 130),
        ((live(OTHER_STOP, 50, filled=60),), 0, 100),
        # Orders on the other side and entries on this side close nothing.
        ((live(OTHER_STOP, 50, side=Side.BUY),), 0, 100),
        ((live(OTHER_ENTRY, 50),), 0, 100),
        # A modified order stands in its own place, with what it has filled.
        ((live(EXIT.key, 80),), 80, 100),
        ((live(EXIT.key, 100, filled=30),), 70, 70),
        # Members of another group count once, as the largest.
        ((live(STOP, 60, oca=PAIR), live(OTHER_STOP, 50, oca=PAIR)), 60, 160),
        ((live(STOP, 50, oca=PAIR), live(OTHER_STOP, 60, oca=PAIR)), 60, 160),
        # An attached stop closes what its entry will add.
        ((live(STOP, parent=ENTRY_KEY), working_entry()), 0, 100),
        ((live(STOP, parent=ENTRY_KEY), working_entry(filled=40)), 40, 140),
        ((live(STOP, 50, parent=ENTRY_KEY), working_entry()), 0, 100),
        ((live(STOP, parent=ENTRY_KEY),), 100, 200),
        ((live(STOP), working_entry()), 100, 200),
        ((live(STOP, parent=ENTRY_KEY), working_entry(named=OTHER_ENTRY)), 100, 200),
        ((live(STOP, parent=OTHER_STOP), live(OTHER_STOP, side=Side.BUY)), 100, 200),
        ((live(STOP, parent=OTHER_ENTRY), live(OTHER_ENTRY)), 100, 200),
        # An entry gives to its attached exits once.
        (
            (
                live(STOP, parent=ENTRY_KEY),
                live(OTHER_STOP, parent=ENTRY_KEY),
                working_entry(),
            ),
            100,
            200,
        ),
        (
            (
                live(STOP, 30, parent=ENTRY_KEY),
                live(OTHER_STOP, parent=ENTRY_KEY),
                working_entry(),
            ),
            30,
            130,
        ),
        # As a group they take only once what it gives.
        (
            (
                live(STOP, oca=PAIR, parent=ENTRY_KEY),
                live(OTHER_STOP, 90, oca=PAIR, parent=ENTRY_KEY),
                working_entry(),
            ),
            0,
            100,
        ),
        # A member that is not attached could fill at once.
        (
            (
                live(STOP, 60, oca=PAIR, parent=ENTRY_KEY),
                live(OTHER_STOP, 40, oca=PAIR),
                working_entry(60),
            ),
            40,
            140,
        ),
    ],
)
@pytest.mark.req("I8")
def test_live_exits_close_at_most(orders: tuple[LiveOrder, ...], before: int, after: int) -> None:
    for listed in (orders, orders[::-1]):
        sums = closing_with(*listed)
        assert sums.before == before
        assert sums.after == after


@pytest.mark.parametrize(
    ("group", "after"), [(OcaGroup("pair", 1), 100), (PAIR, 100), (OcaGroup("pair", 3), 200)]
)
@pytest.mark.req("I8")
def test_a_group_counts_once_if_it_has_overfill_protection(group: OcaGroup, after: int) -> None:
    assert closing_with(live(STOP, oca=group), oca=group).after == after


@pytest.mark.req("I8")
def test_groups_of_other_names_count_apart() -> None:
    assert closing_with(live(STOP, oca=OcaGroup("other", 2)), oca=PAIR).after == 200


@pytest.mark.req("X.1", "I8")
def test_a_stop_can_leave_together_with_the_entry_it_is_attached_to() -> None:
    attached = replace(SHIELD, parent=ENTRY_KEY)
    with_its_entry = closing(attached, [working_entry()], Decimal(0))

    assert with_its_entry == Closing(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    assert with_its_entry.fits
    assert not closing(attached, [], Decimal(0)).fits
    assert not closing(attached, [working_entry(99)], Decimal(0)).fits


@pytest.mark.parametrize(
    ("own", "others", "position", "fits"),
    [
        # 100 and 100 rest on what a hand has brought down from 200 to 120.
        (40, 100, 120, True),
        (99, 100, 120, True),
        (100, 100, 120, False),
        # Not even alone would it fit.
        (90, 100, 80, False),
        (80, 100, 80, True),
    ],
)
@pytest.mark.req("X.2", "I8")
def test_where_exits_are_too_large_already_one_may_become_smaller(
    own: int, others: int, position: int, *, fits: bool
) -> None:
    smaller = replace(EXIT, quantity=Decimal(own))
    orders = (live(EXIT.key), live(OTHER_STOP, others))

    assert closing(smaller, orders, Decimal(position)).fits is fits


@pytest.mark.req("I8")
def test_a_new_exit_never_joins_exits_that_are_too_large_already() -> None:
    assert not closing_with(live(STOP, 150, oca=PAIR), position=120, oca=PAIR).fits
    assert not closing_with(live(OTHER_STOP, 150), position=120).fits


@pytest.mark.parametrize(
    ("orders", "untold", "after"),
    [
        # All that the entry may have filled is awake, and no more than that.
        ((live(STOP, parent=ENTRY_KEY), working_entry()), 100, 200),
        ((live(STOP, parent=ENTRY_KEY), working_entry()), 150, 200),
        ((live(STOP, parent=ENTRY_KEY), working_entry()), 30, 130),
        ((live(STOP, parent=ENTRY_KEY), working_entry(filled=40)), 30, 170),
        # Which of two entries has filled is not known, nor needed.
        (
            (
                live(STOP, parent=ENTRY_KEY),
                working_entry(),
                live(OTHER_STOP, 50, parent=OTHER_ENTRY),
                working_entry(50, named=OTHER_ENTRY),
            ),
            120,
            220,
        ),
        # What has become less wakes nothing, and what sleeps under no entry was awake before.
        ((live(STOP, parent=ENTRY_KEY), working_entry()), -100, 100),
        ((live(STOP, parent=ENTRY_KEY),), 100, 200),
        ((), 100, 100),
    ],
)
@pytest.mark.req("I8")
def test_what_nothing_explains_yet_may_have_woken_what_is_attached(
    orders: tuple[LiveOrder, ...], untold: int, after: int
) -> None:
    for listed in (orders, orders[::-1]):
        assert closing(EXIT, listed, Decimal(300), Decimal(untold)).after == after


@pytest.mark.req("I8")
def test_an_attached_stop_that_would_leave_alone_may_have_woken_as_well() -> None:
    attached = replace(SHIELD, parent=ENTRY_KEY)
    for untold, own in ((0, 0), (30, 30), (130, 100)):
        assert closing(attached, [working_entry()], Decimal(0), Decimal(untold)).own == own


@pytest.mark.req("I8")
def test_a_short_position_grows_downwards() -> None:
    orders = (live(STOP, side=Side.BUY, parent=ENTRY_KEY), live(ENTRY_KEY))
    leaving = replace(EXIT, side=Side.BUY)

    for untold, after in ((-30, 130), (30, 100)):
        assert closing(leaving, orders, Decimal(-300), Decimal(untold)).after == after
