"""What is void of a quote, and when it is asked for anew.

What was quoted before a halt is void, and so is what was quoted before a bid or an ask that can't
be read. The broker tells only what changes: a side that stands as it was never comes by itself, and
whoever waits for it would sleep. In most cases the next quote comes at once, so it is given a
moment first. A side that nobody quotes stays missing however often it is asked for, so each time
is twice as long after the last one.
"""

from backstay.domain.ticks.quotes import Flaw, Quote, TickField

BEATS = 2
"""How many beats of a second a side may be missing at first."""

BEATS_MAX = 64

_UNREADABLE = frozenset((Flaw.MISSING, Flaw.NOT_A_NUMBER, Flaw.NEGATIVE, Flaw.ZERO))


class Voided:
    """The prices of one instrument, after a halt or a price that can't be read."""

    __slots__ = ("_beats", "_beats_left", "_is_halted")

    def __init__(self) -> None:
        self._is_halted = False
        self._beats = BEATS
        self._beats_left = 0

    def by_halt(self, *, is_on: bool) -> None:
        """A halt is on, or none is."""
        if is_on:
            self._beats_left = 0
        elif self._is_halted:
            self._beats = self._beats_left = BEATS
        self._is_halted = is_on

    def by_tick(self, field: TickField, flaw: Flaw) -> None:
        """A tick was bad; trades come by themselves."""
        if field is not TickField.LAST and flaw in _UNREADABLE and not self._beats_left:
            self._beats_left = self._beats

    def is_due(self, quote: Quote) -> bool:
        """Whether to ask now, with every beat asked."""
        if quote.bid is not None and quote.ask is not None:
            self._beats, self._beats_left = BEATS, 0
            return False
        if not self._beats_left:
            return False
        self._beats_left -= 1
        if self._beats_left:
            return False
        self._beats = min(2 * self._beats, BEATS_MAX)
        return True
