"""What a command's exit code says, the same for all of them."""

from enum import IntEnum


class Exit(IntEnum):
    """The outcomes of a command."""

    DONE = 0
    """Done, or nothing was left to do."""

    NEGATIVE = 1
    """Understood, and the answer is no: a violation, a difference, a refusal."""

    BAD_INPUT = 2
    """Not understood: wrong usage, or a file that is no plan."""

    CANNOT_TELL = 3
    """No engine or no broker to ask."""


class SaysNoError(Exception):
    """The answer is no; the message is the one line that says why."""
