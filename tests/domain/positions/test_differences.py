"""System against broker: each difference of quantity, its class and its correction."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.positions.answers import BrokerPosition, ExecutionsAnswer, PositionsAnswer
from backstay.domain.positions.differences import compare
from backstay.domain.positions.entries import Cause, Execution, Withdrawal
from backstay.domain.positions.findings import (
    AskPerson,
    Book,
    Compared,
    DifferenceClass,
    ForeignPosition,
    ReadFills,
    ReportOnly,
)
from backstay.domain.positions.gaps import SystemPosition, UnsettledOrder
from backstay.domain.positions.journal import Journal
from backstay.domain.positions.net import net_position
from backstay.domain.sides import Side
from tests.domain.positions.booked import (
    MIDDLE,
    OLD,
    STOCK,
    YOUNG,
    adjusted,
    by_hand,
    executed,
    minute,
)
from tests.domain.positions.compared import (
    ASKED,
    DAY,
    ENTRY,
    LONG,
    SHORT,
    STOP,
    TOLERANCE,
    change,
    compared,
    difference,
    known,
    unsettled,
)


@pytest.mark.req("L3")
def test_books_that_say_what_the_broker_says_agree() -> None:
    result = compared(known(LONG), broker={STOCK: "100"})
    assert result == Compared((), (), ())
    assert result.agrees


def test_a_contract_that_is_flat_on_both_sides_agrees() -> None:
    assert compared(known(LONG, executed("-100", "12", 2)), broker={}).agrees
    assert compared(known(), broker={STOCK: "0"}).agrees


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(
    ("entry", "broker", "quantity", "side"),
    [
        (LONG, "60", "40", Side.SELL),
        (LONG, "0", "100", Side.SELL),
        (SHORT, "-60", "40", Side.BUY),
        (SHORT, "0", "100", Side.BUY),
    ],
)
def test_less_at_the_broker_that_nothing_of_ours_did_was_closed_by_hand(
    entry: Execution, broker: str, quantity: str, side: Side
) -> None:
    booked = Book((change(Cause.BY_HAND, side, quantity, "10"),))
    assert compared(known(entry), broker={STOCK: broker}).differences == (
        difference(DifferenceClass.CLOSED_BY_HAND, str(entry.change), broker, booked),
    )


@pytest.mark.req("S3.5")
def test_a_position_that_the_broker_does_not_name_is_gone() -> None:
    (found,) = compared(known(LONG), broker={}).differences
    assert found.what is DifferenceClass.CLOSED_BY_HAND
    assert found.broker == 0


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(
    ("entry", "broker", "quantity", "side"),
    [
        (LONG, "101", "1", Side.BUY),
        (LONG, "-1", "101", Side.SELL),
        (SHORT, "-101", "1", Side.SELL),
        (SHORT, "1", "101", Side.BUY),
    ],
)
def test_more_at_the_broker_or_the_opposite_is_unexpected_and_a_person_is_asked(
    entry: Execution, broker: str, quantity: str, side: Side
) -> None:
    asked = AskPerson(change(Cause.ADOPTED, side, quantity, "12.5"))
    assert compared(known(entry), broker={STOCK: broker}, price="12.5").differences == (
        difference(DifferenceClass.UNEXPECTED, str(entry.change), broker, asked),
    )


@pytest.mark.req("S3.3", "S3.5")
@pytest.mark.parametrize(("broker", "side"), [("7", Side.BUY), ("-7", Side.SELL)])
def test_a_contract_that_we_never_traded_is_unexpected(broker: str, side: Side) -> None:
    asked = AskPerson(change(Cause.ADOPTED, side, "7", "12.5"))
    assert compared(broker={STOCK: broker}, price="12.5").differences == (
        difference(DifferenceClass.UNEXPECTED, "0", broker, asked),
    )


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(
    ("entry", "broker", "order", "what"),
    [
        (LONG, "99", unsettled(STOP, Side.SELL, "1"), DifferenceClass.ABOVE),
        (LONG, "60", unsettled(STOP, Side.SELL, "40"), DifferenceClass.ABOVE),
        (LONG, "60", unsettled(STOP, Side.SELL, "100"), DifferenceClass.ABOVE),
        (LONG, "0", unsettled(STOP, Side.SELL, "100"), DifferenceClass.ABOVE),
        (LONG, "-20", unsettled(STOP, Side.SELL, "120"), DifferenceClass.ABOVE),
        (LONG, "140", unsettled(ENTRY, Side.BUY, "40"), DifferenceClass.BELOW),
        (SHORT, "-140", unsettled(ENTRY, Side.SELL, "40"), DifferenceClass.BELOW),
        (SHORT, "-60", unsettled(STOP, Side.BUY, "40"), DifferenceClass.ABOVE),
    ],
)
def test_an_order_that_may_have_filled_so_much_is_asked_for_again(
    entry: Execution, broker: str, order: UnsettledOrder, what: DifferenceClass
) -> None:
    found = compared(known(entry, orders=(order,)), broker={STOCK: broker}).differences
    assert found == (difference(what, str(entry.change), broker, ReadFills((order.key,))),)


@pytest.mark.req("S3.5")
def test_an_entry_that_filled_unseen_is_below() -> None:
    entry = unsettled(ENTRY, Side.BUY, "50")
    (found,) = compared(known(orders=(entry,)), broker={STOCK: "50"}).differences
    assert found == difference(DifferenceClass.BELOW, "0", "50", ReadFills((ENTRY,)))


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(
    ("order", "broker", "what"),
    [
        (unsettled(STOP, Side.SELL, "39"), "60", DifferenceClass.CLOSED_BY_HAND),
        (unsettled(STOP, Side.BUY, "40"), "60", DifferenceClass.CLOSED_BY_HAND),
        (unsettled(ENTRY, Side.BUY, "39"), "140", DifferenceClass.UNEXPECTED),
        (unsettled(ENTRY, Side.SELL, "40"), "140", DifferenceClass.UNEXPECTED),
    ],
)
def test_an_order_too_small_or_of_the_other_side_explains_nothing(
    order: UnsettledOrder, broker: str, what: DifferenceClass
) -> None:
    (found,) = compared(known(LONG, orders=(order,)), broker={STOCK: broker}).differences
    assert found.what is what


@pytest.mark.req("S3.5")
def test_orders_can_explain_a_difference_together() -> None:
    orders = (
        unsettled(STOP, Side.SELL, "25"),
        unsettled(ENTRY, Side.BUY, "90"),
        unsettled(STOP.next_generation(), Side.SELL, "15"),
    )
    (found,) = compared(known(LONG, orders=orders), broker={STOCK: "60"}).differences
    assert found.correction == ReadFills((STOP, STOP.next_generation()))


@pytest.mark.req("S3.5")
def test_an_execution_that_the_broker_does_not_bear_out_is_above_and_withdrawn() -> None:
    nothing_listed = ExecutionsAnswer(minute(0), complete=True, exec_ids=())
    order = unsettled(STOP, Side.SELL, "100")
    (found,) = compared(
        known(LONG, orders=(order,)), broker={}, executions=nothing_listed
    ).differences
    withdrawal = Withdrawal("e001", STOCK, stands=True, at=ASKED)
    assert found == difference(DifferenceClass.ABOVE, "100", "0", Book((withdrawal,)))


@pytest.mark.req("S3.5")
def test_a_close_that_was_guessed_too_soon_is_below_and_withdrawn() -> None:
    books = known(LONG, adjusted("-40", "10", 5))
    (found,) = compared(books, broker={STOCK: "100"}).differences
    withdrawal = Withdrawal("a005", STOCK, stands=True, at=ASKED)
    assert found == difference(DifferenceClass.BELOW, "60", "100", Book((withdrawal,)))


@pytest.mark.req("S3.3")
def test_a_close_of_an_earlier_day_does_not_explain_a_position_that_appears_today() -> None:
    books = known(LONG, adjusted("-100", "10", 5))
    today = ExecutionsAnswer(minute(30), complete=True, exec_ids=())
    (found,) = compared(books, broker={STOCK: "100"}, executions=today).differences
    assert found.what is DifferenceClass.UNEXPECTED


@pytest.mark.req("X.10")
@pytest.mark.parametrize(("ours", "broker"), [("100", "100.5"), ("0", "0.5"), ("-100", "-100.25")])
def test_a_fraction_of_a_unit_is_reported_and_not_chased(ours: str, broker: str) -> None:
    found = compared(known(executed(ours, "10", 1)), broker={STOCK: broker}, price="15").differences
    assert found == (difference(DifferenceClass.FRACTION, ours, broker, ReportOnly()),)


@pytest.mark.req("X.10", "I8")
def test_the_units_beside_a_fraction_are_mended() -> None:
    found = compared(known(LONG), broker={STOCK: "99.5"}).differences
    assert found == (
        difference(
            DifferenceClass.CLOSED_BY_HAND,
            "100",
            "99.5",
            Book((change(Cause.BY_HAND, Side.SELL, "1", "10"),)),
        ),
        difference(DifferenceClass.FRACTION, "100", "99.5", ReportOnly()),
    )


@pytest.mark.req("X.2")
def test_what_was_opened_by_hand_agrees_and_is_named() -> None:
    result = compared(known(LONG, by_hand("30", "10", 2)), broker={STOCK: "130"})
    assert result == Compared((), (), (ForeignPosition(STOCK, Decimal(30)),))
    assert result.agrees


def test_what_is_foreign_is_named_while_it_trades() -> None:
    result = compared(known(by_hand("30", "11", 60)), broker={})
    assert result.foreign == (ForeignPosition(STOCK, Decimal(30)),)


def test_differences_come_by_contract() -> None:
    second = replace(executed("5", "10", 1, exec_id="s.01"), con_id=7)
    other = SystemPosition(Journal(7, "USD", Decimal(1)).with_entries(second))
    result = compared(known(LONG), other, broker={STOCK: "10", 7: "1", 3: "1"})
    assert [one.con_id for one in result.differences] == [3, 7, STOCK]


def corrected(books: SystemPosition, found: Compared) -> SystemPosition:
    """The books once every correction is booked, and the person has said that it was them."""
    told = books.journal
    for one in found.differences:
        match one.correction:
            case Book(entries):
                told = told.with_entries(*entries)
            case AskPerson(adjustment):
                told = told.with_entries(adjustment)
            case ReadFills() | ReportOnly():
                pass
    return replace(books, journal=told)


@pytest.mark.req("S3.5", "L3", "I10")
@given(
    st.lists(
        st.tuples(
            st.integers(-40, 40).map(str),
            st.integers(1, 50),
            st.sampled_from([OLD, MIDDLE, YOUNG, None]),
            st.booleans(),
        ),
        max_size=6,
    ),
    st.integers(-60, 60),
    st.sampled_from(["9", "10", "11"]),
)
def test_once_the_corrections_are_booked_the_broker_agrees(
    trades: list[tuple[str, int, str | None, bool]], broker: int, price: str
) -> None:
    entries = [
        executed(many, str(at), number, trade=trade)
        for number, (many, at, trade, _) in enumerate(trades)
    ]
    books = known(*entries)
    told = ExecutionsAnswer(
        minute(0),
        complete=True,
        exec_ids=tuple(
            entry.exec_id for entry, trade in zip(entries, trades, strict=True) if trade[3]
        ),
    )
    held = {STOCK: str(broker)}
    first = compared(books, broker=held, price=price, executions=told)
    mended = corrected(books, first)
    assert corrected(mended, first) == mended
    assert net_position(mended.journal).quantity == broker
    later = PositionsAnswer(
        ASKED + timedelta(seconds=10),
        complete=True,
        positions=(BrokerPosition(STOCK, Decimal(broker), Decimal(price)),),
    )
    second = compare((mended,), later, told, DAY, TOLERANCE)
    assert isinstance(second, Compared)
    assert {one.what for one in second.differences} <= {DifferenceClass.PRICE}
