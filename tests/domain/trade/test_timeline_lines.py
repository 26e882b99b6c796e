"""Two clocks, one sequence: where a line stands follows from what must have come before it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.trade.timeline.lines import Clocks, Heard, Sheet, What, Window
from tests.domain.trade.lives import AHEAD, wall
from tests.domain.trade.samples import at

WHOLE = Window(wall(0), wall(100))
CLOCKS = Clocks([Heard(wall(0), at(1), wall(1))])
"""The fastest answer took no time at all."""


def texts(sheet: Sheet) -> list[str]:
    """The lines, by their texts."""
    return [line.text for line in sheet.lines]


def test_lines_of_both_clocks_stand_as_they_happened() -> None:
    sheet = Sheet(CLOCKS)
    sheet.broker(at(3), What.SENT, "third", within=WHOLE)
    sheet.engine(wall(2), What.WRITTEN, "second")
    sheet.broker(at(1), What.SENT, "first", within=WHOLE)
    assert texts(sheet) == ["first", "second", "third"]


def test_nothing_leaves_before_it_was_asked_for_or_after_it_was_told() -> None:
    sheet = Sheet(CLOCKS)
    sheet.broker(at(1), What.SENT, "sent", within=Window(wall(5), wall(6)))
    sheet.engine(wall(5), What.WRITTEN, "written")
    sheet.broker(at(9), What.FILLED, "filled", within=Window(wall(5), wall(6)))
    sheet.engine(wall(6.1), What.GUARDED, "guarded")
    assert texts(sheet) == ["written", "sent", "filled", "guarded"]


def test_lines_that_are_pushed_to_one_place_stand_by_the_broker_s_clock() -> None:
    sheet = Sheet(CLOCKS)
    late = Window(wall(5), wall(6))
    sheet.broker(at(2), What.SENT, "second", within=late)
    sheet.broker(at(1), What.SENT, "first", within=late)
    assert texts(sheet) == ["first", "second"]


def test_a_line_stands_behind_the_one_that_it_follows() -> None:
    sheet = Sheet(CLOCKS)
    sent = sheet.broker(at(4), What.SENT, "sent", within=WHOLE)
    unknown = sheet.broker(None, What.ACKNOWLEDGED, "unknown", within=WHOLE, following=sent)
    sheet.broker(at(3), What.FILLED, "filled", within=WHOLE, following=unknown)
    assert texts(sheet) == ["sent", "unknown", "filled"]
    assert (unknown.at, unknown.then) == (at(4), at(4))


def test_a_stamp_of_whole_seconds_stands_at_their_end_if_it_was_not_told_before() -> None:
    sheet = Sheet(CLOCKS)
    filled = sheet.broker(at(3), What.FILLED, "coarse", within=WHOLE, by=at(9))
    assert filled.at == at(4) - timedelta(microseconds=1)
    told = sheet.broker(at(3), What.FILLED, "told", within=WHOLE, by=at(3.4))
    assert told.at == at(3.4)
    fine = sheet.broker(at(3.2), What.FILLED, "fine", within=WHOLE, by=at(9))
    assert fine.at == at(3.2)
    exact = sheet.broker(at(3), What.SENT, "exact", within=WHOLE)
    assert exact.at == at(3)
    coarse = {line.text for line in sheet.lines if line.to_the_second}
    assert coarse == {"coarse", "told"}


def test_a_stamp_that_is_too_early_is_shown_where_it_must_have_been_and_kept() -> None:
    sheet = Sheet(CLOCKS)
    sent = sheet.broker(at(4.2), What.SENT, "sent", within=WHOLE)
    sheet.broker(at(2), What.FILLED, "filled", within=WHOLE, following=sent, by=at(9))
    filled = sheet.lines[-1]
    assert (filled.text, filled.at, filled.shown_at) == ("filled", at(2), at(4.2))


def test_what_nobody_knows_the_moment_of_stands_where_it_was_asked_for() -> None:
    sheet = Sheet(CLOCKS)
    unknown = sheet.broker(None, What.SENT, "unknown", within=Window(wall(7), wall(8)))
    assert unknown.at == at(7)
    (line,) = sheet.lines
    assert (line.at, line.shown_at, line.to_the_second) == (None, None, False)


def test_what_had_happened_by_a_moment_stands_there_and_behind_what_it_follows() -> None:
    sheet = Sheet(CLOCKS)
    sent = sheet.broker(at(4), What.SENT, "sent", within=WHOLE)
    ended = sheet.broker(None, What.ENDED, "ended", within=WHOLE, following=sent, by=at(6))
    assert ended.at == at(6)
    early = sheet.broker(None, What.ENDED, "early", within=WHOLE, following=sent, by=at(3))
    assert early.at == at(4)


def test_the_engine_s_moments_are_kept_and_shown_by_the_broker_s_clock() -> None:
    sheet = Sheet(CLOCKS)
    sheet.engine(wall(5), What.WRITTEN, "written")
    (line,) = sheet.lines
    assert (line.at, line.shown_at) == (wall(5), at(5))


# --- how far they are apart ---

HOUR = timedelta(hours=1)


def test_the_fastest_answer_says_how_far_the_clocks_are_apart() -> None:
    slow, fast = Heard(wall(0), at(1), wall(3)), Heard(wall(0.5), at(1), wall(1.5))
    assert Clocks([slow, fast]).ahead == AHEAD - timedelta(seconds=0.5)
    assert Clocks([]).ahead == timedelta(0)
    assert Clocks([]).by_broker(wall(1)) == wall(1)


def test_a_clock_that_was_set_forward_holds_from_the_answers_that_say_so() -> None:
    clocks = Clocks(
        [
            Heard(wall(0), at(1), wall(1)),
            Heard(wall(2), at(2) + HOUR, wall(11)),
            Heard(wall(12), at(13) + HOUR, wall(13)),
        ]
    )
    assert clocks.ahead == AHEAD + HOUR
    assert clocks.by_broker(wall(-1)) == at(-1)
    assert clocks.by_broker(wall(6)) == at(6)
    assert clocks.by_broker(wall(6.01)) == at(6.01) + HOUR


def test_an_answer_that_was_known_long_before_it_was_asked_for_tells_nothing_of_clocks() -> None:
    stale = Heard(wall(50), at(10), wall(51))
    assert Clocks([Heard(wall(0), at(1), wall(1)), stale]).by_broker(wall(60)) == at(60)


@given(st.lists(st.tuples(*[st.integers(0, 50)] * 3), max_size=8), st.integers(-60, 60))
def test_the_engine_s_moments_never_go_back_whatever_was_heard(
    heard: list[tuple[int, int, int]], moment: int
) -> None:
    clocks = Clocks(
        [Heard(wall(asked), at(told), wall(asked + took)) for asked, told, took in heard]
    )
    assert clocks.by_broker(wall(moment)) < clocks.by_broker(wall(moment + 1))
