"""Whatever arrives on the socket, reading it raises nothing but a WireError."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest

from backstay.gateway.chance import Chance, Dice
from backstay.gateway.messages import requests as asked
from backstay.gateway.messages.requests import Request
from backstay.gateway.values.contract import ComboLeg, Contract, DeltaNeutral, TagValue
from backstay.gateway.values.order import Condition, DeltaNeutralOrder, Order, Scale
from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.frames import FrameReader, frame
from backstay.gateway.wire.handshake import HelloReader
from backstay.gateway.wire.requests import LAYOUTS, decode_request, encode_request

FRAMES = 200_000
HELLOS = 20_000

STOCK = Contract(con_id=1, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
COMBINATION = Contract(
    sec_type="BAG",
    combo_legs=(ComboLeg(1, 1, "BUY", "SMART"), ComboLeg(2, 1, "SELL", "SMART")),
    delta_neutral=DeltaNeutral(5, Decimal("0.5"), Decimal(10)),
)
FULL_ORDER = Order(
    action="BUY",
    quantity=Decimal(100),
    order_type="PEG BENCH",
    limit_price=Decimal("190.05"),
    delta_neutral=DeltaNeutralOrder(order_type="MKT"),
    scale=Scale(price_increment=Decimal("0.1")),
    hedge_type="D",
    algo_strategy="Adaptive",
    algo_params=(TagValue("adaptivePriority", "Normal"),),
    combo_leg_prices=(None, Decimal(2)),
    smart_combo_routing=(TagValue("NonGuaranteed", "1"),),
    conditions=(Condition(1, "a", ("1", "190", "5", "SMART", "0")),),
)
VALID: tuple[Request, ...] = (
    asked.StartApi(7),
    asked.RequestContractDetails(1, STOCK),
    asked.RequestMarketData(2, COMBINATION, "233"),
    asked.RequestHistoricalBars(3, STOCK, "", "1 min", "1 D", True, "TRADES", 1),
    asked.PlaceOrder(4, STOCK, Order(action="SELL", quantity=Decimal(1), order_type="MKT")),
    asked.PlaceOrder(5, COMBINATION, FULL_ORDER),
    asked.CancelOrder(4),
    asked.RequestExecutions(6),
    asked.RequestAccountUpdates(True),
    asked.RequestPnlSingle(7, "DU1", "", 265598),
)
PAYLOADS = tuple(encode_request(request) for request in VALID)
NUMBERS = tuple(str(layout.number).encode() for layout in LAYOUTS)
POISON = (
    b"nan", b"NaN", b"inf", b"-inf", b"Infinity", b"Infinite", b"1e999", b"-1e-999", b"1_000", b"+",
    b"-", b".", b"e5", b"0x10", b" 1", b"1 ", b"-1", b"-0", b"-0.0", b"2147483647", b"2147483648",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809",
    b"1.7976931348623157E308", b"99999999999999999999999999999999999999999999999999", b"true",
    b"None", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", "\u0661\u0662".encode(), b"=;=;", b";;;", b"=",
    b"1000", b"1001", b"BAG", b"PEG BEST", b"PEG MID", b"VOL", b"",
)  # fmt: skip
HUGE = (b"9" * 1_000_000, b"1." + b"0" * 1_000_000, b"\0" * 1_000_000, b"5\0" * 300_000)


def noise(dice: Dice) -> bytes:
    return dice.randbytes(dice.randrange(60))


def noise_after_a_number(dice: Dice) -> bytes:
    return dice.choice(NUMBERS) + b"\0" + dice.randbytes(dice.randrange(60))


def noise_in_fields(dice: Dice) -> bytes:
    fields = [dice.choice(POISON) for _ in range(dice.randrange(30))]
    return b"\0".join([dice.choice(NUMBERS), *fields, b""])


def only_ends(dice: Dice) -> bytes:
    return dice.choice(NUMBERS) + b"\0" * dice.randrange(1, 200)


def cut_short(dice: Dice) -> bytes:
    payload = dice.choice(PAYLOADS)
    return payload[: dice.randrange(len(payload) + 1)]


def one_byte_changed(dice: Dice) -> bytes:
    payload = bytearray(dice.choice(PAYLOADS))
    payload[dice.randrange(len(payload))] = dice.randrange(256)
    return bytes(payload)


def fields_poisoned(dice: Dice) -> bytes:
    fields = dice.choice(PAYLOADS).split(b"\0")
    for _ in range(dice.randrange(1, 4)):
        fields[dice.randrange(len(fields) - 1)] = dice.choice(POISON)
    return b"\0".join(fields)


def fields_moved(dice: Dice) -> bytes:
    fields = dice.choice(PAYLOADS).split(b"\0")
    place = dice.randrange(1, len(fields))
    if dice.randrange(2):
        fields.insert(place, dice.choice(POISON))
    else:
        del fields[place - 1]
    return b"\0".join(fields)


MAKERS: tuple[Callable[[Dice], bytes], ...] = (
    noise,
    noise_after_a_number,
    noise_in_fields,
    only_ends,
    cut_short,
    one_byte_changed,
    fields_poisoned,
    fields_moved,
)


def understood(payload: bytes) -> bool:
    """Whether the payload is a request; anything but a WireError fails the test."""
    try:
        request = decode_request(payload)
    except WireError:
        return False
    # What was understood can be said again, and means the same.
    assert decode_request(encode_request(request)) == request
    return True


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_two_hundred_thousand_broken_frames_raise_nothing_but_wire_errors(
    make: Callable[[Dice], bytes],
) -> None:
    dice = Chance(20261123).of("fuzz", make.__name__)
    count = FRAMES // len(MAKERS)
    taken = sum(understood(make(dice)) for _ in range(count))
    assert taken < count


@pytest.mark.parametrize("huge", HUGE, ids=["digits", "zeros", "ends", "fields"])
@pytest.mark.parametrize("number", NUMBERS, ids=bytes.decode)
def test_a_huge_field_is_refused_at_once(huge: bytes, number: bytes) -> None:
    assert not understood(number + b"\0" + huge + b"\0")


def test_every_field_of_every_request_is_poisoned_once() -> None:
    for payload in PAYLOADS:
        fields = payload.split(b"\0")
        for place in range(len(fields) - 1):
            for poison in POISON:
                understood(b"\0".join([*fields[:place], poison, *fields[place + 1 :]]))


def test_a_broken_hello_raises_nothing_but_wire_errors() -> None:
    dice = Chance(20261123).of("hello")
    valid = b"API\0" + frame(b"v157..178 +PACEAPI")
    for _ in range(HELLOS):
        hello = bytearray(valid[: dice.randrange(1, len(valid) + 1)])
        hello[dice.randrange(len(hello))] = dice.randrange(256)
        with suppress(WireError):
            HelloReader().feed(bytes(hello))


def test_a_broken_stream_raises_nothing_but_wire_errors() -> None:
    dice = Chance(20261123).of("stream")
    for _ in range(HELLOS):
        reader = FrameReader()
        stream = b"".join(frame(dice.choice(PAYLOADS)) for _ in range(3))
        start = dice.randrange(len(stream))
        with suppress(WireError):
            tuple(reader.feed(stream[start:]))
