"""How the position is entered: at once or on a trigger, by which order, and until when.

Owns the keys of `[entry]` and what they say against each other. When a price counts as having
crossed a trigger, and when the market is open, is known elsewhere.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from backstay.domain.plan.complaints import Complaint, instant_text, one_of, value_text
from backstay.domain.plan.scalars import Depth, Instant, LimitOffset, Price, Ticks
from backstay.domain.plan.tables import Expected, Table
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed, PremarketPolicy


class EntryOrder(StrEnum):
    """The order that enters, as IB writes it."""

    LIMIT = "LMT"
    MARKET = "MKT"


class IfClosed(StrEnum):
    """What becomes of an entry that is due while the market is closed."""

    REFUSE = "refuse"
    QUEUE = "queue"


class WatchedSession(StrEnum):
    """From when in the day a trigger is watched."""

    REGULAR = "rth"
    PREMARKET = "premarket"


PREMARKET_WORDS = '"fire", "wait" or "rebase"'

PremarketChoice = Annotated[
    Literal[PremarketPolicy.FIRE, PremarketPolicy.WAIT, PremarketPolicy.REBASE],
    Expected(PREMARKET_WORDS),
]
"""What a plan can choose; to ignore the premarket it watches regular hours."""


class EntryPoint(NamedTuple):
    """A price at which the position may be entered, and what the plan calls it."""

    name: str
    price: Decimal

    def __str__(self) -> str:
        return f"the {self.name} {self.price}"


class Trigger(Table):
    """`[entry.trigger]`: the price that lets the entry go."""

    price: Price
    when: Crossing
    source: PriceSource = PriceSource.LAST
    confirm_ticks: Ticks = 1
    breach_pct: Depth = Decimal(0)
    """How far beyond the trigger a price must be to count."""
    session: WatchedSession = WatchedSession.REGULAR
    premarket: PremarketChoice | None = None
    """What a price before the open does; given exactly where the premarket is watched."""
    if_missed: IfMissed = IfMissed.SKIP
    expires: Instant
    """A trigger that nobody ends would fire when it is long forgotten, so this has no default."""

    def contradictions(self) -> Iterable[Complaint]:
        """A premarket policy is given exactly where the premarket is watched."""
        watched = self.session is WatchedSession.PREMARKET
        if watched and self.premarket is None:
            text = f'missing; session = "premarket" needs {PREMARKET_WORDS}'
            yield Complaint(("premarket",), text)
        if not watched and self.premarket is not None:
            policy = value_text(self.premarket)
            yield Complaint(("premarket",), f'{policy}; that needs session = "premarket"')


class Entry(Table):
    """`[entry]`: the order, and what it waits for."""

    order: EntryOrder
    limit: Price | None = None
    limit_offset: LimitOffset | None = None
    """How much worse than the trigger, or than the market where there is none, the limit is."""
    trigger: Trigger | None = None
    """Without one the entry goes at once."""
    if_closed: IfClosed = IfClosed.REFUSE
    expires: Instant | None = None
    """When what is not filled is cancelled; the end of the day without one."""

    def named_points(self, side: Side) -> Iterable[EntryPoint]:
        """The prices at which the plan itself says that an entry on `side` may happen."""
        if self.trigger is not None:
            yield EntryPoint("entry trigger", self.trigger.price)
        if self.limit is not None:
            yield EntryPoint("entry limit", self.limit)
        elif self.trigger is not None and self.limit_offset is not None:
            yield EntryPoint("entry limit", self.trigger.price + side.signed(self.limit_offset))

    @property
    def last_instant(self) -> datetime | None:
        """After this nothing is entered any more; None where the plan doesn't say."""
        if self.expires is not None:
            return self.expires
        return self.trigger.expires if self.trigger else None

    def contradictions(self) -> Iterable[Complaint]:
        """What the order, its limit, the premarket and the two ends say against each other."""
        yield from self._wrong_limit()
        yield from self._wrong_premarket()
        if self.expires and self.trigger and self.expires < self.trigger.expires:
            until = instant_text(self.trigger.expires)
            yield Complaint(
                ("expires",),
                f"{instant_text(self.expires)} is before entry.trigger.expires {until}; "
                "the order must outlive the trigger that sends it",
            )

    def _wrong_limit(self) -> Iterable[Complaint]:
        limits = {"limit": self.limit, "limit_offset": self.limit_offset}
        if self.order is EntryOrder.LIMIT:
            given = {key: value is not None for key, value in limits.items()}
            yield from one_of((), given)
            return
        for key, value in limits.items():
            if value is not None:
                yield Complaint((key,), f"{value}; a market order takes none")

    def _wrong_premarket(self) -> Iterable[Complaint]:
        policy = self.trigger.premarket if self.trigger else None
        if policy is PremarketPolicy.FIRE and self.order is EntryOrder.MARKET:
            yield Complaint(
                ("order",),
                '"MKT"; premarket = "fire" needs "LMT", '
                "because a market order waits for the open (399)",
            )
        if policy is PremarketPolicy.REBASE and self.limit is not None:
            yield Complaint(
                ("limit",),
                f'{self.limit}; premarket = "rebase" moves the trigger, so give limit_offset',
            )
