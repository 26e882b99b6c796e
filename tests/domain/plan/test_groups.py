"""What the legs of a group say against each other, and who covers whom."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.hedging.exposure import LegRole
from backstay.domain.plan.coverage import coverage, uncovered
from backstay.domain.plan.leg import Leg
from tests.domain.plan.documents import (
    EXPIRY,
    Document,
    changed,
    complaints_of,
    group,
    group_of,
    leg,
    stock_leg,
)

CONDOR = (
    leg("HEDGE", "buy", 5600, "P"),
    leg("RISK", "sell", 5700, "P"),
    leg("HEDGE", "buy", 6400, "C"),
    leg("RISK", "sell", 6300, "C"),
)


def until(document: Document, days: int) -> Document:
    return changed(document, {"instrument.expiry": EXPIRY + timedelta(days=days)})


def covers_of(*legs: Document) -> tuple[tuple[int, ...], ...]:
    return coverage(group_of(group(*legs)).group.legs)


@pytest.mark.req("S4.6")
@pytest.mark.parametrize(
    ("legs", "covers"),
    [
        (CONDOR, ((1,), (), (3,), ())),
        ((CONDOR[1], CONDOR[0]), ((), (0,))),
        ((until(CONDOR[0], 1), CONDOR[1]), ((1,), ())),
        ((stock_leg("HEDGE", "buy", ratio=100), CONDOR[3]), ((1,), ())),
        ((stock_leg("HEDGE", "sell", ratio=100), CONDOR[1]), ((1,), ())),
        ((CONDOR[0], stock_leg("RISK", "buy", ratio=100)), ((1,), ())),
        ((CONDOR[2], stock_leg("RISK", "sell", ratio=100)), ((1,), ())),
        (
            (
                leg("HEDGE", "buy", 5600, "P", ratio=2),
                leg("RISK", "sell", 5700, "P"),
                leg("RISK", "sell", 5650, "P"),
            ),
            ((1, 2), (), ()),
        ),
        (
            (
                leg("HEDGE", "buy", 5600, "P"),
                leg("RISK", "sell", 5700, "P", ratio=2),
                leg("HEDGE", "buy", 5800, "P"),
            ),
            ((1,), (), (1,)),
        ),
        ((leg("HEDGE", "buy", 5600, "P", covers=[1]), CONDOR[3]), ((1,), ())),
        (
            (leg("HEDGE", "buy", 5600, "P", covers=[2, 1, 2]), CONDOR[1], CONDOR[3]),
            ((1, 2), (), ()),
        ),
        ((stock_leg("HEDGE", "sell", covers=[1]), leg("RISK", "buy", 5600, "C")), ((1,), ())),
    ],
)
def test_what_a_hedge_leg_covers_follows_from_the_contracts_or_is_named(
    legs: tuple[Document, ...], covers: tuple[tuple[int, ...], ...]
) -> None:
    assert covers_of(*legs) == covers


@pytest.mark.req("S4.6")
@pytest.mark.parametrize(
    ("legs", "said"),
    [
        (
            (CONDOR[0], CONDOR[1], CONDOR[3]),
            [
                (
                    "group.leg[2]: no HEDGE leg covers it; it needs a bought SPX call "
                    "that lives as long, bought stock or a HEDGE leg with covers = [2]"
                )
            ],
        ),
        (
            (until(CONDOR[0], -1), CONDOR[1]),
            [
                "group.leg[0]: covers no RISK leg; name in covers what it is for",
                (
                    "group.leg[1]: no HEDGE leg covers it; it needs a bought SPX put "
                    "that lives as long, sold stock or a HEDGE leg with covers = [1]"
                ),
            ],
        ),
        (
            (*CONDOR, stock_leg("RISK", "buy")),
            ["group.leg[4].ratio: 1; HEDGE legs for 100 shares face RISK legs for 101"],
        ),
        (
            (*CONDOR[2:], stock_leg("RISK", "buy")),
            [
                (
                    "group.leg[2]: no HEDGE leg covers it; it needs a bought SPX put "
                    "or a HEDGE leg with covers = [2]"
                )
            ],
        ),
        (
            (*CONDOR[:2], stock_leg("RISK", "sell")),
            [
                (
                    "group.leg[2]: no HEDGE leg covers it; it needs a bought SPX call "
                    "or a HEDGE leg with covers = [2]"
                )
            ],
        ),
        (
            (*CONDOR, leg("RISK", "buy", 6000, "C")),
            ["group.leg[4]: no HEDGE leg covers it; it needs a HEDGE leg with covers = [4]"],
        ),
        (
            (*CONDOR, leg("HEDGE", "sell", 6000, "C")),
            ["group.leg[4]: covers no RISK leg; name in covers what it is for"],
        ),
        (
            (
                stock_leg("HEDGE", "buy"),
                changed(stock_leg("RISK", "sell"), {"instrument.exchange": "NYSE"}),
            ),
            [
                "group.leg[0]: covers no RISK leg; name in covers what it is for",
                (
                    "group.leg[1]: no HEDGE leg covers it; it needs a bought SPX call "
                    "or a HEDGE leg with covers = [1]"
                ),
                (
                    "group.leg[1].instrument: the same contract as group.leg[0]; "
                    "a contract has one leg"
                ),
            ],
        ),
        (
            (changed(CONDOR[0], {"instrument.symbol": "XSP"}), CONDOR[1]),
            [
                "group.leg[0]: covers no RISK leg; name in covers what it is for",
                (
                    "group.leg[1]: no HEDGE leg covers it; it needs a bought SPX put "
                    "that lives as long, sold stock or a HEDGE leg with covers = [1]"
                ),
            ],
        ),
    ],
)
def test_a_leg_without_its_counterpart_is_refused_with_what_would_be_one(
    legs: tuple[Document, ...], said: list[str]
) -> None:
    assert complaints_of(group(*legs)) == said


@pytest.mark.req("S4.6")
@pytest.mark.parametrize(
    ("hedges", "risks", "said"),
    [
        ((1,), 1, None),
        ((1,), 2, "2; HEDGE legs for 100 shares face RISK legs for 200"),
        ((1, 1), 2, None),
        ((1, 1), 3, "3; HEDGE legs for 200 shares face RISK legs for 300"),
    ],
)
def test_a_ratio_that_its_hedges_can_not_carry_is_refused(
    hedges: tuple[int, ...], risks: int, said: str | None
) -> None:
    legs = [leg("HEDGE", "buy", 5600 + at, "P", ratio=ratio) for at, ratio in enumerate(hedges)]
    document = group(leg("RISK", "sell", 5700, "P", ratio=risks), *legs)
    if said is None:
        assert group_of(document).group.legs[0].ratio == risks
    else:
        assert complaints_of(document) == [f"group.leg[0].ratio: {said}"]


@pytest.mark.parametrize(
    ("shares", "is_enough"), [(1, False), (99, False), (100, True), (101, True)]
)
def test_a_sold_option_needs_a_hundred_shares_behind_it(shares: int, *, is_enough: bool) -> None:
    document = group(stock_leg("HEDGE", "buy", ratio=shares), CONDOR[3])
    if is_enough:
        assert group_of(document).group.legs[0].ratio == shares
    else:
        assert complaints_of(document) == [
            f"group.leg[1].ratio: 1; HEDGE legs for {shares} shares face RISK legs for 100"
        ]


def test_a_hedge_that_names_its_risk_is_believed_about_the_ratio() -> None:
    document = group(
        leg("HEDGE", "buy", 5600, "P", covers=[1]), leg("RISK", "sell", 5700, "P", ratio=3)
    )
    assert group_of(document).group.leg_quantity(1) == 15


@pytest.mark.parametrize(
    ("legs", "said"),
    [
        (
            (leg("HEDGE", "buy", 5600, "P", covers=[0]), CONDOR[1], CONDOR[2], CONDOR[3]),
            [
                "group.leg[0].covers[0]: 0; expected the number of a RISK leg: 1 or 3",
                (
                    "group.leg[1]: no HEDGE leg covers it; it needs a bought SPX put "
                    "that lives as long, sold stock or a HEDGE leg with covers = [1]"
                ),
            ],
        ),
        (
            (CONDOR[0], leg("RISK", "sell", 5700, "P", covers=[1])),
            ["group.leg[1].covers: only a HEDGE leg covers others"],
        ),
        (
            (
                leg("RISK", "sell", 5700, "P", covers=[0]),
                leg("HEDGE", "buy", 5600, "P", covers=[0, 2]),
                CONDOR[2],
                CONDOR[3],
            ),
            [
                "group.leg[0].covers: only a HEDGE leg covers others",
                "group.leg[1].covers[1]: 2; expected the number of a RISK leg: 0 or 3",
            ],
        ),
    ],
)
def test_covers_names_risk_legs_from_a_hedge_leg(
    legs: tuple[Document, ...], said: list[str]
) -> None:
    assert complaints_of(group(*legs)) == said


@pytest.mark.parametrize("legs", [(CONDOR[0], CONDOR[2]), (CONDOR[1], CONDOR[3])])
def test_a_group_has_a_leg_of_each_role(legs: tuple[Document, ...]) -> None:
    assert complaints_of(group(*legs)) == [
        "group.leg: needs at least one HEDGE leg and one RISK leg"
    ]


def test_a_contract_has_one_leg_also_when_it_is_routed_elsewhere() -> None:
    again = changed(CONDOR[1], {"instrument.exchange": "CBOE", "side": "buy", "role": "HEDGE"})
    assert complaints_of(group(CONDOR[0], CONDOR[1], again)) == [
        "group.leg[2].instrument: the same contract as group.leg[1]; a contract has one leg"
    ]


def test_two_trading_classes_of_the_same_terms_are_two_contracts() -> None:
    weekly = changed(CONDOR[0], {"instrument.trading_class": "SPXW", "instrument.strike": 5700})
    assert covers_of(weekly, CONDOR[1]) == ((1,), ())


def test_the_legs_of_a_group_share_one_currency() -> None:
    euro = [changed(each, {"instrument.currency": "EUR"}) for each in CONDOR[2:]]
    assert complaints_of(group(*CONDOR[:2], *euro)) == [
        "group.leg: the legs are in EUR and USD; a group has one currency"
    ]


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (Decimal("2499.99"), None),
        (2500, "stop.loss: 2500 is not below group.max_loss 2500; the stop has to act first"),
        (2501, "stop.loss: 2501 is not below group.max_loss 2500; the stop has to act first"),
    ],
)
def test_the_stop_of_a_group_acts_before_its_greatest_loss(loss: Decimal, said: str | None) -> None:
    document = group(stop__loss=loss)
    if said is None:
        assert group_of(document).stop.loss == loss
    else:
        assert complaints_of(document) == [said]


def test_the_quantity_of_a_leg_is_its_ratio_in_every_set() -> None:
    plan = group_of(group(stock_leg("HEDGE", "buy", ratio=100), CONDOR[3]))
    assert [plan.group.leg_quantity(number) for number in (0, 1)] == [500, 5]


EXPIRIES = [date(2026, 12, 18), date(2027, 1, 15), date(2027, 2, 19)]


@st.composite
def families(draw: st.DrawFn) -> tuple[Leg, ...]:
    """Legs of one family: bought and sold puts, sold stock as a hedge, bought stock as a risk."""
    roles = draw(st.lists(st.sampled_from(["HEDGE", "RISK"]), min_size=2, max_size=6))
    legs = []
    for strike, role in enumerate(roles, start=1):
        side = "buy" if role == "HEDGE" else "sell"
        option = leg(role, side, strike, "P", ratio=draw(st.integers(1, 3)))
        option["instrument"]["expiry"] = draw(st.sampled_from(EXPIRIES))
        legs.append(Leg.model_validate(option))
    if draw(st.booleans()):
        ratio = draw(st.integers(1, 3)) * 100
        stock = draw(st.sampled_from([("HEDGE", "sell"), ("RISK", "buy")]))
        legs.append(Leg.model_validate(stock_leg(*stock, ratio=ratio)))
    return tuple(legs)


def shares(leg_of_family: Leg) -> int:
    return leg_of_family.ratio * (100 if leg_of_family.instrument.is_option else 1)


@pytest.mark.req("S4.6")
@given(families())
def test_a_family_is_refused_exactly_if_some_of_its_risks_outweigh_all_their_hedges(
    legs: tuple[Leg, ...],
) -> None:
    covered = coverage(legs)
    risks = [number for number, each in enumerate(legs) if each.role is LegRole.RISK]
    every_set = chain.from_iterable(combinations(risks, size) for size in range(1, len(risks) + 1))
    too_thin = any(
        sum(shares(legs[number]) for number in some)
        > sum(shares(legs[at]) for at, numbers in enumerate(covered) if set(some) & set(numbers))
        for some in every_set
    )
    about_risks = [
        complaint
        for complaint in uncovered(legs)
        if legs[int(complaint.path[0])].role is LegRole.RISK
    ]
    assert bool(about_risks) == too_thin
