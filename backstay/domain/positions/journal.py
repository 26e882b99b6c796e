"""Everything told about one contract of one account.

Owns the set of entries and commissions, and which of them count. It refuses to know what they add
up to (that is `ledger`) and whose they are (that is `allotment`).

A journal is a set union kept in a canonical sequence, so the same facts in any order, any number of
times and in any batches give the same journal. Nothing leaves it: a late report of a version that
was replaced long ago is recognised because the later version is still here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import assert_never

from backstay.domain.checks import check_above_zero
from backstay.domain.orders.executions import execution_id_parts
from backstay.domain.orders.reports import CommissionReported
from backstay.domain.positions.entries import (
    Adjustment,
    Bookable,
    Entry,
    Execution,
    Revaluation,
    Withdrawal,
)


@dataclass(frozen=True, slots=True)
class Journal:
    """The facts about one contract, in canonical sequence: by name, then version, then content."""

    con_id: int
    currency: str
    multiplier: Decimal
    entries: tuple[Entry, ...] = ()
    commissions: tuple[CommissionReported, ...] = ()

    def __post_init__(self) -> None:
        check_above_zero(f"the multiplier of contract {self.con_id}", self.multiplier)
        strangers = [entry.name for entry in self.entries if entry.con_id != self.con_id]
        if strangers:
            raise ValueError(f"{strangers[0]} is not about contract {self.con_id}")
        if self.entries != _entries_in_sequence(self.entries):
            raise ValueError(f"the entries of contract {self.con_id} are out of sequence")
        if self.commissions != _commissions_in_sequence(self.commissions):
            raise ValueError(f"the commissions of contract {self.con_id} are out of sequence")

    def with_entries(self, *entries: Entry) -> "Journal":
        """This journal once `entries` are told, which may well say nothing new."""
        return replace(self, entries=_entries_in_sequence((*self.entries, *entries)))

    def with_commissions(self, *commissions: CommissionReported) -> "Journal":
        """This journal once `commissions` are told; each may come before its execution."""
        told = _commissions_in_sequence((*self.commissions, *commissions))
        return replace(self, commissions=told)

    def join(self, other: "Journal") -> "Journal":
        """What both together know of the same contract."""
        if other != replace(self, entries=other.entries, commissions=other.commissions):
            raise ValueError(f"contracts {self.con_id} and {other.con_id} are not the same")
        return self.with_entries(*other.entries).with_commissions(*other.commissions)

    def counting(self) -> tuple[Bookable, ...]:
        """The entry that counts under each name, oldest first. A bust counts, for nothing."""
        return self._by_age(withdrawn=False)

    def withdrawn(self) -> tuple[Bookable, ...]:
        """The entries that would count, were they not withdrawn, oldest first."""
        return self._by_age(withdrawn=True)

    def withdrawal_of(self, name: str) -> Withdrawal | None:
        """The last word on whether the entry called `name` is withdrawn, if there was any."""
        return self._withdrawals().get(name)

    def conflicts(self) -> tuple[str, ...]:
        """The names whose latest version was told in ways that contradict each other."""
        return tuple(
            name
            for name, versions in self._by_name()
            if any(
                entry.version == versions[-1].version and _claim(entry) != _claim(versions[-1])
                for entry in versions
            )
        )

    def charges(self) -> dict[str, CommissionReported]:
        """The commission that counts for each execution that counts, by name.

        A bust costs nothing, unless the broker charges for the bust itself.
        """
        reported = {_parts(commission)[0]: commission for commission in self.commissions}
        executions = (entry for entry in self.counting() if isinstance(entry, Execution))
        return {
            execution.name: reported[execution.name]
            for execution in executions
            if execution.name in reported
            and (execution.quantity or _parts(reported[execution.name])[1] >= execution.version)
        }

    def _by_name(self) -> Iterator[tuple[str, tuple[Entry, ...]]]:
        """Each name with the versions told under it, the one that counts last."""
        for name, versions in groupby(self.entries, lambda entry: entry.name):
            yield name, tuple(versions)

    def _withdrawals(self) -> dict[str, Withdrawal]:
        latest = (versions[-1] for _, versions in self._by_name())
        return {entry.of: entry for entry in latest if isinstance(entry, Withdrawal)}

    def _by_age(self, *, withdrawn: bool) -> tuple[Bookable, ...]:
        gone = {name for name, last_word in self._withdrawals().items() if last_word.stands}
        latest = (versions[-1] for _, versions in self._by_name())
        bookable = (entry for entry in latest if not isinstance(entry, Withdrawal))
        chosen = (entry for entry in bookable if (entry.name in gone) is withdrawn)
        return tuple(sorted(chosen, key=lambda entry: (entry.at, entry.name)))


def _parts(commission: CommissionReported) -> tuple[str, int]:
    return execution_id_parts(commission.exec_id)


def _claim(entry: Entry) -> tuple[object, ...]:
    """What an entry says about money, apart from when. What weighs most stands first."""
    match entry:
        case Execution() | Adjustment():
            return entry.trade or "", entry.quantity, entry.price, entry.side
        case Revaluation():
            return (entry.amount,)
        case Withdrawal():
            return (entry.stands,)
        case _:
            assert_never(entry)


def _details(entry: Entry) -> tuple[object, ...]:
    """What else tells two entries of one kind apart."""
    match entry:
        case Execution():
            return (entry.exec_id,)
        case Adjustment():
            return not entry.estimated, entry.cause
        case Revaluation() | Withdrawal():
            return ()
        case _:
            assert_never(entry)


def _entries_in_sequence(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Where one version is told in two ways, the one that counts is last: one that names a trade,
    for an owner once told is not forgotten, then the larger quantity, as for the order itself.
    """

    def place(entry: Entry) -> tuple[object, ...]:
        return entry.name, entry.version, entry.kind, _claim(entry), entry.at, _details(entry)

    return tuple(sorted(set(entries), key=place))


def _commissions_in_sequence(
    commissions: Iterable[CommissionReported],
) -> tuple[CommissionReported, ...]:
    def place(commission: CommissionReported) -> tuple[object, ...]:
        return (*_parts(commission), commission.amount, commission.currency, commission.exec_id)

    return tuple(sorted(set(commissions), key=place))
