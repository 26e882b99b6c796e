"""`backstay account`: the book of an account on disk, made on purpose and looked at."""

from typing import Annotated

import typer

from backstay.accounts import file
from backstay.accounts.errors import AccountsError, BookExistsError, BookMissingError
from backstay.cli.account.page import show as show_page
from backstay.cli.account.report import AccountReport, examine
from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, ConfigFile, end, settings_of
from backstay.cli.screen import Screen, print_json
from backstay.cli.usage import OneLineGroup

CREATE_EPILOG = """\b
Examples:
  backstay account create
  backstay account create --config examples/backstay.toml

A worker makes no book: one that is missing where it should be is a loss, and
an empty one in its place would have forgotten what the account holds. So it is
made once, by hand.

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


@account.command(epilog=CREATE_EPILOG)
def create(*, config: ConfigFile = None) -> None:
    """Make the account's book: empty, and once."""
    settings = settings_of(config)
    try:
        settings.data.mkdir(exist_ok=True)
        file.create(settings.book, settings.account)
    except BookExistsError as error:
        raise end(str(error), Exit.NEGATIVE) from None
    except AccountsError as error:
        raise end(str(error), Exit.CANNOT_TELL) from None
    except FileNotFoundError:
        text = f"{settings.data}: there is no folder {settings.data.parent} to make it in"
        raise end(text, Exit.CANNOT_TELL) from None
    except OSError as error:
        raise end(f"{settings.data}: {error.strerror}", Exit.CANNOT_TELL) from None
    Screen().line(f"{settings.book} holds an empty book of {settings.account}")


@account.command(epilog=SHOW_EPILOG)
def show(
    *,
    config: ConfigFile = None,
    notices: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=NOTICES_SHOWN_MAX, help="how many of the newest notices"
        ),
    ] = NOTICES_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Say how the account stands: kill, halts, room, trades, the newest notices.

    It only reads, and may be asked while workers run.
    """
    settings = settings_of(config)
    try:
        report = examine(settings.book, settings.account, settings.bounds, notices)
    except BookMissingError as error:
        raise end(f"{error}; to make it: backstay account create", Exit.CANNOT_TELL) from None
    except AccountsError as error:
        raise end(str(error), Exit.CANNOT_TELL) from None
    if as_json:
        print_json(AccountReport, report)
    else:
        show_page(report, Screen())
