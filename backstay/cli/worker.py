"""`backstay worker`: a process that carries trades out."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from backstay.cli.exits import Exit
from backstay.cli.screen import Screen
from workers.health import Role

EPILOG = """\b
Examples:
  backstay worker --role trades
  backstay worker --role broker --config examples/backstay.toml
  BACKSTAY_BROKER__CLIENT_ID=2 backstay worker --role broker

\b
It says where its health and its metrics are, and runs until Ctrl-C or SIGTERM.

\b
Exit codes:
  0  it was told to end
  1  it has died of something that was not foreseen
  2  wrong usage, or settings that can't be used
  3  no engine, or no book of the account
"""


def worker(
    *,
    role: Annotated[Role, typer.Option(help="run workflows, or hold the session with the broker")],
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="the settings; backstay.toml if nothing else is named"),
    ] = None,
) -> None:
    """Carry trades out: as the worker that runs workflows, or as the one that holds the session."""
    # The engine's library takes half a second to import, and no other command needs it.
    from workers.bootstrap import StartError  # noqa: PLC0415
    from workers.logs import write_log  # noqa: PLC0415
    from workers.reading import SettingsError, read_settings  # noqa: PLC0415
    from workers.run import leave, serve  # noqa: PLC0415

    try:
        settings = read_settings(config, os.environ)
    except SettingsError as error:
        raise _end(str(error), Exit.BAD_INPUT) from None
    write_log()
    try:
        asyncio.run(serve(role, settings, Screen().line))
    except StartError as error:
        raise _end(str(error), Exit.CANNOT_TELL) from None
    leave()


def _end(text: str, code: Exit) -> typer.Exit:
    errors = Screen(errors=True)
    for line in text.splitlines():
        errors.line(line)
    return typer.Exit(code)
