"""Any interleaving of approvals, fills, ends and repetitions: no limit breaks, no sum drifts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import admit
from backstay.domain.limits.claims import ForeignHolding
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.facts import Margin, Request, Touch
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sides import Side
from tests.domain.limits.samples import (
    CONTRACT,
    DAY,
    ENTRY,
    EXIT,
    FACTS,
    HEDGE,
    OTHER_SHARE,
    OTHER_TRADE,
    SETTINGS,
    SHARE,
    TRADE,
    approved,
    key,
    later,
    order,
    with_entry,
)

NOTHING = Decimal(0)
TRADED = (SHARE, OTHER_SHARE, CONTRACT)
CONTRACTS = [instrument.con_id for instrument in TRADED]
TIGHT = replace(
    SETTINGS,
    exposure_max=Decimal(30_000),
    share_position_max=Decimal(150),
    open_trades_max=2,
    entries_per_day_max=6,
)


class Account:
    """An account in which things happen, and a plain record of them besides the book."""

    def __init__(self) -> None:
        self.book = Book()
        self.asked = 0
        self.wanted: dict[IntentKey, OrderIntent] = {}
        self.unit_values: dict[IntentKey, Decimal] = {}
        self.filled: dict[IntentKey, Decimal] = {}
        self.ended: set[IntentKey] = set()
        self.foreign: dict[int, Decimal] = {}

    def ask(self, intent: OrderIntent, price: int = 100) -> None:
        """Ask for an order, a second after the one before it."""
        self.asked += 1
        now = later(self.asked)
        touch, margin = Touch(Decimal(price), Decimal(price), now), Margin(Decimal(1), Decimal(6))
        facts = replace(FACTS, reference=touch, margin=margin, uncovered=Decimal(3))
        self.book, answer = admit((Request(intent, facts),), self.book, TIGHT, now)
        if not isinstance(answer, Refused):
            known = self.wanted.setdefault(intent.key, intent)
            self.wanted[intent.key] = max(known, intent, key=lambda each: each.quantity)
            value = price * intent.instrument.multiplier
            self.unit_values[intent.key] = max(value, self.unit_values.get(intent.key, NOTHING))
            self.filled.setdefault(intent.key, NOTHING)

    def fill(self, named: IntentKey, quantity: Decimal) -> None:
        """Fill more of an order, and tell it twice."""
        self.filled[named] += quantity
        for _ in range(2):
            self.book = self.book.filled(named, self.filled[named])

    def end(self, named: IntentKey) -> None:
        """End an order, and tell it twice."""
        self.ended.add(named)
        for _ in range(2):
            self.book = self.book.released(named)

    def close(self, named: IntentKey) -> None:
        """Sell what an entry has bought, if it has not been sold before."""
        sold = replace(named, purpose=Purpose.EXIT_MANUAL)
        if named.purpose is Purpose.ENTRY and self.filled[named] and sold not in self.wanted:
            quantity = self.filled[named]
            self.ask(replace(self.wanted[named], key=sold, side=Side.SELL, quantity=quantity))
            self.fill(sold, quantity)

    def settle(self, trade: str) -> None:
        """Settle a trade of which nothing can fill any more."""
        keys = [named for named in self.wanted if named.trade == trade]
        if any(self.unfilled(named) for named in keys):
            return
        for con_id in {self.wanted[named].instrument.con_id for named in keys}:
            self.foreign[con_id] = self.held(con_id) - sum(
                (self.signed(n) for n in self.of(con_id) if n.trade != trade), NOTHING
            )
        self.book = self.book.settled(trade).settled(trade)
        for named in keys:
            del self.wanted[named], self.filled[named], self.unit_values[named]
            self.ended.discard(named)

    def of(self, con_id: int) -> list[IntentKey]:
        """The orders in one contract."""
        return [n for n, intent in self.wanted.items() if intent.instrument.con_id == con_id]

    def signed(self, named: IntentKey) -> Decimal:
        """What an order has done to the position."""
        return self.wanted[named].side.sign * self.filled[named]

    def held(self, con_id: int) -> Decimal:
        """What is held of one contract, counted anew."""
        ours = sum((self.signed(named) for named in self.of(con_id)), NOTHING)
        return ours + self.foreign.get(con_id, NOTHING)

    def unfilled(self, named: IntentKey) -> Decimal:
        """What an order that takes risk may still fill, counted anew."""
        over = named in self.ended or not adds(named)
        return NOTHING if over else max(self.wanted[named].quantity - self.filled[named], NOTHING)

    def at_most(self, con_id: int) -> Decimal:
        """How large a position can become, counted anew."""
        in_flight = sum((self.unfilled(named) for named in self.of(con_id)), NOTHING)
        return abs(self.held(con_id)) + in_flight


def adds(named: IntentKey) -> bool:
    """Whether an order adds to a position."""
    return named.purpose is not Purpose.EXIT_MANUAL


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that can happen to an account; what it can't happen to, it leaves as it is."""

    kind: str
    named: IntentKey
    lots: int
    price: int

    def happen_to(self, account: Account) -> None:
        """Let it happen."""
        instrument = TRADED[self.named.leg]
        quantity = self.lots if instrument is CONTRACT else self.lots * 50
        if self.kind == "ask":
            account.ask(order(self.named, quantity, instrument=instrument), self.price)
        elif self.kind == "settle":
            account.settle(self.named.trade)
        elif self.named not in account.wanted:
            return
        elif self.kind == "fill":
            account.fill(self.named, min(Decimal(quantity), account.unfilled(self.named)))
        elif self.kind == "end":
            account.end(self.named)
        else:
            account.close(self.named)


