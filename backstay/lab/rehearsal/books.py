"""What the executions of the tape add up to.

Owns one journal for each contract and the comparison with what the broker says it holds. Nothing
but executions and commissions is ever booked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backstay.domain.instruments import Instrument
from backstay.domain.orders.reports import BrokerReport, CommissionReported, ExecutionReported
from backstay.domain.positions.answers import ExecutionsAnswer, PositionsAnswer
from backstay.domain.positions.differences import PriceTolerance, compare
from backstay.domain.positions.entries import Execution
from backstay.domain.positions.findings import CannotTell, Compared
from backstay.domain.positions.gaps import SystemPosition
from backstay.domain.positions.journal import Journal
from backstay.domain.positions.ledger import Ledger
from backstay.domain.positions.net import NetPosition, net_position
from backstay.lab.rehearsal.tape import Counted, Tape


@dataclass(frozen=True, slots=True)
class Books:
    """The journals of all contracts, by leg."""

    journals: tuple[Journal, ...]

    @classmethod
    def of(cls, instruments: Iterable[Instrument]) -> "Books":
        """Empty books."""
        return cls(tuple(Journal(one.con_id, one.currency, one.multiplier) for one in instruments))

    def after(self, leg: int, trade: str, report: BrokerReport) -> "Books":
        """The books once a report about an order of `trade` is told; most bring nothing to book."""
        journal = self.journals[leg]
        match report:
            case ExecutionReported():
                journal = journal.with_entries(
                    Execution(
                        exec_id=report.exec_id,
                        con_id=journal.con_id,
                        trade=trade,
                        side=report.side,
                        quantity=report.quantity,
                        price=report.price,
                        at=report.executed_at,
                    )
                )
            case CommissionReported():
                journal = journal.with_commissions(report)
            case _:
                return self
        return Books((*self.journals[:leg], journal, *self.journals[leg + 1 :]))

    def net(self, leg: int) -> NetPosition:
        """The position in the contract of one leg."""
        return net_position(self.journals[leg])

    def position(self, leg: int) -> Decimal:
        """How much of it, signed."""
        return self.net(leg).quantity

    @property
    def ledgers(self) -> tuple[Ledger, ...]:
        """What each contract came to, by leg."""
        return tuple(net_position(journal).total for journal in self.journals)

    @property
    def booked(self) -> Decimal:
        """The quantity of every execution that counts, bought and sold alike."""
        counting = (entry for journal in self.journals for entry in journal.counting())
        sizes = (entry.quantity for entry in counting if isinstance(entry, Execution))
        return sum(sizes, Decimal())

    def compared(self, counted: Counted, tape: Tape, day: date) -> Compared | CannotTell:
        """The differences between these books and the broker's own figures."""
        exec_ids = (
            told.report.exec_id for told in tape.told if isinstance(told.report, ExecutionReported)
        )
        return compare(
            tuple(SystemPosition(journal) for journal in self.journals),
            PositionsAnswer(counted.at, complete=True, positions=counted.positions),
            ExecutionsAnswer(tape.begins, complete=True, exec_ids=tuple(exec_ids)),
            day,
            PriceTolerance(),
        )
