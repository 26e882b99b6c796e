"""One position per contract.

Owns the sum: the broker knows one position where we know several trades and perhaps a person with
a second screen. The invariant is that the ledgers add up to it, in quantity and in cash, always;
*flat* is a claim about the broker, so it needs the broker's own figure.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.figures import total, whole
from backstay.domain.positions.allotment import Holding, ledgers, postings
from backstay.domain.positions.journal import Journal
from backstay.domain.positions.ledger import Ledger


@dataclass(frozen=True, slots=True)
class NetPosition:
    """The whole contract as the broker sees it, and the ledgers of its owners."""

    total: Ledger
    ledgers: tuple[Ledger, ...]

    def __post_init__(self) -> None:
        quantity = total(ledger.quantity for ledger in self.ledgers)
        cash = total(ledger.cash for ledger in self.ledgers)
        if quantity != self.total.quantity or cash != self.total.cash:
            raise ValueError(
                f"the ledgers of contract {self.total.con_id} hold {quantity} and {cash} in cash; "
                f"the position is {self.total.quantity} and {self.total.cash}"
            )

    @property
    def quantity(self) -> Decimal:
        """What the broker should say."""
        return self.total.quantity

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """Who has how much, oldest trade first, what is foreign last."""
        return tuple(Holding(ledger.trade, ledger.quantity) for ledger in self.ledgers)

    def held_by(self, trade: str | None) -> Decimal:
        """What `trade` has; None asks for what is foreign."""
        return total(ledger.quantity for ledger in self.ledgers if ledger.trade == trade)

    def is_flat(self, trade: str, broker_quantity: Decimal) -> bool:
        """Whether `trade` has nothing left, and the broker's position bears the ledgers out."""
        return not self.held_by(trade) and whole(self.quantity) == whole(broker_quantity)


def net_position(journal: Journal) -> NetPosition:
    """What a journal adds up to, for all its owners together and for each."""
    nobodys = Ledger(journal.con_id, journal.currency, journal.multiplier)
    return NetPosition(nobodys.after(postings(journal)), ledgers(journal))
