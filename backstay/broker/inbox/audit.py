"""Position against live stops, from nothing but what the broker has told.

Owns when a finding is told: positions and orders are not heard in one instant, so it has to stand
in two audits in a row; then it is told once, until it is gone, and once more where it has grown:
who was told of two shares knows nothing of a hundred. The rules are the domain's. Without complete
answers of this session there is nothing to judge, and what was found before counts no more.

In a contract that nobody here trades, only what is ours counts: our orders, and of the position
what our orders of today come to. That is what a process finds that was not there when it came
about.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.broker.doors.wire import Now
from backstay.broker.health import Sign
from backstay.broker.inbox.inbox import BrokerInbox, Standing
from backstay.broker.notices import Notice, Tell
from backstay.domain.figures import plain, total
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import Market, TimeInForce
from backstay.domain.orders.view import OrderView
from backstay.domain.profile import BrokerProfile
from backstay.domain.protection.audit import Finding, Held, LiveOrder, audit, closing_quantity
from backstay.domain.sides import side_that_closes

AUDIT_EVERY_SECONDS = 2.0
"""Twice that is within the five seconds in which a person has to be told."""

_NOTHING = Decimal(0)
_TIMES_IN_FORCE = {each.value: each for each in TimeInForce}


@dataclass(frozen=True, slots=True)
class Described:
    """What the broker's orders and positions do not say of a contract that is held."""

    instrument: Instrument
    outside_regular_hours: bool
    market_price: Decimal | None = None


Describe = Callable[[int], Described | None]
"""What is known of a contract, or None if nobody here trades it."""


@dataclass(frozen=True, slots=True)
class _Matter:
    """A finding, whatever its quantity, about what is held on one side; an order of ours in a
    contract nobody knows.
    """

    kind: IncidentKind
    what: str
    con_id: int
    key: IntentKey | None
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much of it there is, and the words for that."""

    quantity: Decimal
    text: str


class ProtectionAudit:
    """Audits every position of the account, each time it is asked to."""

    def __init__(
        self,
        inbox: BrokerInbox,
        describe: Describe,
        profile: BrokerProfile,
        now: Now,
        tell: Tell,
    ) -> None:
        self._inbox = inbox
        self._describe = describe
        self._profile = profile
        self._now = now
        self._tell = tell
        self._found: dict[_Matter, _Extent] = {}
        self._told: dict[_Matter, Decimal] = {}

    async def tend(self, synced: asyncio.Event, sign: Sign) -> None:
        """For ever: audit what the broker has told, whenever that is complete."""
        while True:
            await asyncio.sleep(AUDIT_EVERY_SECONDS)
            sign()
            if synced.is_set():
                self.run()

    def run(self) -> tuple[Finding, ...]:
        """Everything that is wrong now; what was wrong the last time, too, is told."""
        completeness = self._inbox.completeness
        if completeness.positions_at is None or completeness.open_orders_at is None:
            self._found = {}
            return ()
        standing: defaultdict[int, list[Standing]] = defaultdict(list)
        for order in self._inbox.standing():
            standing[order.con_id].append(order)
        held = {position.con_id for position in self._inbox.positions}
        findings: list[Finding] = []
        now: dict[_Matter, _Extent] = {}
        for con_id in sorted(held.union(standing)):
            described = self._describe(con_id)
            if described is None:
                now.update(self._undescribed(con_id, standing[con_id]))
                continue
            found = self._audit(con_id, described, standing[con_id])
            findings.extend(found)
            is_short = self._inbox.position(con_id) < 0
            for each in found:
                extent = _Extent(each.quantity, _text(each, described))
                now[_matter(each, is_short=is_short)] = extent
        self._tell_standing(now)
        return tuple(findings)

    def _audit(
        self, con_id: int, described: Described, standing: Iterable[Standing]
    ) -> tuple[Finding, ...]:
        held = Held(
            described.instrument,
            self._inbox.position(con_id),
            described.outside_regular_hours,
            described.market_price,
        )
        living = (life for order in standing for life in _living(order.key, order.view))
        return audit(held, tuple(living), self._profile)

    def _undescribed(
        self, con_id: int, standing: Iterable[Standing]
    ) -> Iterator[tuple[_Matter, _Extent]]:
        """A contract that nobody here trades is none of ours, but for what is of our orders."""
        nobody = "and nobody here enters, guards or leaves a position in it"
        for order in standing:
            if order.key is not None:
                kind = IncidentKind.PROTECTION_MISMATCH
                matter = _Matter(kind, "not described", con_id, order.key)
                yield matter, _Extent(_NOTHING, f"it stands in {self._named(con_id)}, {nobody}")
        ours = self._of_today(con_id)
        if not ours:
            return
        closing = side_that_closes(ours)
        living = (life for order in standing for life in _living(order.key, order.view))
        would_close = closing_quantity(
            tuple(life for life in living if life.side is closing and life.protects)
        )
        if would_close < abs(ours):
            matter = _Matter(IncidentKind.NAKED_POSITION, "nobody's", con_id, None)
            naked = abs(ours) - would_close
            held = f"{plain(abs(ours))} {'long' if ours > 0 else 'short'}"
            text = f"our orders of today have left {held} in {self._named(con_id)}, {nobody}"
            text = f"{text}: no stop and no exit would close {plain(naked)}"
            yield matter, _Extent(naked, text)

    def _of_today(self, con_id: int) -> Decimal:
        """What our orders come to, as far as the account holds that much on their side."""
        held = self._inbox.position(con_id)
        if not held:
            return _NOTHING
        views = (order.view for order in self._inbox.records() if order.con_id == con_id)
        ours = total(view.side.signed(view.filled) for view in views if view is not None)
        return min(held, ours, key=abs) if held * ours > 0 else _NOTHING

    def _named(self, con_id: int) -> str:
        symbol = self._inbox.symbol(con_id)
        return f"{symbol}, contract {con_id}" if symbol else f"contract {con_id}"

    def _tell_standing(self, now: dict[_Matter, _Extent]) -> None:
        ripe = [matter for matter in now if matter in self._found]
        told = {matter: self._told[matter] for matter in ripe if matter in self._told}
        for matter in sorted(ripe, key=lambda each: (each.con_id, now[each].text)):
            stood = min(self._found[matter].quantity, now[matter].quantity)
            if matter in told and stood <= told[matter]:
                continue
            told[matter] = now[matter].quantity
            subject = str(matter.key) if matter.key else f"contract {matter.con_id}"
            self._tell(Notice(matter.kind, subject, now[matter].text, self._now()))
        self._told, self._found = told, now


def _living(key: IntentKey | None, view: OrderView) -> Iterator[LiveOrder]:
    """The lives of an order that stand at the broker, each as the broker describes it.

    An order of a type that is none of ours counts for its quantity; one with a time in force that
    is none of ours ends, for all we know.
    """
    for life in view.instances:
        described = life.described
        if life.is_working and described is not None:
            yield LiveOrder(
                key,
                described.side,
                life.remaining,
                described.terms or Market(),
                _TIMES_IN_FORCE.get(described.time_in_force, TimeInForce.DAY),
                described.outside_regular_hours,
                described.oca.name if described.oca else None,
                is_strange=described.terms is None,
            )


def _matter(finding: Finding, *, is_short: bool) -> _Matter:
    fault = finding.fault
    return _Matter(fault.incident, fault.value, finding.con_id, finding.key, is_short)


def _text(finding: Finding, described: Described) -> str:
    symbol = described.instrument.symbol
    return f"{finding.fault.value}: {plain(finding.quantity)} of {symbol}"
