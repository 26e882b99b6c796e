"""A level that is watched, where it stands for certain: never nearer to the price than the house
can have it.

A trail raises a stop only by prices that the house has had the time to see twice, and what it had
raised in the last seconds before a crash may be gone with the process that knew it. What a person
has moved is where he has put it, from the answer on and for ever; until he is answered it may be
either way.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from backstay.gateway.times import SECOND_NS

REMEMBERED_NS = 12 * SECOND_NS
"""A guard tells every ten seconds where its stop stands; what is younger may die with a process."""

ROUNDED_OFF = Decimal("0.10")
"""At most so much a trailing stop is rounded away from the price."""

TICKS = 2
HEARD_NS = SECOND_NS // 2
REPEATED_NS = 5 * SECOND_NS
"""A trade is shown again every two seconds."""


@dataclass(frozen=True, slots=True)
class Trail:
    """How a stop follows the price: from where on, and how far behind."""

    activates: Decimal
    distance: Decimal
    counts_repeats: bool
    """Whether a price that is shown again is a tick: a trade is, a bid that stays is none."""


@dataclass(frozen=True, slots=True)
class _Raise:
    at_ns: int
    level: Decimal
    best: Decimal


@dataclass(slots=True)
class CertainLevel:
    """The level, and how deep beyond it a price has to be; `above` is where it is breached."""

    above: bool
    base: Decimal
    breach_pct: Decimal = Decimal(0)
    counts_equal: bool = False
    trail: Trail | None = None
    price: Decimal | None = None
    peak: Decimal | None = None
    moved_at: Decimal | None = None
    candidate: Decimal | None = None
    candidate_ns: int = 0
    tick_ns: int = 0
    ticks: int = 0
    raises: list[_Raise] = field(default_factory=list)
    pending: dict[int, Decimal] = field(default_factory=dict)

    @property
    def stands(self) -> Decimal:
        """Where it stands, at the farthest from the price."""
        level = self._nearer(self.base, self.raises[-1].level) if self.raises else self.base
        for other in self.pending.values():
            level = max(level, other) if self.above else min(level, other)
        return level

    @property
    def is_passed(self) -> bool:
        """Whether the price that stands is beyond it, and deep enough."""
        price, level = self.price, self.stands
        if price is None:
            return False
        depth = abs(level) * self.breach_pct / 100
        if price == level and not depth:
            return self.counts_equal
        return price > level + depth if self.above else price < level - depth

    # --- prices ---

    def see(self, price: Decimal, at_ns: int) -> None:
        """This price stands from now on."""
        is_tick = price != self.price or (self.trail is not None and self.trail.counts_repeats)
        self.price = price
        if self.peak is None or (price < self.peak) is self.above:
            self.peak = price
        self._climb(price, at_ns, is_tick=is_tick)

    def forget(self) -> None:
        """What was shown may not have been heard."""
        self.price = self.candidate = None

    def follow(self, now_ns: int, hears_ns: int | None) -> None:
        """Raise it by the price that the house must have seen twice by now, if it hears every price
        since then; None for not at all.
        """
        trail, best, price = self.trail, self.candidate, self.price
        if trail is None or best is None or price is None:
            return
        if hears_ns is None or self.candidate_ns < hears_ns:
            self._wait_anew(price, now_ns)
            return
        seen_twice_ns = self.tick_ns + HEARD_NS
        is_seen_twice = self.ticks >= TICKS and now_ns >= seen_twice_ns
        stands = trail.counts_repeats and now_ns >= self.candidate_ns + REPEATED_NS
        if is_seen_twice or stands:
            # It had to be known then, though it is asked about only now.
            self._raise(seen_twice_ns if is_seen_twice else now_ns, best, trail)
            self.candidate = None
            if self._is_better(price, trail):
                self._wait_anew(price, self.tick_ns)

    # --- hands, and crashes ---

    def asks(self, version: int, level: Decimal) -> None:
        """Somebody wants it there."""
        self.pending[version] = level

    def moves(self, version: int, level: Decimal) -> None:
        """It was put there; a trail takes it up again from the next best price on."""
        self.pending.pop(version, None)
        self.base, self.moved_at = level, self.peak
        self.raises.clear()
        self.candidate = None

    def tightens(self, level: Decimal) -> None:
        """It was put there, if that is nearer to the price."""
        self.base = self._nearer(self.base, level)

    def shortens(self, at_ns: int, distance: Decimal) -> None:
        """Its trail follows at this distance from now on, and so does what it has raised."""
        if self.trail is None:
            return
        self.trail = replace(self.trail, distance=distance)
        if self.raises:
            self._raise(at_ns, self.raises[-1].best, self.trail)

    def loses(self, since_ns: int) -> None:
        """What it was raised by since then may be forgotten."""
        while self.raises and self.raises[-1].at_ns > since_ns:
            self.raises.pop()
        self.candidate = None

    # --- the rest ---

    def _raise(self, at_ns: int, best: Decimal, trail: Trail) -> None:
        behind = trail.distance + ROUNDED_OFF
        level = best + behind if self.above else best - behind
        if self.raises:
            level = self._nearer(level, self.raises[-1].level)
        self.raises.append(_Raise(at_ns, level, best))

    def _climb(self, price: Decimal, at_ns: int, *, is_tick: bool) -> None:
        if self.trail is None or not self._is_better(price, self.trail):
            self.candidate = None
        elif self.candidate is None:
            self._wait_anew(price, at_ns)
        elif is_tick:
            worse = max if self.above else min
            self.candidate = worse(self.candidate, price)
            self.ticks, self.tick_ns = self.ticks + 1, at_ns

    def _wait_anew(self, price: Decimal, at_ns: int) -> None:
        self.candidate, self.candidate_ns, self.tick_ns, self.ticks = price, at_ns, at_ns, 1

    def _is_better(self, price: Decimal, trail: Trail) -> bool:
        """Whether a trail is sure to take this price for better than every one before."""
        best = self.raises[-1].best if self.raises else None
        for other in (best, self.moved_at):
            if other is not None and (price >= other if self.above else price <= other):
                return False
        return price <= trail.activates if self.above else price >= trail.activates

    def _nearer(self, one: Decimal, other: Decimal) -> Decimal:
        return min(one, other) if self.above else max(one, other)
