"""What of an order is an incident.

A pure comparison of what was told of an order before with what is known now. Who tells it sees to
it that each matter is told once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backstay.domain.figures import plain
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.instances import OrderEnd
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


def matters(before: OrderView | None, now: OrderView, *, was_read: bool) -> Iterator[Told]:
    """Everything that is wrong with an order as it is now.

    `was_read` says whether the executions of this session were completely read before: a fill that
    comes with the first reading is no surprise.
    """
    if now.overfilled:
        text = f"{plain(now.filled)} are filled of {plain(now.quantity)}"
        yield _told(IncidentKind.ORDER_OVERFILLED, "", text)
    for conflict in now.conflicts:
        yield _told(IncidentKind.STATE_INCONSISTENT, conflict, conflict)
    for word in now.unknown_statuses:
        text = f"the broker calls its status {word!r}, which nobody here knows"
        yield _told(IncidentKind.STATE_INCONSISTENT, word, text)
    if now.is_doubtful:
        text = "it was said to work after it was proven over"
        yield _told(IncidentKind.STATE_INCONSISTENT, "doubtful", text)
    yield from _survivors(now)
    if any(life.why_held == _HELD_FOR_LOCATE and life.end is None for life in now.instances):
        yield _told(IncidentKind.SHORT_SALE_HELD, "", "it is held while shares are located")
    if was_read and before is not None and _filled_after_end(before, now):
        more = plain(now.filled - before.filled)
        text = f"it was over ({before.end}), and {more} more are filled"
        yield _told(IncidentKind.FILL_AFTER_END, plain(now.filled), text)


def _survivors(now: OrderView) -> Iterator[Told]:
    survivors = now.surviving_perm_ids
    if len(survivors) > 1:
        names = ", ".join(map(str, survivors))
        text = f"it lives more than once, under the permanent ids {names}"
        yield _told(IncidentKind.ORDER_SURVIVES, names, text)


def _filled_after_end(before: OrderView, now: OrderView) -> bool:
    return before.is_settled and before.end is not OrderEnd.FILLED and now.filled > before.filled


def _told(kind: IncidentKind, cause: str, text: str) -> Told:
    return Told(Matter(kind, cause), text)
