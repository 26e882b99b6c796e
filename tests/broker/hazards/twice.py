"""Each story told twice: by a plain script on ib_async, and by the edge, before the same gateway.

A story is written once, against a `Trader`, and returns what came of it. `told_twice` names what
comes of it for each of the two: the script has to be harmed exactly as is said, the edge must not
be. So no story passes because the harm is not there at all.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar

import pytest
from ib_async import IB, LimitOrder, MarketOrder, StartupFetch, StartupFetchALL, Stock, Trade

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Arm, FireNow, Progress
from backstay.domain.edge.looking import FindAnswer
from backstay.domain.edge.submission import Submission
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import Limit
from backstay.domain.orders.view import OrderView
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.rules import Rule
from backstay.gateway.settings import Settings
from tests.broker.edge.stage import HOST, PORT, SETTINGS, WAIT_SECONDS_MAX, Seat, Stage, play
from tests.gateway.effects.scene import overheard

AAPL = Stock("AAPL", "SMART", "USD")
BELOW = "95.00"
"""A limit far below the market, at which a purchase rests."""


def frame(*fields: object) -> bytes:
    """A message of the gateway, as it goes over the wire."""
    body = "".join(f"{each}\0" for each in fields).encode()
    return len(body).to_bytes(4, "big") + body


@dataclass(slots=True)
class Ticket:
    """One order, as its trader knows it."""

    ref: str
    heard: Decimal = Decimal(0)
    """How many shares its trader was told of without asking."""

    signs: list[str] = field(default_factory=list)
    """What its trader was told of its state, in order."""


class Trader(Protocol):
    """What a story lets somebody do, and what that somebody believes."""

    stage: Stage

    async def begin(self) -> None:
        """Come to work, for the first time or again."""

    async def leave(self) -> None:
        """End the process; at the broker everything stays."""

    async def buy(self, limit: str | None = BELOW) -> Ticket:
        """Have 100 AAPL bought, at once or at a limit."""

    async def cancel(self, ticket: Ticket) -> str:
        """Cancel an order; what is answered."""

    async def change(self, ticket: Ticket, limit: str) -> str:
        """Give an order another limit; what is answered."""

    def word(self, ticket: Ticket) -> str:
        """In which state the order is believed to be."""

    def is_over(self, ticket: Ticket) -> bool:
        """Whether it is believed to be done with."""

    def filled(self, ticket: Ticket) -> Decimal:
        """How many shares it is believed to have filled."""


class Beside:
    """What somebody begins and does not wait for."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Future[Any]] = []

    def beside(self, work: Awaitable[object]) -> Callable[[], bool]:
        """Begin it; what is returned says whether it has come to its end without an error."""
        task = asyncio.ensure_future(work)
        self._tasks.append(task)
        return lambda: task.done() and not task.cancelled() and task.exception() is None

    async def let_go(self) -> None:
        """Wait for none of it any more."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _let_the_throttle_end(ib: IB) -> None:
    """Its throttle wakes after a second and wants to see more than one: a virtual clock, which
    stands as long as anything can be done, would never show it that.
    """
    client: Any = ib.client
    send = client.sendMsg

    def look(message: str | None) -> None:
        if message is None:
            asyncio.get_running_loop().call_later(1e-6, send, None)
        else:
            send(message)

    client.sendMsg = look


class Script(Beside):
    """A plain script on ib_async, as its examples have it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.ib = IB()
        self.codes: list[int] = []
        self._trades: dict[str, Trade] = {}
        self._count = 0

    async def begin(self, fetch: StartupFetch = StartupFetchALL) -> None:
        self.ib.errorEvent += self._hear
        _let_the_throttle_end(self.ib)
        await self.ib.connectAsync(HOST, PORT, clientId=1, fetchFields=fetch)

    def _hear(self, _request: int, code: int, _text: str, _contract: object) -> None:
        self.codes.append(code)

    async def leave(self) -> None:
        self.ib.disconnect()
        await self.let_go()
        self.ib = IB()

    async def buy(self, limit: str | None = BELOW) -> Ticket:
        self._count += 1
        ticket = Ticket(f"script-{self._count}")
        more: dict[str, Any] = {"orderRef": ticket.ref, "tif": "DAY"}
        order = LimitOrder("BUY", 100, float(limit), **more) if limit else None
        trade = self.ib.placeOrder(AAPL, order or MarketOrder("BUY", 100, **more))
        self._trades[ticket.ref] = trade

        def fill(_trade: object, fill: Any) -> None:
            ticket.heard += Decimal(str(fill.execution.shares))

        def sign(trade: Trade) -> None:
            ticket.signs.append(trade.orderStatus.status)

        trade.fillEvent += fill
        trade.statusEvent += sign
        return ticket

    def trade(self, ticket: Ticket) -> Trade:
        return self._trades[ticket.ref]

    async def cancel(self, ticket: Ticket) -> str:
        self.ib.cancelOrder(self.trade(ticket).order)
        return self.word(ticket)

    async def change(self, ticket: Ticket, limit: str) -> str:
        trade = self.trade(ticket)
        trade.order.lmtPrice = float(limit)
        try:
            self.ib.placeOrder(AAPL, trade.order)
        except AssertionError as error:
            return type(error).__name__
        return self.word(ticket)

    def word(self, ticket: Ticket) -> str:
        return self.trade(ticket).orderStatus.status

    def is_over(self, ticket: Ticket) -> bool:
        return self.trade(ticket).isDone()

    def filled(self, ticket: Ticket) -> Decimal:
        return Decimal(str(self.trade(ticket).filled()))


