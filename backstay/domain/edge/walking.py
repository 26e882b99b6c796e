"""The way out of one tranche, walked by the engine and the edge together.

The engine decides and writes down; the edge carries out, asks whatever only asks, and comes back as
soon as the next step changes something at the broker. What the edge hears, and what it did alone
while the engine was silent, is in the ladder that it comes back with: that ladder is what counts.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.checks import check_above_zero, check_utc
from backstay.domain.edge.asked import Asked
from backstay.domain.exits.events import LadderCommand
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.limits.approval import Approved
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.protection.naked import NakedTime


@dataclass(frozen=True, slots=True)
class WayOut:
    """Everything that the exit of one tranche may send: the rules, and approvals for them.

    `quantity` is what the tranche is in all, `exit` approves every generation of the exit, and
    `protection` every one of the stop that goes back where the exit has to wait.
    """

    rules: LadderRules
    quantity: Decimal
    exit: Approved
    protection: Approved
    asked: Asked
    underlying: Instrument | None = None

    def __post_init__(self) -> None:
        check_above_zero(f"{self.key}: the quantity to leave", self.quantity)
        if self.exit.intent.key != self.key:
            raise ValueError(f"{self.exit.intent.key} does not approve the exit {self.key}")
        if self.protection.intent.key.purpose is not Purpose.PROTECT:
            raise ValueError(f"{self.protection.intent.key} does not approve a protective stop")

    @property
    def key(self) -> IntentKey:
        """The name of a way out is the key of its first exit."""
        return self.rules.first_key

    @property
    def instrument(self) -> Instrument:
        """What is left."""
        return self.rules.shield.instrument


@dataclass(frozen=True, slots=True)
class Walk:
    """Carry out `commands`, which `ladder` has decided on and remembers, and say what is next.

    Without a ladder nothing of this way out has been sent yet: the edge begins it. Walking again
    with the same commands does nothing twice, because each names the key that it is about.
    `ahead` are steps that are foreseen: each is carried out when the ladder asks for exactly it,
    and costs the engine no way there and back. `entered` is what the entries of the leg had filled
    of which the ladder's quantity knows; None for all that is known of them by now.
    """

    way_out: WayOut
    ladder: Ladder | None = None
    commands: tuple[LadderCommand, ...] = ()
    naked: NakedTime | None = None
    entered: Decimal | None = None
    ahead: tuple[LadderCommand, ...] = ()

    @property
    def written(self) -> tuple[LadderCommand, ...]:
        """Every step that is written down with this."""
        return (*self.commands, *self.ahead)


@dataclass(frozen=True, slots=True)
class Walked:
    """The ladder as the edge knows it at `at`: it is done, or asks for something to be decided.

    `position` is the contract's at the broker. `orders` are those of the ladder, and what other
    legs of the trade have executed of the contract by now. `went_alone` says that the engine was
    silent for too long, and the edge took steps by itself. `entered` is what the entries of the leg
    had filled of which the ladder's quantity knows; `entry` is their order by now, where the
    broker's executions come to just what is being left: it may have been corrected since it was
    over.
    """

    key: IntentKey
    ladder: Ladder
    at: datetime
    position: Decimal
    orders: tuple[OrderSummary, ...]
    naked: NakedTime
    went_alone: bool = False
    entered: Decimal | None = None
    entry: OrderSummary | None = None

    def __post_init__(self) -> None:
        check_utc("a walk", self.at)
