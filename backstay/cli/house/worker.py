"""`backstay worker`: a process that carries trades out."""

import asyncio
from typing import Annotated

import typer

from backstay.cli.exits import Exit
from backstay.cli.given import ConfigFile, end, settings_of
from backstay.cli.screen import Screen
from workers.health import Role

EPILOG = """\b
Examples:
  backstay worker --role trades
  backstay worker --role broker --config examples/backstay.toml
  BACKSTAY_BROKER__CLIENT_ID=2 backstay worker --role broker

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
    config: ConfigFile = None,
) -> None:
    """Carry trades out: as the worker that runs workflows, or as the one that holds the session."""
    # The engine's library takes half a second to import, and no other command needs it.
    from workers.bootstrap import StartError  # noqa: PLC0415
    from workers.logs import write_log  # noqa: PLC0415
    from workers.run import leave, serve  # noqa: PLC0415

    settings = settings_of(config)
    write_log()
    try:
        asyncio.run(serve(role, settings, Screen().line))
    except StartError as error:
        raise end(str(error), Exit.CANNOT_TELL) from None
    leave()
