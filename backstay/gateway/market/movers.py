"""All instruments that have been looked at, and how the price of one leads to that of another."""

from collections import deque
from datetime import date
from decimal import Decimal

from backstay.gateway.chance import Chance
from backstay.gateway.market import pricing
from backstay.gateway.market.kept_days import KeptDays
from backstay.gateway.market.listings import Listings
from backstay.gateway.market.mover import Mover
from backstay.gateway.market.option_track import OptionTrack
from backstay.gateway.market.parameters import Walk
from backstay.gateway.market.track import SpotTrack, Summary, Track
from backstay.gateway.market.words import Greeks, Instrument, Moved, Quote
from backstay.gateway.times import SECOND_NS

_FAST_NS = 5 * SECOND_NS
_FAST_SHARE = 0.003
"""A move of this share within that time makes a market fast."""
_PRICES_KEPT = 32
_FOREVER = 1 << 31


class Movers:
    """The movers by con_id, made when first asked for."""

    def __init__(self, chance: Chance, walk: Walk, listings: Listings) -> None:
        self._chance = chance
        self._walk = walk
        self._listings = listings
        self._movers: dict[int, Mover] = {}
        self._spots: dict[int, SpotTrack] = {}
        self._options: dict[int, OptionTrack] = {}
        self._kept_days = KeptDays()
        self._put: dict[int, deque[tuple[int, float]]] = {}

    def mover(self, con_id: int) -> Mover:
        """The one of `con_id`; a KeyError says that it isn't listed."""
        mover = self._movers.get(con_id)
        return self._made(con_id) if mover is None else mover

    def release(self, con_id: int, now_ns: int) -> None:
        """Follow the track again, from where it stands if that is a price."""
        mover = self.mover(con_id)
        price = middle(mover.quote)
        mover.release(now_ns)
        spot = self._spots.get(con_id)
        if spot is not None and price is not None:
            spot.rebase(price, (mover.day, *mover.place(now_ns)))
            self._forget_days(con_id)

    def scale(self, con_id: int, price: float, now_ns: int) -> None:
        """Have a path of its own pass through `price` now, as if it had always been so."""
        mover = self.mover(con_id)
        spot = self._spots.get(con_id)
        if spot is not None:
            spot.scale(price, mover.place_at(now_ns))
            self._movers[con_id] = Mover(mover.instrument, spot, self._walk)
            self._forget_days(con_id)

    def split(self, con_id: int, ratio: Decimal, now_ns: int) -> Moved | None:
        """Have each share be `ratio` shares, now and on its path before and after."""
        moved = self.mover(con_id).split(now_ns, ratio)
        self._spots[con_id].split(float(ratio))
        put = self._put.get(con_id, ())
        scaled = ((at_ns, price / float(ratio)) for at_ns, price in put)
        self._put[con_id] = deque(scaled, maxlen=_PRICES_KEPT)
        self._forget_days(con_id)
        return moved

    def span(self, con_id: int, day: date, first: int, after: int) -> Summary | None:
        """The trades of some minutes of a day that is over, as its track has them."""
        mover = self.mover(con_id)
        spot_id = mover.instrument.under_con_id or con_id
        if spot_id != con_id and self.mover(spot_id).stands:
            # Where somebody has put its underlying, there an option's track is, for as long.
            return mover.track.span(day, first, after)
        return self._kept_days.span(con_id, (day, first, after), mover.track.span)

    def note_price(self, con_id: int, now_ns: int) -> None:
        """Remember where it is before somebody moves it."""
        mover = self.mover(con_id)
        mover.settle(now_ns)
        price = middle(mover.quote)
        if price is not None:
            self._put.setdefault(con_id, deque(maxlen=_PRICES_KEPT)).append((now_ns, price))

    def is_fast(self, con_id: int, now_ns: int) -> bool:
        """Whether the price, or its underlying's, is far from where it was some seconds ago."""
        spot_id = self.mover(con_id).instrument.under_con_id or con_id
        mover = self.mover(spot_id)
        mover.settle(now_ns)
        price = middle(mover.quote)
        before = [was for at_ns, was in self._put.get(spot_id, ()) if at_ns > now_ns - _FAST_NS]
        if not mover.stands:
            place = mover.place(now_ns - _FAST_NS)
            before.append(self._spots[spot_id].level(mover.day, *place))
        return price is not None and any(abs(price / was - 1) > _FAST_SHARE for was in before)

    def greeks(self, con_id: int, now_ns: int) -> Greeks | None:
        """An option's model; None for anything else, and once it has expired."""
        mover = self.mover(con_id)
        track = self._options.get(con_id)
        if track is None:
            return None
        under = self.mover(mover.instrument.under_con_id)
        under.settle(now_ns)
        spot = self._spot(under.instrument.con_id, under.day, *under.place(now_ns))
        return pricing.greeks(track.terms, spot, now_ns)

    def _forget_days(self, spot_id: int) -> None:
        """Its own, and those of its options."""
        for con_id in self._kept_days:
            if spot_id in {con_id, self._movers[con_id].instrument.under_con_id}:
                self._kept_days.forget(con_id)

    def _made(self, con_id: int) -> Mover:
        instrument = self._listings.instrument(con_id)
        if instrument is None:
            raise KeyError(f"no instrument has the con_id {con_id}")
        mover = Mover(instrument, self._track(instrument), self._walk)
        self._movers[con_id] = mover
        return mover

    def _track(self, instrument: Instrument) -> Track:
        listing = self._listings.listing(instrument.con_id)
        if not instrument.is_option:
            spot = SpotTrack(self._chance, self._walk, listing)
            self._spots[instrument.con_id] = spot
            return spot
        under_con_id = instrument.under_con_id
        self.mover(under_con_id)
        option = OptionTrack(
            self._chance,
            self._walk,
            instrument,
            listing.volatility,
            lambda day, minute, step: self._spot(under_con_id, day, minute, step),
            lambda day: self._halt(under_con_id, day),
        )
        self._options[instrument.con_id] = option
        return option

    def _spot(self, con_id: int, day: date, minute: int, step: int) -> float:
        """Where an underlying is: where it was put, or else where its track is."""
        mover, spot = self._movers[con_id], self._spots[con_id]
        if mover.stands:
            price = middle(mover.quote)
            if price is not None:
                return price
        return spot.level(day, minute, step) if step else spot.level_before(day, minute)

    def _halt(self, con_id: int, day: date) -> tuple[int, int] | None:
        since = self._movers[con_id].halted_from()
        return self._spots[con_id].halt(day) if since is None else (max(since, 1), _FOREVER)


def middle(quote: Quote) -> float | None:
    """Between bid and ask, if they make sense; else the last price."""
    if quote.bid is not None and quote.ask is not None and 0 < quote.bid < quote.ask:
        return float(quote.bid + quote.ask) / 2
    return float(quote.last) if quote.last is not None and quote.last > 0 else None
