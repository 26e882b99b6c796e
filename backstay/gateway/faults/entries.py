"""What an entry of the catalogue is made of."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Where(StrEnum):
    """Where a fault strikes."""

    LINK_IN = "link in"
    LINK_OUT = "link out"
    REQUEST = "request"
    REPLY = "reply"
    TICK = "tick"
    EXCHANGE = "exchange"
    LIFECYCLE = "lifecycle"


class Measure(Enum):
    """What a parameter is counted in."""

    PERIOD = auto()
    WHOLE = auto()
    NUMBER = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something about a fault that can be set; `default` as it would stand in a file.

    A WORD with `choices` is one of them.
    """

    name: str
    measure: Measure
    default: str | int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the catalogue.

    `occasion` is what it can strike; without one it needs a schedule. `by_itself` says that it
    needs no occasion once its time has come. `picks_client` says that a rule can be for one client
    only, `picks_reference` that it can be for the orders of one reference.
    `kinds` are the words by which a rule can pick occasions.
    """

    name: str
    line: str
    where: Where
    occasion: str = ""
    by_itself: bool = False
    picks_client: bool = True
    picks_reference: bool = False
    parameters: tuple[Parameter, ...] = ()
    kinds: tuple[str, ...] = ()


def period(name: str, default: str) -> Parameter:
    """A length of time."""
    return Parameter(name, Measure.PERIOD, default)


def whole(name: str, default: int) -> Parameter:
    """A count."""
    return Parameter(name, Measure.WHOLE, default)


def number(name: str, default: str) -> Parameter:
    """A number with its digits."""
    return Parameter(name, Measure.NUMBER, default)


def word(name: str, default: str, *choices: str) -> Parameter:
    """A text, or one of the choices."""
    return Parameter(name, Measure.WORD, default, choices)
