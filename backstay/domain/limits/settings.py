"""What the operator allows in one account.

Owns the bounds and their defaults. What has no safe default has none: whoever has not said how much
may be at stake is refused, trading is disabled until it is enabled, and paper comes before live.
Money is in the account's base currency.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from backstay.domain.instruments import Instrument

_WHOLE_PCT = 100


class TradingMode(StrEnum):
    """What kind of account may be traded, if any."""

    DISABLED = "disabled"
    PAPER = "paper"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """The bounds of one account. Live trading needs the mode *and* the arming, two steps apart.

    An entry that waits for its trigger keeps its approval for longer than one that is meant for
    now, and is admitted anew when that has run out.
    """

    account: str
    base_currency: str
    exposure_max: Decimal
    share_position_max: Decimal
    trading: TradingMode = TradingMode.DISABLED
    live_armed: bool = False
    option_position_max: Decimal = Decimal(10)
    order_value_max: Decimal = Decimal(50_000)
    share_collar_pct: Decimal = Decimal(5)
    option_collar_pct: Decimal = Decimal(25)
    margin_pct_max: Decimal = Decimal(90)
    entry_interval_seconds_min: Decimal = Decimal(1)
    entries_per_day_max: int = 100
    open_trades_max: int = 100
    approval_seconds_max: Decimal = Decimal(60)
    waiting_approval_seconds_max: Decimal = Decimal(86_400)
    blocked_symbols: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, bound in self._positive_bounds():
            if not bound.is_finite() or bound <= 0:
                raise ValueError(f"{name} of {self.account} is {bound}; a bound is above 0")
        for name, percent in self._percentages():
            if percent >= _WHOLE_PCT:
                raise ValueError(f"{name} of {self.account} is {percent}; it is below 100")
        if lower := [symbol for symbol in self.blocked_symbols if symbol != symbol.upper()]:
            raise ValueError(f"blocked symbols are written in capitals, unlike {', '.join(lower)}")

    def position_max(self, instrument: Instrument) -> Decimal:
        """How many contracts of an option, or shares, one position may have."""
        return self.option_position_max if instrument.is_option else self.share_position_max

    def collar_pct(self, instrument: Instrument) -> Decimal:
        """How far a price may stray from its reference."""
        return self.option_collar_pct if instrument.is_option else self.share_collar_pct

    def blocks(self, symbol: str) -> bool:
        """Whether `symbol` is on the restricted list, in whatever case it is written."""
        return symbol.upper() in self.blocked_symbols

    def _percentages(self) -> tuple[tuple[str, Decimal], ...]:
        return (
            ("share_collar_pct", self.share_collar_pct),
            ("option_collar_pct", self.option_collar_pct),
            ("margin_pct_max", self.margin_pct_max),
        )

    def _positive_bounds(self) -> tuple[tuple[str, Decimal], ...]:
        return (
            ("exposure_max", self.exposure_max),
            ("share_position_max", self.share_position_max),
            ("option_position_max", self.option_position_max),
            ("order_value_max", self.order_value_max),
            *self._percentages(),
            ("entry_interval_seconds_min", self.entry_interval_seconds_min),
            ("entries_per_day_max", Decimal(self.entries_per_day_max)),
            ("open_trades_max", Decimal(self.open_trades_max)),
            ("approval_seconds_max", self.approval_seconds_max),
            ("waiting_approval_seconds_max", self.waiting_approval_seconds_max),
        )
