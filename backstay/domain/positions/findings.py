"""What a comparison with the broker comes to.

Owns the classes of a difference and what each asks for. A correction is a value: nothing here books
anything. How a difference gets its class is the business of `differences`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.positions.entries import Adjustment, Entry
from backstay.domain.positions.gaps import Undecided


class DifferenceClass(StrEnum):
    """What a difference is, as far as it decides what happens next."""

    ABOVE = "above"
    """We have more than the broker: something that we count did not happen, or an exit filled."""

    BELOW = "below"
    """We have less than the broker: a fill is not recorded, or was withdrawn too soon."""

    PRICE = "price"
    """The same quantity at another average price."""

    CLOSED_BY_HAND = "closed by hand"
    """The broker has less, and nothing of ours did it."""

    UNEXPECTED = "unexpected"
    """The broker has more than we can account for, or the opposite: somebody else may trade."""

    FRACTION = "fraction"
    """Less than a unit."""

    EXPIRED = "expired"
    ASSIGNED = "assigned"
    EXERCISED = "exercised"
    DELIVERED = "delivered"

    @property
    def halts_entries(self) -> bool:
        """Whether no entry may leave until the difference is settled."""
        return self not in {DifferenceClass.PRICE, DifferenceClass.FRACTION}

    @property
    def incident(self) -> IncidentKind:
        """As what a person is told of it."""
        return _INCIDENTS[self]


_INCIDENTS = {
    DifferenceClass.ABOVE: IncidentKind.POSITION_MISMATCH,
    DifferenceClass.BELOW: IncidentKind.POSITION_MISMATCH,
    DifferenceClass.PRICE: IncidentKind.PRICE_MISMATCH,
    DifferenceClass.CLOSED_BY_HAND: IncidentKind.MANUAL_ACTION,
    DifferenceClass.UNEXPECTED: IncidentKind.UNEXPECTED_POSITION,
    DifferenceClass.FRACTION: IncidentKind.FRACTIONAL_REMAINDER,
    DifferenceClass.EXPIRED: IncidentKind.POSITION_CHANGED,
    DifferenceClass.ASSIGNED: IncidentKind.POSITION_CHANGED,
    DifferenceClass.EXERCISED: IncidentKind.POSITION_CHANGED,
    DifferenceClass.DELIVERED: IncidentKind.POSITION_CHANGED,
}


@dataclass(frozen=True, slots=True)
class Book:
    """Tell the journal these entries."""

    entries: tuple[Entry, ...]
    kind: Literal["book"] = "book"


@dataclass(frozen=True, slots=True)
class ReadFills:
    """Ask the broker again for these orders and book the executions that it then tells of."""

    orders: tuple[IntentKey, ...]
    kind: Literal["read fills"] = "read fills"


@dataclass(frozen=True, slots=True)
class AskPerson:
    """Possible unauthorised access: a person decides. If it is theirs, `if_theirs` is booked."""

    if_theirs: Adjustment
    kind: Literal["ask person"] = "ask person"


@dataclass(frozen=True, slots=True)
class ReportOnly:
    """Say it, and leave it."""

    kind: Literal["report only"] = "report only"


Correction = Annotated[Book | ReadFills | AskPerson | ReportOnly, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Difference:
    """One contract, what each side says of it (a quantity, or a price), and how it is mended."""

    con_id: int
    what: DifferenceClass
    system: Decimal
    broker: Decimal
    correction: Correction

    @property
    def text(self) -> str:
        """The line that the log keeps of it."""
        return (
            f"contract {self.con_id}, {self.what}: "
            f"the system has {plain(self.system)}, the broker {plain(self.broker)}"
        )


@dataclass(frozen=True, slots=True)
class ForeignPosition:
    """What the account has of a contract beyond what its trades own."""

    con_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Compared:
    """Every difference there is, apart from the contracts that were undecided this time.

    What is foreign agrees with the broker and is no difference, but somebody should know of it.
    """

    differences: tuple[Difference, ...]
    undecided: tuple[Undecided, ...]
    foreign: tuple[ForeignPosition, ...]
    kind: Literal["compared"] = "compared"

    @property
    def agrees(self) -> bool:
        """Whether every contract was compared and no difference was found."""
        return not self.differences and not self.undecided


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The broker has not said enough; that is no agreement."""

    reason: str
    kind: Literal["cannot tell"] = "cannot tell"


Comparison = Annotated[Compared | CannotTell, Field(discriminator="kind")]


def confirmed(earlier: Comparison, later: Comparison) -> tuple[Difference, ...]:
    """The differences of `later` that `earlier` saw as well. The broker's answers are not taken at
    one instant, so a first sight halts entries and a second one corrects.
    """
    if isinstance(earlier, CannotTell) or isinstance(later, CannotTell):
        return ()
    seen = {(old.con_id, old.what, old.system, old.broker) for old in earlier.differences}
    return tuple(
        new for new in later.differences if (new.con_id, new.what, new.system, new.broker) in seen
    )
