"""Which hedge legs of a group cover which risk legs.

Owns the derivation: what bounds the loss of an exposed leg, by the contracts alone. A risk leg is
sent only against filled hedges, so one that nothing covers could never be sent, and a plan that
holds one is refused. Where a hedge means what can't be derived, such as another symbol, its leg
names what it covers, and is believed.

Only a bought option, or stock on the other side, bounds a loss by itself:

    risk            hedge
    a sold call     bought calls that live as long, or bought stock
    a sold put      bought puts that live as long, or sold stock
    bought stock    bought puts
    sold stock      bought calls
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from backstay.domain.hedging.exposure import LegRole
from backstay.domain.instruments import Right
from backstay.domain.plan.complaints import Complaint, either
from backstay.domain.plan.leg import Leg
from backstay.domain.sides import Side

SHARES_AN_OPTION = 100
"""What one listed US option delivers. A plan has no more to go by: an option that delivers
something else is weighed again with its real multiplier, once the broker has named it."""


def coverage(legs: Sequence[Leg]) -> tuple[tuple[int, ...], ...]:
    """For each leg, in order, the numbers of the risk legs that it covers."""
    risks = _numbers(legs, LegRole.RISK)
    return tuple(
        tuple(number for number in risks if _covers(hedge, number, legs[number])) for hedge in legs
    )


def uncovered(legs: Sequence[Leg]) -> Iterable[Complaint]:
    """Everything that the coverage of `legs` lacks, with paths that start at a leg's number."""
    yield from _wrong_names(legs)
    covered = coverage(legs)
    for number in _numbers(legs, LegRole.RISK):
        if not any(number in numbers for numbers in covered):
            wanted = f"{_wanted(legs[number])}a HEDGE leg with covers = [{number}]"
            yield Complaint((number,), f"no HEDGE leg covers it; it needs {wanted}")
    for number in _numbers(legs, LegRole.HEDGE):
        if legs[number].covers is None and not covered[number]:
            yield Complaint((number,), "covers no RISK leg; name in covers what it is for")
    yield from _too_thin(legs)


class _Family(NamedTuple):
    """Legs that can stand against each other: one symbol, one direction of loss."""

    symbol: str
    right: Right


def _family(leg: Leg) -> _Family | None:
    """Where `leg` bounds a loss, as a hedge, or needs a bound, as a risk; None where it can't."""
    is_hedge = leg.role is LegRole.HEDGE
    is_bought = leg.side is Side.BUY
    right = leg.instrument.right
    if right is None:
        right = Right.CALL if is_bought == is_hedge else Right.PUT
    elif is_bought != is_hedge:
        return None
    return _Family(leg.instrument.symbol, right)


def _lives_until(leg: Leg) -> date:
    """When the leg ends: stock outlives every option as a hedge, and asks no life of one."""
    return leg.instrument.expiry or (date.max if leg.role is LegRole.HEDGE else date.min)


def _covers(hedge: Leg, number: int, risk: Leg) -> bool:
    if hedge.covers is not None:
        return number in hedge.covers
    family = _family(risk)
    has_option = risk.instrument.is_option or hedge.instrument.is_option
    return (
        hedge.role is LegRole.HEDGE
        and family is not None
        and family == _family(hedge)
        and has_option
        and _lives_until(hedge) >= _lives_until(risk)
    )


def _too_thin(legs: Sequence[Leg]) -> Iterable[Complaint]:
    """Hedges that are derived must be enough for all the risk that leans on them.

    Within a family each hedge also covers every risk that ends sooner. So it is enough to compare,
    for every expiry, the risk that lives as long with the hedges that do.
    """
    named = {number for leg in legs for number in leg.covers or ()}
    families: defaultdict[_Family, list[int]] = defaultdict(list)
    for number, leg in enumerate(legs):
        family = _family(leg)
        if family is not None and leg.covers is None and number not in named:
            families[family].append(number)
    for numbers in families.values():
        yield from _thinnest(legs, numbers)


def _thinnest(legs: Sequence[Leg], family: Sequence[int]) -> Iterable[Complaint]:
    for number in family:
        risk = legs[number]
        alive = [legs[at] for at in family if _lives_until(legs[at]) >= _lives_until(risk)]
        needed = sum(_shares(leg) for leg in alive if leg.role is LegRole.RISK)
        there = sum(_shares(leg) for leg in alive if leg.role is LegRole.HEDGE)
        if risk.role is LegRole.RISK and 0 < there < needed:
            text = f"{risk.ratio}; HEDGE legs for {there} shares face RISK legs for {needed}"
            yield Complaint((number, "ratio"), text)
            return


def _shares(leg: Leg) -> int:
    return leg.ratio * (SHARES_AN_OPTION if leg.instrument.is_option else 1)


def _wrong_names(legs: Sequence[Leg]) -> Iterable[Complaint]:
    risks = _numbers(legs, LegRole.RISK)
    for at, leg in enumerate(legs):
        if leg.role is LegRole.RISK and leg.covers is not None:
            yield Complaint((at, "covers"), "only a HEDGE leg covers others")
            continue
        for place, number in enumerate(leg.covers or ()):
            if number not in risks:
                numbers = either([str(risk) for risk in risks])
                text = f"{number}; expected the number of a RISK leg: {numbers}"
                yield Complaint((at, "covers", place), text)


def _wanted(risk: Leg) -> str:
    """What would bound the loss of `risk`, as the start of a choice."""
    family = _family(risk)
    if family is None:
        return ""
    option = f"a bought {family.symbol} {'call' if family.right is Right.CALL else 'put'}"
    if not risk.instrument.is_option:
        return f"{option} or "
    stock = "bought" if family.right is Right.CALL else "sold"
    return f"{option} that lives as long, {stock} stock or "


def _numbers(legs: Sequence[Leg], role: LegRole) -> list[int]:
    return [number for number, leg in enumerate(legs) if leg.role is role]
