"""System against broker.

Owns the comparison: every difference between our books and the broker's answer gets one class and
one correction. The broker is the truth about how much there is, and nothing is concluded from an
answer that is not whole: then the result is `CannotTell`, never "no difference".

Explanations are tried from the one that needs no belief to the one that needs the most: an option
event, an entry of ours that the broker does not bear out, a fill that one of our orders can still
have had, a close by hand. What is left, more than we can account for, is not explained away: it may
be somebody else in the account, and a person is asked.

Fractions of a unit are reported and never chased. Prices are compared only while a position has
done nothing but grow since it was flat: after a partial close the broker's average depends on how
it matches lots, which changes overnight and by the owner's choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backstay.domain.figures import total
from backstay.domain.ids import IntentKey
from backstay.domain.positions.answers import ExecutionsAnswer, PositionsAnswer
from backstay.domain.positions.doubts import second_thoughts
from backstay.domain.positions.entries import Adjustment, Cause, Execution, Revaluation
from backstay.domain.positions.findings import (
    AskPerson,
    Book,
    CannotTell,
    Compared,
    Correction,
    Difference,
    DifferenceClass,
    ForeignPosition,
    ReadFills,
    ReportOnly,
)
from backstay.domain.positions.gaps import Gap, SystemPosition, gaps_between, undecided
from backstay.domain.positions.ledger import Ledger, closing_part
from backstay.domain.positions.option_events import PositionEvent, option_events
from backstay.domain.prices import percent_of
from backstay.domain.sides import Side, side_that_closes


@dataclass(frozen=True, slots=True)
class PriceTolerance:
    """How far two average prices may lie apart: a percentage, but at least an amount for a unit.

    The broker's includes its commissions, for stocks up to 1 % of the value.
    """

    percent: Decimal = Decimal(1)
    amount: Decimal = Decimal("0.02")

    def covers(self, ours: Decimal, theirs: Decimal) -> bool:
        """Whether the two prices count as the same."""
        return abs(ours - theirs) <= max(percent_of(theirs, self.percent), self.amount)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, for those who look at one contract."""

    at: datetime
    executions: ExecutionsAnswer
    tolerance: PriceTolerance


def compare(
    system: tuple[SystemPosition, ...],
    positions: PositionsAnswer,
    executions: ExecutionsAnswer,
    day: date,
    tolerance: PriceTolerance,
) -> Compared | CannotTell:
    """The differences between our books and the broker's two answers on the trading day `day`."""
    missing = _what_is_missing(system, positions, executions)
    if missing:
        return CannotTell(missing)
    gaps = gaps_between(system, positions.positions)
    skipped = undecided(gaps, positions.asked_at)
    compared = tuple(gap for gap in gaps if gap.con_id not in {one.con_id for one in skipped})
    events = option_events(compared, day)
    asked = _Asked(positions.asked_at, executions, tolerance)
    return Compared(
        tuple(difference for gap in compared for difference in _differences_of(gap, events, asked)),
        skipped,
        tuple(
            ForeignPosition(gap.con_id, gap.net.held_by(None))
            for gap in gaps
            if gap.net and gap.net.held_by(None)
        ),
    )


def _what_is_missing(
    system: tuple[SystemPosition, ...], positions: PositionsAnswer, executions: ExecutionsAnswer
) -> str | None:
    """Why nothing can be concluded, if that is so."""
    if not positions.complete:
        return "the broker's positions are not complete"
    if not executions.complete:
        return "the broker's executions are not complete"
    booked = {
        entry.exec_id
        for position in system
        for entry in position.journal.entries
        if isinstance(entry, Execution)
    }
    unbooked = [exec_id for exec_id in executions.exec_ids if exec_id not in booked]
    if unbooked:
        return f"the broker tells of execution {unbooked[0]}, which is not booked"
    return None


