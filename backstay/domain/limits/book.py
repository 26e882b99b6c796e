"""What is held, reserved and under way in one account.

Owns the sums that the limits bound. Whatever an order may still fill counts exactly like what it
has filled, so a fill moves quantity from one side to the other and raises no total; only the end of
an order, or an exit that has filled, makes room again. Exits are not counted on before they fill,
and opposite quantities in flight are not set off against each other.

All units of a contract are worth what the dearest claim in it says: no total is ever above the one
that was checked. Every operation names an order or a trade, and can be repeated.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from operator import lt

from backstay.domain.ids import IntentKey
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.claims import Claim, ForeignHolding, is_later_generation
from backstay.domain.limits.entries import Entry, EntryLog
from backstay.domain.limits.kill import Halt, KillState

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Book:
    """The claims of one account by key, its foreign holdings, its entries, its kill and halts."""

    claims: tuple[Claim, ...] = ()
    foreign: tuple[ForeignHolding, ...] = ()
    entries: EntryLog = field(default_factory=EntryLog)
    kill: KillState = field(default_factory=KillState)
    halts: tuple[Halt, ...] = ()

    def __post_init__(self) -> None:
        keys = [claim.key for claim in self.claims]
        contracts = [holding.con_id for holding in self.foreign]
        if not _rises(keys) or not _rises(contracts):
            raise ValueError("claims and foreign holdings stand in rising order, each once")
        if list(self.halts) != sorted(set(self.halts)):
            raise ValueError("halts stand in rising order, each once")

    def reserved(self, approved: Approved, trading_day: date) -> "Book":
        """The book after an approval: from here on the order counts."""
        intent = approved.intent
        claim = Claim.of(intent, approved.unit_value, approved.margin)
        known = self.claim(claim.key)
        if known is not None and not known.is_same_order(claim):
            raise ValueError(f"{claim.key} already names another order")
        book = self.with_claim(claim)
        if not claim.opens:
            return book
        entry = Entry(approved.at, intent.key, intent.instrument.symbol, trading_day)
        return replace(book, entries=self.entries.with_entry(entry))

    def filled(self, key: IntentKey, quantity: Decimal) -> "Book":
        """The book after the order named `key` has filled `quantity` in all."""
        claim = self._known(key)
        return self._with(replace(claim, filled=max(claim.filled, quantity)))

    def released(self, key: IntentKey) -> "Book":
        """The book after the order named `key` is proven terminal, or will never be sent."""
        return self._with(replace(self._known(key), ended=True))

    def settled(self, trade: str) -> "Book":
        """The book without `trade`. That moves no share: what it leaves over is foreign."""
        leaving = [claim for claim in self.claims if claim.key.trade == trade]
        if any(claim.takes_risk and claim.in_flight for claim in leaving):
            raise ValueError(f"{trade} can't be settled: it has orders that may still fill")
        book = replace(self, claims=tuple(c for c in self.claims if c.key.trade != trade))
        for con_id in sorted({claim.con_id for claim in leaving}):
            rest = self.held(con_id) - book.held(con_id) + self._foreign_quantity(con_id)
            book = book.with_foreign(ForeignHolding(con_id, rest, self.unit_value(con_id)))
        return book

    def with_foreign(self, holding: ForeignHolding) -> "Book":
        """The book with what is now held of one contract outside of all trades."""
        others = [known for known in self.foreign if known.con_id != holding.con_id]
        all_of_them = [*others, holding] if holding.quantity else others
        return replace(self, foreign=tuple(sorted(all_of_them, key=lambda known: known.con_id)))

    def halted(self, halt: Halt) -> "Book":
        """The book with one more reason for entries to wait."""
        return replace(self, halts=tuple(sorted({*self.halts, halt})))

    def lifted(self, halt: Halt) -> "Book":
        """The book after one reason to wait has ended; the others stand."""
        return replace(self, halts=tuple(known for known in self.halts if known != halt))

    def with_claim(self, claim: Claim) -> "Book":
        """The book with `claim`; a second claim of one order only widens the first."""
        known = self.claim(claim.key)
        return self._with(claim if known is None else known.widened(claim))

    def claim(self, key: IntentKey) -> Claim | None:
        """The claim of the order named `key`."""
        return next((claim for claim in self.claims if claim.key == key), None)

    def held(self, con_id: int) -> Decimal:
        """The position in a contract, signed: everything filled, and what is foreign."""
        filled = (claim.signed_filled for claim in self.claims if claim.con_id == con_id)
        return sum(filled, self._foreign_quantity(con_id))

    def position_at_most(self, con_id: int) -> Decimal:
        """How large the position in a contract can become."""
        in_flight = (claim.in_flight for claim in self._risks(con_id))
        return sum(in_flight, abs(self.held(con_id)))

    def across(self, claim: Claim) -> Decimal:
        """What is held, or may still fill, on the other side of `claim` in its contract.

        An entry must find nothing there. An exit finds what it can close.
        """
        held = max(-claim.side.signed(self.held(claim.con_id)), _NOTHING)
        others = (other for other in self._risks(claim.con_id) if other.side is not claim.side)
        return sum((other.in_flight for other in others), held)

    def unit_value(self, con_id: int) -> Decimal:
        """What one unit of a contract counts for, in the base currency."""
        values = [claim.unit_value for claim in self._risks(con_id)]
        values += [holding.unit_value for holding in self.foreign if holding.con_id == con_id]
        return max(values, default=_NOTHING)

    @property
    def exposure(self) -> Decimal:
        """What everything held and in flight is worth, in the base currency."""
        contracts = {claim.con_id for claim in self.claims}
        contracts |= {holding.con_id for holding in self.foreign}
        values = (self.position_at_most(each) * self.unit_value(each) for each in sorted(contracts))
        return sum(values, _NOTHING)

    @property
    def margin_in_flight(self) -> Decimal:
        """The margin of orders that may still fill; the broker's own figures don't hold it yet."""
        risks = (claim for claim in self.claims if claim.takes_risk)
        return sum((claim.margin for claim in risks if claim.in_flight), _NOTHING)

    @property
    def open_trades(self) -> int:
        """How many trades hold something or may come to."""
        entries = (claim for claim in self.claims if claim.opens)
        return len({claim.key.trade for claim in entries if claim.in_flight or claim.filled})

    def covering(self, key: IntentKey) -> Decimal:
        """What orders that cover the same leg as the one named `key` may still fill."""
        leg = (key.trade, key.leg, key.purpose)
        same = (c for c in self.claims if (c.key.trade, c.key.leg, c.key.purpose) == leg)
        return sum((claim.in_flight for claim in same), _NOTHING)

    def _foreign_quantity(self, con_id: int) -> Decimal:
        return sum((h.quantity for h in self.foreign if h.con_id == con_id), _NOTHING)

    def _risks(self, con_id: int) -> Iterator[Claim]:
        return (claim for claim in self.claims if claim.con_id == con_id and claim.takes_risk)

    def _known(self, key: IntentKey) -> Claim:
        """The claim that a report about `key` is booked in.

        A later generation of an exit is sent under the approval of an earlier one.
        """
        claim = self.claim(key)
        if claim is not None:
            return claim
        for earlier in self.claims:
            if not earlier.takes_risk and is_later_generation(key, earlier.key):
                return replace(earlier, key=key, filled=_NOTHING, ended=False)
        raise ValueError(f"{key} is not in the book: never approved, or settled")

    def _with(self, claim: Claim) -> "Book":
        place = bisect_left(self.claims, claim.key, key=lambda known: known.key)
        rest = self.claims[place:]
        if rest and rest[0].key == claim.key:
            rest = rest[1:]
        return replace(self, claims=(*self.claims[:place], claim, *rest))


def _rises(names: Sequence[IntentKey] | Sequence[int]) -> bool:
    """Whether each stands once, in rising order."""
    return all(map(lt, names, names[1:]))
