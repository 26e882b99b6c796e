"""What is refused, rejected or only warned of, with IB's codes."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.events import OrderNoted
from backstay.gateway.exchange.checks import ORDER_TYPES, TIFS, conforms
from backstay.gateway.exchange.triggers import METHODS
from backstay.gateway.market.words import Phase
from backstay.gateway.messages.replies import PriceStep
from backstay.gateway.profile import OPTIMISTIC, PESSIMISTIC, Profile
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Adjustment, Condition, Order
from backstay.gateway.values.state import MarginPreview, Status
from tests.gateway.exchange.house import (
    ACCOUNT,
    INDEX,
    OPTION,
    OTHER_ACCOUNT,
    STOCK,
    D,
    House,
    instrument,
)

STEPS = (PriceStep(D(0), D("0.01")), PriceStep(D(3), D("0.05")))


@pytest.mark.parametrize(
    ("price", "is_right"),
    [
        ("2.99", True),
        ("3.00", True),
        ("3.01", False),
        ("3.05", True),
        ("0", False),
        ("-1", False),
        ("NaN", False),
        ("Infinity", False),
        ("1E+300", False),
        ("10000000", True),
        ("10000000.05", False),
    ],
)
def test_a_price_is_judged_by_the_step_that_it_falls_in(price: str, is_right: bool) -> None:
    assert conforms(D(price), STEPS) is is_right


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"con_id": 99}, 200),
        ({"con_id": 0}, 200),
        ({"con_id": INDEX}, 203),
        ({"account": "DU999"}, 321),
        ({"account": ""}, 435),
        ({"action": "SSHORT"}, 321),
        ({"order_type": "TRAIL"}, 387),
        ({"tif": "FOK"}, 111),
        ({"order_type": "STP", "trigger_method": 5}, 321),
        ({"quantity": 0}, 434),
        ({"quantity": D("0.5")}, 10243),
        ({"price": "99.001"}, 110),
        ({"price": None}, 110),
        ({"order_type": "STP", "price": None}, 403),
        ({"order_type": "STP", "price": "0"}, 403),
        ({"order_type": "STP", "price": "99.001"}, 110),
        ({"tif": "GTD"}, 391),
        ({"tif": "GTD", "good_till_date": "tomorrow"}, 391),
        ({"good_after_time": "soon"}, 391),
        ({"parent_id": 77}, 135),
        ({"conditions": (Condition(3, "a", ("1", "20261123 15:00:00")),)}, 321),
        ({"algo_strategy": "Vwap"}, 321),
        ({"hedge_type": "D"}, 321),
        ({"adjustment": Adjustment("TRAIL")}, 321),
        ({"all_or_none": True}, 321),
        ({"min_quantity": 5}, 321),
    ],
)
def test_a_request_that_is_wrong_is_refused_and_nothing_is_held(
    fields: dict[str, Any], code: int
) -> None:
    house = House()
    order_id = house.place(**{"price": "99.00", **fields})
    assert house.codes() == [code]
    assert house.exchange.open_orders() == house.exchange.completed_orders() == ()
    assert house.exchange.next_order_id(7) == order_id + 1


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": 500_001},
        {"quantity": 5_001, "con_id": OPTION},
        {"tif": "GTD", "good_till_date": "20261123 11:00:00"},
    ],
)
def test_what_the_exchange_can_not_take_is_shown_as_rejected(fields: dict[str, Any]) -> None:
    house = House()
    order_id = house.place(**{"price": "99.00", **fields})
    held = house.held(order_id)
    assert (held.status, held.completed_status) == (Status.INACTIVE, "Rejected by System")
    assert held.contract.symbol == "AAA"
    assert house.exchange.open_orders() == ()
    assert house.codes() == [201]


@pytest.mark.parametrize("quantity", [5_000, 1])
def test_the_freeze_quantity_itself_is_taken(quantity: int) -> None:
    house = House()
    house.place("BUY", quantity, price="99.00", con_id=OPTION)
    assert house.codes() == []


def test_margin_rejects_with_the_text_of_the_account() -> None:
    house = House()
    house.accounts.refusal = "Order rejected - reason:NOT ENOUGH"
    order_id = house.place(price="99.00")
    noted = [event for event in house.events if isinstance(event, OrderNoted)]
    assert [(event.code, event.text) for event in noted] == [
        (201, "Order rejected - reason:NOT ENOUGH")
    ]
    assert noted[0].perm_id == house.held(order_id).perm_id


def test_read_only_refuses_everything_that_changes_something() -> None:
    house = House(read_only=True)
    house.place(price="99.00")
    house.cancel(1)
    house.exchange.cancel_all(7)
    assert house.codes() == [321, 321, 321]
    assert house.exchange.next_order_id(7) == 1


@pytest.mark.parametrize(
    ("con_id", "account", "action", "codes"),
    [
        (OPTION, "DU1", "SELL", [201]),
        (OPTION, "DU1", "BUY", []),
        (OPTION, OTHER_ACCOUNT, "SELL", []),
        (STOCK, "DU1", "SELL", []),
    ],
)
def test_both_sides_of_one_option_are_refused(
    con_id: int, account: str, action: str, codes: list[int]
) -> None:
    house = House()
    house.place("BUY", price="99.00", con_id=con_id, account="DU1")
    house.place(action, price="101.00", con_id=con_id, account=account)
    assert house.codes() == codes


def test_the_other_side_of_an_option_is_taken_once_the_first_is_over() -> None:
    house = House()
    first = house.place("BUY", price="99.00", con_id=OPTION)
    house.cancel(first)
    house.heard()
    house.place("SELL", price="101.00", con_id=OPTION)
    assert house.codes() == []


def test_a_bracket_may_have_both_sides_of_its_option() -> None:
    house = House()
    parent = house.place("BUY", price="99.00", con_id=OPTION, transmit=False)
    child = house.place("SELL", 10, "STP", "90.00", con_id=OPTION, parent_id=parent)
    assert house.codes() == []
    assert house.held(child).why_held == "child"


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"tif": ""}, [10349]),
        ({"order_type": "MKT", "outside_rth": True}, [2109]),
        ({"order_type": "STP", "price": "110.00", "outside_rth": True}, [2109]),
        ({"outside_rth": True}, []),
        ({"order_type": "MKT", "outside_rth": True, "con_id": OPTION}, []),
    ],
)
def test_a_warning_leaves_the_order_alive(fields: dict[str, Any], codes: list[int]) -> None:
    house = House()
    order_id = house.place(**{"price": "99.00", **fields})
    assert house.codes() == codes
    assert house.status(order_id) is not Status.INACTIVE
    assert house.held(order_id).order.tif == "DAY"


def test_the_warning_of_hours_says_when_the_order_will_work() -> None:
    house = House()
    house.market.enter(Phase.EXTENDED)
    house.place("BUY", 10, "MKT")
    (noted,) = [event for event in house.events if isinstance(event, OrderNoted)]
    assert noted.text == (
        "Order Message:\nBUY 10 AAA\nWarning: Your order will not be placed at the exchange "
        "until 20261124 09:30:00 US/Eastern."
    )


def test_a_limit_that_may_work_outside_waits_for_the_next_phase() -> None:
    house = House()
    house.market.enter(Phase.CLOSED)
    house.place(price="99.00", outside_rth=True)
    (noted,) = [event for event in house.events if isinstance(event, OrderNoted)]
    assert noted.text.endswith("until 20261123 16:00:00 US/Eastern.")


def test_a_short_sale_is_held_until_shares_are_found() -> None:
    house = House()
    house.exchange.deny_borrow(STOCK)
    house.accounts.hold(STOCK, 10)
    covered = house.place("SELL", 10, price="101.00")
    short = house.place("SELL", 11, "MKT")
    assert house.codes() == [404]
    assert house.status(covered) is Status.SUBMITTED
    held = house.held(short)
    assert (held.status, held.why_held) == (Status.PRE_SUBMITTED, "locate")
    house.market.move(bid=D("100.00"))
    assert house.fills() == []
    house.exchange.locate(STOCK)
    assert house.status(short) is Status.FILLED
    assert house.held(house.place("SELL", 11, price="101.00")).why_held == ""


def test_a_short_sale_that_is_held_stays_so_over_a_restart() -> None:
    house = House()
    house.exchange.deny_borrow(STOCK)
    short = house.place("SELL", 11, "MKT")
    after = house.restarted()
    assert after.held(short).why_held == "locate"
    after.exchange.locate(STOCK)
    assert after.status(short) is Status.FILLED


def test_a_what_if_answers_with_a_preview_and_places_nothing() -> None:
    house = House()
    order = Order(action="BUY", quantity=D(5), order_type="MKT", account=ACCOUNT)
    answer = house.exchange.what_if(7, 1, Contract(con_id=STOCK), order)
    assert answer == MarginPreview(init_change=D(5))
    assert house.events == []
    assert house.exchange.next_order_id(7) == 1


@pytest.mark.parametrize(
    ("con_id", "changes", "refusal", "code"),
    [(9, {}, None, 200), (STOCK, {"quantity": D(0)}, None, 434), (STOCK, {}, "too much", 201)],
)
def test_a_what_if_is_refused_like_an_order(
    con_id: int, changes: dict[str, Any], refusal: str | None, code: int
) -> None:
    house = House()
    house.accounts.refusal = refusal
    plain = Order(action="BUY", quantity=D(5), order_type="MKT", account=ACCOUNT)
    order = replace(plain, **changes)
    answer = house.exchange.what_if(7, 3, Contract(con_id=con_id), order)
    assert isinstance(answer, OrderNoted)
    assert (answer.client_id, answer.order_id, answer.code) == (7, 3, code)


def test_an_order_for_several_instruments_is_ambiguous() -> None:
    house = House()
    house.market.instruments[8] = instrument(8)
    house.exchange.place(7, 1, Contract(symbol="AAA"), Order(action="BUY", quantity=D(1)))
    (noted,) = [event for event in house.events if isinstance(event, OrderNoted)]
    assert (noted.code, noted.text) == (200, "The contract description specified is ambiguous.")


@given(
    numbers=st.tuples(*[st.none() | st.decimals(allow_nan=True, allow_infinity=True)] * 2),
    quantity=st.decimals(allow_nan=True, allow_infinity=True),
    order_type=st.sampled_from([*ORDER_TYPES, "TRAIL"]),
    words=st.tuples(*[st.text(alphabet="0123456789: -/UTCamerica", max_size=24)] * 2),
    tif=st.sampled_from(["", *TIFS]),
)
def test_no_order_however_odd_is_more_than_refused(
    numbers: tuple[Decimal | None, Decimal | None],
    quantity: Decimal,
    order_type: str,
    words: tuple[str, str],
    tif: str,
) -> None:
    house = House()
    order = Order(
        action="BUY",
        quantity=quantity,
        order_type=order_type,
        limit_price=numbers[0],
        aux_price=numbers[1],
        tif=tif,
        good_after_time=words[0],
        good_till_date=words[1],
    )
    house.exchange.place(7, 1, Contract(con_id=STOCK), order)
    assert house.events


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("profile", [PESSIMISTIC, OPTIMISTIC])
def test_every_trigger_method_is_taken(method: int, profile: Profile) -> None:
    house = House(profile)
    house.place("SELL", 10, "STP", "90.00", trigger_method=method)
    assert house.codes() == []


def test_a_change_need_not_say_again_whose_order_it_is() -> None:
    house = House()
    order_id = house.place(price="90.00")
    house.modify(order_id, account="", limit_price=D("91.00"))
    assert house.codes() == []
    assert house.held(order_id).order.limit_price == D("91.00")
    assert house.held(order_id).order.account == ACCOUNT


def test_a_user_with_one_account_need_not_name_it() -> None:
    house = House()
    house.accounts.names = (ACCOUNT,)
    order_id = house.place(price="90.00", account="")
    assert house.held(order_id).order.account == ACCOUNT
