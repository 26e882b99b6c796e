"""How a told line and a judged check look, wherever they are shown."""

from backstay.cli.screen import INDENT, LABEL_WIDTH, Cell, Screen
from backstay.lab.telling import Check, Event, Who

_STYLES = {
    Who.RULES: "cyan",
    Who.MARKET: "dim",
    Who.SENT: "bold",
    Who.BROKER: "green",
    Who.PERSON: "bold red",
    Who.HOUSE: "bold magenta",
}
_TIME_WIDTH = 12
_WHO_WIDTH = 6
_WHAT_SHARE = 0.56
"""How much of what is left of the line is for what happened; the rest is for why."""


def show_event(event: Event, screen: Screen) -> None:
    """One line, with its time to the millisecond."""
    show_line(f"{event.at:%H:%M:%S}.{event.at.microsecond // 1000:03}", event, screen)


def show_line(at: str, event: Event, screen: Screen, style: str = "") -> None:
    """One line with a time in words of its own, and with looks of its own if any are given."""
    room = screen.width - _TIME_WIDTH - _WHO_WIDTH - 6
    what, looks = int(room * _WHAT_SHARE), style or _STYLES[event.who]
    screen.row(
        [
            Cell(at, _TIME_WIDTH, style or "dim"),
            Cell(event.who, _WHO_WIDTH, looks),
            Cell(event.what, what, looks),
            Cell(event.why, room - what),
        ]
    )


def show_check(check: Check, screen: Screen) -> None:
    """Whether it holds, and by which figures."""
    word, style = ("holds", "green") if check.holds else ("FAILS", "bold red")
    room = screen.width - LABEL_WIDTH - 6
    what = int(room * _WHAT_SHARE)
    cells = (Cell(word, LABEL_WIDTH, style), Cell(check.text, what))
    screen.row([*cells, Cell(check.found, room - what)], INDENT)
