"""The page of `backstay account show`: whether anything may be opened comes first."""

from collections.abc import Iterator
from typing import assert_never

from backstay.accounts.notices import KeptNote
from backstay.accounts.state import Killed, Resumed, Turn
from backstay.cli.account.report import AccountReport, OrderLine, Room
from backstay.cli.screen import INDENT, Cell, Screen
from backstay.domain.figures import plain
from backstay.domain.incidents.kinds import Severity
from backstay.lab.words import count, instant_text, short

Fact = tuple[str, str]

_SEVERITY_WIDTH = len(Severity.P1)
_AT_WIDTH = len("2026-11-23 15:00:00 UTC")
_STYLES = {Severity.P1: "bold red", Severity.P2: "red", Severity.P3: "yellow", Severity.P4: "dim"}


def show(report: AccountReport, screen: Screen) -> None:
    """The page."""
    screen.line(f"{report.account}: {report.book}", "bold")
    screen.line()
    screen.facts(_facts(report))
    if report.notices:
        screen.line()
    for kept in report.notices:
        _show_notice(kept, screen)


def _facts(report: AccountReport) -> Iterator[Fact]:
    yield "kill", report.kill.text + _turned(report.last_turn)
    halts = (halt.reason + (halt.symbol and f" ({halt.symbol})") for halt in report.halts)
    yield "halts", "; ".join(halts) or "none"
    yield from _room(report.room)
    label = "trades"
    for trade in report.trades:
        orders = "; ".join(map(_order, trade.orders)) or "nothing in the book that takes a risk"
        yield label, f"{trade.trade} {trade.plan_id}: {orders}"
        label = ""
    label = "foreign"
    for holding in report.foreign:
        yield label, f"{plain(holding.quantity)} of the contract {holding.con_id}"
        label = ""
    if not report.notices:
        yield "notices", "none"


def _turned(turn: Turn | None) -> str:
    match turn:
        case None:
            return ""
        case Killed():
            return f", by {turn.by} on {instant_text(turn.at)}: {turn.reason}"
        case Resumed():
            return f"; resumed by {turn.by} on {instant_text(turn.at)}: {turn.reason}"
        case _:
            assert_never(turn)


def _room(room: Room) -> Iterator[Fact]:
    if room.exposure_max is None:
        yield "limits", "none: everything that opens a position is refused"
    bound = "" if room.exposure_max is None else f" of {plain(room.exposure_max)}"
    money = room.base_currency and f" {room.base_currency}"
    yield "exposure", f"{plain(room.exposure)}{bound}{money}, held and in flight"
    yield "margin", f"{plain(room.margin_in_flight)}{money} in flight"
    bound = "" if room.open_trades_max is None else f" of {room.open_trades_max}"
    yield "open", f"{count(room.open_trades, 'trade')}{bound}"


def _order(line: OrderLine) -> str:
    asked = f"{short(line.key)} {line.side} {plain(line.quantity)}"
    return f"{asked}, {plain(line.filled)} filled{', over' if line.ended else ''}"


def _show_notice(kept: KeptNote, screen: Screen) -> None:
    note = kept.note
    rest = screen.width - len(INDENT) * 3 - _SEVERITY_WIDTH - _AT_WIDTH
    screen.row(
        [
            Cell(note.severity, _SEVERITY_WIDTH, _STYLES[note.severity]),
            Cell(f"{note.at:%Y-%m-%d %H:%M:%S} UTC", _AT_WIDTH, "dim"),
            Cell(f"{note.kind.value}, {note.subject}: {note.text}", rest),
        ],
        INDENT,
    )
