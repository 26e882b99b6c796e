"""How much each trade may have in live exits."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.positions.allotment import Holding
from backstay.domain.positions.claims import Cut, LiveExits, claims, cuts
from backstay.domain.positions.net import NetPosition, net_position
from backstay.domain.sides import Side
from tests.domain.positions.booked import MIDDLE, OLD, YOUNG, by_hand, executed, journal


def net(*held: tuple[str | None, str]) -> NetPosition:
    """A position whose trades hold so much, the oldest first."""
    return net_position(
        journal(
            *(
                executed(quantity, "10", minute, trade=trade)
                for minute, (trade, quantity) in enumerate(held)
            )
        )
    )


def claimed(position: NetPosition, broker: str) -> list[tuple[str | None, Decimal]]:
    return [(one.trade, one.quantity) for one in claims(position, Decimal(broker))]


def exits(trade: str, side: Side, quantity: str) -> LiveExits:
    return LiveExits(trade, side, Decimal(quantity))


LONG = net((OLD, "100"), (MIDDLE, "50"))
SHORT = net((OLD, "-100"), (MIDDLE, "-50"))


@pytest.mark.req("I8")
@pytest.mark.parametrize(
    ("broker", "old", "middle"),
    [
        ("200", 100, 50),
        ("150", 100, 50),
        ("149.5", 99, 50),
        ("149", 99, 50),
        ("50", 0, 50),
        ("49", 0, 49),
        ("1", 0, 1),
    ],
)
def test_claims_never_exceed_the_position_and_the_oldest_trade_yields_first(
    broker: str, old: int, middle: int
) -> None:
    assert claimed(LONG, broker) == [(OLD, Decimal(old)), (MIDDLE, Decimal(middle))]
    assert claimed(SHORT, f"-{broker}") == [(OLD, Decimal(-old)), (MIDDLE, Decimal(-middle))]


@pytest.mark.req("I8")
@pytest.mark.parametrize("broker", ["0", "0.9", "-0.9", "-150"])
def test_nobody_claims_a_position_that_is_not_there_or_on_the_other_side(broker: str) -> None:
    assert claimed(LONG, broker) == []


def test_what_is_foreign_claims_nothing() -> None:
    assert claimed(net_position(journal(by_hand("70", "10"))), "70") == []


def test_a_fraction_is_not_claimed() -> None:
    assert claimed(net((OLD, "10.7")), "10.7") == [(OLD, Decimal(10))]


def test_a_trade_on_the_other_side_claims_nothing() -> None:
    assert claimed(net((OLD, "100"), (MIDDLE, "-30")), "70") == [(OLD, Decimal(70))]


@pytest.mark.req("I8", "X.2")
def test_a_short_position_opened_by_hand_takes_from_what_the_trades_may_close() -> None:
    opposed = net((None, "-40"), (OLD, "100"))
    assert opposed.held_by(None) == Decimal(-40)
    assert claimed(opposed, "60") == [(OLD, Decimal(60))]


HOLDINGS = (Holding(OLD, Decimal(70)), Holding(MIDDLE, Decimal(-50)), Holding(YOUNG, Decimal(0)))


@pytest.mark.req("I8", "X.2")
@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ([], []),
        ([exits(OLD, Side.SELL, "69")], []),
        ([exits(OLD, Side.SELL, "70")], []),
        ([exits(OLD, Side.SELL, "71")], [(OLD, Side.SELL, 1, 70)]),
        ([exits(OLD, Side.BUY, "1")], [(OLD, Side.BUY, 1, 0)]),
        ([exits(MIDDLE, Side.BUY, "50")], []),
        ([exits(MIDDLE, Side.BUY, "80")], [(MIDDLE, Side.BUY, 30, 50)]),
        ([exits(YOUNG, Side.SELL, "5")], [(YOUNG, Side.SELL, 5, 0)]),
        ([exits("TRADE009", Side.SELL, "5")], [("TRADE009", Side.SELL, 5, 0)]),
        ([exits(OLD, Side.SELL, "35"), exits(OLD, Side.SELL, "35")], []),
        (
            [exits(OLD, Side.SELL, "35"), exits(OLD, Side.SELL, "36"), exits(OLD, Side.BUY, "2")],
            [(OLD, Side.SELL, 1, 70), (OLD, Side.BUY, 2, 0)],
        ),
    ],
)
def test_live_exits_beyond_the_claim_are_cut(
    live: list[LiveExits], expected: list[tuple[str, Side, int, int]]
) -> None:
    assert cuts(HOLDINGS, tuple(live)) == tuple(
        Cut(trade, side, Decimal(quantity), Decimal(left))
        for trade, side, quantity, left in expected
    )


@pytest.mark.req("X.2", "I8")
def test_a_close_by_hand_cuts_the_stops_of_the_oldest_trade_at_once() -> None:
    books = journal(
        executed("100", "10", 1, trade=OLD),
        executed("50", "11", 2, trade=MIDDLE),
        by_hand("-120", "12", 3),
    )
    stops = (exits(OLD, Side.SELL, "100"), exits(MIDDLE, Side.SELL, "50"))
    assert cuts(claims(net_position(books), Decimal(30)), stops) == (
        Cut(OLD, Side.SELL, Decimal(100), Decimal(0)),
        Cut(MIDDLE, Side.SELL, Decimal(20), Decimal(30)),
    )


def test_a_single_unit_is_claimed() -> None:
    assert claimed(net((OLD, "1")), "1") == [(OLD, Decimal(1))]


def test_less_than_a_unit_can_be_live() -> None:
    assert cuts(HOLDINGS, (exits(YOUNG, Side.SELL, "0.5"),))[0].quantity == Decimal("0.5")


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN"])
def test_live_exits_of_nothing_are_refused(quantity: str) -> None:
    complaint = f"^the size of the live exits of {OLD} is {quantity}; it must be a number above 0$"
    with pytest.raises(ValueError, match=complaint):
        exits(OLD, Side.SELL, quantity)


@pytest.mark.parametrize(
    "value", [exits(OLD, Side.SELL, "5"), Cut(OLD, Side.BUY, Decimal(2), Decimal(1))]
)
def test_exits_and_cuts_survive_the_way_to_another_process(value: LiveExits | Cut) -> None:
    adapter: TypeAdapter[LiveExits | Cut] = TypeAdapter(type(value))
    assert adapter.validate_json(adapter.dump_json(value)) == value


@pytest.mark.req("I8")
@given(
    st.lists(
        st.tuples(st.sampled_from([OLD, MIDDLE, YOUNG, None]), st.integers(-50, 50).map(str)),
        max_size=8,
    ),
    st.integers(-200, 200),
)
def test_whatever_the_ledgers_say_claims_stay_within_the_position_and_the_holdings(
    held: list[tuple[str | None, str]], broker: int
) -> None:
    position = net(*held)
    shares = claims(position, Decimal(broker))
    assert sum(abs(share.quantity) for share in shares) <= abs(broker)
    for share in shares:
        assert share.quantity * broker >= 0
        assert abs(share.quantity) <= abs(position.held_by(share.trade))
    wanted = sum(
        abs(one.quantity) for one in position.holdings if one.trade and one.quantity * broker > 0
    )
    assert sum(abs(share.quantity) for share in shares) == min(wanted, abs(broker))
