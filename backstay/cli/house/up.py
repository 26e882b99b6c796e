"""`backstay up`: the whole house with one command, until Ctrl-C."""

import os
from pathlib import Path
from typing import Annotated

import typer

from backstay.cli.exits import Exit
from backstay.cli.gateway import options
from backstay.cli.given import ConfigFile, end, settings_of
from backstay.cli.house.up_starter import write_starter
from backstay.cli.screen import Screen
from backstay.cli.values import Place, place_of
from backstay.domain.limits.facts import AccountKind
from backstay.gateway.times import from_ns
from workers.config import Settings
from workers.reading import DEFAULT_FILE, settings_file

EPILOG = """\b
Examples:
  backstay up
  backstay up --ib 127.0.0.1:7497
  backstay up --start 2026-11-23T09:30:00-05:00 --seed 7
  backstay up --config paper.toml --tape open.tape --ui-port 8080

It runs the engine, the simulated gateway or with --ib a real one, and both workers; what dies is
begun again. Without any settings it writes some for a simulated account into backstay.toml. What
is kept stands in the folder that they name as `data`; the next run goes on from there.

\b
Exit codes:
  0  it was told to end (Ctrl-C, SIGTERM), and everything has ended
  1  the same, but a part had died too often and was given up
  2  wrong usage, or settings that can't be used
  3  it can't begin: a port in use, another one running, a damaged folder
"""
UI_STEP = 1000
"""How far the engine's pages for people are from its own port."""

PORT_MAX = 65_535
_SEED_DEFAULT = 0

Broker = Annotated[
    Place | None,
    typer.Option(
        "--ib",
        metavar="HOST:PORT",
        parser=place_of,
        help="the gateway or TWS to trade through; a simulated one if it is left out",
    ),
]
UiPort = Annotated[
    int | None,
    typer.Option(
        metavar="PORT",
        min=0,
        max=PORT_MAX,
        help="where the engine shows itself; its own port + 1000 if nothing is said, 0 any",
    ),
]


def up(  # noqa: PLR0913 - one argument an option
    *,
    config: ConfigFile = None,
    ib: Broker = None,
    ui_port: UiPort = None,
    start_ns: options.StartNs = None,
    tape: options.TapeFile = None,
    follow: options.FollowFile = None,
    fault_file: options.FaultFile = None,
    seed: options.Seed = _SEED_DEFAULT,
) -> None:
    """Start everything, keep it alive, and show how it stands, until Ctrl-C."""
    words = _gateway_words(start_ns, tape, follow, fault_file, seed)
    if tape is not None and follow is not None:
        raise typer.BadParameter("give --tape or --follow, not both: each says what prices do")
    if ib is not None and words:
        raise typer.BadParameter(f"{words[0]}: only the simulated gateway takes it; leave out --ib")
    file = _settings_file(config)
    settings = settings_of(file)
    if ib is not None:
        broker = settings.broker.model_copy(update={"host": ib.host, "port": ib.port})
        settings = settings.model_copy(update={"broker": broker})
    elif settings.kind is AccountKind.LIVE:
        text = 'kind: "live" takes a real gateway; say where it is: backstay up --ib HOST:PORT'
        raise end(f"{file}: {text}", Exit.BAD_INPUT)
    # The engine's library takes half a second to import, and no other command needs it.
    from backstay.cli.house.up_run import run  # noqa: PLC0415
    from workers.supervising.house import HouseError, Wish  # noqa: PLC0415

    wish = Wish(file, settings, words if ib is None else None, _ui_port(ui_port, settings))
    try:
        code = run(wish, Screen())
    except HouseError as error:
        raise end(str(error), Exit.CANNOT_TELL) from None
    raise typer.Exit(code)


def _settings_file(config: Path | None) -> Path:
    """The file of settings; where there is none at all, one to begin with."""
    found = settings_file(config, os.environ)
    if found is not None:
        return found
    try:
        write_starter(DEFAULT_FILE)
    except OSError as error:
        raise end(f"{DEFAULT_FILE}: {error.strerror}", Exit.BAD_INPUT) from None
    Screen().line(f"{DEFAULT_FILE}: written, for a simulated account; every command here reads it")
    return DEFAULT_FILE


def _gateway_words(
    start_ns: int | None,
    tape: Path | None,
    follow: Path | None,
    fault_file: Path | None,
    seed: int,
) -> tuple[str, ...]:
    """What the simulated gateway is told beyond its address and its files."""
    words = {
        "--start": None if start_ns is None else from_ns(start_ns).isoformat(),
        "--tape": tape,
        "--follow": follow,
        "--faults": fault_file,
        "--seed": seed or None,
    }
    given = ((name, str(value)) for name, value in words.items() if value is not None)
    return tuple(word for pair in given for word in pair)


def _ui_port(asked: int | None, settings: Settings) -> int:
    """As asked, else beside the engine's own port, else any."""
    if asked is not None:
        return asked
    beside = int(settings.temporal.address.rpartition(":")[2]) + UI_STEP
    return beside if beside <= PORT_MAX else 0
