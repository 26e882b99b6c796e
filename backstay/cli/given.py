"""What many commands are given, and how a command ends that can't go on."""

import os
from pathlib import Path
from typing import Annotated

import typer

from backstay.cli.completing import open_plans
from backstay.cli.exits import Exit
from backstay.cli.screen import Screen
from backstay.domain.trade.naming import Name, NotANameError, read_name
from workers.config import Settings
from workers.reading import SettingsError, read_settings

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="the settings; backstay.toml if nothing else is named"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")]


def name_of(text: str) -> Name:
    """What may be the name of a trade; BadParameter if it can be none."""
    try:
        return read_name(text)
    except NotANameError as error:
        raise typer.BadParameter(str(error)) from None


def _words(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("it is empty; expected words that a person can read later")
    return text.strip()


TradeName = Annotated[
    Name,
    typer.Argument(
        metavar="ID",
        parser=name_of,
        autocompletion=open_plans,
        help="the id of its plan, its code of eight characters, or its workflow",
    ),
]
By = Annotated[str, typer.Option(metavar="NAME", parser=_words, help="who says so")]
Reason = Annotated[str, typer.Option(metavar="TEXT", parser=_words, help="why; it is kept")]


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
