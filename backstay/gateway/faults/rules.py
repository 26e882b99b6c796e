"""A planned fault: which one, how often or when, and how exactly.

A rule is made by `plan.rule`, which reads every value strictly; here it only has to be consistent
with the catalogue. Its parameters are complete, the defaults included.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.faults.entries import Fault
from backstay.gateway.faults.names import BY_NAME
from backstay.gateway.faults.scalars import Moment

Value = int | Decimal | str


@dataclass(frozen=True, slots=True)
class Rule:
    """One planned fault.

    At most one of `nth`, `at` and `every_ns`; none of them and no probability means every
    occasion. With `at` the next occasion from then on counts, with `every_ns` the next one after
    each of these hours. `between` limits when occasions count, `count` how often it strikes at all;
    a fault that needs no occasion strikes `count` times within `between`, at random. One that can
    do both waits for an occasion if the rule picks one by `nth`, by its kind or by its reference.
    `reference` is how the reference of an order begins: occasions of others are none.
    """

    name: str
    probability: float | None = None
    nth: int | None = None
    at: Moment | None = None
    every_ns: int | None = None
    count: int | None = None
    between: tuple[Moment, Moment] | None = None
    client: int | None = None
    reference: str | None = None
    kinds: tuple[str, ...] = ()
    parameters: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        whens = {"nth": self.nth, "at": self.at, "every": self.every_ns}
        given = [key for key, value in whens.items() if value is not None]
        if len(given) > 1:
            raise ValueError(f"give at most one of nth, at, every (got {' and '.join(given)})")
        if self.nth is not None and self.probability is not None:
            raise ValueError("give nth or probability, not both")
        if self.count is not None and (self.nth is not None or (self.at and self.is_clocked)):
            raise ValueError(f"count: {self.count}; it strikes once, leave it out")
        if not self.fault.occasion and not self.is_clocked:
            raise ValueError('needs a schedule: give at, every or between = ["+10s", "+5m"]')
        if self.between is not None and self.at is not None:
            raise ValueError("give at or between, not both")
        if self.client is not None and not self.fault.picks_client:
            raise ValueError("client: it strikes no client in particular; leave it out")
        if self.reference is not None and not self.fault.picks_reference:
            raise ValueError("reference: it strikes no order in particular; leave it out")

    @property
    def fault(self) -> Fault:
        """Its entry in the catalogue."""
        return BY_NAME[self.name]

    @property
    def is_clocked(self) -> bool:
        """Whether it strikes by itself at its time, and needs no occasion."""
        if not self.fault.by_itself or self.nth is not None or self.kinds or self.reference:
            return False
        if self.at is not None or self.every_ns is not None:
            return True
        return self.between is not None and self.probability is None

    def ns(self, parameter: str) -> int:
        """A PERIOD of it."""
        return self.whole(parameter)

    def whole(self, parameter: str) -> int:
        """A WHOLE of it."""
        value = self._value(parameter)
        assert isinstance(value, int)
        return value

    def number(self, parameter: str) -> Decimal:
        """A NUMBER of it."""
        value = self._value(parameter)
        assert isinstance(value, Decimal)
        return value

    def word(self, parameter: str) -> str:
        """A WORD of it."""
        value = self._value(parameter)
        assert isinstance(value, str)
        return value

    def _value(self, parameter: str) -> Value:
        return next(value for name, value in self.parameters if name == parameter)
