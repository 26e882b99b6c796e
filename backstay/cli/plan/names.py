"""What the plans of trades are called, by the account's book: it knows every trade ever admitted.

Where the book can't be read, trades go by their codes.
"""

from collections.abc import Iterable

from workers.config import Settings

BUSY_SECONDS = 0.2


def plan_ids_of(settings: Settings, codes: Iterable[str]) -> tuple[str, ...]:
    """The ids of the plans whose trades have these codes, as far as the book knows them."""
    # The book takes a quarter of a second to import.
    from backstay.accounts.errors import AccountsError  # noqa: PLC0415
    from backstay.accounts.file import AccountFile  # noqa: PLC0415

    wanted = sorted(set(codes))
    try:
        file = AccountFile(settings.book, settings.account, BUSY_SECONDS)
        try:
            with file.transaction(writes=False) as connection:
                records = [file.record(connection, code) for code in wanted]
        finally:
            file.close()
    except (AccountsError, OSError):
        return ()
    return tuple(record.plan_id for record in records if record is not None)
