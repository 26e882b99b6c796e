"""What is live: each leg that the edge has at work, as a person looks at it.

A leg is one tranche of a trade: leg 0 is entered, guarded and left; the parts that leave at their
targets are legs from 1 on. Nothing here decides anything. What is not known is None, and never 0.
Figures are worked out in `reckoning`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from backstay.domain.edge.held import HeldPosition
from backstay.domain.edge.session import BrokerTime, SessionReport
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import OptionTerms
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.intent import OrderTerms
from backstay.domain.orders.view import CommissionTotal
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource


class LegPhase(StrEnum):
    """What a leg is about; those that a person has to know of first come first."""

    UNKNOWN = "unknown"
    """Nobody can tell what became of its entry."""

    LEAVING = "leaving"
    HELD = "held"
    """It is open, and no guard watches it; what protects it is the stop at the broker."""

    GUARDING = "guarding"
    WORKING = "working"
    """The entry stands at the broker."""

    SENDING = "sending"
    WAITING = "waiting"
    """For its trigger, or for a good price."""

    OVER = "over"

    @property
    def urgency(self) -> int:
        """Its place among the phases: the lower, the sooner it is looked at."""
        return _URGENCY[self]


_URGENCY = {phase: place for place, phase in enumerate(LegPhase)}


class StopStanding(StrEnum):
    """How the stop at the broker stands."""

    NONE = "none"
    """Nothing is open, and no stop stands."""

    ACKNOWLEDGED = "acknowledged"
    ASLEEP = "asleep"
    """The broker has it, but may not act on it as long as the entry can fill."""

    EXIT = "exit"
    """An order that leaves the position stands in its place."""

    VIRTUAL = "virtual"
    """The plan keeps it off the broker's books."""

    MISSING = "missing"
    """Something is open that no order at the broker covers."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a price has to go to a level, and in percent of the price; below 0 it is beyond."""

    price: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class LivePrice:
    """A good price that stands, of which source it is, and when that last changed. `heard_at` is
    when a good tick of the instrument has last proven that its prices live.
    """

    price: Decimal
    source: PriceSource
    at: datetime | None
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveTrigger:
    """What an entry waits for. A level that is missed was crossed while nobody watched."""

    level: Decimal
    when: Crossing
    source: PriceSource
    distance: Distance | None
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class EngineStop:
    """The engine's own stop: where it stands, and the trail that moves it. `best` is the price that
    it follows, None before it does.
    """

    stop: Decimal
    distance: Distance | None
    trail_distance: Decimal | None = None
    best: Decimal | None = None
    has_fired: bool = False


@dataclass(frozen=True, slots=True)
class BrokerStop:
    """The stop at the broker. `quantity` is what works of all stops of the leg; the terms are those
    of the newest that lives, as the broker shows it, else as it was meant.
    """

    standing: StopStanding
    quantity: Decimal = Decimal(0)
    key: IntentKey | None = None
    terms: OrderTerms | None = None
    distance: Distance | None = None


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """The next target; without a part all that is left leaves there."""

    price: Decimal
    part: Decimal | None
    distance: Distance | None
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Nakedness:
    """What of the trade has stood naked in this contract so far, in quantity x seconds, how much
    does now, and for how many seconds of the clock that has been so.
    """

    unit_seconds: Decimal
    quantity: Decimal
    seconds: Decimal


@dataclass(frozen=True, slots=True)
class Profit:
    """What a leg has won or lost, in the instrument's currency, before what it cost.

    `costs` are the commissions that were told, `costs_known` whether that is all of them, and
    `after_costs` the whole of it; None as long as any part is unknown.
    """

    currency: str
    realised: Decimal | None
    unrealised: Decimal | None
    costs: tuple[CommissionTotal, ...] = ()
    costs_known: bool = False
    after_costs: Decimal | None = None

    @property
    def before_costs(self) -> Decimal | None:
        """Both parts together."""
        if self.realised is None or self.unrealised is None:
            return None
        return self.realised + self.unrealised


@dataclass(frozen=True, slots=True)
class LiveLeg:
    """One leg. `side` is the one that opens it; `filled` of `quantity` were entered, and `open` is
    what has not left again. `why` is what is said of it besides.

    The naked time is that of the whole trade in the contract: all its legs show the same.
    """

    key: IntentKey
    trade: str
    leg: int
    con_id: int
    symbol: str
    option: OptionTerms | None
    side: Side
    phase: LegPhase
    quantity: Decimal
    filled: Decimal
    open: Decimal
    average_price: Decimal | None
    price: LivePrice | None
    trigger: LiveTrigger | None
    stop: EngineStop | None
    at_broker: BrokerStop
    targets: tuple[LiveTarget, ...]
    leave_at: datetime | None
    naked: Nakedness
    profit: Profit
    why: str = ""


@dataclass(frozen=True, slots=True)
class EdgeNow:
    """Who looks at what: the account, the session, and the times; `at` is the edge's own guess of
    broker time as long as `time` is None.
    """

    account: str
    kind: AccountKind
    client_id: int
    at: datetime
    time: BrokerTime | None
    session: SessionReport
    last_tick_at: datetime | None


@dataclass(frozen=True, slots=True)
class LivePage:
    """The legs at work, the most urgent first; `total` is how many there are, shown or not.

    `positions` are what the account holds, by contract; None as long as the broker has not told all
    of them in this session.
    """

    edge: EdgeNow
    total: int
    legs: tuple[LiveLeg, ...]
    positions: tuple[HeldPosition, ...] | None = None