def _differences_of(
    gap: Gap, events: tuple[PositionEvent, ...], asked: _Asked
) -> Iterator[Difference]:
    """All that is different about one contract: events first, then quantity or price, fractions."""
    ours = gap.ours
    for event in events:
        if event.con_id == gap.con_id:
            ours += event.change
            yield _difference(
                gap, DifferenceClass(event.cause), Book((_event_adjustment(event, asked),))
            )
    if ours != gap.theirs:
        yield _quantity_difference(gap, ours, asked)
    elif gap.net and gap.system_quantity and gap.system_quantity == gap.broker_quantity:
        yield from _price_difference(gap, gap.net.total, asked)
    if gap.fraction:
        yield _difference(gap, DifferenceClass.FRACTION, ReportOnly())


def _quantity_difference(gap: Gap, ours: Decimal, asked: _Asked) -> Difference:
    """What explains that the broker has not `ours`, by the explanation that believes the least."""
    change = gap.theirs - ours
    closing = closing_part(ours, change)
    direction = DifferenceClass.ABOVE if closing else DifferenceClass.BELOW
    if gap.known:
        journal = gap.known.journal
        if withdrawals := second_thoughts(journal, asked.executions, change, asked.at):
            return _difference(gap, direction, Book(withdrawals))
        if orders := _orders_that_fill(gap.known, change):
            return _difference(gap, direction, ReadFills(orders))
    if closing == change:
        by_hand = _adjustment(gap, Cause.BY_HAND, change, gap.average_price, asked)
        return _difference(gap, DifferenceClass.CLOSED_BY_HAND, Book((by_hand,)))
    adopted = _adjustment(gap, Cause.ADOPTED, change, gap.broker_price, asked)
    return _difference(gap, DifferenceClass.UNEXPECTED, AskPerson(adopted))


def _orders_that_fill(known: SystemPosition, change: Decimal) -> tuple[IntentKey, ...]:
    """The orders of ours that can together have filled `change`, if they can."""
    able = [order for order in known.unsettled if order.side is _side(change)]
    enough = total(order.quantity for order in able) >= abs(change)
    return tuple(order.key for order in able) if enough else ()


def _price_difference(gap: Gap, total: Ledger, asked: _Asked) -> Iterator[Difference]:
    """The broker's price instead of ours, where the two can be compared and lie apart."""
    ours, theirs = gap.average_price, gap.broker_price
    if not total.only_grown or not theirs or asked.tolerance.covers(ours, theirs):
        return
    amount = total.open_profit(theirs)
    revaluation = Revaluation(_name("price", gap.con_id, asked), gap.con_id, amount, asked.at)
    yield Difference(gap.con_id, DifferenceClass.PRICE, ours, theirs, Book((revaluation,)))


def _difference(gap: Gap, what: DifferenceClass, correction: Correction) -> Difference:
    return Difference(gap.con_id, what, gap.system_quantity, gap.broker_quantity, correction)


def _event_adjustment(event: PositionEvent, asked: _Asked) -> Adjustment:
    """An option event as an entry, named for its option: several can deliver to one contract."""
    return Adjustment(
        name=_name(event.cause, event.option_con_id, asked),
        con_id=event.con_id,
        trade=None,
        side=_side(event.change),
        quantity=abs(event.change),
        price=event.price,
        at=asked.at,
        cause=event.cause,
        estimated=event.estimated,
    )


def _adjustment(
    gap: Gap, cause: Cause, change: Decimal, price: Decimal, asked: _Asked
) -> Adjustment:
    """A change that nobody reported, at the best price that we know."""
    return Adjustment(
        name=_name(cause, gap.con_id, asked),
        con_id=gap.con_id,
        trade=None,
        side=_side(change),
        quantity=abs(change),
        price=price,
        at=asked.at,
        cause=cause,
        estimated=True,
    )


def _side(change: Decimal) -> Side:
    """The side that trades `change`: the one that would close its opposite."""
    return side_that_closes(-change)


def _name(reason: str, con_id: int, asked: _Asked) -> str:
    """The same answer of the broker gives the same name, so booking it twice changes nothing."""
    return f"{reason}:{con_id}:{asked.at.isoformat()}"
