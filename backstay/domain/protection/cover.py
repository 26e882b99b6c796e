"""Whether what is filled is protected, and what to do next where it is not.

The entry goes out with its stop attached, so usually nothing is to be done. Where a fill stays
without an acknowledged stop, the entry's remainder is cancelled first and proven over, and then a
stop goes out for exactly what is naked: never a second stop beside one that may live, and never an
order on the other side of a contract in which an entry still works.

The answer is read off the facts as they are now, so asking again after any crash gives it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.figures import total
from backstay.domain.ids import IntentKey
from backstay.domain.orders.view import OrderView
from backstay.domain.profile import BrokerProfile

NAKED_AT_MOST = timedelta(seconds=2)
"""How long a fill may wait for the acknowledgement of its stop."""


@dataclass(frozen=True, slots=True)
class StopAtBroker:
    """A protective stop as the broker has it; an attached one hangs on the entry."""

    key: IntentKey
    order: OrderView
    is_attached: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """Everything that is open is protected."""

    kind: Literal["covered"] = "covered"


@dataclass(frozen=True, slots=True)
class WaitForStop:
    """A quantity is naked, for so short a time that its stop may still be on its way."""

    naked: Decimal
    until: datetime
    kind: Literal["wait for stop"] = "wait for stop"


@dataclass(frozen=True, slots=True)
class CancelEntry:
    """The entry can still fill while a quantity is naked: its remainder has to go, with proof."""

    naked: Decimal
    kind: Literal["cancel entry"] = "cancel entry"


@dataclass(frozen=True, slots=True)
class AskAboutStops:
    """Stops that may live stand between a naked quantity and a new stop: the broker is asked."""

    naked: Decimal
    keys: tuple[IntentKey, ...]
    kind: Literal["ask about stops"] = "ask about stops"


@dataclass(frozen=True, slots=True)
class PlaceStop:
    """Nothing that lives covers this quantity: a stop goes out for it at once."""

    naked: Decimal
    kind: Literal["place stop"] = "place stop"


@dataclass(frozen=True, slots=True)
class CutStops:
    """Stops could close more than is open: they are cut by so much at once."""

    surplus: Decimal
    kind: Literal["cut stops"] = "cut stops"


CoverStep = Annotated[
    Covered | WaitForStop | CancelEntry | AskAboutStops | PlaceStop | CutStops,
    Field(discriminator="kind"),
]


def covering(
    stop: StopAtBroker, *, entry_can_fill: bool, open_quantity: Decimal, profile: BrokerProfile
) -> Decimal:
    """What of the open quantity `stop` is known to protect now."""
    if stop.is_attached and entry_can_fill and not profile.child_covers_partial_parent:
        return Decimal(0)
    return min(stop.order.working, open_quantity)


def next_step(
    open_quantity: Decimal,
    naked_since: datetime,
    entry: OrderView,
    stops: tuple[StopAtBroker, ...],
    profile: BrokerProfile,
    now: datetime,
) -> CoverStep:
    """What to do about the protection of `open_quantity`.

    `naked_since` is when the quantity that is naked now became so; while nothing is, it is unused.
    """
    entry_can_fill = not entry.is_settled
    may_live = tuple(stop for stop in stops if not stop.order.is_settled)
    surplus = total(stop.order.remaining for stop in may_live) - open_quantity
    if surplus > 0 and not entry_can_fill:
        return CutStops(surplus)
    covered = total(
        covering(stop, entry_can_fill=entry_can_fill, open_quantity=open_quantity, profile=profile)
        for stop in may_live
    )
    naked = open_quantity - covered
    if naked <= 0:
        return Covered()
    if now < naked_since + NAKED_AT_MOST and may_live:
        return WaitForStop(naked, naked_since + NAKED_AT_MOST)
    if entry_can_fill:
        return CancelEntry(naked)
    silent = tuple(stop.key for stop in may_live if not _is_known_to_work(stop.order))
    return AskAboutStops(naked, silent) if silent else PlaceStop(naked)


def _is_known_to_work(order: OrderView) -> bool:
    """Whether nothing of it may live besides what works."""
    return order.is_working and order.working == order.remaining
