"""Why the book of an account can't be used.

Each says in one line what is the case and what would help. Nothing in the book has changed when one
is raised, except that a disk which fails in the middle of a commit may have kept the change: what
was asked for can always be asked for again.
"""


class AccountsError(Exception):
    """The book can't be used, or can't be used in this way."""


class BookBusyError(AccountsError):
    """Another process has held the book for longer than we wait."""


class BookMissingError(AccountsError):
    """There is no such file, or no such account in it."""


class BookDamagedError(AccountsError):
    """What stands in the file is not what was written."""


class BookForeignError(AccountsError):
    """The file belongs to another program, or to another version of this one."""


class DiskError(AccountsError):
    """The disk is full, or does not do what it is told."""


class BookExistsError(AccountsError):
    """There is one already; a new one would forget what the account holds."""


class SettlementDiffersError(AccountsError):
    """The trade was settled before, and otherwise."""


class NotKilledError(AccountsError):
    """There is nothing to resume."""
