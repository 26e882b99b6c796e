"""Frames are what ib_async would have written, to the byte, and say what the intent says."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.client import Client

from backstay.broker.line.encoding import SERVER_VERSION, Encoder
from backstay.broker.translation.contracts import contract_of
from backstay.broker.translation.orders import order_of
from backstay.broker.translation.writing import FrameWriting
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OcaGroup,
    OrderIntent,
    Stop,
    StopLimit,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.sides import Side
from backstay.gateway.messages.requests import PlaceOrder
from backstay.gateway.wire.requests import decode_request
from tests.broker.translation.intents import KEY, OPTION, STOCK, intent, intents

WRITING = FrameWriting(Encoder())
order_ids = st.integers(1, 2**31 - 2)  # the last one is IB's word for none


class Real(Client):
    """ib_async's own client, but for its queue and its socket."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[no-untyped-call]
        self.connState = Client.CONNECTED
        self._serverVersion = SERVER_VERSION
        self.written: list[bytes] = []

    def sendMsg(self, msg: str) -> None:  # noqa: N802 - ib_async's name
        self.written.append(self._prefix(msg.encode()))  # type: ignore[no-untyped-call]


def written(request: Callable[[Any], object]) -> bytes:
    """What it writes when it is asked for this."""
    client = Real()
    request(client)
    return b"".join(client.written)


def placed(order_id: int, parent_id: int, wanted: OrderIntent, **how: bool) -> bytes:
    order = order_of(wanted, transmit=how["transmit"], what_if=how["what_if"])
    order.parentId = parent_id
    contract = contract_of(wanted.instrument)
    return written(lambda client: client.placeOrder(order_id, contract, order))


def asked(frame: bytes) -> PlaceOrder:
    """What the embedded gateway reads in a frame."""
    request = decode_request(frame[4:], SERVER_VERSION)
    assert isinstance(request, PlaceOrder)
    return request


@given(intents(), order_ids, order_ids, st.booleans(), st.booleans())
def test_a_frame_is_what_ib_async_writes_for_these_ids(
    wanted: OrderIntent, order_id: int, parent_id: int, transmit: bool, what_if: bool
) -> None:
    frame = WRITING.order(wanted, transmit=transmit, what_if=what_if)
    how = {"transmit": transmit, "what_if": what_if}
    parent = parent_id if wanted.parent else 0
    assert frame.at(order_id, parent_id) == placed(order_id, parent, wanted, **how)
    assert frame.at(order_id) == placed(order_id, 0, wanted, **how)


def test_a_limit_order_says_everything_that_decides_what_it_does() -> None:
    order = asked(WRITING.order(intent(), transmit=True).at(7)).order
    assert asked(WRITING.order(intent(), transmit=True).at(7)).order_id == 7
    assert (order.action, order.quantity, order.order_type) == ("BUY", Decimal(100), "LMT")
    assert (order.limit_price, order.aux_price) == (Decimal("100.3"), None)
    assert (order.tif, order.good_till_date) == ("DAY", "")
    assert (order.account, order.order_ref) == ("DU100001", KEY.order_ref)
    assert (order.transmit, order.what_if, order.parent_id) == (True, False, 0)
    assert (order.outside_rth, order.trigger_method) == (False, 0)
    assert (order.oca_group, order.oca_type) == ("", 0)


@pytest.mark.parametrize(
    ("terms", "order_type", "limit", "aux"),
    [
        (Market(), "MKT", None, None),
        (Limit(Decimal("9.5")), "LMT", Decimal("9.5"), None),
        (Stop(Decimal("9.25")), "STP", None, Decimal("9.25")),
        (
            StopLimit(Decimal("9.25"), Decimal("9.1")),
            "STP LMT",
            Decimal("9.1"),
            Decimal("9.25"),
        ),
    ],
)
def test_each_kind_of_terms_has_its_type_and_its_prices(
    terms: Any, order_type: str, limit: Decimal | None, aux: Decimal | None
) -> None:
    order = asked(WRITING.order(intent(terms=terms, side=Side.SELL), transmit=True).at(7)).order
    assert (order.action, order.order_type) == ("SELL", order_type)
    assert (order.limit_price, order.aux_price) == (limit, aux)


def test_what_an_intent_says_besides_is_written_too() -> None:
    wanted = intent(
        time_in_force=TimeInForce.GOOD_TILL_DATE,
        good_till=datetime(2026, 11, 23, 20, 59, 58, 999_999, tzinfo=UTC),
        outside_regular_hours=True,
        trigger_method=TriggerMethod.DOUBLE_BID_ASK,
        oca=OcaGroup("a group", 2),
    )
    order = asked(WRITING.order(wanted, transmit=False, what_if=True).at(7)).order
    assert (order.tif, order.good_till_date) == ("GTD", "20261123-20:59:58")
    assert (order.outside_rth, order.trigger_method) == (True, 1)
    assert (order.oca_group, order.oca_type) == ("a group", 2)
    assert (order.transmit, order.what_if) == (False, True)


