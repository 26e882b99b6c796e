"""A position is the sum of its executions, but for splits.

A line of a position is held against that sum at once. A position of which the sum was not told is
a violation only while it is asked for, as with money, or when the next trade comes.
"""

from collections.abc import Iterator
from decimal import Decimal

from backstay.lab.oracle.executions import Counted
from backstay.lab.oracle.lines import Line
from backstay.lab.oracle.violations import OPENING, Rule, Violation

SPLIT = "split"
"""Why a position changes without an execution: each share of it has become `ratio` shares."""

_ZERO = Decimal(0)


class Positions:
    """The position of every account in every contract."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, int], Decimal] = {}
        self._untold: dict[tuple[str, int], Counted] = {}
        self._unconfirmed: dict[tuple[str, int], int] = {}

    def executed(self, counted: Counted) -> Iterator[Violation]:
        """A trade, or a newer version of one, has changed a position; the last one was told."""
        key = (counted.account, counted.con_id)
        if (last := self._untold.get(key)) is not None:
            yield _untold(last)
        self._sums[key] = self._sums.get(key, _ZERO) + counted.change
        self._untold[key] = counted

    def begun(self, line: Line) -> None:
        """A gateway starts with this account: what it had has to be said again."""
        for key, quantity in self._sums.items():
            if key[0] == line.words("account") and quantity:
                self._unconfirmed[key] = line.number

    def changed(self, line: Line) -> Iterator[Violation]:
        """What is wrong with a line of a position."""
        key = (line.words("account"), line.whole("con_id"))
        after = line.number_of("position_after")
        known = self._sums.get(key)
        # After a violation the record is believed, so that one mistake is found once.
        self._sums[key] = after
        whose = f"{key[0]} in contract {key[1]}"
        if line.words("reason", "") == OPENING:
            self._unconfirmed.pop(key, None)
            if known is not None and known != after:
                text = f"{whose} begins with {after}; it had {known}"
                yield Violation(Rule.RESTARTED, line.number, text)
            return
        self._untold.pop(key, None)
        if line.words("reason", "") == SPLIT:
            known = (known or _ZERO) * line.number_of("ratio")
        if after != (known or _ZERO):
            text = f"{whose} has {after}; its executions make {known or _ZERO}"
            yield Violation(Rule.POSITION, line.number, text)

    def untold(self) -> Iterator[Violation]:
        """Each position that as of now was not told after a trade or at a start."""
        yield from map(_untold, self._untold.values())
        for (account, con_id), line in self._unconfirmed.items():
            had = self._sums[account, con_id]
            text = f"{account} in contract {con_id} begins with nothing; it had {had}"
            yield Violation(Rule.RESTARTED, line, text)


def _untold(counted: Counted) -> Violation:
    text = f"{counted.account} in contract {counted.con_id} was not told after {counted.exec_id}"
    return Violation(Rule.POSITION, counted.line, text)
