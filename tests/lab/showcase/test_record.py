"""The gateway's record, read while it is written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.lab.showcase.record import Record
from tests.lab.showcase import lines
from tests.lab.showcase.lines import ENTRY, STOP

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BEGINS = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class Clock:
    """This machine's."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A record, and the files that it reads."""

    def __init__(self, folder: Path) -> None:
        self.wire, self.audit, self.clock = folder / "wire", folder / "audit", Clock()
        self.record = Record(self.wire, self.audit, self.clock)

    def writes(self, *texts: str, ends: str = "\n") -> None:
        """The gateway writes these, each where it belongs."""
        for text in texts:
            file = self.wire if '"dir"' in text else self.audit
            with file.open("a", encoding="utf-8") as opened:
                opened.write(text + ends)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_files_that_are_not_there_yet_hold_nothing(desk: Desk) -> None:
    assert desk.record.read() == []


def test_an_order_is_known_from_its_frame_on(desk: Desk) -> None:
    desk.writes(lines.placed(ENTRY, at_ms=5))
    desk.record.read()
    order = desk.record.orders[ENTRY]
    assert (order.symbol, order.side, order.order_type) == ("AAPL", "buy", "MKT")
    assert order.read_at == BEGINS + timedelta(milliseconds=5)
    assert order.numbers == {(1, 1)}


def test_the_same_number_again_is_a_change_and_another_one_a_second_order(desk: Desk) -> None:
    desk.writes(lines.placed(ENTRY), lines.placed(ENTRY), lines.placed(ENTRY, number=2))
    desk.record.read()
    order = desk.record.orders[ENTRY]
    assert (order.changes, order.numbers) == (2, {(1, 1), (1, 2)})


def test_a_question_about_the_margin_is_no_order(desk: Desk) -> None:
    desk.writes(lines.placed(ENTRY, what_if=True))
    desk.record.read()
    assert desk.record.order(ENTRY) is None


def test_a_cancel_finds_its_order_by_the_number(desk: Desk) -> None:
    desk.writes(lines.placed(STOP, number=7), lines.cancelled(7), lines.cancelled(8))
    desk.record.read()
    assert desk.record.orders[STOP].cancels == 1


def test_fills_and_the_status_come_from_the_audit(desk: Desk) -> None:
    desk.writes(lines.placed(ENTRY), lines.filled(ENTRY, "40", "190.04", at_ms=1))
    desk.writes(lines.filled(ENTRY, "60", "190.03", at_ms=2), lines.changed(ENTRY, "Filled"))
    desk.record.read()
    order = desk.record.orders[ENTRY]
    assert order.filled == 100
    assert order.fills[1] == (Decimal(60), Decimal("190.03"))
    assert order.status == "Filled"


def test_what_the_audit_tells_before_the_frame_is_read_is_not_lost(desk: Desk) -> None:
    desk.writes(lines.filled(ENTRY, "40", "190.04", at_ms=2), lines.changed(ENTRY, "Filled"))
    desk.record.read()
    desk.writes(lines.placed(ENTRY, at_ms=1))
    desk.record.read()
    order = desk.record.orders[ENTRY]
    assert (order.fills, order.status) == ([(Decimal(40), Decimal("190.04"))], "Filled")


def test_it_knows_on_which_connection_an_order_was_first_told_of(desk: Desk) -> None:
    desk.writes(lines.placed(ENTRY, conn=1), lines.told(ENTRY, conn=2, at_ms=9))
    desk.record.read()
    assert (desk.record.orders[ENTRY].connection, desk.record.orders[ENTRY].told_on) == (1, [2])


def test_a_connection_of_a_gateways_next_life_is_another_one_though_its_number_is_the_same(
    desk: Desk,
) -> None:
    desk.writes(lines.opening(), lines.told(STOP, conn=2), lines.placed(ENTRY, conn=1))
    desk.writes(lines.opening(at_ms=7), lines.told(ENTRY, conn=1, at_ms=9))
    desk.record.read()
    assert (desk.record.orders[ENTRY].connection, desk.record.orders[ENTRY].told_on) == (1, [3])


def test_what_time_it_is_at_a_gateway_that_has_begun_again_is_known_before_it_speaks(
    desk: Desk,
) -> None:
    desk.writes(lines.opening(), lines.told(STOP))
    desk.record.read()
    assert desk.record.now() == BEGINS
    desk.clock.now += timedelta(seconds=9)
    desk.writes(lines.opening(at_ms=9000))
    desk.record.read()
    assert desk.record.now() == BEGINS + timedelta(seconds=9)


def test_the_first_strike_at_an_order_counts(desk: Desk) -> None:
    desk.writes(lines.struck(ENTRY, "order-rejected", at_ms=3))
    desk.writes(lines.struck(ENTRY, "order-rejected", at_ms=8))
    desk.record.read()
    assert desk.record.strikes == {ENTRY: BEGINS + timedelta(milliseconds=3)}


def test_half_a_line_waits_for_its_other_half(desk: Desk) -> None:
    text = lines.placed(ENTRY)
    desk.writes(text[:90], ends="")
    assert desk.record.read() == []
    with desk.wire.open("a", encoding="utf-8") as file:
        file.write(text[90:] + "\n")
    assert len(desk.record.read()) == 1


def test_what_was_read_is_not_read_again(desk: Desk) -> None:
    desk.writes(lines.placed(ENTRY))
    assert (len(desk.record.read()), desk.record.read()) == (1, [])
    assert len(desk.record.lines) == 1


def test_both_files_are_read_as_one_record_in_the_order_of_time(desk: Desk) -> None:
    desk.writes(lines.told(ENTRY, at_ms=9), lines.filled(ENTRY, "1", "2", at_ms=4))
    assert [line["t"] - lines.BEGINS_NS for line in desk.record.read()] == [4_000_000, 9_000_000]


def test_its_time_is_that_of_the_line_that_was_read_soonest(desk: Desk) -> None:
    def reads(at_ms: int, late_ms: int) -> None:
        desk.writes(lines.told(ENTRY, at_ms=at_ms))
        desk.clock.now = NOON + timedelta(milliseconds=at_ms + late_ms)
        desk.record.read()

    reads(0, 20)
    reads(100, 2)
    reads(200, 30)
    assert desk.record.ahead() == BEGINS - NOON - timedelta(milliseconds=2)
    assert desk.record.now() == desk.clock.now + desk.record.ahead()


def test_a_gateway_that_begins_again_has_another_clock(desk: Desk) -> None:
    desk.writes(lines.placed(ENTRY))
    desk.record.read()
    first = desk.record.orders[ENTRY]
    desk.clock.now = NOON + timedelta(seconds=10)
    desk.writes(lines.opening(at_ms=1000))
    desk.record.read()
    assert desk.record.ahead() == BEGINS - NOON, "what opens an audit is dated before its clock"
    desk.writes(lines.placed(STOP, at_ms=2000, number=2))
    desk.record.read()
    second = desk.record.orders[STOP]
    assert desk.record.ahead(first.life) == BEGINS - NOON
    assert desk.record.ahead(second.life) == BEGINS - NOON - timedelta(seconds=8)


def test_the_position_is_the_one_that_was_told_last(desk: Desk) -> None:
    desk.writes(lines.holds("40"), lines.holds("0", at_ms=1))
    desk.record.read()
    assert desk.record.positions == {lines.AAPL: Decimal(0)}