@pytest.mark.parametrize("time_in_force", [tif for tif in TimeInForce if tif.value != "GTD"])
def test_the_time_in_force_is_always_written(time_in_force: TimeInForce) -> None:
    """10349 otherwise."""
    wanted = intent(time_in_force=time_in_force)
    assert asked(WRITING.order(wanted, transmit=True).at(7)).order.tif == time_in_force.value


def test_a_child_names_its_parent_when_both_leave_and_never_when_it_is_modified() -> None:
    """135 otherwise."""
    child = WRITING.order(intent(parent=KEY), transmit=True)
    assert child.is_child
    assert asked(child.at(8, parent_id=7)).order.parent_id == 7
    assert asked(child.at(8)).order.parent_id == 0


def test_an_order_without_a_parent_names_none_whatever_it_is_given() -> None:
    frame = WRITING.order(intent(), transmit=True)
    assert not frame.is_child
    assert asked(frame.at(8, parent_id=7)).order.parent_id == 0


@pytest.mark.parametrize("instrument", [STOCK, OPTION])
def test_a_contract_is_named_by_its_id_and_described_along(instrument: Instrument) -> None:
    contract = asked(WRITING.order(intent(instrument=instrument), transmit=True).at(7)).contract
    assert contract.con_id == instrument.con_id
    assert (contract.symbol, contract.exchange) == ("AAPL", "SMART")
    assert (contract.currency, contract.sec_type) == ("USD", instrument.type.value)
    if instrument.option is None:
        assert (contract.expiry, contract.strike, contract.right) == ("", Decimal(0), "")
    else:
        assert (contract.expiry, contract.right) == ("20261218", "P")
        assert contract.strike == Decimal("102.5")


@given(intents())
def test_numbers_reach_the_gateway_as_they_stand_in_the_intent(wanted: OrderIntent) -> None:
    order = asked(WRITING.order(wanted, transmit=True).at(7)).order
    assert order.quantity == wanted.quantity
    match wanted.terms:
        case Limit(price):
            assert order.limit_price == price
        case Stop(trigger):
            assert order.aux_price == trigger
        case StopLimit(trigger, price):
            assert (order.aux_price, order.limit_price) == (trigger, price)
        case Market():
            assert (order.aux_price, order.limit_price) == (None, None)


@pytest.mark.parametrize(
    "number",
    [
        Decimal("1e-7"),
        Decimal("0.12345678901234567890"),
        Decimal(2**53 + 1),
        Decimal("100.00000000000000001"),
    ],
)
def test_a_number_that_would_not_arrive_exactly_is_refused(number: Decimal) -> None:
    with pytest.raises(ValueError, match="can't be written"):
        WRITING.order(intent(quantity=number), transmit=True)
    with pytest.raises(ValueError, match="can't be written"):
        WRITING.order(intent(terms=Limit(number)), transmit=True)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Decimal("0.1") + Decimal("0.2"), b"0.3"),
        (Decimal("1E+4"), b"10000"),
        (Decimal("100.00"), b"100"),
        (Decimal("1e16"), b"10000000000000000"),
        (Decimal("0.000001"), b"0.000001"),
    ],
)
def test_a_number_is_written_plainly(number: Decimal, text: bytes) -> None:
    fields = WRITING.order(intent(quantity=number), transmit=True).at(7)[4:].split(b"\0")
    assert fields[17] == text


@pytest.mark.parametrize("text", ["DU1\x00BUY", "DU1\n", "D\u00dc1", "DU1\x01own\x01"])
def test_a_text_that_could_be_read_as_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="only printable ASCII"):
        WRITING.order(intent(account=text), transmit=True)
    with pytest.raises(ValueError, match="only printable ASCII"):
        WRITING.order(intent(oca=OcaGroup(text, 1)), transmit=True)
    with pytest.raises(ValueError, match="only printable ASCII"):
        WRITING.market_data(1, STOCK, text)


def test_other_requests_are_what_ib_async_writes() -> None:
    contract = contract_of(STOCK)
    assert WRITING.cancel(9) == written(lambda client: client.cancelOrder(9))
    assert WRITING.market_data(10, STOCK, "233,236") == written(
        lambda client: client.reqMktData(10, contract, "233,236", False, False, [])
    )
    assert WRITING.end_market_data(10) == written(lambda client: client.cancelMktData(10))
    assert WRITING.market_data_type(1) == written(lambda client: client.reqMarketDataType(1))
