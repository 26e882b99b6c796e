"""The options of `backstay gateway`: each with its type, its reading and its line of help."""

import re
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from backstay.cli.values import account_of
from backstay.gateway.profile import parse
from backstay.gateway.server.clock import Reading, read_reading
from backstay.gateway.times import to_ns

SPEED_MAX = 100_000
CASH_MAX = 1_000_000_000_000
DEFAULT_ACCOUNT = "DU1234567"
_HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def _speed(text: str) -> Decimal:
    try:
        speed = Decimal(text)
    except InvalidOperation:
        speed = Decimal(0)
    if not speed.is_finite() or not 0 < speed <= SPEED_MAX:
        raise typer.BadParameter(f"{text!r}; expected a number above 0, at most {SPEED_MAX}")
    return speed


def _start_ns(text: str) -> int:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        raise typer.BadParameter(
            f'{text!r}; expected a time with its zone, such as "2026-11-23T09:30:00-05:00"'
        )
    return to_ns(start)


def _reading(text: str) -> Reading:
    try:
        return read_reading(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}; expected what a pulse has said") from None


def _cash(text: str) -> Decimal:
    try:
        cash = Decimal(text)
    except InvalidOperation:
        cash = Decimal(-1)
    if not cash.is_finite() or not 0 <= cash <= CASH_MAX or cash != round(cash, 2):
        raise typer.BadParameter(f"{text!r}; expected whole cents, 0 or more, at most {CASH_MAX}")
    return cash


def _profile(text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return text


def _restart_at(text: str) -> str:
    if text != "never" and not _HOUR.fullmatch(text):
        raise typer.BadParameter(f'{text!r}; expected "never" or an hour such as "23:45"')
    return text


def hour(text: str) -> time | None:
    """When it restarts, as `RestartAt` has it."""
    found = _HOUR.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


Port = Annotated[
    int,
    typer.Option(metavar="PORT", min=0, max=65535, help="where to listen; 0 picks a free port"),
]
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="on which address of this machine")]
Seed = Annotated[int, typer.Option(metavar="NUMBER", help="decides whatever is left to chance")]
TapeFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="play these prices, one tick a line")
]
FollowFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="play the prices that are added to it, as they come"),
]
FaultFile = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE", help="what is to go wrong and when, in TOML"),
]
StateFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="keep orders, positions and cash in it")
]
WireLog = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="write every message to it, a JSON line each"),
]
Audit = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="write every change of an account to it, likewise"),
]
Speed = Annotated[
    Decimal,
    typer.Option(metavar="TIMES", parser=_speed, help="how many times as fast as real time"),
]
StartNs = Annotated[
    int | None,
    typer.Option(
        "--start",
        metavar="TIME",
        parser=_start_ns,
        help="what time it is at first, if not the real time; with --state never one that was",
    ),
]
ProfileWords = Annotated[
    str,
    typer.Option(
        metavar="WORDS",
        parser=_profile,
        help="where IB's word is silent: pessimistic or optimistic, then ,+NAME or ,-NAME",
    ),
]
AccountNames = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        parser=account_of,
        help=f"the account, {DEFAULT_ACCOUNT} if none is named; several if given again",
    ),
]
Cash = Annotated[
    Decimal, typer.Option(metavar="USD", parser=_cash, help="what each account begins with")
]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="refuse every order")]
MasterClient = Annotated[
    int | None,
    typer.Option(metavar="ID", min=0, help="the client that is told of everybody's orders"),
]
DataLines = Annotated[
    int,
    typer.Option(metavar="NUMBER", min=1, help="how many instruments can be watched at once"),
]
MessagesPerSecond = Annotated[
    int,
    typer.Option(metavar="NUMBER", min=1, help="how many requests a client may send in a second"),
]
RestartAt = Annotated[
    str,
    typer.Option(
        metavar="HH:MM", parser=_restart_at, help='when it restarts, in New York, or "never"'
    ),
]
Pulse = Annotated[
    bool,
    # For whoever keeps this process alive; a person would only see points.
    typer.Option("--pulse", hidden=True, help="say every second what time it is"),
]
ClockReading = Annotated[
    Reading | None,
    typer.Option(
        "--clock", hidden=True, metavar="READING", parser=_reading, help="go on from a pulse"
    ),
]