def happenings(*purposes: Purpose) -> st.SearchStrategy[list[Happening]]:
    """Things that happen one after the other to orders of some purposes."""
    kinds = ["ask", "ask", "fill", "fill", "end", "close", "settle"]
    trades = st.sampled_from([TRADE, OTHER_TRADE, "Z0000002"])
    keys = st.builds(
        IntentKey, trades, st.sampled_from(range(3)), st.sampled_from(purposes), st.just(1)
    )
    prices = st.sampled_from([90, 100, 110])
    each = st.builds(Happening, st.sampled_from(kinds), keys, st.integers(1, 3), prices)
    return st.lists(each, min_size=4, max_size=25)


@given(happenings(Purpose.ENTRY))
@pytest.mark.req("S0.4", "S3.4", "I7")
def test_no_interleaving_of_entries_gets_past_a_limit(
    things: list[Happening],
) -> None:
    account = Account()

    for thing in things:
        thing.happen_to(account)

        assert account.book.exposure <= TIGHT.exposure_max
        assert account.book.position_at_most(SHARE.con_id) <= TIGHT.share_position_max
        assert account.book.position_at_most(CONTRACT.con_id) <= TIGHT.option_position_max
        assert account.book.open_trades <= TIGHT.open_trades_max
        assert account.book.entries.count_on(DAY) <= TIGHT.entries_per_day_max
        assert account.book.margin_in_flight <= Decimal("5.4")


@given(happenings(Purpose.ENTRY, Purpose.HEDGE))
@pytest.mark.req("I7")
def test_the_sums_of_the_book_are_those_of_a_plain_recount(
    things: list[Happening],
) -> None:
    account = Account()
    for thing in things:
        thing.happen_to(account)

    for con_id in CONTRACTS:
        assert account.book.held(con_id) == account.held(con_id)
        assert account.book.position_at_most(con_id) == account.at_most(con_id)
    flying = [named for named in account.wanted if account.unfilled(named)]
    assert account.book.margin_in_flight == len(flying)
    if not any(account.foreign.values()):
        dearest = {
            con_id: max((account.unit_values[n] for n in account.of(con_id) if adds(n)), default=0)
            for con_id in CONTRACTS
        }
        assert account.book.exposure == sum(
            account.at_most(con_id) * dearest[con_id] for con_id in CONTRACTS
        )


@pytest.mark.req("S3.4", "I7")
def test_as_many_entries_fit_as_the_cap_has_room_for() -> None:
    account = Account()
    for trade, leg in ((TRADE, 0), (TRADE, 1), (OTHER_TRADE, 0), (OTHER_TRADE, 1)):
        instrument = SHARE if leg == 0 else OTHER_SHARE
        account.ask(order(key(trade=trade, leg=leg), 75, instrument=instrument))

    assert account.book.exposure == TIGHT.exposure_max == 4 * 75 * 100
    account.ask(order(key(leg=2), 1, instrument=CONTRACT), 1)
    assert len(account.book.claims) == 4


FOREIGN = ForeignHolding(SHARE.con_id, Decimal(7), Decimal(100))
HELD = with_entry(filled=10).reserved(
    approved(HEDGE, facts=replace(FACTS, uncovered=Decimal(5))), DAY
)
APPROVED = HELD.reserved(approved(EXIT, HELD), DAY)
REPORTS: list[Callable[[Book], Book]] = [
    lambda book: book.filled(ENTRY.key, Decimal(40)),
    lambda book: book.filled(ENTRY.key, Decimal(100)),
    lambda book: book.released(ENTRY.key),
    lambda book: book.filled(HEDGE.key, Decimal(2)),
    lambda book: book.released(HEDGE.key),
    lambda book: book.filled(EXIT.key, Decimal(60)),
    lambda book: book.filled(replace(EXIT.key, generation=2), Decimal(40)),
    lambda book: book.with_foreign(FOREIGN),
]


@given(st.permutations(REPORTS * 2))
@pytest.mark.req("S4.2", "I3", "I4")
def test_reports_lead_to_one_book_in_whatever_order_and_however_often_they_come(
    reports: list[Callable[[Book], Book]],
) -> None:
    book = APPROVED
    for report in reports:
        book = report(book)

    assert book.held(SHARE.con_id) == 100 - 60 - 40 + 7
    assert book.position_at_most(SHARE.con_id) == 7
    assert book.position_at_most(CONTRACT.con_id) == 2
    assert [claim.filled for claim in book.claims] == [100, 2, 60, 40]
    assert [claim.ended for claim in book.claims] == [True, True, False, False]
