"""What a script with ib_async does: a handler on each ticker that calls placeOrder.

It is told what to watch by one line of JSON on its standard input, and says "ready" when it does.
"""

import json
import sys
from functools import partial

import uvloop
from ib_async import IB, Contract, LimitOrder, Ticker


class Script:
    """A hundred contracts, and the levels at which to buy."""

    def __init__(self, given: dict) -> None:
        self.given = given
        self.ib = IB()
        self.ib.client.MaxRequests = 0

    async def run(self) -> None:
        """Connect, subscribe, and trade for as long as the connection stands."""
        given = self.given
        await self.ib.connectAsync("127.0.0.1", given["port"], clientId=given["client_id"])
        for seat in given["seats"]:
            contract = Contract(
                conId=seat["con_id"],
                symbol=seat["symbol"],
                secType=seat["sec_type"],
                exchange=seat["exchange"],
                currency=seat["currency"],
            )
            ticker = self.ib.reqMktData(contract)
            levels = [float(level) for level in given["levels"]]
            ticker.updateEvent += partial(self.look, contract, levels)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await self.ib.disconnectedEvent

    def look(self, contract: Contract, levels: list[float], ticker: Ticker) -> None:
        """Buy once for each level that the bid has passed, and put a new one on top."""
        while ticker.bid > levels[0]:
            levels.pop(0)
            levels.append(levels[-1] + float(self.given["step"]))
            order = LimitOrder("BUY", 1, 0.05, tif="DAY", account=self.given["account"])
            self.ib.placeOrder(contract, order)


if __name__ == "__main__":
    uvloop.run(Script(json.loads(sys.stdin.readline())).run())
