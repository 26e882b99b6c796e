"""`backstay gateway faults`: what can go wrong on purpose, one line each."""

from dataclasses import dataclass

from backstay.cli.given import AsJson
from backstay.cli.screen import Screen, print_json
from backstay.gateway.faults.names import CATALOGUE

EPILOG = """\b
Examples:
  backstay gateway faults
  backstay gateway faults --json

\b
Exit codes:
  0  they are listed
  2  wrong usage
"""
_GAP = 2


@dataclass(frozen=True, slots=True)
class Key:
    """What can be set about a fault, beside its schedule."""

    name: str
    default: str | int
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault: what it does, where it strikes, and by which words a rule can be narrowed."""

    name: str
    does: str
    where: str
    occasion: str
    by_itself: bool
    by_reference: bool
    keys: tuple[Key, ...]
    kinds: tuple[str, ...]


def faults(
    *,
    as_json: AsJson = False,
) -> None:
    """List what can be made to go wrong.

    By the names that a file for --faults gives them.
    """
    listed = tuple(
        FaultLine(
            name=fault.name,
            does=fault.line,
            where=fault.where.value,
            occasion=fault.occasion,
            by_itself=fault.by_itself,
            by_reference=fault.picks_reference,
            keys=tuple(Key(key.name, key.default, key.choices) for key in fault.parameters),
            kinds=fault.kinds,
        )
        for fault in CATALOGUE
    )
    if as_json:
        print_json(tuple[FaultLine, ...], listed)
        return
    screen = Screen()
    width = max(len(fault.name) for fault in listed) + _GAP
    for fault in listed:
        screen.line(f"{fault.name:<{width}}{fault.does}")
