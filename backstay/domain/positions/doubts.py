"""Which entries of ours may not be so.

Owns the question what could be taken back, or put back, to agree with the broker: an execution that
the broker's complete answer does not contain, an adjustment that we made on our own judgement, and
an execution that we withdrew and the broker now lists after all. What a person has said is not in
doubt, nor is anything older than the broker's answer: what was settled on an earlier day must not
explain away a position that somebody opens today. Nothing is taken back on suspicion: only what
makes the books agree to the unit.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from backstay.domain.figures import total
from backstay.domain.orders.executions import execution_id_parts
from backstay.domain.positions.answers import ExecutionsAnswer
from backstay.domain.positions.entries import (
    Adjustment,
    Bookable,
    Cause,
    Execution,
    Revaluation,
    Withdrawal,
)
from backstay.domain.positions.journal import Journal


@dataclass(frozen=True, slots=True)
class _Doubt:
    """An entry that may be booked wrongly, and what undoing that does to the position."""

    entry: Bookable
    change: Decimal
    withdraws: bool


def second_thoughts(
    journal: Journal, executions: ExecutionsAnswer, change: Decimal, at: datetime
) -> tuple[Withdrawal, ...]:
    """The withdrawals, or their repeal, that move the position by exactly `change`: of one entry,
    the latest that does, or else of all that are in doubt. None is the answer if neither fits.
    """
    doubts = _doubts(journal, executions)
    for chosen in (*((doubt,) for doubt in doubts), doubts):
        if total(doubt.change for doubt in chosen) == change:
            return tuple(_word(journal, doubt, at) for doubt in chosen)
    return ()


def _doubts(journal: Journal, executions: ExecutionsAnswer) -> tuple[_Doubt, ...]:
    """Everything that may be booked wrongly, latest first."""
    listed = {execution_id_parts(exec_id)[0] for exec_id in executions.exec_ids}
    doubtful = [
        _Doubt(entry, -entry.change, withdraws=True)
        for entry in journal.counting()
        if not isinstance(entry, Revaluation) and _is_doubtful(entry, listed, executions.since)
    ]
    confirmed = [
        _Doubt(entry, entry.change, withdraws=False)
        for entry in journal.withdrawn()
        if isinstance(entry, Execution) and entry.name in listed
    ]
    return (*reversed(confirmed), *reversed(doubtful))


def _is_doubtful(entry: Execution | Adjustment, listed: set[str], since: datetime) -> bool:
    if entry.at < since:
        return False
    match entry:
        case Execution():
            return entry.name not in listed
        case Adjustment():
            return entry.cause is not Cause.ADOPTED
        case _:
            assert_never(entry)


def _word(journal: Journal, doubt: _Doubt, at: datetime) -> Withdrawal:
    """The next word on one entry."""
    last_word = journal.withdrawal_of(doubt.entry.name)
    version = last_word.version + 1 if last_word else 1
    return Withdrawal(doubt.entry.name, journal.con_id, doubt.withdraws, at, version)
