"""What to trade, in the operator's words.

Owns the question that is put to the broker; the answer, with its contract id, its multiplier and
its price grid, is an `Instrument`. A stock and an option answer to different keys, and neither may
carry the other's.
"""

from collections.abc import Iterable
from typing import Any

from backstay.domain.instruments import InstrumentType, Right
from backstay.domain.plan.complaints import Complaint, value_text
from backstay.domain.plan.scalars import Currency, Day, Exchange, Price, Symbol
from backstay.domain.plan.tables import Table


class InstrumentQuery(Table):
    """`[instrument]`: enough for the broker to name exactly one contract."""

    symbol: Symbol
    type: InstrumentType = InstrumentType.STOCK
    exchange: Exchange = "SMART"
    currency: Currency = "USD"
    primary_exchange: Exchange | None = None
    """Tells two stocks of one symbol apart."""
    expiry: Day | None = None
    strike: Price | None = None
    right: Right | None = None
    trading_class: Symbol | None = None
    """Tells two options of the same terms apart, such as SPX (morning) and SPXW (afternoon)."""

    @property
    def is_option(self) -> bool:
        """Whether the rules for options apply."""
        return self.type is InstrumentType.OPTION

    @property
    def unit(self) -> str:
        """What one of it is called."""
        return "contract" if self.is_option else "share"

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it the same contract as another, wherever either is routed."""
        terms = (self.expiry, self.strike, self.right, self.trading_class)
        return (self.symbol, self.currency, self.type, *terms)

    def contradictions(self) -> Iterable[Complaint]:
        """A key that is missing for this type, or that belongs to the other one."""
        terms = {"expiry": self.expiry, "strike": self.strike, "right": self.right}
        if self.is_option:
            for key, value in terms.items():
                if value is None:
                    yield Complaint((key,), "missing; an option needs expiry, strike and right")
            yield from _alien({"primary_exchange": self.primary_exchange}, "an option has none")
        else:
            alien = terms | {"trading_class": self.trading_class}
            yield from _alien(alien, 'a stock has none; an option needs type = "OPT"')


def _alien(keys: dict[str, Any], why: str) -> Iterable[Complaint]:
    for key, value in keys.items():
        if value is not None:
            yield Complaint((key,), f"{value_text(value)}; {why}")
