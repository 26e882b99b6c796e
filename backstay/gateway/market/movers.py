"""All instruments that have been looked at, and how the price of one leads to that of another."""

from collections import deque
from decimal import Decimal

from backstay.gateway.chance import Chance
from backstay.gateway.market.listings import Listings
from backstay.gateway.market.mover import Mover
from backstay.gateway.market.parameters import Walk
from backstay.gateway.market.track import SpotTrack
from backstay.gateway.market.words import Quote
from backstay.gateway.times import SECOND_NS

_FAST_NS = 5 * SECOND_NS
_FAST_SHARE = 0.003
"""A move of this share within that time makes a market fast."""
_PRICES_KEPT = 32


class Movers:
    """The movers by con_id, made when first asked for."""

    def __init__(self, chance: Chance, walk: Walk, listings: Listings) -> None:
        self._chance = chance
        self._walk = walk
        self._listings = listings
        self._movers: dict[int, Mover] = {}
        self._spots: dict[int, SpotTrack] = {}
        self._put: dict[int, deque[tuple[int, float]]] = {}

    def mover(self, con_id: int) -> Mover:
        """The one of `con_id`; a KeyError names what isn't listed."""
        mover = self._movers.get(con_id)
        return self._made(con_id) if mover is None else mover

    def release(self, con_id: int, now_ns: int) -> None:
        """Follow the track again, from where it stands if that is a price."""
        mover = self.mover(con_id)
        price = middle(mover.quote)
        mover.release(now_ns)
        if price is not None:
            self._rebase(mover, price, now_ns)

    def scale(self, con_id: int, price: float, now_ns: int) -> None:
        """Have an own path pass through `price` now, as if it had always been so."""
        mover = self.mover(con_id)
        mover.settle(now_ns)
        self._rebase(mover, price, now_ns)
        fresh = Mover(mover.instrument, mover.track, self._walk)
        fresh.settle(now_ns)
        self._movers[con_id] = fresh

    def note_price(self, con_id: int, now_ns: int) -> None:
        """Remember where it is before somebody moves it."""
        mover = self.mover(con_id)
        mover.settle(now_ns)
        price = middle(mover.quote)
        if price is not None:
            self._put.setdefault(con_id, deque(maxlen=_PRICES_KEPT)).append((now_ns, price))

    def is_fast(self, con_id: int, now_ns: int) -> bool:
        """Whether the price, or its underlying's, is far from where it was within some seconds."""
        mover = self.mover(con_id)
        spot_id = mover.instrument.under_con_id or con_id
        spot = self.mover(spot_id)
        spot.settle(now_ns)
        price = middle(spot.quote)
        if price is None:
            return False
        before = [was for at_ns, was in self._put.get(spot_id, ()) if at_ns > now_ns - _FAST_NS]
        if not spot.stands:
            before.append(self._spots[spot_id].level(spot.day, *spot.place(now_ns - _FAST_NS)))
        return any(abs(price / was - 1) > _FAST_SHARE for was in before)

    def _rebase(self, mover: Mover, price: float, now_ns: int) -> None:
        spot = self._spots.get(mover.instrument.con_id)
        if spot is not None:
            spot.rebase(price, (mover.day, *mover.place(now_ns)))

    def _made(self, con_id: int) -> Mover:
        instrument, listing = self._listings.instrument(con_id), self._listings.listing(con_id)
        if instrument is None:
            raise KeyError(f"no instrument has the con_id {con_id}")
        assert listing
        track = SpotTrack(self._chance, self._walk, listing)
        self._spots[con_id] = track
        mover = Mover(instrument, track, self._walk)
        self._movers[con_id] = mover
        return mover


def middle(quote: Quote) -> float | None:
    """Between bid and ask, if they make sense; else the last price."""
    if quote.bid and quote.ask and 0 < quote.bid < quote.ask:
        return float(quote.bid + quote.ask) / 2
    return float(quote.last) if quote.last and quote.last > Decimal(0) else None
