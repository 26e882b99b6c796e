"""What of an order is an incident, from nothing but what is known of it now.

Who tells it sees to it that each matter is told once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backstay.domain.figures import plain
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.view import OrderView

_HELD_FOR_LOCATE = "locate"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that is wrong with an order; two of one kind and cause are the same."""

    kind: IncidentKind
    cause: str


@dataclass(frozen=True, slots=True)
class Told:
    """A matter, in words for a person."""

    matter: Matter
    text: str


def matters(now: OrderView) -> Iterator[Told]:
    """Everything that is wrong with an order as it is now."""
    if now.overfilled:
        text = f"{plain(now.filled)} are filled of {plain(now.quantity)}"
        yield told_of(IncidentKind.ORDER_OVERFILLED, "", text)
    for conflict in now.conflicts:
        yield told_of(IncidentKind.STATE_INCONSISTENT, conflict, conflict)
    for word in now.unknown_statuses:
        text = f"the broker calls its status {word!r}, which nobody here knows"
        yield told_of(IncidentKind.STATE_INCONSISTENT, word, text)
    if now.is_doubtful:
        text = "it was said to work after it was proven over"
        yield told_of(IncidentKind.STATE_INCONSISTENT, "doubtful", text)
    yield from _survivors(now)
    if any(life.why_held == _HELD_FOR_LOCATE and life.end is None for life in now.instances):
        yield told_of(IncidentKind.SHORT_SALE_HELD, "", "it is held while shares are located")


def _survivors(now: OrderView) -> Iterator[Told]:
    survivors = now.surviving_perm_ids
    if len(survivors) > 1:
        names = ", ".join(map(str, survivors))
        text = f"it lives more than once, under the permanent ids {names}"
        yield told_of(IncidentKind.ORDER_SURVIVES, names, text)


def told_of(kind: IncidentKind, cause: str, text: str) -> Told:
    """A matter of a kind, and its words."""
    return Told(Matter(kind, cause), text)
