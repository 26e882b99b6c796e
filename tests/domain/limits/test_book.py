"""The account's book: what counts, what makes room again, and that reports can be repeated."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import Claim, ForeignHolding, is_later_generation
from backstay.domain.limits.entries import Entry
from backstay.domain.limits.kill import Halt
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sides import Side
from tests.domain.limits.samples import (
    CONTRACT,
    DAY,
    ENTRY,
    EXIT,
    FACTS,
    HEDGE,
    NOW,
    OTHER_SHARE,
    OTHER_TRADE,
    SHARE,
    SHIELD,
    TRADE,
    approved,
    key,
    order,
    with_entry,
)

AAPL, MSFT, CALL = SHARE.con_id, OTHER_SHARE.con_id, CONTRACT.con_id
NOTHING = Decimal(0)


def reserving(*intents: OrderIntent) -> Book:
    """A book in which each of `intents` counts, whatever the limits would say of them together."""
    book = Book()
    for intent in intents:
        claim = Claim.of(intent, Decimal(100), Decimal(10))
        book = book.with_claim(claim)
    return book


def foreign(quantity: int, con_id: int = AAPL, unit_value: int = 100) -> ForeignHolding:
    return ForeignHolding(con_id, Decimal(quantity), Decimal(unit_value))


@pytest.mark.req("I7")
def test_a_reserved_order_counts_before_anything_is_sent() -> None:
    book = with_entry()

    assert book.claims == (
        Claim(ENTRY.key, AAPL, Side.BUY, Decimal(100), Decimal(100), Decimal(2500)),
    )
    assert book.entries.entries == (Entry(NOW, ENTRY.key, "AAPL", DAY),)
    assert book.held(AAPL) == 0
    assert book.position_at_most(AAPL) == 100
    assert book.exposure == 10_000
    assert book.margin_in_flight == 2500


@pytest.mark.parametrize("filled", [0, 1, 40, 99, 100])
@pytest.mark.req("I7")
def test_a_fill_moves_quantity_and_changes_no_total(filled: int) -> None:
    book = with_entry(filled=filled)

    assert book.held(AAPL) == filled
    assert book.position_at_most(AAPL) == 100
    assert book.exposure == 10_000


def test_an_empty_book_adds_up_to_exact_zeros() -> None:
    empty = Book()
    zeros = [empty.held(AAPL), empty.position_at_most(AAPL), empty.unit_value(AAPL)]
    zeros += [empty.exposure, empty.margin_in_flight, empty.covering(HEDGE.key)]
    zeros += [empty.across(Claim.of(ENTRY, None, NOTHING))]

    assert [repr(zero) for zero in zeros] == ["Decimal('0')"] * 7


def test_what_can_not_be_valued_counts_nothing() -> None:
    assert Claim.of(EXIT, None, NOTHING).unit_value == 0


@pytest.mark.req("I7")
def test_the_end_of_an_order_makes_room_for_what_did_not_fill() -> None:
    book = with_entry(filled=40).released(ENTRY.key)

    assert book.held(AAPL) == 40
    assert book.position_at_most(AAPL) == 40
    assert book.exposure == 4000
    assert book.margin_in_flight == 0


@pytest.mark.req("S4.1", "I3")
def test_a_fill_after_the_end_is_booked_all_the_same() -> None:
    book = with_entry(filled=40).released(ENTRY.key).filled(ENTRY.key, Decimal(70))

    assert book.held(AAPL) == 70
    assert book.position_at_most(AAPL) == 70


def test_what_fills_beyond_the_order_counts() -> None:
    book = with_entry(filled=130)

    assert book.held(AAPL) == 130
    assert book.position_at_most(AAPL) == 130
    assert book.margin_in_flight == 0


@pytest.mark.parametrize("late", [0, 39, 40])
@pytest.mark.req("S4.2", "I4")
def test_a_late_or_repeated_report_of_fills_changes_nothing(late: int) -> None:
    book = with_entry(filled=40)

    assert book.filled(ENTRY.key, Decimal(late)) == book


@pytest.mark.req("I7", "I8")
def test_an_exit_makes_room_only_when_it_has_filled() -> None:
    bought = with_entry(filled=100).released(ENTRY.key)
    leaving = bought.reserved(approved(EXIT, bought), DAY)

    assert leaving.position_at_most(AAPL) == 100
    assert leaving.margin_in_flight == 0
    assert leaving.entries == bought.entries

    left = leaving.filled(EXIT.key, Decimal(70))
    assert left.held(AAPL) == 30
    assert left.position_at_most(AAPL) == 30
    assert left.exposure == 3000


@pytest.mark.req("I7")
def test_opposite_quantities_in_flight_are_not_set_off() -> None:
    sale = order(key(trade=OTHER_TRADE), 30, side=Side.SELL)
    book = reserving(ENTRY, sale)

    assert book.position_at_most(AAPL) == 130
    assert book.filled(sale.key, Decimal(30)).position_at_most(AAPL) == 130
    assert book.filled(sale.key, Decimal(30)).held(AAPL) == -30


@pytest.mark.req("I7")
def test_an_order_that_covers_counts_in_the_totals_but_not_as_an_entry() -> None:
    book = Book().reserved(approved(HEDGE, facts=replace(FACTS, uncovered=Decimal(5))), DAY)

    assert book.position_at_most(CALL) == 5
    assert book.exposure == 50_000
    assert book.margin_in_flight == 2500
    assert book.entries.count_on(DAY) == 0
    assert book.open_trades == 0


@pytest.mark.req("I7")
def test_a_unit_counts_for_what_the_dearest_claim_says() -> None:
    dear = Claim.of(order(key(leg=1), 10), Decimal(120), NOTHING)
    exit_at_any_price = Claim.of(EXIT, Decimal(999), NOTHING)
    book = with_entry().with_claim(dear).with_claim(exit_at_any_price)

    assert book.unit_value(AAPL) == 120
    assert book.exposure == 110 * 120
    assert book.with_foreign(foreign(1, unit_value=130)).exposure == 111 * 130
    assert book.with_foreign(foreign(1, MSFT, 50)).exposure == 110 * 120 + 50
    assert book.unit_value(MSFT) == 0


def test_foreign_holdings_count_and_are_told_anew_each_time() -> None:
    book = with_entry(filled=100).with_foreign(foreign(50)).with_foreign(foreign(7, MSFT))

    assert book.held(AAPL) == 150
    assert book.position_at_most(AAPL) == 150
    assert book.with_foreign(foreign(-100)).held(AAPL) == 0
    assert book.with_foreign(foreign(-100)).held(MSFT) == 7
    assert book.with_foreign(foreign(0)).foreign == (foreign(7, MSFT),)
    assert book.foreign == (foreign(50), foreign(7, MSFT))


@pytest.mark.parametrize(
    ("side", "across"),
    [(Side.BUY, 0), (Side.SELL, 100)],
)
def test_across_stands_what_is_held_or_in_flight_on_the_other_side(side: Side, across: int) -> None:
    mine = Claim.of(order(key(leg=1), side=side), NOTHING, NOTHING)
    exits = with_entry(filled=40).with_claim(Claim.of(EXIT, NOTHING, NOTHING))

    assert exits.across(mine) == across
    assert exits.across(replace(mine, con_id=MSFT)) == 0


@pytest.mark.req("S3.3", "S3.5")
def test_a_settled_trade_leaves_the_book() -> None:
    book = with_entry(filled=100)
    book = book.reserved(approved(EXIT, book), DAY).filled(EXIT.key, Decimal(100))
    other = Claim.of(order(key(trade=OTHER_TRADE), 7), Decimal(100), NOTHING)

    settled = book.with_claim(other).settled(TRADE)

    assert settled == replace(Book().with_claim(other), entries=book.entries)
    assert settled.settled(TRADE) == settled


@pytest.mark.req("X.2")
def test_settling_a_trade_that_was_closed_by_hand_moves_no_share() -> None:
    book = with_entry(filled=100).with_foreign(foreign(-100))

    assert book.held(AAPL) == 0
    assert book.settled(TRADE) == replace(Book(), entries=book.entries)


@pytest.mark.req("S3.3")
def test_what_a_settled_trade_leaves_over_is_foreign_at_its_last_value() -> None:
    other = Claim.of(order(key(trade=OTHER_TRADE), 10), Decimal(90), NOTHING)
    book = with_entry(filled=100).with_claim(other).filled(other.key, Decimal(4))

    settled = book.with_foreign(foreign(20, unit_value=80)).settled(TRADE)

    assert settled.foreign == (foreign(120, unit_value=100),)
    assert settled.held(AAPL) == 124


@pytest.mark.parametrize("intent", [ENTRY, HEDGE], ids=["entry", "hedge"])
@pytest.mark.req("I7")
def test_a_trade_that_may_still_fill_is_not_settled(intent: OrderIntent) -> None:
    book = reserving(intent)

    with pytest.raises(ValueError, match=r"^T7K2M9QX can't be settled: it has orders that may"):
        book.settled(TRADE)
    assert book.released(intent.key).settled(TRADE) == Book()


def test_an_exit_that_never_left_keeps_no_trade_from_being_settled() -> None:
    assert reserving(SHIELD, EXIT).settled(TRADE) == Book()


@pytest.mark.parametrize("report", [lambda b, k: b.filled(k, NOTHING), Book.released])
def test_a_report_about_an_order_that_is_not_in_the_book_is_an_error(
    report: Callable[[Book, IntentKey], Book],
) -> None:
    unknown = key(trade=OTHER_TRADE)

    with pytest.raises(
        ValueError, match=r"^bs1:Z0000001:0:EN:1 is not in the book: never approved"
    ):
        report(with_entry(), unknown)


@pytest.mark.parametrize("unapproved", [key(generation=2), key(Purpose.EXIT_TARGET, 2)])
def test_a_later_generation_needs_an_approval_of_its_own_unless_it_reduces(
    unapproved: IntentKey,
) -> None:
    book = with_entry(filled=100)

    with pytest.raises(ValueError, match="is not in the book"):
        book.reserved(approved(EXIT, book), DAY).filled(unapproved, Decimal(1))


@pytest.mark.req("S4.5", "I8")
def test_a_later_generation_of_an_exit_is_booked_under_the_approval_of_the_first() -> None:
    second = key(Purpose.EXIT_STOP, 2)
    book = with_entry(filled=100)
    book = book.reserved(approved(EXIT, book), DAY).filled(EXIT.key, Decimal(30))
    ended = book.released(EXIT.key).filled(second, Decimal(50))

    assert ended.held(AAPL) == 20
    assert ended.claim(second) == Claim(
        second, AAPL, Side.SELL, Decimal(100), Decimal("99.90"), Decimal(2500), Decimal(50)
    )
    assert ended.claim(EXIT.key) == replace(book.claims[1], ended=True)


@pytest.mark.parametrize(
    ("later", "answer"),
    [
        (key(Purpose.EXIT_STOP, 3), True),
        (key(Purpose.EXIT_STOP, 2), False),
        (key(Purpose.EXIT_STOP, 1), False),
        (key(Purpose.EXIT_TARGET, 3), False),
        (key(Purpose.EXIT_STOP, 3, leg=1), False),
        (key(Purpose.EXIT_STOP, 3, OTHER_TRADE), False),
    ],
)
def test_a_later_generation_differs_in_nothing_but_its_number(
    later: IntentKey, *, answer: bool
) -> None:
    assert is_later_generation(later, key(Purpose.EXIT_STOP, 2)) is answer


@pytest.mark.parametrize(
    "other", [replace(ENTRY, side=Side.SELL), replace(ENTRY, instrument=OTHER_SHARE)]
)
@pytest.mark.req("I1")
def test_a_key_can_not_be_reserved_for_another_order(other: OrderIntent) -> None:
    with pytest.raises(ValueError, match=r"^bs1:T7K2M9QX:0:EN:1 already names another order$"):
        with_entry().reserved(approved(other), DAY)


@pytest.mark.req("S4.2")
def test_a_second_approval_of_one_order_only_widens_the_first() -> None:
    wide = Claim.of(replace(ENTRY, quantity=Decimal(120)), Decimal(90), Decimal(3000))
    book = with_entry(filled=40).released(ENTRY.key)

    assert book.with_claim(wide).claims == (
        Claim(
            ENTRY.key,
            AAPL,
            Side.BUY,
            Decimal(120),
            Decimal(100),
            Decimal(3000),
            Decimal(40),
            ended=True,
        ),
    )
    assert book.with_claim(wide).with_claim(book.claims[0]) == book.with_claim(wide)


@pytest.mark.parametrize("change", ["quantity", "unit_value", "margin"])
@pytest.mark.parametrize("by", [-1, 0, 1])
@pytest.mark.req("I7")
def test_each_figure_of_a_claim_is_widened_by_itself(change: str, by: int) -> None:
    first = with_entry().claims[0]
    changes: dict[str, Any] = {change: getattr(first, change) + by}
    second = replace(first, **changes)

    assert first.widened(second) == (second if by > 0 else first)


def test_open_trades_are_those_that_hold_something_or_may_come_to() -> None:
    two_legs = reserving(ENTRY, order(key(leg=1)), order(key(trade=OTHER_TRADE)), EXIT)
    one_ended = two_legs.released(key(trade=OTHER_TRADE))

    assert two_legs.open_trades == 2
    assert one_ended.open_trades == 1
    assert one_ended.filled(key(trade=OTHER_TRADE), Decimal(1)).open_trades == 2


def test_margin_is_in_flight_with_the_last_unit_of_its_order() -> None:
    book = reserving(ENTRY, HEDGE, EXIT)

    assert book.margin_in_flight == 20
    assert book.filled(ENTRY.key, Decimal(99)).margin_in_flight == 20
    assert book.filled(ENTRY.key, Decimal(100)).margin_in_flight == 10
    assert book.released(HEDGE.key).margin_in_flight == 10


def test_what_covers_a_leg_is_summed_over_its_generations() -> None:
    second = order(key(Purpose.HEDGE, 2), 3, instrument=CONTRACT)
    book = reserving(
        ENTRY,
        HEDGE,
        second,
        order(key(Purpose.HEDGE, leg=1), 7),
        order(key(Purpose.HEDGE, trade=OTHER_TRADE), 9),
    )

    assert book.covering(HEDGE.key) == 8
    assert book.filled(HEDGE.key, Decimal(4)).covering(second.key) == 4


@pytest.mark.req("S3.3", "S3.7")
def test_halts_are_put_up_and_lifted_one_by_one() -> None:
    feed, position = Halt("no data", "AAPL"), Halt("unexpected position")
    book = Book().halted(position).halted(feed).halted(position)

    assert book.halts == (feed, position)
    assert book.lifted(feed).halts == (position,)
    assert book.lifted(feed).lifted(feed).lifted(position) == Book()


@pytest.mark.parametrize(
    ("claims", "holdings"),
    [
        ((HEDGE, ENTRY), ()),
        ((ENTRY, ENTRY), ()),
        ((), (foreign(1, 2), foreign(1, 1))),
        ((), (foreign(1, 1), foreign(2, 1))),
    ],
)
def test_a_book_stands_in_order_each_line_once(
    claims: tuple[OrderIntent, ...], holdings: tuple[ForeignHolding, ...]
) -> None:
    lines = tuple(Claim.of(intent, NOTHING, NOTHING) for intent in claims)

    with pytest.raises(ValueError, match=r"^claims and foreign holdings stand in rising order"):
        Book(claims=lines, foreign=holdings)


@pytest.mark.parametrize("halts", [(Halt("b"), Halt("a")), (Halt("a"), Halt("a"))])
def test_the_halts_of_a_book_stand_in_order_each_once(halts: tuple[Halt, ...]) -> None:
    with pytest.raises(ValueError, match=r"^halts stand in rising order, each once$"):
        Book(halts=halts)
