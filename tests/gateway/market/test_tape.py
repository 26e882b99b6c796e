"""Reading tapes, and playing them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.market.tape import Deed, Tape, TapeLine, TapeTick, parse, parse_untimed
from backstay.gateway.times import SECOND_NS
from tests.gateway.market.scene import AAPL, MONDAY, SPY, Scene, new_york

D = Decimal
TAPE = """
# a quiet opening
+0     AAPL bid=189.98 ask=190.02 bid_size=300 ask_size=200
+12.5  AAPL last=190.01 last_size=100   # a trade
+13    AAPL halt

+20    AAPL resume
+60    AAPL walk
"""


def test_a_tape_is_read_line_by_line() -> None:
    tape = parse(TAPE)
    assert tape.is_relative
    assert tape.start_ns() is None
    touch = TapeTick(bid=D("189.98"), ask=D("190.02"), bid_size=D(300), ask_size=D(200))
    assert tape.lines == (
        TapeLine(3, 0, "AAPL", touch),
        TapeLine(4, 12_500_000_000, "AAPL", TapeTick(last=D("190.01"), last_size=D(100))),
        TapeLine(5, 13 * SECOND_NS, "AAPL", Deed.HALT),
        TapeLine(7, 20 * SECOND_NS, "AAPL", Deed.RESUME),
        TapeLine(8, 60 * SECOND_NS, "AAPL", Deed.WALK),
    )


def test_an_absolute_tape_says_when_it_begins() -> None:
    tape = parse("2026-11-23T09:30:00-05:00 AAPL last=190\n2026-11-23T14:31Z SPY last=600")
    assert tape.start_ns() == new_york(f"{MONDAY}T09:30")
    assert tape.lines[1].time_ns == new_york(f"{MONDAY}T09:31")


def test_a_local_symbol_may_keep_its_blanks() -> None:
    tape = parse("+0 AAPL  261218C00190000 bid=5\n+1 AAPL261218C00190000 walk")
    assert [line.name for line in tape.lines] == ["AAPL261218C00190000"] * 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: the tape is empty; expected a tick a line"),
        ("+0 AAPL", 'line 1: "+0 AAPL"; expected a time, an instrument and what happens to it'),
        ("\n+x AAPL halt", 'line 2: "+x"; expected seconds after the start, as +12.5'),
        ("+-1 AAPL halt", 'line 1: "+-1"; expected seconds after the start, as +12.5'),
        (
            "9:30 AAPL halt",
            'line 1: "9:30"; expected a time as 2026-11-23T09:30:00-05:00 or +12.5',
        ),
        (
            "2026-11-23T09:30 AAPL halt",
            'line 1: "2026-11-23T09:30" has no zone; expected one, as in 2026-11-23T09:30-05:00',
        ),
        ("+0 AAPL stop", 'line 1: "stop"; expected name=value, or one of halt, resume, walk'),
        ("+0 AAPL split=2 now", 'line 1: "now" after split=2; expected nothing'),
        ("+0 AAPL split=0", 'line 1: split: "0"; expected how many shares one becomes'),
        ("+0 AAPL halt now", 'line 1: "now" after halt; expected nothing'),
        (
            "+0 AAPL bod=1",
            'line 1: "bod=1"; expected one of bid=, ask=, bid_size=, ask_size=, last=, last_size=',
        ),
        ("+0 AAPL bid=1 bid=2", 'line 1: "bid=2"; bid is given twice'),
        ("+0 AAPL bid=x", 'line 1: bid: "x"; expected a price above 0'),
        ("+0 AAPL bid=0", 'line 1: bid: "0"; expected a price above 0'),
        ("+0 AAPL last=NaN", 'line 1: last: "NaN"; expected a price above 0'),
        ("+0 AAPL bid_size=-1", 'line 1: bid_size: "-1"; expected a size, 0 or more'),
        (
            "+2 AAPL bid=1\n+1 AAPL bid=1",
            "line 2: its time is before that of line 1; expected the lines in order of time",
        ),
        (
            "+2 AAPL bid=1\n2026-11-23T14:31Z AAPL bid=1",
            "line 2: its time is not relative as that of the first is",
        ),
    ],
)
def test_a_tape_that_is_wrong_says_where_and_what_would_be_right(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"^line \d+: ") as raised:
        parse(text)
    assert str(raised.value) == complaint


def read(text: str) -> Tape | ValueError:
    try:
        return parse(text)
    except ValueError as wrong:
        return wrong


@given(st.text(alphabet="+0123456789.= abAPLhlt#\nidz-:T_", max_size=60))
def test_any_text_is_read_or_complained_about(text: str) -> None:
    assert isinstance(read(text), Tape) or str(read(text)).startswith("line ")


def test_a_tape_about_something_unknown_says_in_which_line() -> None:
    with pytest.raises(ValueError, match='line 2: "APPL" is not listed; expected a symbol'):
        Scene(tape=parse("+0 AAPL halt\n+0 APPL halt"))


def test_a_tape_is_played_at_its_times() -> None:
    scene = Scene(tape=parse(TAPE))
    assert scene.market.quote(AAPL).bid == D("189.98")
    scene.after(12.4)
    assert not any(move.printed for move in scene.moves)
    scene.after(0.1)
    assert scene.market.quote(AAPL).last == D("190.01")
    scene.after(0.5)
    assert scene.market.quote(AAPL).halted
    scene.after(7)
    assert not scene.market.quote(AAPL).halted
    told = len(scene.news)
    scene.after(39)
    assert len(scene.news) == told


def test_what_a_tape_lets_walk_moves_although_nobody_watches() -> None:
    scene = Scene(tape=parse(TAPE))
    scene.after(60)
    told = len(scene.news)
    scene.after(60)
    assert len(scene.news) > told + 100
    last = scene.market.quote(AAPL).last
    assert last is not None
    assert 189 < last < 191


def test_what_a_tape_names_stands_still_from_the_start_at_its_level_of_prices() -> None:
    scene = Scene(tape=parse("+30 AAPL bid=99.99 ask=100.01"))
    scene.market.watch(AAPL)
    before = scene.market.quote(AAPL)
    scene.after(29)
    assert scene.market.quote(AAPL) == before
    assert before.bid is not None
    assert before.close is not None
    assert 99 < before.bid < 101
    assert 90 < before.close < 110


def test_what_a_tape_does_not_name_walks_as_ever() -> None:
    assert Scene(tape=parse(TAPE)).market.quote(SPY) == Scene().market.quote(SPY)


def test_an_absolute_tape_is_played_at_its_own_times() -> None:
    scene = Scene(tape=parse("2026-11-23T10:05:00-05:00 265598 bid=190 ask=190.05"))
    scene.until(f"{MONDAY}T10:04")
    assert scene.moves == []
    scene.until(f"{MONDAY}T10:05")
    assert scene.market.quote(AAPL).bid == 190


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("AAPL halt", TapeLine(4, 0, "AAPL", Deed.HALT)),
        ("AAPL walk   # by itself", TapeLine(4, 0, "AAPL", Deed.WALK)),
        ("265598 resume\r", TapeLine(4, 0, "265598", Deed.RESUME)),
        ("20261123 halt", TapeLine(4, 0, "20261123", Deed.HALT)),
        (
            "AAPL  261218C00190000 bid=5 ask_size=0",
            TapeLine(4, 0, "AAPL261218C00190000", TapeTick(bid=D(5), ask_size=D(0))),
        ),
        ("", None),
        ("  # nothing yet", None),
    ],
)
def test_a_line_without_a_time_happens_when_it_is_read(raw: str, line: TapeLine | None) -> None:
    assert parse_untimed(4, raw) == line


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ("+0 AAPL halt", '"+0"; expected no time: a line happens when it is read'),
        ("+soon AAPL halt", '"+soon"; expected no time: a line happens when it is read'),
        (
            "2026-11-23T09:30:00-05:00 AAPL halt",
            '"2026-11-23T09:30:00-05:00"; expected no time: a line happens when it is read',
        ),
        ("AAPL", '"AAPL"; expected an instrument and what happens to it'),
        ("bid=5", '"bid=5"; expected an instrument and what happens to it'),
        ("AAPL stop", '"stop"; expected name=value, or one of halt, resume, walk'),
        ("AAPL last=-1", 'last: "-1"; expected a price above 0'),
    ],
)
def test_a_line_without_a_time_that_is_wrong_says_what_would_be_right(
    raw: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        parse_untimed(4, raw)
    assert str(raised.value) == complaint
