"""What many commands are given, and how a command ends that can't go on."""

import os
from pathlib import Path
from typing import Annotated

import typer

from backstay.cli.exits import Exit
from backstay.cli.screen import Screen
from workers.config import Settings
from workers.reading import SettingsError, read_settings

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="the settings; backstay.toml if nothing else is named"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")]


def settings_of(config: Path | None) -> Settings:
    """The settings, or the end of the command with a line for each thing that is wrong."""
    try:
        return read_settings(config, os.environ)
    except SettingsError as error:
        raise end(str(error), Exit.BAD_INPUT) from None


def end(text: str, code: Exit) -> typer.Exit:
    """Say why, and end."""
    errors = Screen(errors=True)
    for line in text.splitlines():
        errors.line(line)
    return typer.Exit(code)
