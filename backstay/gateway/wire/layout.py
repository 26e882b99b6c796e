"""A message as a table of columns, in the order in which its fields stand on the wire.

The same table reads and writes, so what one side writes the other can't misread. A column knows
where its value lives in the message by a dotted path (`order.scale.table`); a part of which no
field was read keeps its own defaults. Values are of the type that the path has in the message;
`Any` stands for it here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_type_hints

from backstay.gateway.wire import kinds
from backstay.gateway.wire.fields import Fields
from backstay.gateway.wire.kinds import Kind

T = TypeVar("T")
Values = dict[str, Any]

LIST_LENGTH_MAX = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """One field or more: where the values live, how they are read and how they are written."""

    paths: tuple[str, ...]
    read: Callable[[Fields, Values], None]
    write: Callable[[Any, list[str], int], None]


class Record(Generic[T]):
    """A value and its columns."""

    __slots__ = ("_made_of", "_parts", "_places", "_reads", "_writes")

    def __init__(self, made_of: type[T], *columns: Column) -> None:
        self._made_of = made_of
        self._reads = tuple(column.read for column in columns)
        self._writes = tuple(column.write for column in columns)
        self._places = {path: _place(path) for path in _paths(columns)}
        self._parts = tuple(
            (path, *_place(path), part) for path, part in _parts(made_of, self._places)
        )

    def read(self, source: Fields) -> T:
        """The value that the next fields make."""
        values: Values = {}
        for read in self._reads:
            read(source, values)
        owned: dict[str, Values] = {path: {} for path, *_ in self._parts}
        owned[""] = {}
        for path, value in values.items():
            owner, name = self._places[path]
            owned[owner][name] = value
        for path, owner, name, part in self._parts:
            owned[owner][name] = part(**owned[path])
        return self._made_of(**owned[""])

    def write(self, value: T, texts: list[str], version: int) -> None:
        """Append the value's fields."""
        for write in self._writes:
            write(value, texts, version)


class Layout(Generic[T]):
    """A message: its name in IB's words, its number, and its columns after the number."""

    __slots__ = ("_record", "made_of", "name", "number")

    def __init__(self, name: str, number: int, made_of: type[T], *columns: Column) -> None:
        self.name = name
        self.number = number
        self.made_of = made_of
        self._record = Record(made_of, *columns)

    def read(self, texts: Sequence[str], version: int) -> T:
        """The message that the fields after the number make."""
        source = Fields(self.name, texts, version)
        message = self._record.read(source)
        source.end()
        return message

    def write(self, message: T, version: int) -> bytes:
        """The whole message."""
        texts = [str(self.number)]
        self._record.write(message, texts, version)
        texts.append("")
        return "\0".join(texts).encode()


def single(path: str, kind: Kind[Any]) -> Column:
    """One field."""
    get = attrgetter(path)
    show = kind.show

    def read(source: Fields, values: Values) -> None:
        values[path] = source.parse(path, kind)

    def write(message: Any, texts: list[str], _version: int) -> None:
        texts.append(show(get(message)))

    return Column((path,), read, write)


def constant(text: str) -> Column:
    """A field that says nothing here: written always alike, read over."""

    def read(source: Fields, _values: Values) -> None:
        source.skip()

    def write(_message: Any, texts: list[str], _version: int) -> None:
        texts.append(text)

    return Column((), read, write)


def message_version(version: int) -> Column:
    """The version of a single message, from when the protocol had none; nobody minds it."""

    def read(source: Fields, _values: Values) -> None:
        source.parse("version", kinds.WHOLE)

    def write(_message: Any, texts: list[str], _version: int) -> None:
        texts.append(str(version))

    return Column((), read, write)


def settled(path: str, settle: Callable[[Any], Any]) -> Column:
    """No field: a value that was read is brought into the form in which the message keeps it."""

    def read(_source: Fields, values: Values) -> None:
        values[path] = settle(values[path])

    def write(_message: Any, _texts: list[str], _version: int) -> None:
        """Nothing is written for it."""

    return Column((path,), read, write)


