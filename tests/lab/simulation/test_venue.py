"""The market of a run: what was taken from it is there again, though prices stand still."""

from decimal import Decimal

from backstay.gateway.times import to_ns
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.lab.memory_net import MemoryNet
from backstay.lab.simulation.scenario import Print
from backstay.lab.simulation.venue import Venue
from backstay.lab.virtual_time import run
from tests.lab.simulation.scenarios import SMALL

SHOWN = Print(0.0, "AAPL", Decimal(190), spread=Decimal(0), bid_size=30, ask_size=30)
"""A trade at the ask goes through nothing that is wanted there."""


def test_an_order_for_more_than_is_shown_fills_while_the_price_stands_still() -> None:
    async def filled() -> list[Decimal]:
        venue = Venue(SMALL, MemoryNet(), print, print)
        venue.move(SHOWN)
        order = Order(action="BUY", quantity=Decimal(80), order_type="LMT", limit_price=SHOWN.price)
        apple = Contract(con_id=venue.con_id("AAPL"))
        venue.act(lambda: venue.gateway.exchange.place(7, 1, apple, order))
        seen = []
        for _ in range(4):
            seen.append(venue.positions().get(apple.con_id, Decimal(0)))
            venue.show_again()
        return seen

    begins_ns = to_ns(SMALL.begins)
    assert run(filled(), start_ns=begins_ns) == [30, 61, 80, 80]
