"""How an order's fills are booked while its trade is under way.

Without this, a position would count as an order in flight until its trade is settled, on top of
what the broker's own figures hold of it by then. A report may be late, come twice, or come after
the settlement; so it only moves forward what is known, and the settlement has the last word. Room
is given back only for an order that is proven over at the broker: one that merely does not wait any
more can be approved anew under the same key. The figures themselves are kept as well: on another
day the broker shows none of them any more.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.accounts.state import AccountState, TradeRecord
from backstay.domain.figures import plain
from backstay.domain.ids import Effect
from backstay.domain.orders.summary import OrderSummary


@dataclass(frozen=True, slots=True)
class Reporting:
    """The account and the trade after a report, and what in it does not fit what the book knows."""

    state: AccountState
    record: TradeRecord | None
    doubt: str = ""


def report(state: AccountState, record: TradeRecord | None, order: OrderSummary) -> Reporting:
    """Book what `order` has filled so far, and its end; what is known already changes nothing."""
    if record is not None and record.is_over:
        return Reporting(state, record, _late(record, order))
    claim = state.book.claim(order.key)
    if claim is None or claim.side is not order.side:
        text = f"{order.key} {order.side} was never approved here, and has filled"
        return Reporting(state, record, f"{text} {plain(order.filled)}" if order.filled else "")
    book = state.book
    if order.filled > claim.filled:
        book = book.filled(order.key, order.filled)
    if order.is_settled and not claim.ended:
        book = book.released(order.key)
    return Reporting(replace(state, book=book), _with_entry(record, order))


def _with_entry(record: TradeRecord | None, order: OrderSummary) -> TradeRecord | None:
    """The trade with the newest of its entry: less than before only where executions say so."""
    if record is None or order.key.purpose.effect is not Effect.OPENS:
        return record
    before = record.entry
    if before is not None and _extent(order) < _extent(before) and not order.is_counted:
        return record
    return replace(record, entry=order)


def _extent(order: OrderSummary) -> tuple[Decimal, bool, bool]:
    """How much it tells; on another day nobody knows the price any more."""
    return order.filled, order.is_settled, order.average_price is not None


def _late(record: TradeRecord, order: OrderSummary) -> str:
    """What has filled and is not in the settlement that was booked."""
    settled = () if record.settlement is None else record.settlement.orders
    booked = next((each.filled for each in settled if each.key == order.key), Decimal(0))
    if order.filled <= booked:
        return ""
    return (
        f"{order.key} has filled {plain(order.filled)}, its trade was settled with {plain(booked)}"
    )
