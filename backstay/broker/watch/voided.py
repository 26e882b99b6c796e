"""What a halt has voided, and when it is asked for anew.

What was quoted before a halt is void, and after it the broker tells only what changes: a bid or an
ask that comes back as it was never comes by itself, and whoever waits for it would sleep. In most
cases the resumed market quotes at once, so it is given a moment first.
"""

from backstay.domain.ticks.quotes import Quote

BEATS = 2
"""How many beats of a second after a halt a side may be missing."""


class Voided:
    """The prices of one instrument, after a halt."""

    __slots__ = ("_beats_left", "_is_halted")

    def __init__(self) -> None:
        self._is_halted = False
        self._beats_left = 0

    def by_halt(self, *, is_on: bool) -> None:
        """A halt is on, or none is."""
        if is_on:
            self._beats_left = 0
        elif self._is_halted:
            self._beats_left = BEATS
        self._is_halted = is_on

    def is_due(self, quote: Quote) -> bool:
        """Whether to ask now; told once after each halt, with every beat asked."""
        if not self._beats_left:
            return False
        if quote.bid is not None and quote.ask is not None:
            self._beats_left = 0
            return False
        self._beats_left -= 1
        return not self._beats_left
