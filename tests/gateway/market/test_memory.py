"""What a market keeps of the past is bounded, and right at its edges."""

from decimal import Decimal

from backstay.gateway.market.record import Record
from backstay.gateway.market.silences import Silences
from tests.gateway.market.scene import MINUTE_NS

ONE = Decimal(1)


def test_a_silence_covers_its_beginning_and_not_its_end() -> None:
    silences = Silences()
    assert not silences.touch(0, 99)
    silences.begin(10)
    silences.begin(15)
    assert [silences.cover(at) for at in (9, 10, 99)] == [False, True, True]
    silences.end(20)
    assert [silences.cover(at) for at in (9, 10, 19, 20)] == [False, True, True, False]
    silences.end(30)
    assert not silences.cover(25)
    touched = [silences.touch(*span) for span in ((0, 10), (0, 11), (12, 15), (19, 30), (20, 30))]
    assert touched == [False, True, True, True, False]


def test_old_silences_are_forgotten() -> None:
    silences = Silences()
    for at in range(0, 600, 2):
        silences.begin(at)
        silences.end(at + 1)
    assert not silences.cover(0)
    assert silences.cover(598)


def test_a_record_adds_up_the_trades_of_a_minute() -> None:
    record = Record()
    assert not record.touches(0, MINUTE_NS)
    for at_ns, price in ((61, 5), (62, 7), (63, 4), (64, 6)):
        record.trade(Decimal(price), Decimal(10), at_ns * 10**9)
    found = record.minute(119 * 10**9)
    assert found is not None
    first_ns, traded = found
    assert first_ns == 61 * 10**9
    assert (traded.open, traded.high, traded.low, traded.close) == tuple(map(Decimal, (5, 7, 4, 6)))
    assert (traded.volume, traded.trades) == (Decimal(40), 4)
    assert record.minute(120 * 10**9) is None
    spans = [(0, 1), (0, 2), (1, 2), (1, 9), (2, 9)]
    touched = [record.touches(first * MINUTE_NS, after * MINUTE_NS) for first, after in spans]
    assert touched == [False, True, True, True, False]


def test_old_minutes_of_a_record_are_forgotten() -> None:
    record = Record()
    for minute in range(2001):
        record.trade(ONE, ONE, minute * MINUTE_NS)
    assert record.minute(0) is None
    assert record.minute(MINUTE_NS) is not None
    assert record.minute(2000 * MINUTE_NS) is not None
