"""The track of an option: wherever its underlying is, priced after it.

It trades once a minute at the most, with the minute's first step: there the underlying's level is
known without the minute's steps, so that a day of trades is found as cheaply as a stock's.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from backstay.gateway.chance import Chance
from backstay.gateway.market.grid import at_or_above, at_or_below, increment_at, nearest
from backstay.gateway.market.hours import MINUTE_NS, STOCKS, session, session_on
from backstay.gateway.market.parameters import Walk
from backstay.gateway.market.pricing import Terms, worth
from backstay.gateway.market.track import Face, Summary, Trade, put_together
from backstay.gateway.market.words import Instrument

_ZERO = Decimal(0)
_NOTHING = Face(None, None, _ZERO, _ZERO)
_FINEST = Decimal("0.0001")
_SPREAD_SHARE = Decimal("0.008")
_TRADES_PERCENT = 15
_TRADE_SIZE_MAX = 10
_SIZE_MAX = 60
_SIZE_STEPS = 4
"""For how many steps a displayed size stays."""
_FIRST_PRIME, _SECOND_PRIME, _MASK = 2_654_435_761, 2_246_822_519, (1 << 32) - 1


class OptionTrack:
    """One option's track.

    `spot` says where the underlying is at a place, `under_halt` when it is halted that day.
    """

    def __init__(
        self,
        chance: Chance,
        walk: Walk,
        instrument: Instrument,
        volatility: float,
        spot: Callable[[date, int, int], float],
        under_halt: Callable[[date], tuple[int, int] | None],
    ) -> None:
        contract = instrument.contract
        self.terms = Terms(
            contract.right == "P", float(contract.strike), contract.expiry, volatility
        )
        self._steps = instrument.steps
        self._calendar = instrument.calendar
        self._step_ns = walk.step_ns
        self._salt = chance.of("walk", instrument.con_id).getrandbits(32)
        self._spot = spot
        self._under_halt = under_halt

    def face(self, day: date, minute: int, step: int) -> Face:
        """A touch around its worth; no bid where that is next to nothing, none once expired."""
        if self._has_expired(day):
            return _NOTHING
        value = self._worth(day, minute, step)
        half = max(increment_at(self._steps, value) / 2, value * _SPREAD_SHARE)
        bid = at_or_below(self._steps, max(_ZERO, value - half))
        bid_mixed = self._mixed(day, minute, step // _SIZE_STEPS)
        ask_mixed = self._mixed(day, minute, -1 - step // _SIZE_STEPS)
        return Face(
            bid or None,
            at_or_above(self._steps, value + half),
            Decimal(1 + bid_mixed % _SIZE_MAX) if bid else _ZERO,
            Decimal(1 + ask_mixed % _SIZE_MAX),
        )

    def trade(self, day: date, minute: int, step: int) -> Trade | None:
        """A trade at the price nearest to its worth, if there is one."""
        if step or not self._trades(day, minute):
            return None
        price = nearest(self._steps, self._worth(day, minute, 0))
        size = 1 + self._mixed(day, minute, _SIZE_MAX) % _TRADE_SIZE_MAX
        return Trade(price, Decimal(size)) if price else None

    def trades(self, day: date, minute: int) -> Iterator[tuple[int, Trade]]:
        """The minute's one trade, if there is one."""
        trade = self.trade(day, minute, 0)
        if trade is not None:
            yield 0, trade

    def last_trade_step(self, day: date, minute: int) -> int:  # noqa: ARG002 - always the same
        """With the minute's first step."""
        return 0

    def summary(self, day: date, minute: int) -> Summary | None:
        """The minute's one trade."""
        trade = self.trade(day, minute, 0)
        if trade is None:
            return None
        price, size = trade
        return Summary(price, price, price, price, size, 1)

    def span(self, day: date, first: int, after: int) -> Summary | None:
        """The minutes' trades put together."""
        return put_together(self.summary(day, minute) for minute in range(first, after))

    def halt(self, day: date) -> tuple[int, int] | None:
        """Together with its underlying."""
        return self._under_halt(day)

    def _worth(self, day: date, minute: int, step: int) -> Decimal:
        time_ns = session_on(STOCKS, day).opens_ns + minute * MINUTE_NS + step * self._step_ns
        value = worth(self.terms, self._spot(day, minute, step), time_ns)
        return Decimal(value).quantize(_FINEST)

    def _trades(self, day: date, minute: int) -> bool:
        if self._mixed(day, minute, 0) % 100 >= _TRADES_PERCENT or self._has_expired(day):
            return False
        halt = self._under_halt(day)
        if halt is not None and halt[0] <= minute < halt[1]:
            return False
        hours, layout = session(self._calendar, day), session_on(STOCKS, day)
        time_ns = layout.opens_ns + minute * MINUTE_NS
        return hours is not None and hours.opens_ns <= time_ns < hours.closes_ns

    def _has_expired(self, day: date) -> bool:
        return f"{day:%Y%m%d}" > self.terms.expiry

    def _mixed(self, day: date, minute: int, concern: int) -> int:
        """A throw of its own for each minute and concern, without a sequence to go through."""
        place = (day.toordinal() * 1440 + minute) * 1024 + concern
        mixed = (place ^ self._salt) * _FIRST_PRIME & _MASK
        return (mixed ^ mixed >> 15) * _SECOND_PRIME >> 13 & 0xFFFF
