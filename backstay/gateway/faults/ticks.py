"""What can be wrong with a price on its way to a client.

It sees only prices that quote or print: bid, ask and last, and the print that RTVolume tells of;
sizes and volumes pass untouched.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.engine import Faults
from backstay.gateway.messages.data_replies import TickBidAsk, TickLast, TickPrice, TickString
from backstay.gateway.messages.replies import Reply

NAMES = (
    "tick-none",
    "tick-zero",
    "tick-minus-one",
    "tick-nan",
    "tick-crossed",
    "tick-stale",
    "tick-storm",
)
_PRICE_KINDS = {1: "bid", 2: "ask", 4: "last"}
_DISTORTED = (
    ("tick-zero", Decimal(0)),
    ("tick-minus-one", Decimal(-1)),
    ("tick-nan", Decimal("NaN")),
)
_QUOTES_MAX = 10_000
_BID, _ASK = 1, 2
_RT_VOLUME = 48

Onward = Callable[[Reply], None]
Price = TickPrice | TickBidAsk | TickLast | TickString


class Ticks:
    """The prices of one connection; `onward` is called later too, for what comes late."""

    def __init__(self, faults: Faults, agenda: Agenda, onward: Onward) -> None:
        self._faults = faults
        self._agenda = agenda
        self._onward = onward
        self._asks: dict[int, TickPrice] = {}
        self._distorted = tuple(one for one in _DISTORTED if faults.plans(one[0]))
        self._crosses = faults.plans("tick-crossed")
        self._omits = faults.plans("tick-none")

    def price(self, tick: Price, client: int | None) -> None:
        """One price, on its way out."""
        kind = _kind_of(tick)
        if not kind:
            self._onward(tick)
            return
        subject = f"{kind} of request {tick.req_id} of client {client}"
        if self._omits and self._faults.strikes("tick-none", subject, kind, client):
            return
        tick = self._crossed(tick, subject, client) if self._crosses else tick
        for name, wrong in self._distorted:
            if self._faults.strikes(name, subject, kind, client):
                tick = _priced(tick, wrong)
        copies = 1
        if rule := self._faults.strikes("tick-storm", subject, kind, client):
            copies = rule.whole("ticks")
        if rule := self._faults.strikes("tick-stale", subject, kind, client):
            self._later(tick, copies, rule.ns("delay"))
            return
        for _ in range(copies):
            self._onward(tick)

    def _crossed(self, tick: Price, subject: str, client: int | None) -> Price:
        """The tick, or one with its bid as far above the ask as it was below it."""
        if isinstance(tick, TickBidAsk):
            if 0 < tick.bid < tick.ask and self._struck(subject, client):
                return replace(tick, bid=tick.ask, ask=tick.bid)
            return tick
        if not isinstance(tick, TickPrice):
            return tick
        if tick.field == _ASK and len(self._asks) < _QUOTES_MAX:
            self._asks[tick.req_id] = tick
        ask = self._asks.get(tick.req_id)
        if tick.field != _BID or ask is None or not 0 < tick.price < ask.price:
            return tick
        if self._struck(subject, client):
            return replace(tick, price=2 * ask.price - tick.price)
        return tick

    def _struck(self, subject: str, client: int | None) -> bool:
        return self._faults.strikes("tick-crossed", subject, "", client) is not None

    def _later(self, tick: Price, copies: int, delay_ns: int) -> None:
        def arrive() -> None:
            for _ in range(copies):
                self._onward(tick)

        self._agenda.after(delay_ns, "tick-stale", arrive)


def _kind_of(tick: Price) -> str:
    match tick:
        case TickPrice():
            return _PRICE_KINDS.get(tick.field, "")
        case TickBidAsk():
            return "bid"
        case TickLast():
            return "last"
        case TickString():
            return "rtvolume" if tick.field == _RT_VOLUME else ""


def _priced(tick: Price, price: Decimal) -> Price:
    """The same tick with this price; a quote of both sides loses its bid."""
    if isinstance(tick, TickBidAsk):
        return replace(tick, bid=price)
    if isinstance(tick, TickString):
        _, _, rest = tick.value.partition(";")
        return replace(tick, value=f"{price};{rest}")
    return replace(tick, price=price)
