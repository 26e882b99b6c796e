"""An instrument in place of the one that the broker would name.

Owns the two things that a plan can't know and a page about it needs: the price grid and the
multiplier. They are the usual ones, not the true ones, so whoever shows a figure that rests on them
shows `TEXT` beside it, and nothing that is sent ever does.
"""

from decimal import Decimal

from backstay.domain.instruments import Instrument, OptionTerms
from backstay.domain.plan.instrument import InstrumentQuery
from backstay.domain.prices import PriceGrid

GRID = PriceGrid.uniform(Decimal("0.01"))
TIME_ZONE = "America/New_York"


def stand_in(query: InstrumentQuery, con_id: int = 1) -> Instrument:
    """The instrument that `query` most likely means: prices in cents, options for 100 shares."""
    option = None
    if query.expiry and query.strike and query.right:
        option = OptionTerms(query.expiry, query.strike, query.right)
    return Instrument(
        con_id=con_id,
        symbol=query.symbol,
        exchange=query.exchange,
        currency=query.currency,
        multiplier=Decimal(100) if option else Decimal(1),
        grid=GRID,
        time_zone=TIME_ZONE,
        option=option,
    )


def assumption(instrument: Instrument) -> str:
    """What the figures about a stand-in rest on."""
    grid = instrument.grid.lowest
    return f"prices in steps of {grid}, multiplier {instrument.multiplier}"
