"""The fields of one message as they come from the wire, taken one after the other.

A message that is cut short, or that goes on after its last column, is refused: a row of fields
that is off by one means something else from there on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from backstay.gateway.wire import kinds
from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.kinds import Kind

T = TypeVar("T")

_SHOWN_CHARACTERS_MAX = 40


@dataclass(frozen=True, slots=True)
class Cut:
    """A payload: its message number, and the fields after it."""

    number: int
    texts: tuple[str, ...]


def cut(payload: bytes) -> Cut:
    """The payload, cut at the mark that ends each field."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise WireError(f"byte {error.start} is not UTF-8") from None
    number, *texts = text.split("\0")
    if not texts or texts.pop():
        raise WireError("the last field has no end")
    if not number:
        raise WireError("a message without a number")
    return Cut(Fields("message", (number,), 0).parse("number", kinds.WHOLE), tuple(texts))


class Fields:
    """What is left of a message, and in which version it was written."""

    __slots__ = ("_message", "_next", "_texts", "version")

    def __init__(self, message: str, texts: Sequence[str], version: int) -> None:
        self._message = message
        self._texts = texts
        self._next = 0
        self.version = version

    def skip(self) -> None:
        """Read over a field that says nothing here."""
        self._next += 1

    def parse(self, path: str, kind: Kind[T]) -> T:
        """The next field's meaning; `path` says where its value belongs."""
        try:
            text = self._texts[self._next]
        except IndexError:
            raise WireError(f"{self._message}.{path} is missing") from None
        self._next += 1
        try:
            return kind.parse(text)
        except ValueError as error:
            self._refuse(path, text, str(error))

    def count(self, path: str, at_most: int) -> int:
        """The next field as the length of the list that follows."""
        length = self.parse(path, kinds.WHOLE)
        if not 0 <= length <= at_most:
            self._refuse(path, str(length), f"is no length between 0 and {at_most}")
        return length

    def inside(self, path: str, read: Callable[["Fields"], T]) -> T:
        """What `read` takes of the fields; a complaint about them names `path` first."""
        outer = self._message
        self._message = f"{outer}.{path}"
        found = read(self)
        self._message = outer
        return found

    def end(self) -> None:
        """Nothing may be left, and nothing may have been read over that wasn't there."""
        if len(self._texts) != self._next:
            counted = f"{len(self._texts)} fields where {self._next} belong"
            raise WireError(f"{self._message}: {counted}")

    def _refuse(self, path: str, text: str, why: str) -> NoReturn:
        shown = text if len(text) <= _SHOWN_CHARACTERS_MAX else f"{text[:_SHOWN_CHARACTERS_MAX]}…"
        raise WireError(f"{self._message}.{path}: {shown!r} {why}")
