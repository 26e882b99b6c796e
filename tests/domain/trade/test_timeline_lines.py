"""Two clocks, one sequence: where a line stands follows from what must have come before it."""

from datetime import timedelta

from backstay.domain.trade.timeline_lines import Heard, Sheet, What, Window, broker_ahead
from tests.domain.trade.lives import AHEAD, wall
from tests.domain.trade.samples import at

WHOLE = Window(wall(0), wall(100))


def texts(sheet: Sheet) -> list[str]:
    """The lines, by their texts."""
    return [line.text for line in sheet.lines]


def test_lines_of_both_clocks_stand_as_they_happened() -> None:
    sheet = Sheet(AHEAD)
    sheet.broker(at(3), What.SENT, "third", within=WHOLE)
    sheet.engine(wall(2), What.WRITTEN, "second")
    sheet.broker(at(1), What.SENT, "first", within=WHOLE)
    assert texts(sheet) == ["first", "second", "third"]


def test_nothing_leaves_before_it_was_asked_for_or_after_it_was_told() -> None:
    sheet = Sheet(AHEAD)
    sheet.broker(at(1), What.SENT, "sent", within=Window(wall(5), wall(6)))
    sheet.engine(wall(5), What.WRITTEN, "written")
    sheet.broker(at(9), What.FILLED, "filled", within=Window(wall(5), wall(6)))
    sheet.engine(wall(6.1), What.GUARDED, "guarded")
    assert texts(sheet) == ["written", "sent", "filled", "guarded"]


def test_lines_that_are_pushed_to_one_place_stand_by_the_broker_s_clock() -> None:
    sheet = Sheet(AHEAD)
    late = Window(wall(5), wall(6))
    sheet.broker(at(2), What.SENT, "second", within=late)
    sheet.broker(at(1), What.SENT, "first", within=late)
    assert texts(sheet) == ["first", "second"]


def test_a_line_stands_behind_the_one_that_it_follows() -> None:
    sheet = Sheet(AHEAD)
    sent = sheet.broker(at(4), What.SENT, "sent", within=WHOLE)
    unknown = sheet.broker(None, What.ACKNOWLEDGED, "unknown", within=WHOLE, following=sent)
    sheet.broker(at(3), What.FILLED, "filled", within=WHOLE, following=unknown)
    assert texts(sheet) == ["sent", "unknown", "filled"]
    assert (unknown.at, unknown.then) == (wall(4), at(4))


def test_a_stamp_of_whole_seconds_stands_at_their_end_if_it_was_not_told_before() -> None:
    sheet = Sheet(AHEAD)
    filled = sheet.broker(at(3), What.FILLED, "coarse", within=WHOLE, told_at=at(9))
    assert filled.at == wall(4)
    told = sheet.broker(at(3), What.FILLED, "told", within=WHOLE, told_at=at(3.4))
    assert told.at == wall(3.4)
    fine = sheet.broker(at(3.2), What.FILLED, "fine", within=WHOLE, told_at=at(9))
    assert fine.at == wall(3.2)
    exact = sheet.broker(at(3), What.SENT, "exact", within=WHOLE)
    assert exact.at == wall(3)
    coarse = {line.text for line in sheet.lines if line.to_the_second}
    assert coarse == {"coarse", "told"}


def test_what_nobody_knows_the_moment_of_stands_where_it_was_asked_for() -> None:
    sheet = Sheet(AHEAD)
    unknown = sheet.broker(None, What.SENT, "unknown", within=Window(wall(7), wall(8)))
    assert unknown.at == wall(7)
    (line,) = sheet.lines
    assert (line.at, line.to_the_second) == (None, False)


def test_the_fastest_answer_says_how_far_the_clocks_are_apart() -> None:
    slow, fast = Heard(at(1), wall(3)), Heard(at(1), wall(1.5))
    assert broker_ahead([slow, fast]) == AHEAD - timedelta(seconds=0.5)
    assert broker_ahead([]) == timedelta(0)
