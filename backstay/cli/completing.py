"""What a shell offers for a word that is being typed, where only our own files know it.

It reads and never waits for long; where something is wrong it offers nothing, for whoever is in the
middle of a line is told nothing either.
"""

import os

import typer

from workers.reading import SettingsError, read_settings

BUSY_SECONDS = 0.2


def open_plans(context: typer.Context, incomplete: str) -> list[str]:
    """The plan ids of the account's open trades that begin like this."""
    # The book takes a quarter of a second to import, and every command has this module.
    from backstay.accounts.errors import AccountsError  # noqa: PLC0415
    from backstay.accounts.file import AccountFile  # noqa: PLC0415

    try:
        settings = read_settings(context.params.get("config"), os.environ)
        file = AccountFile(settings.book, settings.account, BUSY_SECONDS)
        try:
            with file.transaction(writes=False) as connection:
                known = file.open_plans(connection)
        finally:
            file.close()
    except (SettingsError, AccountsError, OSError):
        return []
    return [plan_id for plan_id in known if plan_id.startswith(incomplete)]
