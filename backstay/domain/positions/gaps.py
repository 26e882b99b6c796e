"""What has to be explained: a contract as our books have it, beside what the broker holds.

Owns the pairing of the two sides, and the judgement whether they can be compared at all. Positions
and executions are two answers given one after the other, so a contract that traded in between is
not compared this time, nor is whatever an option could deliver to it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.figures import whole
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import OptionTerms
from backstay.domain.positions.answers import BrokerPosition
from backstay.domain.positions.journal import Journal
from backstay.domain.positions.ledger import NOTHING, closing_part, rounded
from backstay.domain.positions.net import NetPosition, net_position
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class UnsettledOrder:
    """An order of ours that may have filled by `quantity` more than we know: unanswered, reported
    as filled beyond its executions, or gone from the broker without proof of how.
    """

    key: IntentKey
    side: Side
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OptionDelivery:
    """What an option turns into: shares of `underlying`, or cash if there is no such contract."""

    terms: OptionTerms
    underlying: int | None


@dataclass(frozen=True, slots=True)
class SystemPosition:
    """One contract in our books, with what could still change them."""

    journal: Journal
    unsettled: tuple[UnsettledOrder, ...] = ()
    option: OptionDelivery | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Both sides of one contract; either may know nothing of it. Quantities are in whole units."""

    con_id: int
    known: SystemPosition | None
    net: NetPosition | None
    held: BrokerPosition | None

    @property
    def system_quantity(self) -> Decimal:
        """All we have, the fraction of a unit included."""
        return self.net.quantity if self.net else NOTHING

    @property
    def broker_quantity(self) -> Decimal:
        """All the broker has, the fraction of a unit included."""
        return self.held.quantity if self.held else NOTHING

    @property
    def ours(self) -> Decimal:
        """The whole units we have."""
        return whole(self.system_quantity)

    @property
    def theirs(self) -> Decimal:
        """The whole units the broker has."""
        return whole(self.broker_quantity)

    @property
    def change(self) -> Decimal:
        """What happened at the broker that our books do not show, in whole units."""
        return self.theirs - self.ours

    @property
    def fraction(self) -> Decimal:
        """What is different beyond the whole units."""
        return self.broker_quantity - self.system_quantity - self.change

    @property
    def is_closing(self) -> bool:
        """Whether the broker has less of what we have, and nothing the other way round."""
        return bool(self.change) and closing_part(self.ours, self.change) == self.change

    @property
    def average_price(self) -> Decimal:
        """What a unit cost us, to the last digit that a price needs; 0 if we have none."""
        price = self.net.total.average_price if self.net else None
        return rounded(price or NOTHING)

    @property
    def broker_price(self) -> Decimal:
        """What a unit cost as the broker has it; 0 if it has none or does not know."""
        return rounded(max(self.held.average_price, NOTHING)) if self.held else NOTHING


@dataclass(frozen=True, slots=True)
class Undecided:
    """A contract that can't be compared this time, and why."""

    con_id: int
    reason: str


def gaps_between(
    system: Collection[SystemPosition], positions: Iterable[BrokerPosition]
) -> tuple[Gap, ...]:
    """Both sides of every contract that either side knows, by contract id."""
    held = {position.con_id: position for position in positions}
    known = {position.journal.con_id: position for position in system}
    if len(known) < len(system):
        raise ValueError("a contract has more than one journal")
    nets = {con_id: net_position(position.journal) for con_id, position in known.items()}
    return tuple(
        Gap(con_id, known.get(con_id), nets.get(con_id), held.get(con_id))
        for con_id in sorted({*held, *known})
    )


def undecided(gaps: tuple[Gap, ...], asked_at: datetime) -> tuple[Undecided, ...]:
    """The contracts that traded since the positions were asked for, and what delivers to or from
    them. The broker stamps executions in whole seconds, so the second of the question counts.
    """
    second = asked_at.replace(microsecond=0)
    traded = {gap.con_id for gap in gaps if _traded_since(gap, second)}
    moving = {_delivers_to(gap) for gap in gaps if gap.con_id in traded}
    return tuple(
        Undecided(gap.con_id, "it traded" if gap.con_id in traded else "what it delivers traded")
        for gap in gaps
        if _delivers_to(gap) in moving
    )


def _traded_since(gap: Gap, second: datetime) -> bool:
    entries = gap.known.journal.counting() if gap.known else ()
    return any(entry.at >= second for entry in entries)


def _delivers_to(gap: Gap) -> int:
    """Where every delivery ends: the underlying of an option, or else the contract itself."""
    option = gap.known.option if gap.known else None
    return gap.con_id if option is None or option.underlying is None else option.underlying
