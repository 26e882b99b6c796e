"""Lines and columns: the same in every file, and made to fit a terminal."""

import pytest

from backstay.cli.screen import Cell, Screen
from tests.cli.typed import typed

ESCAPE = "\x1b["
COLOURS = [f"\x1b[{code}m" for code in (31, 32, 36)]


def test_a_file_gets_no_colour() -> None:
    assert ESCAPE not in typed("rehearse").out


def test_a_terminal_gets_colour() -> None:
    out = typed("rehearse", FORCE_COLOR="1", TERM="xterm").out
    assert all(colour in out for colour in COLOURS[1:])


def test_no_color_turns_colour_off_on_a_terminal() -> None:
    out = typed("rehearse", FORCE_COLOR="1", TERM="xterm", NO_COLOR="1").out
    assert [colour for colour in COLOURS if colour in out] == []


@pytest.mark.parametrize(("columns", "widest"), [("200", 100), ("100", 100), ("80", 80)])
def test_a_page_fits_the_terminal_and_grows_no_wider_than_a_page(columns: str, widest: int) -> None:
    out = typed("rehearse", FORCE_COLOR="1", NO_COLOR="1", TERM="xterm", COLUMNS=columns).out
    plain = [line.replace("\x1b[1m", "").replace("\x1b[2m", "") for line in out.splitlines()]
    lines = [line.replace("\x1b[0m", "") for line in plain]
    assert max(map(len, lines)) <= widest
    assert max(map(len, lines)) > widest - 8


def test_no_word_is_lost_on_a_narrow_terminal() -> None:
    wide = typed("plan", "check", "examples/aapl-breakout.toml").out
    narrow = typed(
        "plan", "check", "examples/aapl-breakout.toml", FORCE_COLOR="1", COLUMNS="60"
    ).out
    for code in ("0", "1", "2"):
        narrow = narrow.replace(f"\x1b[{code}m", "")
    assert narrow.split() == wide.split()


def test_cells_wrap_within_their_columns(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().row([Cell("one two three", 7), Cell("four five", 5), Cell("six", 3)])
    assert capsys.readouterr().out == "one two  four   six\nthree    five\n"


def test_an_empty_cell_keeps_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().row([Cell("", 3), Cell("here", 4)], indent="  ")
    assert capsys.readouterr().out == "       here\n"


def test_brackets_and_colons_are_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().line("group.leg[2].side: [bold] :smile:")
    assert capsys.readouterr().out == "group.leg[2].side: [bold] :smile:\n"


def test_errors_go_where_errors_go(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(errors=True).line("wrong")
    assert capsys.readouterr() == ("", "wrong\n")


def test_a_line_that_can_t_be_replaced_is_followed_by_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Screen().rewritten() as show:
        show("one")
        show("two")
    assert capsys.readouterr().out == "one\ntwo\n"
