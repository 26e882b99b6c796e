"""A market written down: one tick a line, for markets that have to do just this.

    2026-11-23T09:30:00-05:00 AAPL bid=189.98 ask=190.02 bid_size=300 ask_size=200
    +12.5 AAPL last=190.01 last_size=100     # relative to the start
    +13 AAPL halt
    +20 AAPL resume
    +60 AAPL walk                            # from here on it moves by itself
    +90 AAPL split=2                         # each share becomes two

Where prices are written while they are played, a line has no time: it happens when it is read.

It knows no instrument: whom a line means is found out by who plays it.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise

from backstay.gateway.times import SECOND_NS, to_ns


class Deed(StrEnum):
    """What a line does, if it doesn't change the quote."""

    HALT = "halt"
    RESUME = "resume"
    WALK = "walk"


@dataclass(frozen=True, slots=True)
class TapeTick:
    """What a line displays or prints; what is None stays as it is."""

    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    last_size: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TapeSplit:
    """Each share becomes so many."""

    ratio: Decimal


Does = TapeTick | TapeSplit | Deed


@dataclass(frozen=True, slots=True)
class TapeLine:
    """One line: at which instant, or how long after the start, what happens to whom.

    One that happens when it is read has the time 0. `name` is a symbol, a local symbol (its blanks
    may be left out) or a con_id.
    """

    number: int
    time_ns: int
    name: str
    does: Does


@dataclass(frozen=True, slots=True)
class Tape:
    """The lines in order of time; `is_relative` says from when their times count."""

    lines: tuple[TapeLine, ...]
    is_relative: bool

    def start_ns(self) -> int | None:
        """Where an absolute tape begins."""
        return None if self.is_relative else self.lines[0].time_ns


_PARTS = tuple(part.name for part in fields(TapeTick))
_SPLIT = "split"
_PRICES = frozenset({"bid", "ask", "last"})
_PARTS_MIN = 3
_UNTIMED_PARTS_MIN = 2


def parse(text: str) -> Tape:
    """Read a tape; a ValueError names the first line that is wrong."""
    lines: list[TapeLine] = []
    relatives: list[bool] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        written = raw.partition("#")[0].strip()
        if not written:
            continue
        try:
            line, is_relative = _line(number, written)
        except ValueError as wrong:
            raise ValueError(f"line {number}: {wrong}") from None
        lines.append(line)
        relatives.append(is_relative)
    if not lines:
        raise ValueError("line 1: the tape is empty; expected a tick a line")
    _check_order(lines, relatives)
    return Tape(tuple(lines), relatives[0])


def parse_untimed(number: int, raw: str) -> TapeLine | None:
    """One line that happens when it is read; None if it says nothing."""
    words = raw.partition("#")[0].split()
    if not words:
        return None
    if _is_time(words[0]):
        raise ValueError(f'"{words[0]}"; expected no time: a line happens when it is read')
    if len(words) < _UNTIMED_PARTS_MIN:
        raise ValueError(f'"{words[0]}"; expected an instrument and what happens to it')
    name, does = _event(words)
    return TapeLine(number, 0, name, does)


def _is_time(word: str) -> bool:
    try:
        _time(word)
    except ValueError:
        return word.startswith("+")
    # Digits alone are a con_id, also where they could be read as a day.
    return not word.isdigit()


def _check_order(lines: list[TapeLine], relatives: list[bool]) -> None:
    for line, is_relative in zip(lines, relatives, strict=True):
        if is_relative != relatives[0]:
            kind = "relative" if relatives[0] else "absolute"
            raise ValueError(f"line {line.number}: its time is not {kind} as that of the first is")
    for before, after in pairwise(lines):
        if after.time_ns < before.time_ns:
            raise ValueError(
                f"line {after.number}: its time is before that of line {before.number}; "
                "expected the lines in order of time"
            )


def _line(number: int, written: str) -> tuple[TapeLine, bool]:
    words = written.split()
    if len(words) < _PARTS_MIN:
        raise ValueError(f'"{written}"; expected a time, an instrument and what happens to it')
    time_ns, is_relative = _time(words[0])
    name, does = _event(words[1:])
    return TapeLine(number, time_ns, name, does), is_relative


def _event(words: list[str]) -> tuple[str, Does]:
    """Whom a line is about, and what happens."""
    # A local symbol of an option has blanks in it: what belongs to the tick has none.
    first = next(
        (at for at, word in enumerate(words[1:], start=1) if "=" in word or word in set(Deed)), None
    )
    if first is None:
        raise ValueError(
            f'"{" ".join(words[1:])}"; expected name=value, or one of {", ".join(Deed)}'
        )
    return "".join(words[:first]), _deed(words[first:])


def _time(word: str) -> tuple[int, bool]:
    if word.startswith("+"):
        seconds = _decimal(word[1:])
        if seconds is None or seconds < 0:
            raise ValueError(f'"{word}"; expected seconds after the start, as +12.5')
        return int(seconds * SECOND_NS), True
    try:
        instant = datetime.fromisoformat(word)
    except ValueError:
        raise ValueError(
            f'"{word}"; expected a time as 2026-11-23T09:30:00-05:00 or +12.5'
        ) from None
    if instant.tzinfo is None:
        raise ValueError(f'"{word}" has no zone; expected one, as in {word}-05:00')
    return to_ns(instant), False


def _deed(words: list[str]) -> Does:
    name, _, value = words[0].partition("=")
    if words[0] in set(Deed) or name == _SPLIT:
        if len(words) > 1:
            raise ValueError(f'"{" ".join(words[1:])}" after {words[0]}; expected nothing')
        return TapeSplit(_ratio(value)) if name == _SPLIT else Deed(words[0])
    parts: dict[str, Decimal] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name not in _PARTS:
            raise ValueError(f'"{word}"; expected one of {", ".join(f"{p}=" for p in _PARTS)}')
        if name in parts:
            raise ValueError(f'"{word}"; {name} is given twice')
        parts[name] = _figure(name, value)
    return TapeTick(**parts)


def _ratio(value: str) -> Decimal:
    ratio = _decimal(value)
    if ratio is None or ratio <= 0:
        raise ValueError(f'split: "{value}"; expected how many shares one becomes')
    return ratio


def _figure(name: str, value: str) -> Decimal:
    figure = _decimal(value)
    if name in _PRICES:
        if figure is None or figure <= 0:
            raise ValueError(f'{name}: "{value}"; expected a price above 0')
        return figure
    if figure is None or figure < 0:
        raise ValueError(f'{name}: "{value}"; expected a size, 0 or more')
    return figure


def _decimal(value: str) -> Decimal | None:
    try:
        figure = Decimal(value)
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None
