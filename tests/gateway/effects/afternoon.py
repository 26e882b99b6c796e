"""Some busy minutes of two clients at a gateway where much goes wrong, all from one seed.

    python -m tests.gateway.effects.afternoon SEED

prints the audit and the wire log. What the clients do depends on the clock, on prices and on
answers, and never on the order of ib_async's sets or on when something really happens.
"""

import sys
from asyncio import gather, wait_for
from collections.abc import Iterator
from decimal import Decimal

from ib_async import (
    IB,
    Contract,
    LimitOrder,
    MarketOrder,
    Option,
    Order,
    Stock,
    StopOrder,
    Ticker,
    Trade,
)

from backstay.gateway.chance import Chance
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.server.memory import Cable
from backstay.gateway.settings import Settings
from tests.gateway.effects.scene import DAY, Scene, play

SYMBOLS = ("AAPL", "MSFT", "SPY")
STEPS, STEP_SECONDS = 24, 5
PATIENCE_SECONDS = 8

PLAN: tuple[Rule, ...] = (
    rule("placement-swallowed", probability=0.08),
    rule("placement-acknowledged-late", probability=0.1, delay="2s"),
    rule("order-rejected", probability=0.08),
    rule("second-perm-id", probability=0.4),
    rule("cancel-refused", probability=0.2),
    rule("cancel-unanswered", probability=0.2, delay="12s"),
    rule("answers-slow", probability=0.1, delay="3s"),
    rule("request-unanswered", probability=0.05, between=["+10s", "+1h"]),
    rule("status-duplicated", probability=0.3, copies=2),
    rule("status-delayed", probability=0.2),
    rule("status-reordered", probability=0.2),
    rule("commission-before-execution", probability=0.3),
    rule("commission-missing", probability=0.1),
    rule("tick-nan", probability=0.01),
    rule("tick-crossed", probability=0.01),
    rule("tick-stale", probability=0.02),
    rule("tick-storm", probability=0.01, ticks=20),
    rule("garbage-frame", probability=0.002, between=["+10s", "+1h"]),
    rule("fill-after-cancel", probability=0.5, share="0.5"),
    rule("execution-corrected", probability=0.2),
    rule("execution-busted", probability=0.1),
    rule("manual-order", every="37s", quantity=10),
    rule("farm-broken", between=["+20s", "+40s"], lasting="10s"),
    rule("upstream-lost", between=["+50s", "+70s"], lasting="8s"),
    rule("half-open", between=["+80s", "+90s"], client=2, lasting="15s"),
    rule("reset-after-frame", kinds=["placeOrder"], at="+100s"),
    rule("ids-roll-back", by=7),
)


class Desk:
    """One client that comes back when its connection is gone."""

    def __init__(self, scene: Scene, client_id: int, contracts: tuple[Contract, ...]) -> None:
        self._scene = scene
        self._client_id = client_id
        self._contracts = contracts
        self._tickers: list[Ticker] = []
        self._trades: list[Trade] = []
        self._ib = IB()

    async def work(self) -> None:
        """Go on for some minutes."""
        await self._begin()
        for step in range(STEPS):
            await self._scene.sleep(STEP_SECONDS)
            if not self._ib.isConnected():
                await self._begin()
            self._act(step)
            if step % 6 == self._client_id:
                await self._look()

    async def _begin(self) -> None:
        self._ib = await self._scene.join(self._client_id, timeout=PATIENCE_SECONDS)
        self._trades = []
        self._tickers = [self._ib.reqMktData(contract, "233") for contract in self._contracts]

    def _act(self, step: int) -> None:
        ticker = self._tickers[step % len(self._tickers)]
        contract = ticker.contract
        assert contract is not None
        for order in self._orders(step, ticker):
            self._trades.append(self._ib.placeOrder(contract, order))
        living = [trade for trade in self._trades if not trade.isDone()]
        if living and step % 3 == 1:
            self._modify(living[step % len(living)])
        if living and step % 4 == 2:
            self._ib.cancelOrder(living[0].order)

    def _orders(self, step: int, ticker: Ticker) -> Iterator[Order]:
        """What is placed in this step; a price is one of the last minutes, or none is known."""
        side = "BUY" if step % 2 else "SELL"
        reference = ticker.last if ticker.last > 0 else ticker.bid
        terms = {**DAY, "orderRef": f"step-{self._client_id}-{step}"}
        if step % 5 == 0:
            yield MarketOrder(side, 10 + step, **terms)
        elif reference > 0 and step % 5 in {1, 2}:
            yield LimitOrder(side, 20, round(reference * 2, 1) / 2, **terms)
        elif reference > 0 and step % 5 == 3:
            away = 0.97 if side == "SELL" else 1.03
            yield StopOrder(side, 10, round(reference * away, 1), **terms)

    def _modify(self, trade: Trade) -> None:
        if trade.order.orderType == "LMT":
            trade.order.lmtPrice = float(Decimal(str(trade.order.lmtPrice)) + Decimal("0.05"))
            self._ib.placeOrder(trade.contract, trade.order)

    async def _look(self) -> None:
        for ask in (
            self._ib.reqAllOpenOrdersAsync,
            self._ib.reqExecutionsAsync,
            self._ib.reqPositionsAsync,
        ):
            try:
                await wait_for(ask(), PATIENCE_SECONDS)
            except (TimeoutError, ConnectionError):
                return


async def afternoon(scene: Scene) -> None:
    """Two desks; each gets contracts of its own making, for ib_async completes them in place."""
    scout = await scene.join(9)
    stocks = [Stock(symbol, "SMART", "USD") for symbol in SYMBOLS]
    await scout.qualifyContractsAsync(*stocks)
    (chain, *_) = await scout.reqSecDefOptParamsAsync("AAPL", "", "STK", stocks[0].conId)
    strike = sorted(chain.strikes)[len(chain.strikes) // 2]
    call = Option("AAPL", sorted(chain.expirations)[2], strike, "C", "SMART", currency="USD")
    await scout.qualifyContractsAsync(call)
    scout.disconnect()
    await gather(Desk(scene, 1, (*stocks, call)).work(), Desk(scene, 2, (stocks[1], call)).work())


def logs(seed: int) -> str:
    """All that the gateway has written down."""
    settings = Settings(seed=seed, restart_at=None)
    cable = Cable(cuts=Chance(seed).of("cuts"))
    scene = play(afternoon, *PLAN, settings=settings, tape=None, cable=cable)
    return "".join((*scene.audit, *scene.wire))


if __name__ == "__main__":
    sys.stdout.write(logs(int(sys.argv[1])))