def when(path: str, test: Callable[[Any], bool], *columns: Column) -> Column:
    """Columns that are only there if an earlier value passes a test."""
    get = attrgetter(path)

    def read(source: Fields, values: Values) -> None:
        if test(values[path]):
            for column in columns:
                column.read(source, values)

    def write(message: Any, texts: list[str], version: int) -> None:
        if test(get(message)):
            for column in columns:
                column.write(message, texts, version)

    return Column((path, *_paths(columns)), read, write)


def since(version: int, *columns: Column) -> Column:
    """Columns that came with a version of the protocol."""
    return _gated(lambda spoken: spoken >= version, columns)


def until(version: int, *columns: Column) -> Column:
    """Columns that a version of the protocol took away."""
    return _gated(lambda spoken: spoken < version, columns)


def listed(path: str, kind: Kind[Any], at_most: int = LIST_LENGTH_MAX) -> Column:
    """A length, and as many fields of one kind."""
    get = attrgetter(path)

    def read(source: Fields, values: Values) -> None:
        length = source.count(path, at_most)
        values[path] = tuple(source.parse(path, kind) for _ in range(length))

    def write(message: Any, texts: list[str], _version: int) -> None:
        found = get(message)
        texts.append(str(len(found)))
        texts.extend(kind.show(value) for value in found)

    return Column((path,), read, write)


def rows(path: str, record: Record[Any], at_most: int = LIST_LENGTH_MAX) -> Column:
    """A length, and as many records."""
    get = attrgetter(path)

    def read(source: Fields, values: Values) -> None:
        length = source.count(path, at_most)
        values[path] = source.inside(
            path, lambda inner: tuple(record.read(inner) for _ in range(length))
        )

    def write(message: Any, texts: list[str], version: int) -> None:
        found = get(message)
        texts.append(str(len(found)))
        for row in found:
            record.write(row, texts, version)

    return Column((path,), read, write)


def maybe(path: str, record: Record[Any]) -> Column:
    """A flag, and a record if it is set; without it, None."""
    get = attrgetter(path)

    def read(source: Fields, values: Values) -> None:
        is_there = source.parse(path, kinds.FLAG)
        values[path] = source.inside(path, record.read) if is_there else None

    def write(message: Any, texts: list[str], version: int) -> None:
        value = get(message)
        texts.append(kinds.FLAG.show(value is not None))
        if value is not None:
            record.write(value, texts, version)

    return Column((path,), read, write)


def columns_of(kind: Kind[Any]) -> Callable[..., tuple[Column, ...]]:
    """For tables: makes each path a field of this kind."""

    def columns(*paths: str) -> tuple[Column, ...]:
        return tuple(single(path, kind) for path in paths)

    return columns


text = columns_of(kinds.TEXT)
whole = columns_of(kinds.WHOLE)
whole_or_none = columns_of(kinds.WHOLE_OR_NONE)
number = columns_of(kinds.NUMBER)
number_or_none = columns_of(kinds.NUMBER_OR_NONE)
number_or_greatest = columns_of(kinds.NUMBER_OR_GREATEST)
flag = columns_of(kinds.FLAG)


def _gated(is_spoken: Callable[[int], bool], columns: tuple[Column, ...]) -> Column:
    def read(source: Fields, values: Values) -> None:
        if is_spoken(source.version):
            for column in columns:
                column.read(source, values)

    def write(message: Any, texts: list[str], version: int) -> None:
        if is_spoken(version):
            for column in columns:
                column.write(message, texts, version)

    return Column(_paths(columns), read, write)


def _paths(columns: Iterable[Column]) -> tuple[str, ...]:
    return tuple(path for column in columns for path in column.paths)


def _place(path: str) -> tuple[str, str]:
    """The part that a value belongs to, and its name there."""
    owner, _, name = path.rpartition(".")
    return owner, name


def _parts(made_of: type, paths: Iterable[str]) -> tuple[tuple[str, type], ...]:
    """The parts that the paths lead through, the innermost first; a wrong path is a mistake."""
    found: dict[str, type] = {}
    for path in paths:
        part = made_of
        *inner, last = path.split(".")
        for depth, name in enumerate(inner, start=1):
            part = get_type_hints(part)[name]
            found[".".join(inner[:depth])] = part
        assert is_dataclass(part)
        assert last in {field.name for field in fields(part)}, f"{made_of.__name__}: {path}"
    return tuple(sorted(found.items(), key=lambda item: -item[0].count(".")))
