"""I3: the lifecycle never moves back, and the quantity of a late event is booked all the same.

The sequence of the states is written down here once more. A trade that is over with less than the
exchange had filled for it by then has not booked what came late; what fills after its settlement is
written down is for L3. A fill that a process has heard of which is gone, before a history had it,
and that can't be read on another broker day, is lost to everybody: then a person has to know that
something is.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from backstay.lab.oracle.exchange import NOTHING
from backstay.lab.oracle.histories import Settled
from backstay.lab.oracle.references import reference_of
from backstay.lab.simulation.outcome import Finding

LAW = "I3"
STAGES = {
    "created": 0,
    "validated": 1,
    "hedge submitted": 2,
    "hedge partial": 3,
    "hedge filled": 4,
    "risk submitted": 5,
    "risk partial": 6,
    "risk filled": 7,
    "hedged": 8,
    "completed": 9,
    "closed": 10,
    "cancelled": 10,
    "rejected": 10,
    "escalated": 10,
}
OVER = 10


class Lifecycles:
    """The state that each workflow has shown last."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def marked(self, at_ns: int, workflow_id: str, state: str) -> Iterator[Finding]:
        """A workflow shows a state."""
        before = self._states.get(workflow_id)
        self._states[workflow_id] = state
        if state not in STAGES:
            yield Finding(LAW, at_ns, f'{workflow_id} is "{state}", which nobody knows')
        elif before in STAGES:
            was = STAGES[before]
            if STAGES[state] < was or (was == OVER and state != before):
                yield Finding(LAW, at_ns, f"{workflow_id} was {before} and is {state}")

    def settled(
        self,
        at_ns: int,
        workflow_id: str,
        settled: Settled,
        filled: Mapping[str, Decimal],
    ) -> Iterator[Finding]:
        """A trade is over; what the exchange had filled for it was long enough ago."""
        for ref, real in filled.items():
            reference = reference_of(ref)
            if reference is None or reference.trade != settled.trade:
                continue
            if (found := settled.booked.get(ref, NOTHING)) < real:
                text = f"{workflow_id} ended with {found} filled of {ref}; {real} had filled"
                yield Finding(LAW, at_ns, text)
