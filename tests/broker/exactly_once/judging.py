"""What has to hold, whatever died when: judged by the gateway's own record and by what was told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from json import loads
from typing import Any

from backstay.domain.ids import Effect, Purpose, parse_order_ref
from backstay.domain.incidents.kinds import IncidentKind
from backstay.gateway.profile import Profile
from backstay.gateway.times import SECOND_NS, from_ns
from backstay.lab.oracle.oracle import Oracle
from tests.broker.exactly_once.world import World

CONNECTED_NS = 5 * SECOND_NS
RECONNECTED_NS = 10 * SECOND_NS
NOTHING = Decimal(0)

SAYS_WHY_NAKED = frozenset(
    {
        IncidentKind.NAKED_POSITION,
        IncidentKind.PROTECTION_MISMATCH,
        IncidentKind.ORDER_UNKNOWN,
        IncidentKind.ORDER_SURVIVES,
        IncidentKind.EXIT_UNRESOLVED,
        IncidentKind.EXIT_NOT_FILLED,
        IncidentKind.EXITS_EXHAUSTED,
        IncidentKind.EXIT_WAITS,
    }
)


@dataclass(slots=True)
class _Order:
    purpose: Purpose
    generation: int
    remaining: Decimal
    lives: bool


@dataclass(slots=True)
class Picture:
    """The one contract at an instant."""

    position: Decimal = NOTHING
    orders: dict[int, _Order] = field(default_factory=dict)

    def take(self, line: dict[str, Any]) -> None:
        """A line of the audit."""
        if line["what"] == "position":
            self.position = Decimal(line["position_after"])
        elif line["what"] == "order":
            key = parse_order_ref(line["ref"] or "")
            if key is None:
                return
            over = line["over"] or line["status"] in ("Cancelled", "Filled")
            remaining = Decimal(line["qty"]) - Decimal(line["filled"])
            self.orders[line["perm_id"]] = _Order(key.purpose, key.generation, remaining, not over)

    def _reducing(self) -> list[_Order]:
        return [
            order
            for order in self.orders.values()
            if order.lives and order.purpose.effect is Effect.REDUCES
        ]

    def covered(self, profile: Profile) -> Decimal:
        """How much of the position something that lives would close. While an entry lives, the stop
        that hangs on it sleeps, or works for what is filled.
        """
        opens = any(
            order.lives and order.purpose is Purpose.ENTRY for order in self.orders.values()
        )
        hanging = [
            order
            for order in self._reducing()
            if opens and order.purpose is Purpose.PROTECT and order.generation == 1
        ]
        alone = [order for order in self._reducing() if order not in hanging]
        covered = sum((order.remaining for order in alone), NOTHING)
        if not hanging or not profile.child_covers_partial_parent:
            return covered
        return covered + max(min(hanging[0].remaining, self.position - covered), NOTHING)

    @property
    def exit_runs(self) -> bool:
        """Whether an exit lives."""
        return any(order.purpose.is_exit for order in self._reducing())


def faults_found(
    world: World, profile: Profile, *, bought: Decimal, is_naked_on_purpose: bool, same_day: bool
) -> list[str]:
    """Everything that is wrong, as sentences."""
    return [
        *(f"oracle: {violation}" for violation in _oracle(world)),
        *_over_time(world, profile, bought, is_naked_on_purpose=is_naked_on_purpose),
        *_books(world, same_day=same_day or profile.yesterday_stays_visible),
        *_beliefs(world),
    ]


def _oracle(world: World) -> Iterator[str]:
    oracle = Oracle()
    for line in (*world.audit, *world.wire):
        oracle.read(line)
    yield from map(str, oracle.verdict())


def _over_time(
    world: World, profile: Profile, bought: Decimal, *, is_naked_on_purpose: bool
) -> Iterator[str]:
    picture = Picture()
    naked_since: int | None = None
    surplus_since: int | None = None
    lines = [loads(line) for line in world.audit]
    for now, group in groupby(lines, key=lambda line: line["t"]):
        for line in group:
            picture.take(line)
            # An exit that fills at once is alive for no more than a line.
            if line["what"] == "order" and picture.exit_runs:
                leaving, held = picture.covered(profile), picture.position
                if leaving > held:
                    yield f"{from_ns(now)}: an exit runs, and {leaving} could leave of {held}"
        position, covered = picture.position, picture.covered(profile)
        if not NOTHING <= position <= bought:
            yield f"{from_ns(now)}: the position is {position}"
        if naked_since is not None and covered >= position:
            yield from _naked(world, naked_since, now)
            naked_since = None
        elif naked_since is None and covered < position:
            naked_since = now
        if surplus_since is not None and covered <= position:
            yield from _surplus(world, surplus_since, now)
            surplus_since = None
        elif surplus_since is None and covered > position:
            surplus_since = now
    end = world.gateway.now_ns
    if naked_since is not None and not is_naked_on_purpose:
        yield from _naked(world, naked_since, end)
    if surplus_since is not None:
        yield from _surplus(world, surplus_since, end)


def _limit(world: World, since: int) -> int:
    """Until when something that began then has to be over: the clock begins anew with each
    connection, and while the edge is dead nobody is there to do anything.
    """
    limit = since + CONNECTED_NS
    for hello in (line["t"] for line in map(loads, world.wire) if line["msg"] == "hello"):
        died = any(since - RECONNECTED_NS <= at <= limit and at <= hello for at in world.died_at)
        if since - RECONNECTED_NS <= hello <= limit or (died and hello > limit):
            limit = max(limit, hello + RECONNECTED_NS)
    return limit


def _naked(world: World, since: int, until: int) -> Iterator[str]:
    yield from _too_long(world, since, until, "a position stood naked")


def _surplus(world: World, since: int, until: int) -> Iterator[str]:
    yield from _too_long(world, since, until, "more could leave than there is")


def _too_long(world: World, since: int, until: int, what: str) -> Iterator[str]:
    limit = _limit(world, since)
    if until <= limit:
        return
    told = [
        notice
        for notice in world.notices
        if notice.kind in SAYS_WHY_NAKED and from_ns(since) <= notice.at <= from_ns(limit)
    ]
    if not told:
        seconds = (until - since) / SECOND_NS
        yield f"{from_ns(since)}: {what} for {seconds:.1f} s, and nobody was told why"


def _books(world: World, *, same_day: bool) -> Iterator[str]:
    """Whether the edge that lives at the end knows what the account knows."""
    living = world.living
    assert living is not None
    snapshot = living.process.run(living.edge.snapshot)
    real = world.position()
    position = sum((each.quantity for each in snapshot.positions), NOTHING)
    if position != real:
        yield f"the edge's position is {position}, the account's {real}"
    if same_day:
        filled = sum((own.order.side.signed(own.order.filled) for own in snapshot.orders), NOTHING)
        if filled != real:
            yield f"the edge's orders have filled {filled}, the account holds {real}"


def _beliefs(world: World) -> Iterator[str]:
    filled: dict[str, Decimal] = {}
    alive: dict[str, bool] = {}
    for line in map(loads, world.audit):
        if line["what"] == "order" and line["ref"]:
            filled[line["ref"]] = Decimal(line["filled"])
            alive[line["ref"]] = not (line["over"] or line["status"] in ("Cancelled", "Filled"))
    for belief in world.beliefs:
        ref = belief.key.order_ref
        if isinstance(belief.filled, Decimal):
            real = filled.get(ref, NOTHING)
            if belief.filled != real or alive.get(ref):
                lives = " and lives" if alive.get(ref) else ""
                yield f"{ref} is taken for {belief.why} with {belief.filled}: {real}{lives}"
        elif belief.filled == "alive" and ref not in alive:
            yield f"{ref} is taken for {belief.why}, and there was none"