class Ours(Beside):
    """The edge, asked as an engine asks it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.edge: Edge
        self._seats: dict[str, Seat] = {}
        self._arms: dict[str, Arm] = {}
        self._progress: dict[str, Progress] = {}

    async def begin(self) -> None:
        self.edge = await self.stage.edge()
        for ref, arm in self._arms.items():
            self._follow(arm, Ticket(ref))

    async def leave(self) -> None:
        await self.let_go()
        await self.edge.close()

    async def seat(self, symbol: str = "AAPL") -> Seat:
        """A contract, for a trade of its own; it is asked for once."""
        if symbol not in self._seats:
            self._seats[symbol] = await self.stage.seat(self.edge, symbol)
        return replace(self._seats[symbol], trade=f"HAZARD{len(self._arms):02d}")

    async def buy(self, limit: str | None = BELOW) -> Ticket:
        return await self.arm((await self.seat()).arm(limit=limit or "100.50", stop=None))

    async def arm(self, arm: Arm) -> Ticket:
        """Arm an entry, and follow it."""
        ticket = Ticket(str(arm.key))
        self._arms[ticket.ref] = arm
        self._follow(arm, ticket)
        await self.stage.sleep(0)
        return ticket

    async def look_on(self) -> None:
        """Have the prices of AAPL heard, whatever becomes of the orders in it."""
        far = Trigger(Decimal(140), Crossing.ABOVE)
        await self.arm((await self.seat()).arm(limit="141.00", stop=None, trigger=far))
        await self.stage.sleep(1)

    def fire(self, ticket: Ticket) -> None:
        """Let an entry wait for its trigger no longer."""
        self.edge.amend_arm(self.key(ticket), 2, FireNow())

    def _follow(self, arm: Arm, ticket: Ticket) -> None:
        async def follow() -> None:
            revision, is_final = 0, False
            while not is_final:
                progress = await self.edge.arm(arm, 1, revision)
                self._progress[ticket.ref] = progress
                ticket.signs.append(progress.phase.value)
                if progress.entry is not None:
                    ticket.heard = progress.entry.filled
                revision, is_final = progress.revision, progress.phase.is_final

        self.beside(follow())

    def key(self, ticket: Ticket) -> IntentKey:
        return self._arms[ticket.ref].key

    async def cancel(self, ticket: Ticket) -> str:
        return (await self.edge.cancel(self.key(ticket))).kind

    async def change(self, ticket: Ticket, limit: str) -> str:
        arm = self._arms[ticket.ref]
        intent = replace(arm.entry.intent, terms=Limit(Decimal(limit)))
        answer = await self.edge.modify(Submission(arm.entry, intent, arm.asked))
        return answer.kind

    async def again(self, ticket: Ticket) -> str:
        """Ask for the same order once more; what is answered."""
        arm = self._arms[ticket.ref]
        return (await self.edge.submit(Submission(arm.entry, arm.entry.intent, arm.asked))).kind

    async def find(self, ticket: Ticket) -> FindAnswer:
        """Ask the broker for an order."""
        arm = self._arms[ticket.ref]
        return await self.edge.find(arm.key, arm.entry.intent.instrument.con_id, arm.asked)

    @property
    def known(self) -> tuple[Progress, ...]:
        """The newest progress of each arm, in the order in which they were armed."""
        return tuple(self._progress.values())

    def progress(self, ticket: Ticket) -> Progress:
        return self._progress[ticket.ref]

    def word(self, ticket: Ticket) -> str:
        return self.progress(ticket).phase.value

    def view(self, ticket: Ticket) -> OrderView | None:
        """What is known of an order by now."""
        views = {own.key: own.order for own in self.edge.snapshot().orders}
        return views.get(self.key(ticket))

    def is_over(self, ticket: Ticket) -> bool:
        view = self.view(ticket)
        return view is not None and view.is_terminal

    def filled(self, ticket: Ticket) -> Decimal:
        view = self.view(ticket)
        return view.filled if view is not None else Decimal(0)


T = TypeVar("T")
Story = Callable[[Any], Awaitable[T]]
SCRIPT, OURS = "the script", "the edge"


def tell(
    who: type[Script] | type[Ours], story: Story[T], *plan: Rule, settings: Settings = SETTINGS
) -> T:
    """What comes of a story for one of the two."""
    outcomes: list[T] = []

    async def told(stage: Stage) -> None:
        trader = who(stage)
        await trader.begin()
        try:
            outcomes.append(await asyncio.wait_for(story(trader), 20 * WAIT_SECONDS_MAX))
        finally:
            await trader.leave()

    with overheard(lambda _text: None):
        play(told, *plan, settings=settings)
    (outcome,) = outcomes
    return outcome


def told_twice(
    *plan: Rule, script: T, ours: T, settings: Settings = SETTINGS
) -> Callable[[Story[T]], Callable[[type[Script] | type[Ours], T], None]]:
    """A story of which the script comes out as `script`, and the edge as `ours`."""
    both = [pytest.param(Script, script, id=SCRIPT), pytest.param(Ours, ours, id=OURS)]

    def told(story: Story[T]) -> Callable[[type[Script] | type[Ours], T], None]:
        @pytest.mark.parametrize(("who", "outcome"), both)
        def judge(who: type[Script] | type[Ours], outcome: T) -> None:
            came = tell(who, story, *plan, settings=settings)
            assert came == outcome, f"{came!r}, and not {outcome!r}"

        # Not functools.wraps: pytest would take the trader for a fixture.
        judge.__name__ = judge.__qualname__ = getattr(story, "__name__", "")
        judge.__doc__ = story.__doc__
        judge.__module__ = story.__module__
        return judge

    return told


def limit_at_the_broker(stage: Stage, ref: str) -> str:
    """The limit at which an order rests at the exchange, or that it does not."""
    held = [each for each in stage.gateway.exchange.open_orders() if each.order.order_ref == ref]
    return str(held[0].order.limit_price) if held else "gone"


def say(stage: Stage, *fields: object) -> None:
    """Have the gateway say something to all who are connected, whatever it means by it."""
    for line in stage.net.lines:
        line.server.write(frame(*fields))


def order_id_of(stage: Stage, ref: str) -> int:
    """The id under which an order was read off the wire last."""
    return int([line["order_id"] for line in stage.orders() if line["ref"] == ref][-1])


def say_status(stage: Stage, ref: str, status: str, filled: int) -> None:
    """Have the gateway say a status of an order, whether or not it is so."""
    perm_id = [line["perm_id"] for line in stage.orders() if line["ref"] == ref][-1]
    order_id = order_id_of(stage, ref)
    say(stage, 3, order_id, status, filled, 100 - filled, 0, perm_id, 0, 0, 1, "", 0)
