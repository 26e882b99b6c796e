"""How a trade that is over gives its room back.

What its orders have filled is booked first, all of it, also that of orders which nobody here has
approved: a position exists whoever allowed it. What was reported of them before gives way to it.
Then the trade leaves the book, and what of its position nobody has closed stays there as foreign.
An order that may still fill keeps the whole trade in the book, because whatever makes its room free
would be free twice.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.accounts.errors import SettlementDiffersError
from backstay.accounts.state import AccountState, Settled, TradeRecord
from backstay.domain.figures import plain
from backstay.domain.ids import Effect
from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import Claim
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.trade.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Settling:
    """How it was booked, and the account and the trade after it."""

    state: AccountState
    record: TradeRecord
    answer: Settled


def settle(state: AccountState, known: TradeRecord | None, settlement: Settlement) -> Settling:
    """Book a settlement; the same one again changes nothing and has the same answer."""
    if settlement.account != state.account:
        raise ValueError(
            f"the settlement is for {settlement.account}, the book is that of {state.account}"
        )
    record = known or TradeRecord(settlement.trade, "")
    before = record.settled
    if before is not None and before.is_over:
        _expect_same(record, settlement)
        return Settling(state, record, before)
    doubts = dict.fromkeys(before.doubts if before is not None else ())
    doubts |= dict.fromkeys(_doubts(state.book, settlement))
    book = state.book
    for order in settlement.orders:
        book = _booked(book, settlement.con_id, order)
    live = tuple(order.key for order in settlement.orders if not order.is_settled)
    if not live:
        book = _without(_exactly(book, settlement), settlement.trade)
    answer = Settled(not live, live, tuple(doubts))
    entry = record.entry if live else None
    record = replace(record, entry=entry, settlement=settlement, settled=answer)
    return Settling(replace(state, book=book), record, answer)


def _expect_same(record: TradeRecord, settlement: Settlement) -> None:
    before = record.settlement
    if before is None or replace(settlement, at=before.at) != before:
        raise SettlementDiffersError(
            f"{settlement.trade} was settled before, and otherwise; what was booked first stands"
        )


def _booked(book: Book, con_id: int, order: OrderSummary) -> Book:
    """The book with all that `order` has filled."""
    if book.claim(order.key) is None:
        value = book.unit_value(con_id)
        claim = Claim(order.key, con_id, order.side, order.quantity, value, Decimal(0))
        book = book.with_claim(claim)
    return book.filled(order.key, order.filled)


def _exactly(book: Book, settlement: Settlement) -> Book:
    """The book with the fills that the settlement has, and no more: the broker may have taken back
    what was reported meanwhile.
    """
    filled = {order.key: order.filled for order in settlement.orders}
    claims = (replace(each, filled=filled.get(each.key, each.filled)) for each in book.claims)
    return replace(book, claims=tuple(claims))


def _without(book: Book, trade: str) -> Book:
    """The book after everything of `trade` has ended."""
    for claim in book.claims:
        if claim.key.trade == trade:
            book = book.released(claim.key)
    return book.settled(trade)


def _doubts(book: Book, settlement: Settlement) -> list[str]:
    """What in a settlement does not fit what is known here."""
    doubts = [
        f"{order.key} opened {plain(order.filled)} and was never approved here"
        for order in settlement.orders
        if order.filled
        and order.key.purpose.effect is not Effect.REDUCES
        and book.claim(order.key) is None
    ]
    told = {order.key: order.filled for order in settlement.orders}
    doubts += [
        f"{claim.key} was reported with {plain(claim.filled)} filled,"
        f" the settlement says {plain(told.get(claim.key, Decimal(0)))}"
        for claim in book.claims
        if claim.key.trade == settlement.trade and claim.filled > told.get(claim.key, Decimal(0))
    ]
    net = sum((order.signed_filled for order in settlement.orders), Decimal(0))
    if abs(net) != abs(settlement.left_over):
        doubts.append(
            f"the orders of {settlement.trade} leave {plain(abs(net))} of the contract"
            f" {settlement.con_id}, the settlement says {plain(abs(settlement.left_over))}"
        )
    return doubts
