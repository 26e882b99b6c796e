"""`backstay gateway`: a simulated IB Gateway that any client of the TWS API can connect to."""

import re
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from backstay.cli.exits import Exit
from backstay.cli.gateway_faults import faults
from backstay.cli.gateway_run import Asked, Files, UnusableError, serve
from backstay.cli.screen import Screen
from backstay.domain.plan.scalars import Account
from backstay.gateway.profile import parse
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.times import to_ns

EPILOG = """\b
Examples:
  backstay gateway --port 4002 --seed 7
  backstay gateway --port 0 --start 2026-11-23T09:30:00-05:00 --speed 60
  backstay gateway --state paper.db --wire-log wire.jsonl --audit audit.jsonl
  backstay gateway --profile pessimistic,+cancels_are_prompt --account DU1 --account DU2
  backstay gateway --tape open.tape --faults rough.toml --restart-at never

\b
Exit codes:
  0  it was told to end (Ctrl-C, SIGTERM), and did
  2  wrong usage, a file that can't be used, or an address that can't be had
"""

SPEED_MAX = 100_000
DEFAULT_ACCOUNT = "DU1234567"
_ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)
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


def _cash(text: str) -> Decimal:
    try:
        cash = Decimal(text)
    except InvalidOperation:
        cash = Decimal(-1)
    if not cash.is_finite() or cash < 0:
        raise typer.BadParameter(f"{text!r}; expected an amount of 0 or more")
    return cash


def _account(text: str) -> str:
    try:
        return _ACCOUNT.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(
            f'{text!r}; expected an account id in capitals and digits, such as "DU1234567"'
        ) from None


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


gateway = typer.Typer()
gateway.command("faults")(faults)


@gateway.callback(invoke_without_command=True, epilog=EPILOG)
def start(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    *,
    port: Annotated[
        int,
        typer.Option(metavar="PORT", min=0, max=65535, help="where to listen; 0 picks a free port"),
    ] = 4002,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="on which address of this machine")
    ] = "127.0.0.1",
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="decides whatever is left to chance")
    ] = 0,
    tape: Annotated[
        Path | None, typer.Option(metavar="FILE", help="play these prices, one tick a line")
    ] = None,
    fault_file: Annotated[
        Path | None,
        typer.Option("--faults", metavar="FILE", help="what is to go wrong and when, in TOML"),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="keep orders, positions and cash in it"),
    ] = None,
    wire_log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write every message to it, a JSON line each"),
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write every change of an account to it, likewise"),
    ] = None,
    speed: Annotated[
        Decimal,
        typer.Option(metavar="TIMES", parser=_speed, help="how many times as fast as real time"),
    ] = "1",  # type: ignore[assignment]
    start_at: Annotated[
        int | None,
        typer.Option(
            "--start",
            metavar="TIME",
            parser=_start_ns,
            help="what time it is at first, if not the real time",
        ),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(
            metavar="WORDS",
            parser=_profile,
            help="where IB's word is silent: pessimistic or optimistic, then ,+NAME or ,-NAME",
        ),
    ] = "pessimistic",
    account: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            parser=_account,
            help=f"the account, {DEFAULT_ACCOUNT} if none is named; several if given again",
        ),
    ] = None,
    cash: Annotated[
        Decimal,
        typer.Option(metavar="USD", parser=_cash, help="what each account begins with"),
    ] = "1000000",  # type: ignore[assignment]
    read_only: Annotated[bool, typer.Option("--read-only", help="refuse every order")] = False,
    restart_at: Annotated[
        str,
        typer.Option(
            metavar="HH:MM", parser=_restart_at, help='when it restarts, in New York, or "never"'
        ),
    ] = "23:45",
) -> None:
    """Be a simulated IB Gateway, until Ctrl-C.

    Any client of the TWS API connects to it as to a real one with a paper account. Prices, fills
    and accounts are made up here, and no order reaches a market. The first line that it prints is
    its address. Logs begin anew each time; with --state they go on as the accounts do. Where a tape
    names the time of day, it is that time at first.
    """
    if context.invoked_subcommand is not None:
        return
    names = tuple(account or [DEFAULT_ACCOUNT])
    try:
        settings = Settings(
            seed=seed,
            accounts=tuple(AccountSettings(name, cash) for name in names),
            profile=parse(profile),
            read_only=read_only,
            restart_at=_time(restart_at),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    asked = Asked(
        settings=settings,
        profile=profile,
        host=host,
        port=port,
        start_ns=start_at,
        speed=speed,
        files=Files(tape=tape, faults=fault_file, state=state, wire_log=wire_log, audit=audit),
    )
    try:
        serve(asked)
    except UnusableError as error:
        Screen(errors=True).line(str(error))
        raise typer.Exit(Exit.BAD_INPUT) from None


def _time(text: str) -> time | None:
    found = _HOUR.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None
