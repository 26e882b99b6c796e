"""Cash adds up, and each execution is paid for exactly.

A line of cash is held against the line before it. What flowed for a trade must come to what its
newest version is worth, with one commission a version at most, and none that is left of a bust.
What is still to be paid is a violation only while it is asked for: a verdict that is given between
two lines of one turn is not final.
"""

from collections.abc import Iterator
from decimal import Decimal

from backstay.lab.oracle.executions import Counted, Trade, trade_of
from backstay.lab.oracle.lines import Line
from backstay.lab.oracle.violations import OPENING, Rule, Violation

COMMISSION = "commission"
_ZERO = Decimal(0)


class _Flows:
    """What a trade is worth, and what has flowed for it so far."""

    __slots__ = ("commission", "commissions", "newest", "value", "versions")

    def __init__(self, newest: Counted) -> None:
        self.newest = newest
        self.versions = 0
        self.value = _ZERO
        self.commission = _ZERO
        self.commissions = 0


class Money:
    """The cash of every account in every currency."""

    def __init__(self) -> None:
        self._balances: dict[tuple[str, str], Decimal] = {}
        self._flows: dict[Trade, _Flows] = {}
        self._unpaid: dict[Trade, None] = {}

    def executed(self, counted: Counted) -> None:
        """A trade, or a newer version of one, has to be paid for."""
        flows = self._flows.setdefault(counted.trade, _Flows(counted))
        flows.newest = counted
        flows.versions += 1
        self._unpaid[counted.trade] = None

    def changed(self, line: Line) -> Iterator[Violation]:
        """What is wrong with a line of cash."""
        account, currency = line.words("account"), line.words("currency")
        amount, after = line.number_of("amount"), line.number_of("cash_after")
        reason = line.words("reason")
        before = self._balances.get((account, currency))
        self._balances[account, currency] = after
        if reason == OPENING:
            if before is not None and before != after:
                text = f"{account} begins with {after} {currency}; it had {before}"
                yield Violation(Rule.RESTARTED, line.number, text)
            return
        if before is not None and before + amount != after:
            text = f"{account} had {before} {currency}; {amount} more is not {after}"
            yield Violation(Rule.CASH, line.number, text)
        if text := self._flowed(line, account, reason, amount):
            yield Violation(Rule.PAID, line.number, text)

    def unpaid(self) -> Iterator[Violation]:
        """Each trade that as of now is not paid for exactly."""
        for trade in tuple(self._unpaid):
            flows = self._flows[trade]
            if text := _owed(flows):
                yield Violation(Rule.PAID, flows.newest.line, text)
            else:
                del self._unpaid[trade]

    def _flowed(self, line: Line, account: str, reason: str, amount: Decimal) -> str:
        """Book what flowed; what is wrong with it."""
        exec_id = line.words("exec_id", "")
        trade = trade_of(account, exec_id)
        flows = self._flows.get(trade)
        if flows is None:
            return f"{amount} flowed in {account} for {exec_id or 'nothing'}, which never traded"
        self._unpaid[trade] = None
        if reason == COMMISSION:
            flows.commission += amount
            flows.commissions += 1
        else:
            flows.value += amount
        if (currency := line.words("currency")) != flows.newest.currency:
            return f"{exec_id} is in {flows.newest.currency}; {amount} {currency} flowed"
        if reason != COMMISSION:
            return ""
        if flows.commissions > flows.versions:
            return f"{exec_id} was charged a commission {flows.commissions} times"
        if flows.commission > 0:
            return f"{exec_id} brought in {flows.commission} by its commission"
        return ""


def _owed(flows: _Flows) -> str:
    newest = flows.newest
    if flows.value != newest.value:
        return (
            f"{newest.exec_id} is worth {newest.value} {newest.currency} to {newest.account}; "
            f"{flows.value} flowed"
        )
    if not flows.commissions:
        return f"{newest.exec_id} was charged no commission"
    if not newest.quantity and flows.commission:
        return f"{newest.exec_id} was busted; of its commission {flows.commission} is left"
    return ""
