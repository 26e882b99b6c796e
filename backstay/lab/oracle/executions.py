"""Each execution counts once, and a correction replaces.

An execution's id ends in the number of its version; what stands before that names the trade. A
trade counts with its newest version: whatever else is said of it is a violation and isn't counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.lab.oracle.lines import Line, UnreadableError
from backstay.lab.oracle.violations import Rule, Violation

Trade = tuple[str, str]
"""An account, and an execution's id without its version."""

_SIGNS = {"BOT": 1, "SLD": -1}


@dataclass(frozen=True, slots=True)
class Counted:
    """The newest version of a trade; quantities are negative for sales.

    `change` is by how much it differs from the version before it.
    """

    line: int
    trade: Trade
    exec_id: str
    con_id: int
    perm_id: int
    ref: str
    quantity: Decimal
    change: Decimal
    value: Decimal
    currency: str

    @property
    def account(self) -> str:
        """Whose it is."""
        return self.trade[0]

    @property
    def more(self) -> Decimal:
        """How much more its order has filled with it, on whichever side."""
        return abs(self.quantity) - abs(self.quantity - self.change)


def trade_of(account: str, exec_id: str) -> Trade:
    """What an execution and its corrections have in common."""
    return account, unversioned(exec_id)


def unversioned(exec_id: str) -> str:
    """An execution's id without its last part."""
    return exec_id.rpartition(".")[0] or exec_id


class Executions:
    """Every trade by its newest version, and what is wrong with the others."""

    def __init__(self) -> None:
        self._newest: dict[Trade, Counted] = {}

    def take(self, line: Line) -> Counted | Violation:
        """What a line of an execution or a correction adds, or why it must not be counted."""
        counted = self._counted(line)
        known = self._newest.get(counted.trade)
        before = known.exec_id if known else "nothing"
        if line.words("what") == "execution":
            fault = f"{counted.exec_id} is recorded again after {before}" if known else ""
        else:
            fault = next(_faults(line, counted, known), "")
        if fault:
            return Violation(Rule.COUNTED_ONCE, line.number, fault)
        self._newest[counted.trade] = counted
        return counted

    def _counted(self, line: Line) -> Counted:
        side = line.words("side")
        if side not in _SIGNS:
            raise UnreadableError(f'its side is "{side}", neither BOT nor SLD')
        account, exec_id = line.words("account"), line.words("exec_id")
        trade = trade_of(account, exec_id)
        quantity = line.number_of("qty") * _SIGNS[side]
        known = self._newest.get(trade)
        return Counted(
            line=line.number,
            trade=trade,
            exec_id=exec_id,
            con_id=line.whole("con_id"),
            perm_id=line.whole("perm_id"),
            ref=line.words("ref", ""),
            quantity=quantity,
            change=quantity - known.quantity if known else quantity,
            # From zero and not by a minus sign: there is only one zero.
            value=0 - quantity * line.number_of("price") * line.number_of("multiplier"),
            currency=line.words("currency"),
        )


def _faults(line: Line, counted: Counted, known: Counted | None) -> Iterator[str]:
    """What is wrong with a correction."""
    replaces = line.words("replaces")
    if known is None:
        yield f"{counted.exec_id} corrects {replaces}, which was never recorded"
    elif replaces != known.exec_id:
        yield f"{counted.exec_id} corrects {replaces}, but {known.exec_id} is the newest"
    elif counted.exec_id <= known.exec_id:
        yield f"{counted.exec_id} corrects {known.exec_id}, which is no older"
    elif (counted.con_id, counted.perm_id) != (known.con_id, known.perm_id):
        yield f"{counted.exec_id} corrects {known.exec_id}, which is of another order"
