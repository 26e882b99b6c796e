"""What a ladder has to know of the market, read off the quotes and the calendar."""

from datetime import datetime

from backstay.broker.rooms import Rooms
from backstay.domain.exits.market import MarketNow
from backstay.domain.instruments import Instrument
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Feed
from backstay.domain.ticks.sources import price_of, touch_source
from backstay.domain.ticks.worth import substitute_price


def market_now(
    rooms: Rooms,
    instrument: Instrument,
    closing: Side,
    underlying: Instrument | None,
    now: datetime,
) -> MarketNow:
    """The market as it is known now; what is not known is no price, and no phase."""
    phase = rooms.catalogue.phase(instrument.con_id)
    quote = rooms.watch.quote(instrument.con_id)
    if quote is None or quote.feed is not Feed.REAL_TIME:
        return MarketNow(phase)
    touch = price_of(quote, touch_source(closing))
    if touch is not None or instrument.option is None:
        return MarketNow(phase, quote.is_halted, touch)
    under = rooms.watch.touch(underlying.con_id) if underlying is not None else None
    worth = substitute_price(
        quote, closing, instrument.option, under.bid if under is not None else None, now
    )
    return MarketNow(phase, quote.is_halted, fair=worth.price if worth else None)
