"""`backstay account`: the book of an account on disk, made on purpose and looked at."""

import os
from pathlib import Path
from typing import Annotated

import typer

from backstay.accounts import file
from backstay.accounts.errors import AccountsError, BookExistsError, BookMissingError
from backstay.cli.account_page import show as show_page
from backstay.cli.account_report import AccountReport, examine
from backstay.cli.exits import Exit
from backstay.cli.screen import Screen, print_json
from backstay.cli.usage import OneLineGroup
from workers.config import Settings
from workers.reading import SettingsError, read_settings

CREATE_EPILOG = """\b
Examples:
  backstay account create
  backstay account create --config examples/backstay.toml

\b
A worker makes no book: one that is missing where it should be is a loss, and an empty one in its
place would have forgotten what the account holds. So it is made once, by hand.

\b
Exit codes:
  0  there is a book now
  1  there was one before; it is as it was
  2  wrong usage, or settings that can't be used
  3  the disk would not have it
"""
SHOW_EPILOG = """\b
Examples:
  backstay account show
  backstay account show --notices 50
  backstay account show --json

\b
Exit codes:
  0  the book was read
  2  wrong usage, or settings that can't be used
  3  there is no book, or it can't be read
"""
NOTICES_SHOWN = 10
NOTICES_SHOWN_MAX = 2000

account = typer.Typer(
    cls=OneLineGroup, help="The book of an account: make it, look at it.", no_args_is_help=True
)

_Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="the settings; backstay.toml if nothing else is named"),
]


@account.command(epilog=CREATE_EPILOG)
def create(*, config: _Config = None) -> None:
    """Make the account's book: empty, and once."""
    settings = _settings(config)
    try:
        settings.data.mkdir(exist_ok=True)
        file.create(settings.book, settings.account)
    except BookExistsError as error:
        raise _end(str(error), Exit.NEGATIVE) from None
    except AccountsError as error:
        raise _end(str(error), Exit.CANNOT_TELL) from None
    except FileNotFoundError:
        text = f"{settings.data}: there is no folder {settings.data.parent} to make it in"
        raise _end(text, Exit.CANNOT_TELL) from None
    except OSError as error:
        raise _end(f"{settings.data}: {error.strerror}", Exit.CANNOT_TELL) from None
    Screen().line(f"{settings.book} holds an empty book of {settings.account}")


@account.command(epilog=SHOW_EPILOG)
def show(
    *,
    config: _Config = None,
    notices: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=NOTICES_SHOWN_MAX, help="how many of the newest notices"
        ),
    ] = NOTICES_SHOWN,
    as_json: Annotated[
        bool, typer.Option("--json", help="print one JSON document and nothing else")
    ] = False,
) -> None:
    """Say how the account stands: kill, halts, room, trades, the newest notices.

    It only reads, and may be asked while workers run.
    """
    settings = _settings(config)
    try:
        report = examine(settings.book, settings.account, settings.bounds, notices)
    except BookMissingError as error:
        raise _end(f"{error}; to make it: backstay account create", Exit.CANNOT_TELL) from None
    except AccountsError as error:
        raise _end(str(error), Exit.CANNOT_TELL) from None
    if as_json:
        print_json(AccountReport, report)
    else:
        show_page(report, Screen())


def _settings(config: Path | None) -> Settings:
    try:
        return read_settings(config, os.environ)
    except SettingsError as error:
        raise _end(str(error), Exit.BAD_INPUT) from None


def _end(text: str, code: Exit) -> typer.Exit:
    errors = Screen(errors=True)
    for line in text.splitlines():
        errors.line(line)
    return typer.Exit(code)
