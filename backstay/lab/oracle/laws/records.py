"""I1, I4, I10: one living order a key, each execution once, and money is conserved.

Nearly all of it is read off the gateway's audit by the older judge of it, whose rules are named
here by the law that each belongs to. What must be paid or told within one turn is asked for at the
end.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from backstay.lab.oracle.oracle import Oracle
from backstay.lab.oracle.references import reference_of
from backstay.lab.oracle.violations import Rule, Violation
from backstay.lab.simulation.outcome import Finding

LAWS = {
    Rule.READABLE: "run",
    Rule.CASH: "I10",
    Rule.PAID: "I10",
    Rule.RESTARTED: "I10",
    Rule.POSITION: "I4",
    Rule.COUNTED_ONCE: "I4",
    Rule.FILLED: "I4",
    Rule.OF_ORDER: "I4",
    Rule.ONE_LIVE_ORDER: "I1",
    Rule.OVERFILLED: "I1",
    Rule.TERMINAL: "I1",
    Rule.UNASKED: "I2",
}


FORKS = "second-perm-id"
"""The fault by which one key has a second order that nobody has asked for."""


class Records:
    """The gateway's record, held against itself."""

    def __init__(self) -> None:
        self._oracle = Oracle()
        self._used: dict[str, tuple[int, bool]] = {}
        self._forked: dict[str, None] = {}

    def read(self, line: Mapping[str, Any]) -> Iterator[Finding]:
        """A line of the audit, or a placement."""
        self._oracle.read(line)
        for violation in self._oracle.news():
            yield _finding(violation, line["t"])
        match line.get("what"):
            case "order" if reference_of(line["ref"]) is not None:
                yield from self._used_again(line)
            case "fault" if line["name"] == FORKS and line["ref"]:
                self._forked[line["ref"]] = None
            case _:
                pass

    def _used_again(self, line: Mapping[str, Any]) -> Iterator[Finding]:
        """A key names one order for ever, also once that order is over."""
        ref, perm_id = line["ref"], line["perm_id"]
        known, was_over = self._used.get(ref, (perm_id, False))
        if known != perm_id and was_over and ref not in self._forked:
            text = f"{ref} was order {known}, which is over, and is order {perm_id}"
            yield Finding("I1", line["t"], text)
        self._used[ref] = perm_id, line["over"] or line["status"] in ("Cancelled", "Filled")

    def at_rest(self, at_ns: int) -> Iterator[Finding]:
        """What is still missing."""
        known = self._oracle.news()
        for violation in (*known, *self._oracle.missing()):
            yield _finding(violation, at_ns)


def _finding(violation: Violation, at_ns: int) -> Finding:
    return Finding(LAWS[violation.rule], at_ns, violation.text)
