"""The oracle: lines in, a verdict out.

It takes the lines of the audit and, if it is given any, of the wire log, in the order in which they
were written; the two may be mixed or come one after the other. A line that it can't read is a
violation, and the next one is read all the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from backstay.lab.oracle.executions import Executions
from backstay.lab.oracle.lines import Fields, Line, UnreadableError
from backstay.lab.oracle.money import Money
from backstay.lab.oracle.orders import Orders
from backstay.lab.oracle.positions import Positions
from backstay.lab.oracle.violations import OPENING, Rule, Violation


class Oracle:
    """What was recorded so far, and what was wrong with it."""

    def __init__(self) -> None:
        self._lines = 0
        self._found: list[Violation] = []
        self._told = 0
        self._executions = Executions()
        self._money = Money()
        self._positions = Positions()
        self._orders = Orders()
        self._asked: set[str] | None = None
        self._readings: Mapping[str, Callable[[Line], Iterable[Violation]]] = {
            "order": self._orders.changed,
            "execution": self._executed,
            "correction": self._executed,
            "position": self._positions.changed,
            "cash": self._cash,
            "fault": self._struck,
        }

    def read(self, line: str | Fields) -> None:
        """Take the next line, as text or already parsed."""
        self._lines += 1
        try:
            read = Line.read(self._lines, line)
            if read.has("dir"):
                self._heard(read)
                return
            what = read.words("what")
            if what not in self._readings:
                raise UnreadableError(f'nobody knows what "{what}" is')
            self._found.extend(self._readings[what](read))
        except UnreadableError as error:
            self._found.append(Violation(Rule.READABLE, self._lines, str(error)))

    def news(self) -> tuple[Violation, ...]:
        """What was found since this was asked last; what is still missing is not in it."""
        new = tuple(self._found[self._told :])
        self._told = len(self._found)
        return new

    def verdict(self) -> tuple[Violation, ...]:
        """Everything that is wrong as of now: what was found, and what is still missing."""
        return (*self._found, *self.missing())

    def missing(self) -> tuple[Violation, ...]:
        """What is missing as of now: between two lines of one turn it may still come."""
        return (*self._money.unpaid(), *self._positions.untold(), *self._unasked())

    def _executed(self, line: Line) -> Iterator[Violation]:
        counted = self._executions.take(line)
        if isinstance(counted, Violation):
            yield counted
            return
        self._money.executed(counted)
        yield from self._positions.executed(counted)
        yield from self._orders.executed(counted)

    def _cash(self, line: Line) -> Iterator[Violation]:
        yield from self._money.changed(line)
        if line.words("reason") == OPENING:
            self._positions.begun(line)

    def _struck(self, line: Line) -> tuple[Violation, ...]:
        self._orders.struck(line)
        return ()

    def _heard(self, line: Line) -> None:
        """What was said on the wire: only which keys were asked for."""
        if self._asked is None:
            self._asked = set()
        if line.words("dir") == "in" and line.words("msg") == "placeOrder" and line.has("ref"):
            self._asked.add(line.words("ref"))

    def _unasked(self) -> Iterator[Violation]:
        if self._asked is None:
            return
        for ref in self._orders.recorded_keys():
            if ref not in self._asked:
                text = f"there was an order for {ref}, and nobody had asked for it"
                yield Violation(Rule.UNASKED, self._lines, text)
