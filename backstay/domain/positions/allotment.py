"""Who owns what was traded.

Owns the rule that gives every entry of a contract an owner. What our orders did belongs to their
trade, whole, even where it takes the trade through zero. What came from elsewhere (another screen,
an expiry) first undoes what came from elsewhere, then closes trades, oldest first, and only what
no trade wants is left as foreign. A person who trades by hand beside us so keeps their hands off
our trades for as long as they close what they opened.

The owners are derived from the journal each time and stored nowhere. An execution that is found
late, or a correction of a close by hand that was allotted long ago, gives the allotment that would
have been made had it been known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.figures import total
from backstay.domain.orders.reports import CommissionReported
from backstay.domain.positions.entries import Bookable, Revaluation
from backstay.domain.positions.journal import Journal
from backstay.domain.positions.ledger import (
    NOTHING,
    CommissionTotal,
    Ledger,
    Posting,
    closing_part,
    portion,
)


@dataclass(frozen=True, slots=True)
class Holding:
    """A quantity of one contract (negative if short) and its owner; None is nobody here."""

    trade: str | None
    quantity: Decimal


def allot_by_hand(
    change: Decimal, foreign: Decimal, trades: Iterable[Holding]
) -> tuple[Holding, ...]:
    """`change`, made by no order of ours, among those who had the contract, oldest trade first."""
    undone = closing_part(foreign, change)
    rest = change - undone
    shares = []
    for holding in trades:
        closed = closing_part(holding.quantity, rest)
        rest -= closed
        if closed:
            shares.append(Holding(holding.trade, closed))
    if undone + rest or not shares:
        shares.append(Holding(None, undone + rest))
    return tuple(shares)


def postings(journal: Journal) -> tuple[Posting, ...]:
    """Every entry that counts, with its owners, oldest first."""
    charges = journal.charges()
    held: dict[str | None, Decimal] = {None: NOTHING}
    booked: list[Posting] = []
    for entry in journal.counting():
        for posting in _post(entry, _shares(entry, held), charges.get(entry.name)):
            held[posting.trade] = held.get(posting.trade, NOTHING) + posting.change
            booked.append(posting)
    return tuple(booked)


def ledgers(journal: Journal) -> tuple[Ledger, ...]:
    """One ledger for each owner: the trades, the one that began first at the front, then what is
    foreign, if there ever was any.
    """
    booked = postings(journal)
    owners = dict.fromkeys(posting.trade for posting in booked if posting.trade is not None)
    foreign = [None] if any(posting.trade is None for posting in booked) else []
    return tuple(
        Ledger(journal.con_id, journal.currency, journal.multiplier, owner).after(
            posting for posting in booked if posting.trade == owner
        )
        for owner in (*owners, *foreign)
    )


def _shares(entry: Bookable, held: Mapping[str | None, Decimal]) -> tuple[Holding, ...]:
    """Who owns the change that `entry` makes.

    A revaluation belongs to no trade: the prices of a trade are those of its own executions, and
    only the account's average can differ from the broker's.
    """
    if isinstance(entry, Revaluation):
        return (Holding(None, NOTHING),)
    if entry.trade is not None:
        return (Holding(entry.trade, entry.change),)
    trades = (Holding(trade, quantity) for trade, quantity in held.items() if trade is not None)
    return allot_by_hand(entry.change, held[None], trades)


def _post(
    entry: Bookable, shares: tuple[Holding, ...], charge: CommissionReported | None
) -> tuple[Posting, ...]:
    """One posting for each share. The commission follows the quantity, to its last digit."""
    whole = total(share.quantity for share in shares)
    price, worth = (
        (NOTHING, entry.amount) if isinstance(entry, Revaluation) else (entry.price, NOTHING)
    )
    left = charge.amount if charge else NOTHING
    posted = []
    for share in shares:
        amount = portion(left, share.quantity, whole)
        left -= amount
        whole -= share.quantity
        commission = CommissionTotal(charge.currency, amount) if charge else None
        posted.append(
            Posting(share.trade, entry.name, entry.at, share.quantity, price, worth, commission)
        )
    return tuple(posted)
