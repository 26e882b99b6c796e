"""What a trade is about, in prices: where it gets in and out, and what it is measured by.

The plan is written from an idea, and the market is moved for it, so that stories come about. One
`unit` is the distance from the entry to the stop; whatever a price does is counted in units, ahead
for what the trade hopes for.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.lab.simulation.drawing.moments import Hour, Moment
from backstay.lab.simulation.drawing.mood import Mood
from backstay.lab.simulation.drawing.throws import falls, pick, seconds, to_cents
from backstay.lab.simulation.seeds import Die, die

SYMBOLS: tuple[tuple[str, float], ...] = (
    ("AAPL", 189.0),
    ("MSFT", 430.0),
    ("NVDA", 178.0),
    ("KO", 68.0),
    ("TSLA", 242.0),
    ("AMD", 155.0),
    ("F", 11.5),
    ("SPY", 600.0),
)
"""What is traded, and near which price."""

OPTION = "AAPL261218C00190000"
"""The one option, as it is called where nothing but a name is asked for."""
_OPTION_PRICE = 6.0

MONEY_MAX = 45_000
_QUANTITIES = (
    (100, 40.0),
    (200, 14.0),
    (37, 12.0),
    (10, 8.0),
    (60, 12.0),
    (300, 6.0),
    (1, 3.0),
    (3, 5.0),
)


class Kin(StrEnum):
    """How a further trade stands to the first one."""

    SAME = "same"
    AGAINST = "against"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Trailed:
    """From which gain on, and at what distance, a stop follows."""

    activate_pct: Decimal
    distance: Decimal


@dataclass(frozen=True, slots=True)
class Idea:
    """A trade as it was thought of."""

    number: int
    symbol: str
    side: Side
    base: Decimal
    """Where the price stands when the run begins."""
    when: Crossing | None
    """On which side of the entry it is to be before it enters; None enters at once."""
    entry: Decimal
    unit: Decimal
    quantity: int
    breach_pct: Decimal
    targets: tuple[float, ...]
    """In units ahead."""
    trail: Trailed | None
    asked_at: float
    is_passed: bool = False
    """Whether the price is past the entry already when the run begins."""

    is_thin: bool = False
    """Whether there is never much to be had at the price at which it enters."""

    is_sure: bool = False
    """Whether the plan is one that gets in, if the price goes there at all."""

    leaves_at: float | None = None
    """When it is to be left at the latest, where that is set."""

    source: str = ""
    """Which price its stop is held against, where that is set."""

    @property
    def id(self) -> str:
        """What the plan is called."""
        return f"{self.symbol.lower()}-{self.number}"

    @property
    def is_option(self) -> bool:
        """Whether it is one."""
        return self.symbol == OPTION

    def level(self, units: float) -> Decimal:
        """A price so many units ahead of the entry, or behind it."""
        ahead = float(self.unit) * units
        price = float(self.entry) + (ahead if self.side is Side.BUY else -ahead)
        return self._on_grid(price)

    def _on_grid(self, price: float) -> Decimal:
        if not self.is_option:
            return to_cents(price)
        return max(Decimal("0.05"), Decimal(round(price * 20)) * Decimal("0.05"))

    @property
    def stop(self) -> Decimal:
        """Where it is given up."""
        return self.level(-1)

    @property
    def beyond_stop(self) -> float:
        """How many units from the entry a price is that is believed to have passed the stop."""
        return -1.0 - float(self.entry * self.breach_pct / 100 / self.unit) - 0.08


def ideas(seed: int, moment: Moment, mood: Mood) -> tuple[Idea, ...]:
    """The trades of a seed, in the order in which they are handed in."""
    thrown = die(seed, "trades")
    if moment.hour is Hour.DAY and falls(thrown, 0.025):
        return (_option(seed),)
    crowd = 0.08 if moment.hour is Hour.DAY else 0.0
    weights = ((1, 54.0), (2, 29.0), (3, 9.0), (thrown.randint(4, 6), 100 * crowd))
    count = pick(thrown, weights)
    names = [symbol for symbol, _ in SYMBOLS]
    thrown.shuffle(names)
    first = _idea(seed, 0, names[0], moment, _side(thrown, mood), None, mood)
    found = [first]
    for number in range(1, count):
        throw = die(seed, f"kin {number}")
        kin = pick(throw, ((Kin.SAME, 4.0), (Kin.AGAINST, 1.5), (Kin.OTHER, 4.5)))
        if kin is Kin.OTHER and number < len(names):
            side = throw.choice((Side.BUY, Side.BUY, Side.SELL))
            found.append(_idea(seed, number, names[number], moment, side, None, mood))
        else:
            side = first.side.opposite if kin is Kin.AGAINST else first.side
            found.append(_idea(seed, number, first.symbol, moment, side, first, mood))
    return tuple(found)


def _side(thrown: Die, mood: Mood) -> Side:
    short = 0.8 if mood.has("held-for-locate") else 0.3
    return Side.SELL if falls(thrown, short) else Side.BUY


def _idea(
    seed: int, number: int, symbol: str, moment: Moment, side: Side, like: Idea | None, mood: Mood
) -> Idea:
    thrown = die(seed, f"idea {number}")
    near = dict(SYMBOLS)[symbol]
    price = near * thrown.uniform(0.99, 1.01) if like is None else float(like.base)
    unit = max(price * pick(thrown, _UNITS) * thrown.uniform(0.8, 1.2), 0.08)
    when = _way_in(thrown, moment)
    if like is not None and when is not None:
        when = like.when
    is_thin = falls(die(seed, f"thin {number}"), 0.3)
    changes = any(mood.has(name) for name in _STRIKE_CHANGES)
    is_passed = falls(thrown, 0.08) and when is not None and like is None
    entry = price
    if when is not None:
        ahead = unit * thrown.uniform(0.15, 0.5)
        entry += ahead if (when is Crossing.ABOVE) != is_passed else -ahead
    if like is not None and like.when is when and when is not None:
        entry, unit = float(like.entry), max(unit, float(like.unit) * 0.7)
    quantity = pick(thrown, _QUANTITIES)
    if not falls(thrown, 0.02):
        quantity = max(1, min(quantity, int(MONEY_MAX / price)))
    return Idea(
        number=number,
        symbol=symbol,
        side=side,
        base=to_cents(price),
        when=when,
        entry=to_cents(entry),
        unit=to_cents(unit),
        quantity=quantity,
        breach_pct=Decimal(pick(thrown, _BREACHES)),
        targets=_targets(thrown),
        trail=_trail(thrown, unit, price, 0.85 if changes else 0.38),
        asked_at=_asked_at(thrown, like),
        is_passed=is_passed,
        is_thin=is_thin,
    )


_STRIKE_CHANGES = ("fast-modify-refused", "second-perm-id")
"""Faults that need a stop which is moved."""

_UNITS = ((0.004, 30.0), (0.008, 40.0), (0.015, 30.0))
_BREACHES = (("0.1", 50.0), ("0", 20.0), ("0.02", 20.0), ("0.3", 10.0))


def _way_in(thrown: Die, moment: Moment) -> Crossing | None:
    at_once = {Hour.DAY: 0.5, Hour.OPEN: 0.3, Hour.PREMARKET: 0.1}.get(moment.hour, 0.8)
    above = falls(thrown, 0.6)
    if falls(thrown, at_once):
        return None
    return Crossing.ABOVE if above else Crossing.BELOW


def _targets(thrown: Die) -> tuple[float, ...]:
    count = pick(thrown, ((0, 35.0), (1, 35.0), (2, 22.0), (3, 8.0)))
    nearest = thrown.uniform(0.5, 1.6)
    return tuple(round(nearest + place * thrown.uniform(0.4, 1.0), 2) for place in range(count))


def _trail(thrown: Die, unit: float, price: float, probability: float) -> Trailed | None:
    gain, distance = thrown.uniform(0.3, 1.3), thrown.uniform(0.35, 1.2)
    if not falls(thrown, probability):
        return None
    pct = Decimal(str(max(0.05, round(gain * unit / price * 100, 2))))
    return Trailed(pct, to_cents(max(distance * unit, 0.05)))


def _asked_at(thrown: Die, like: Idea | None) -> float:
    """Two entries in one symbol within a second are one too many; that is tried as well."""
    early, late = seconds(thrown, 0.3, 1.5), seconds(thrown, 1.1, 5.0)
    return early if like is None or falls(thrown, 0.25) else round(like.asked_at + late, 3)


def _option(seed: int) -> Idea:
    thrown = die(seed, "idea option")
    return Idea(
        number=0,
        symbol=OPTION,
        side=Side.BUY,
        base=Decimal("6.00"),
        when=None,
        entry=Decimal("6.00"),
        unit=Decimal("0.60"),
        quantity=thrown.randint(1, 8),
        breach_pct=Decimal(1),
        targets=_targets(thrown),
        trail=None,
        asked_at=seconds(thrown, 0.3, 1.5),
    )
