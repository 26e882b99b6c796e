"""How an order's fills are booked while its trade is under way.

Without this, a position would count as an order in flight until its trade is settled, on top of
what the broker's own figures hold of it by then. A report may be late, come twice, or come after
the settlement; so it only moves forward what is known, and the settlement has the last word. Room
is given back only for an order that is proven over at the broker: one that merely does not wait any
more can be approved anew under the same key.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.accounts.state import AccountState, TradeRecord
from backstay.domain.figures import plain
from backstay.domain.orders.summary import OrderSummary


@dataclass(frozen=True, slots=True)
class Reporting:
    """The account after a report, and what in the report does not fit what the book knows."""

    state: AccountState
    doubt: str = ""


def report(state: AccountState, record: TradeRecord | None, order: OrderSummary) -> Reporting:
    """Book what `order` has filled so far, and its end; what is known already changes nothing."""
    if record is not None and record.is_over:
        return Reporting(state, _late(record, order))
    claim = state.book.claim(order.key)
    if claim is None or claim.side is not order.side:
        text = f"{order.key} {order.side} was never approved here, and has filled"
        return Reporting(state, f"{text} {plain(order.filled)}" if order.filled else "")
    book = state.book
    if order.filled > claim.filled:
        book = book.filled(order.key, order.filled)
    if order.is_settled and not claim.ended:
        book = book.released(order.key)
    return Reporting(replace(state, book=book))


def _late(record: TradeRecord, order: OrderSummary) -> str:
    """What has filled and is not in the settlement that was booked."""
    settled = () if record.settlement is None else record.settlement.orders
    booked = next((each.filled for each in settled if each.key == order.key), Decimal(0))
    if order.filled <= booked:
        return ""
    return (
        f"{order.key} has filled {plain(order.filled)}, its trade was settled with {plain(booked)}"
    )
