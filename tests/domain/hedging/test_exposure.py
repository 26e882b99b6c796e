"""Exposure: what filled hedge covers, what may be sent, what to buy and what to trade back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.hedging.exposure import (
    Group,
    GroupLeg,
    Holding,
    Holdings,
    LegQuantity,
    LegRole,
    sendable,
    to_hedge,
    to_undo,
    uncovered,
)
from backstay.domain.sides import Side


def hedge(*covers: int, ratio: int = 1, side: Side = Side.BUY) -> GroupLeg:
    return GroupLeg(LegRole.HEDGE, side, ratio, covers)


def risk(ratio: int = 1, side: Side = Side.SELL) -> GroupLeg:
    return GroupLeg(LegRole.RISK, side, ratio)


def held(*filled: int) -> Holdings:
    return tuple(Holding(Decimal(quantity)) for quantity in filled)


def sells(*quantities: tuple[int, int]) -> tuple[LegQuantity, ...]:
    return tuple(LegQuantity(leg, Side.SELL, Decimal(quantity)) for leg, quantity in quantities)


def buys(*quantities: tuple[int, int]) -> tuple[LegQuantity, ...]:
    return tuple(LegQuantity(leg, Side.BUY, Decimal(quantity)) for leg, quantity in quantities)


SPREAD = Group((hedge(1), risk()), units=5)
CONDOR = Group((hedge(1), risk(), hedge(3), risk()), units=5)
COVERED_CALL = Group((hedge(1, ratio=100), risk()), units=2)
BUTTERFLY = Group((hedge(1), risk(ratio=2), hedge(1)), units=4)
SHARED = Group((hedge(1, 2), risk(), risk(ratio=3)), units=5)
PROTECTED_STOCK = Group((hedge(1), risk(ratio=100, side=Side.BUY)), units=3)


@pytest.mark.req("S4.6")
@pytest.mark.parametrize(
    ("group", "holdings", "exposed"),
    [
        (SPREAD, held(0, 0), ()),
        (SPREAD, held(3, 3), ()),
        (SPREAD, held(3, 4), ((1, 1),)),
        (SPREAD, held(0, 5), ((1, 5),)),
        (SPREAD, held(-1, 2), ((1, 2),)),
        (CONDOR, held(2, 3, 4, 1), ((1, 1),)),
        (CONDOR, held(2, 3, 0, 1), ((1, 1), (3, 1))),
        (COVERED_CALL, held(100, 1), ()),
        (COVERED_CALL, held(99, 1), ((1, 1),)),
        (COVERED_CALL, held(199, 2), ((1, 1),)),
        (BUTTERFLY, held(1, 2, 1), ()),
        (BUTTERFLY, held(2, 3, 1), ((1, 1),)),
        (BUTTERFLY, held(1, 4, 2), ((1, 2),)),
        (SHARED, held(1, 2, 3), ((1, 1),)),
        (SHARED, held(1, 1, 4), ((2, 1),)),
    ],
)
def test_filled_risk_beyond_what_every_hedge_covers_is_exposed(
    group: Group, holdings: Holdings, exposed: tuple[tuple[int, int], ...]
) -> None:
    assert uncovered(group, holdings) == sells(*exposed)


@pytest.mark.req("S4.6")
def test_hedge_that_may_leave_covers_nothing_and_hedge_that_works_covers_nothing_yet() -> None:
    risky = Holding(Decimal(3))
    leaving = Holding(Decimal(3), leaving=Decimal(1))
    working = Holding(Decimal(2), working=Decimal(1))
    assert uncovered(SPREAD, (leaving, risky)) == sells((1, 1))
    assert uncovered(SPREAD, (working, risky)) == sells((1, 1))


@pytest.mark.req("S4.6")
def test_an_exposed_leg_is_named_with_its_own_side() -> None:
    assert uncovered(PROTECTED_STOCK, held(0, 100)) == buys((1, 100))


@pytest.mark.req("S4.6")
@pytest.mark.parametrize(
    ("group", "holdings", "allowed"),
    [
        (SPREAD, held(0, 0), ()),
        (SPREAD, held(1, 0), ((1, 1),)),
        (SPREAD, held(5, 2), ((1, 3),)),
        (SPREAD, held(5, 5), ()),
        (SPREAD, held(7, 5), ()),
        (SPREAD, held(7, 0), ((1, 5),)),
        (SPREAD, held(2, 3), ()),
        (SPREAD, held(-2, 0), ()),
        (CONDOR, held(2, 0, 1, 1), ((1, 2),)),
        (COVERED_CALL, held(99, 0), ()),
        (COVERED_CALL, held(100, 0), ((1, 1),)),
        (COVERED_CALL, held(199, 0), ((1, 1),)),
        (BUTTERFLY, held(3, 0, 2), ((1, 4),)),
        (BUTTERFLY, held(1, 1, 1), ((1, 1),)),
        (SHARED, held(2, 0, 0), ((1, 2), (2, 6))),
        (PROTECTED_STOCK, held(1, 0), ((1, 100),)),
    ],
)
def test_risk_is_sent_only_up_to_the_whole_units_of_filled_hedge(
    group: Group, holdings: Holdings, allowed: tuple[tuple[int, int], ...]
) -> None:
    quantities = tuple((part.leg, int(part.quantity)) for part in sendable(group, holdings))
    assert quantities == allowed
    assert {part.side for part in sendable(group, holdings)} <= {
        leg.side for leg in group.legs if leg.role is LegRole.RISK
    }


@pytest.mark.req("S4.6")
def test_risk_that_works_is_counted_and_hedge_that_works_or_leaves_is_not() -> None:
    ready = Holding(Decimal(4), working=Decimal(1))
    assert sendable(SPREAD, (ready, Holding(Decimal(1), working=Decimal(2)))) == sells((1, 1))
    shaky = Holding(Decimal(4), leaving=Decimal(3))
    assert sendable(SPREAD, (shaky, Holding())) == sells((1, 1))
    reversing = Holding(Decimal(4), leaving=Decimal(2))
    assert sendable(SPREAD, (Holding(Decimal(4)), reversing)) == ()


@pytest.mark.req("S4.6")
@pytest.mark.parametrize(
    ("group", "holdings", "wanted"),
    [
        (SPREAD, held(3, 3), ()),
        (SPREAD, held(5, 3), ()),
        (SPREAD, held(1, 3), ((0, 2),)),
        (SPREAD, held(-1, 0), ((0, 1),)),
        (SPREAD, held(0, -2), ()),
        (CONDOR, held(0, 1, 1, 3), ((0, 1), (2, 2))),
        (COVERED_CALL, held(130, 2), ((0, 70),)),
        (BUTTERFLY, held(1, 3, 1), ((0, 1), (2, 1))),
        (BUTTERFLY, held(1, 2, 0), ((2, 1),)),
        (SHARED, held(1, 1, 4), ((0, 1),)),
        (SHARED, held(1, 3, 4), ((0, 2),)),
    ],
)
def test_exactly_the_missing_hedge_is_traded(
    group: Group, holdings: Holdings, wanted: tuple[tuple[int, int], ...]
) -> None:
    assert to_hedge(group, holdings) == buys(*wanted)


@pytest.mark.req("S4.4", "S4.6")
def test_what_a_live_order_may_still_fill_is_not_hedged_twice() -> None:
    sold = Holding(Decimal(3))
    assert to_hedge(SPREAD, (Holding(working=Decimal(2)), sold)) == buys((0, 1))
    assert to_hedge(SPREAD, (Holding(working=Decimal(3)), sold)) == ()
    assert to_hedge(SPREAD, (Holding(Decimal(3), leaving=Decimal(1)), sold)) == buys((0, 1))


@pytest.mark.req("S4.6")
def test_only_risk_that_has_filled_calls_for_a_hedge() -> None:
    assert to_hedge(SPREAD, (Holding(), Holding(Decimal(1), working=Decimal(4)))) == buys((0, 1))


@pytest.mark.req("S4.6")
@pytest.mark.parametrize(
    ("group", "holdings", "undone"),
    [
        (SPREAD, held(0, 0), ()),
        (SPREAD, held(3, 3), ()),
        (SPREAD, held(3, 1), ((0, 2),)),
        (SPREAD, held(3, -1), ((0, 3),)),
        (CONDOR, held(5, 2, 1, 1), ((0, 3),)),
        (COVERED_CALL, held(150, 1), ((0, 50),)),
        (BUTTERFLY, held(3, 3, 2), ((0, 1),)),
        (SHARED, held(4, 1, 4), ((0, 2),)),
    ],
)
def test_hedge_that_covers_nothing_is_undone_by_a_reverse_order(
    group: Group, holdings: Holdings, undone: tuple[tuple[int, int], ...]
) -> None:
    assert to_undo(group, holdings) == sells(*undone)


@pytest.mark.req("S4.6")
def test_risk_that_may_still_fill_keeps_its_hedge() -> None:
    working = Holding(Decimal(1), working=Decimal(2))
    assert to_undo(SPREAD, (Holding(Decimal(5)), working)) == sells((0, 2))
    leaving = Holding(Decimal(5), leaving=Decimal(1))
    assert to_undo(SPREAD, (leaving, working)) == sells((0, 1))
    coming = Holding(Decimal(3), working=Decimal(5))
    assert to_undo(SPREAD, (coming, working)) == ()


@st.composite
def groups(draw: st.DrawFn) -> Group:
    hedges = draw(st.integers(1, 3))
    risks = draw(st.integers(1, 3))
    indices = range(hedges, hedges + risks)
    covers = [
        draw(st.sets(st.sampled_from(indices), min_size=1).map(sorted)) for _ in range(hedges)
    ]
    bare = set(indices) - {index for cover in covers for index in cover}
    covers[0] = sorted({*covers[0], *bare})
    ratios = st.integers(1, 7)
    legs = [hedge(*cover, ratio=draw(ratios)) for cover in covers]
    legs += [risk(draw(ratios)) for _ in indices]
    return Group(tuple(legs), units=draw(st.integers(1, 20)))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Group, Holdings]:
    group = draw(groups())
    quantities = st.integers(0, 40).map(Decimal)
    holding = st.builds(Holding, quantities, quantities, quantities)
    return group, tuple(draw(holding) for _ in group.legs)


def with_more(
    holdings: Holdings, parts: tuple[LegQuantity, ...], sign: int, *, drop_live: bool
) -> Holdings:
    change = {part.leg: part.quantity * sign for part in parts}
    return tuple(
        Holding(
            holding.filled + change.get(leg, Decimal(0)),
            Decimal(0) if drop_live else holding.working,
            Decimal(0) if drop_live else holding.leaving,
        )
        for leg, holding in enumerate(holdings)
    )


@pytest.mark.req("S4.6")
@given(situations())
def test_risk_that_may_be_sent_never_becomes_exposed(situation: tuple[Group, Holdings]) -> None:
    group, holdings = situation
    before = {part.leg: part.quantity for part in uncovered(group, holdings)}
    sent = with_more(holdings, sendable(group, holdings), 1, drop_live=False)
    assert {part.leg: part.quantity for part in uncovered(group, sent)} == before
    assert sendable(group, sent) == ()


@pytest.mark.req("S4.6")
@given(situations())
def test_the_hedge_covers_everything_and_one_contract_less_would_not(
    situation: tuple[Group, Holdings],
) -> None:
    group, holdings = situation
    still = tuple(Holding(holding.filled) for holding in holdings)
    wanted = to_hedge(group, still)
    assert uncovered(group, with_more(still, wanted, 1, drop_live=True)) == ()
    for index, part in enumerate(wanted):
        less = LegQuantity(part.leg, part.side, part.quantity - 1)
        almost = (*wanted[:index], less, *wanted[index + 1 :])
        assert uncovered(group, with_more(still, almost, 1, drop_live=True))


@pytest.mark.req("S4.6")
@given(situations())
def test_an_undo_never_exposes_risk_even_if_all_that_works_fills(
    situation: tuple[Group, Holdings],
) -> None:
    group, holdings = situation
    worst = tuple(
        Holding(holding.possible if leg.role is LegRole.RISK else holding.sure)
        for leg, holding in zip(group.legs, holdings, strict=True)
    )
    undone = with_more(worst, to_undo(group, holdings), -1, drop_live=True)
    assert uncovered(group, undone) == uncovered(group, worst)
    assert to_undo(group, undone) == ()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: risk(ratio=0), "the ratio of a leg is 0; it is 1 or more"),
        (
            lambda: GroupLeg(LegRole.RISK, Side.SELL, 1, (0,)),
            r"a risk leg covers nothing, and this one names \(0,\)",
        ),
        (hedge, "a hedge leg must name the risk legs that it covers"),
        (
            lambda: hedge(2, 1),
            r"a hedge names its risk legs once and in order, not as \(2, 1\)",
        ),
        (
            lambda: hedge(1, 1),
            r"a hedge names its risk legs once and in order, not as \(1, 1\)",
        ),
        (
            lambda: Group((hedge(1), risk()), units=0),
            "a group is of 0 units; it is of 1 or more",
        ),
        (
            lambda: Group((hedge(1, 3), risk()), units=1),
            "leg 3 is covered and is no risk leg of the group",
        ),
        (
            lambda: Group((hedge(1), hedge(2), risk()), units=1),
            "leg 1 is covered and is no risk leg of the group",
        ),
        (lambda: Group((), units=1), "a group needs a risk leg"),
        (
            lambda: Group((hedge(1), risk(), risk()), units=1),
            "risk leg 2 is covered by no hedge leg",
        ),
        (
            lambda: Group((*(hedge(100) for _ in range(100)), risk()), units=1),
            "a group has at most 100 legs, not 101",
        ),
    ],
)
def test_a_group_refuses_what_makes_no_sense(make: object, complaint: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        make()


def test_a_group_may_have_a_hundred_legs() -> None:
    legs = (*(hedge(99) for _ in range(99)), risk())
    assert Group(legs, units=1).hedges_of(99) == tuple(range(99))


@pytest.mark.parametrize("which", ["working", "leaving"])
def test_what_may_still_happen_is_never_negative(which: str) -> None:
    with pytest.raises(ValueError, match=r"what may still happen is never below 0$"):
        Holding(Decimal(1), **{which: Decimal(-1)})


def test_a_group_and_its_holdings_survive_json() -> None:
    groups_ = TypeAdapter(Group)
    assert groups_.validate_json(groups_.dump_json(CONDOR)) == CONDOR
    holdings = TypeAdapter(Holdings)
    some = held(1, -2)
    assert holdings.validate_json(holdings.dump_json(some)) == some
    parts = TypeAdapter(tuple[LegQuantity, ...])
    assert parts.validate_json(parts.dump_json(sells((1, 2)))) == sells((1, 2))
