"""Expiry, assignment and exercise, recognised from what they leave behind.

Owns the arithmetic of delivery. The broker need not report these events: overnight a position in
an option is smaller or gone, and one in its underlying may have moved. An option that lost units
while its underlying moved by all that they deliver was exercised if it was long and assigned if it
was short. One that is gone on its last day, or after it, has expired.

The premium of what was delivered goes into the price of the shares, which is how the broker books
it too. Deliveries to and from a spread can cancel out and a cash settlement moves no shares; both
look like expiries, so the price of an expiry is an estimate.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backstay.domain.instruments import Right
from backstay.domain.positions.entries import Cause
from backstay.domain.positions.gaps import Gap, SystemPosition
from backstay.domain.positions.ledger import NOTHING, closing_part
from backstay.domain.sides import Side, side_that_closes

_CAUSES = {Side.SELL: Cause.EXERCISED, Side.BUY: Cause.ASSIGNED}


@dataclass(frozen=True, slots=True)
class PositionEvent:
    """`change` of one contract at `price`, and the option that it comes from."""

    con_id: int
    option_con_id: int
    cause: Cause
    change: Decimal
    price: Decimal
    estimated: bool = False


def option_events(gaps: tuple[Gap, ...], day: date) -> tuple[PositionEvent, ...]:
    """What happened to the options among `gaps` up to the trading day `day`, deliveries included.

    What moved in an underlying is used up by the first options that explain it.
    """
    moved = {gap.con_id: gap.change for gap in gaps}
    events: list[PositionEvent] = []
    for gap in gaps:
        found = _events_of(gap, gap.known, moved, day) if gap.known and gap.is_closing else ()
        for event in found:
            moved[event.con_id] -= event.change
        events.extend(found)
    return tuple(events)


def _events_of(
    gap: Gap, known: SystemPosition, moved: dict[int, Decimal], day: date
) -> tuple[PositionEvent, ...]:
    """What explains that the option of `gap` has lost units; nothing, if it is no option."""
    option = known.option
    if option is None:
        return ()
    sign = 1 if option.terms.right is Right.CALL else -1
    shares = -sign * gap.change * known.journal.multiplier
    if option.underlying is not None and _explains(moved.get(option.underlying, NOTHING), shares):
        premium = min(gap.average_price, option.terms.strike)
        cause = _CAUSES[side_that_closes(gap.ours)]
        price = option.terms.strike + sign * premium
        return (
            PositionEvent(gap.con_id, gap.con_id, cause, gap.change, premium),
            PositionEvent(option.underlying, gap.con_id, Cause.DELIVERED, shares, price),
        )
    if day >= option.terms.expiry and not gap.theirs:
        return (PositionEvent(gap.con_id, gap.con_id, Cause.EXPIRED, gap.change, NOTHING, True),)
    return ()


def _explains(moved: Decimal, shares: Decimal) -> bool:
    """Whether an underlying that has moved so far can have received, or given, all of `shares`."""
    return closing_part(moved, -shares) == -shares
