"""A line of the record as numbers and words.

What is missing where it is needed makes a line unreadable; what is there and not needed is no
concern. Nothing is imported from those who wrote the line: two readings of one mistake must not
agree.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, loads
from typing import Any

Fields = Mapping[str, Any]

HEEDED = frozenset(
    {
        "placeOrder",
        "cancelOrder",
        "reqMktData",
        "nextValidId",
        "accountDownloadEnd",
        "error",
        "openOrder",
        "orderStatus",
        "execDetails",
    }
)
"""The messages of the wire log that say something to the judge; it is not harmed by others."""


class UnreadableError(ValueError):
    """A line that the oracle can't read, and why."""


class Line:
    """One line, and where it stands in the record; its numbers and words are asked for by name."""

    __slots__ = ("_fields", "number")

    def __init__(self, number: int, fields: Fields) -> None:
        self.number = number
        self._fields = fields

    @classmethod
    def read(cls, number: int, line: str | Fields) -> "Line":
        """The line as it was written, or what stands in it."""
        if not isinstance(line, str):
            return cls(number, line)
        try:
            fields = loads(line)
        except JSONDecodeError as error:
            raise UnreadableError(f"it is no JSON: {line[:80]!r}") from error
        if not isinstance(fields, dict):
            raise UnreadableError(f"it is no object: {line[:80]!r}")
        return cls(number, fields)

    def has(self, key: str) -> bool:
        """Whether the line says anything under that key."""
        return self._fields.get(key) is not None

    def words(self, key: str, default: str | None = None) -> str:
        """What stands there, as text."""
        found = self._found(key, default)
        if not isinstance(found, str):
            raise UnreadableError(f"its {key} is {found!r}, not a text")
        return found

    def whole(self, key: str, default: int | None = None) -> int:
        """What stands there, as a whole number."""
        found = self._found(key, default)
        if not isinstance(found, int) or isinstance(found, bool):
            raise UnreadableError(f"its {key} is {found!r}, not a whole number")
        return found

    def number_of(self, key: str) -> Decimal:
        """What stands there, as an exact number."""
        found = self._found(key, None)
        try:
            exact = Decimal(found) if isinstance(found, str) else None
        except InvalidOperation:
            exact = None
        if exact is None or not exact.is_finite():
            raise UnreadableError(f"its {key} is {found!r}, not a number in a text")
        return exact

    def truth(self, key: str) -> bool:
        """Whether what stands there is true; nothing is not."""
        return self._fields.get(key) is True

    def _found(self, key: str, default: str | int | None) -> Any:
        found = self._fields.get(key)
        if found is None:
            found = default
        if found is None:
            raise UnreadableError(f"it has no {key}")
        return found
