"""The stories: what is done to a trade, and what it is expected to come to.

Each hands in a plan from examples/demo, moves the market, and waits for what the house does. What
must hold in every story is judged from outside; what a story alone can say, it checks itself.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.ids import Purpose
from backstay.domain.trade.settlement import Settlement
from backstay.lab.showcase.record import Record
from backstay.lab.showcase.scene import Scene, Told
from backstay.lab.telling import Check, Who
from workers.supervising.roster import Part

AT_ONCE_SECONDS = 0.002
"""How closely the gateway's record is watched where a process is to die within a message."""


@dataclass(frozen=True, slots=True)
class Story:
    """One of them: what it is about, its plan, what is done, and what it alone has to show."""

    title: str
    plan: str
    play: Callable[[Scene, Told], Awaitable[None]]
    checks: Callable[[Told, Record, Settlement], Iterator[Check]]


async def _breakout(scene: Scene, told: Told) -> None:
    """Armed below 190, filled in two parts, trailed to its exit."""
    await scene.armed()
    await scene.price("AAPL", "189.80")
    await scene.price("AAPL", "190.02", ask="190.04", ask_size="40")
    await scene.filled(told.ref(Purpose.ENTRY), 40)
    await scene.quote("AAPL", ask="190.03", ask_size="300")
    await scene.over(told.ref(Purpose.ENTRY))
    await scene.guarded()
    for price in ("191.20", "191.30", "192.50", "192.60", "192.55"):
        await scene.price("AAPL", price)
    for price in ("191.80", "191.10", "191.08"):
        await scene.price("AAPL", price)


def _breakout_checks(told: Told, record: Record, settlement: Settlement) -> Iterator[Check]:
    entry = record.orders[told.ref(Purpose.ENTRY)]
    parts = " and ".join(plain(quantity) for quantity, _ in entry.fills)
    called_off = entry.status == "Cancelled"
    text = f"{parts}, the rest was called off in time" if called_off else parts
    yield Check("the entry filled in parts", len(entry.fills) > 1 or called_off, text)
    out = record.orders[told.ref(Purpose.EXIT_STOP)]
    price = min(price for _, price in out.fills)
    planned = told.order.plan.stop.price or Decimal(0)
    text = f"out at {plain(price)}, the plan's stop was {plain(planned)}"
    holds = price > planned and _has_won(settlement)
    yield Check("the trail had moved the stop", holds, text)


def _has_won(settlement: Settlement) -> bool:
    return settlement.profit is not None and settlement.profit > 0


async def _overrun(scene: Scene, told: Told) -> None:
    """In at the market; the stop fires, its limit is run over, the last rung goes."""
    await scene.filled(told.ref(Purpose.ENTRY), 50)
    await scene.guarded()
    await scene.price("MSFT", "474.10")
    await scene.price("MSFT", "471.40", "471.38", "469.50")


def _overrun_checks(told: Told, record: Record, settlement: Settlement) -> Iterator[Check]:
    del settlement
    ladder = [record.orders.get(told.ref(Purpose.EXIT_STOP, number)) for number in (1, 2)]
    found = ", then ".join(
        f"{order.order_type} filled {plain(order.filled)}" for order in ladder if order is not None
    )
    limit, last = ladder
    holds = (
        limit is not None
        and last is not None
        and (limit.order_type, last.order_type) == ("LMT", "MKT")
        and limit.filled + last.filled == told.order.plan.size.quantity
    )
    yield Check("a limit first, then MARKET for what was left", holds, found)


async def _killed(scene: Scene, told: Told) -> None:
    """The process that sends the entry dies before it can hear of it."""
    entry = told.ref(Purpose.ENTRY)
    await scene.armed()
    await scene.price("NVDA", "180.90")
    scene.price_now("NVDA", "181.04")
    await scene.until(
        "the gateway to hold its answer back",
        lambda: entry in scene.record.strikes,
        AT_ONCE_SECONDS,
    )
    pid = scene.kill(Part.BROKER)
    scene.say(Who.HOUSE, f"kill -9 {pid}: the broker worker", "its order was read, not answered")
    await scene.filled(entry, 80)
    await scene.guarded()
    again = next(each for each in scene.house.roster.running if each.part is Part.BROKER)
    scene.say(
        Who.HOUSE, f"the broker worker is {again.process.pid} now", "it has asked, not guessed"
    )
    await scene.price("NVDA", "181.60")
    await scene.close(told)


def _killed_checks(told: Told, record: Record, settlement: Settlement) -> Iterator[Check]:
    del settlement
    entry = record.orders[told.ref(Purpose.ENTRY)]
    heard = [each for each in entry.told_on if each == entry.connection]
    later = next((each for each in entry.told_on if each != entry.connection), None)
    found = f"read on connection {entry.connection}, first told on {later}"
    yield Check("the killed process heard no word of its order", not heard, found)
    count = len(entry.numbers)
    yield Check("the order was sent once", count == 1, f"{count} under this reference")


async def _target(scene: Scene, told: Told) -> None:
    """Short at the market, bought back at the target."""
    await scene.filled(told.ref(Purpose.ENTRY), 40)
    await scene.guarded()
    for price in ("249.00", "247.20", "245.90"):
        await scene.price("TSLA", price)


def _target_checks(told: Told, record: Record, settlement: Settlement) -> Iterator[Check]:
    out = record.orders.get(told.ref(Purpose.EXIT_TARGET))
    filled = Decimal(0) if out is None else out.filled
    holds = filled == told.order.plan.size.quantity and _has_won(settlement)
    yield Check("the target was the way out", holds, f"{plain(filled)} bought back there")


OPENING_PRICES = {"AAPL": "189.40", "MSFT": "476.00", "NVDA": "180.40", "TSLA": "250.00"}
"""What the market stands at before the first plan is handed in."""

KILLED = "killed.toml"
STORIES = (
    Story(
        "A breakout: in on the trigger, in two parts, up with the trail, out by the stop",
        "breakout.toml",
        _breakout,
        _breakout_checks,
    ),
    Story(
        "A stop whose limit is run over: out at the market",
        "overrun.toml",
        _overrun,
        _overrun_checks,
    ),
    Story(
        "kill -9 between an order and its answer: recovered, and no second order",
        KILLED,
        _killed,
        _killed_checks,
    ),
    Story("A short sale, bought back at its target", "target.toml", _target, _target_checks),
)
