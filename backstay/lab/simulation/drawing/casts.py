"""Who plays in a scene, and what there is to play with: the trade, its moments, and troubles.

Owns how a scene is put together, not what it is about. `enters` is when the trade gets in, `meets`
when what the scene is about is decided, `after` when it is seen what came of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from backstay.domain.ids import trade_id
from backstay.domain.limits.kill import KillMode
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.settings import Settings
from backstay.lab.simulation.drawing.ideas import Idea
from backstay.lab.simulation.drawing.moments import Moment
from backstay.lab.simulation.drawing.paths import Point, entrance, hardly_across, straight_in
from backstay.lab.simulation.drawing.throws import falls, mostly_short, period, pick, seconds
from backstay.lab.simulation.drawing.throws import moment as written
from backstay.lab.simulation.scenario import (
    Act,
    ByHand,
    Crash,
    Cue,
    Deed,
    Halt,
    Hand,
    Kill,
    LostReports,
    Role,
    Sight,
    Strike,
)
from backstay.lab.simulation.seeds import Die

_Thing = TypeVar("_Thing")

_ACCOUNT = Settings().accounts[0].name
READS = ("reqOpenOrders", "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions")
"""What is asked when a session begins, and where an order is in doubt."""

WHAT_IF_FIRST = 2
"""The first placement of an entry that is read only asks what it would take."""

_STEPS = ((0, 20.0), (6, 30.0), (25, 35.0), (80, 15.0))


@dataclass(frozen=True, slots=True)
class Scene:
    """What a scene makes of the trades and of the price, and what it adds to a run."""

    name: str
    moment: Moment
    """As long as the scene takes."""

    ideas: tuple[Idea, ...]
    points: tuple[Point, ...]
    """Where the first trade's price goes, from the beginning until the scene is over."""

    hands: tuple[Hand, ...]
    strikes: tuple[Strike, ...]
    rules: tuple[Rule, ...]
    halt: Halt | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What one scene consists of, beside its cast."""

    points: Sequence[Point]
    rules: Sequence[Rule] = ()
    strikes: Sequence[Strike] = ()
    hands: Sequence[Hand] = ()
    halt: Halt | None = None
    ideas: tuple[Idea, ...] = ()
    """Those that the scene has changed; the cast's own, if there are none."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The trade that a scene is about, when it plays, and the die that is thrown for it."""

    die: Die
    moment: Moment
    idea: Idea
    enters: float
    meets: float
    after: float

    def chance(self, probability: float) -> bool:
        """Whether it happens; one throw."""
        return falls(self.die, probability)

    def some(self, things: Sequence[_Thing], least: int, most: int) -> list[_Thing]:
        """So many of them, each once, in their order."""
        count = min(self.die.randint(least, most), len(things))
        chosen = sorted(self.die.sample(range(len(things)), count))
        return [things[place] for place in chosen]

    # --- when ---

    def at(self, second: float, steps: int | None = None) -> Cue:
        """A time, and a few steps on from there."""
        within = min(max(0.0, second), self.moment.quiet_at)
        return Cue(round(within, 3), steps=self.steps() if steps is None else steps)

    def seen(self, sight: Sight, word: str = "", nth: int = 1, after: float = 0.0) -> Cue:
        """The sight of something, and a few steps on from there."""
        within = min(max(0.0, after), self.moment.quiet_at)
        delay = round(pick(self.die, ((0.0, 60.0), (0.03, 25.0), (0.3, 15.0))), 3)
        return Cue(round(within, 3), sight, word, nth, delay, self.steps())

    def steps(self) -> int:
        """How far on from a sight; mostly near."""
        return self.die.randint(0, pick(self.die, _STEPS))

    # --- where the price goes ---

    def way_in(self) -> list[Point]:
        """From the beginning until the trade is in."""
        if self.idea.is_sure and not self.idea.is_thin:
            return straight_in(self.idea, self.enters)
        return entrance(self.die, self.idea, self.enters)

    def hardly_in(self, until: float) -> list[Point]:
        """A little of the entry fills now and then."""
        count = max(2, int((until - self.enters) / 0.7))
        first = entrance(self.die, self.idea, self.enters)[:2]
        kept = [point for point in first if point.at < self.enters]
        return [*kept, *hardly_across(self.idea, self.enters, count)]

    def breach(self, at: float, depth: float = 0.15, *, scarce: bool = False) -> list[Point]:
        """Through the stop, and a little farther."""
        beyond = self.idea.beyond_stop
        return [
            Point(at - 0.35, -0.75, is_jump=True),
            Point(at, beyond - 0.03, is_turn=True, is_jump=True, is_scarce=scarce),
            Point(at + 0.3, beyond - depth, is_jump=True, is_scarce=scarce),
            Point(at + 1.0, beyond - depth - 0.05, is_jump=True, is_scarce=scarce),
        ]

    def gap(self, at: float) -> list[Point]:
        """Through the stop in one leap, and there it stands."""
        below = self.idea.beyond_stop - self.die.uniform(0.1, 0.8)
        return [Point(at, below, is_turn=True, is_jump=True), Point(at + 1.8, below, is_jump=True)]

    def stays(self, points: Sequence[Point]) -> list[Point]:
        """These, and where the price is then it stands until the first watch is over."""
        last = points[-1]
        _, ends = self.moment.spans[0]
        stands = replace(last, at=max(ends - 0.6, last.at + 0.05), is_turn=False, is_jump=True)
        return [*points, stands]

    def reach(
        self, at: float, units: float, *, scarce: bool = False, falls: bool = False
    ) -> list[Point]:
        """To a place, and a cent farther each time: a side of the quote that stays is no news."""
        cent = 0.012 / float(self.idea.unit) * (-1 if falls or units < 0 else 1)
        first = Point(at, units, is_turn=True, is_jump=True, is_scarce=scarce)
        return [
            first,
            replace(first, at=at + 0.3, units=units + cent, is_turn=False),
            replace(first, at=at + 0.55, units=units + 2 * cent, is_turn=False),
        ]

    # --- what the broker does wrong ---

    def ref(self, purpose: str) -> str:
        """How the references of the trade's orders of a purpose begin."""
        return f"bs1:{trade_id(_ACCOUNT, self.idea.id)}:0:{purpose}"

    def rule(self, name: str, since: float = 0.0, until: float | None = None, **keys: Any) -> Rule:
        """A fault within a time that ends when it is quiet."""
        quiet = self.moment.quiet_at
        ends = quiet if until is None else min(until, quiet)
        begins = min(max(since, 0.001), ends - 0.01)
        return rule(name, between=(written(begins), written(ends)), **keys)

    def of_order(self, name: str, purpose: str, nth: int = 1, **keys: Any) -> Rule:
        """A fault that strikes the n-th occasion of an order of a purpose."""
        return self.rule(name, nth=nth, reference=self.ref(purpose), **keys)

    def by_clock(self, name: str, second: float, **keys: Any) -> Rule:
        """A fault that strikes at its time."""
        latest = self.moment.quiet_at - 1.0
        return rule(name, at=written(min(max(second, 0.1), latest)), **keys)

    def line_breaks(self, kind: str, purpose: str, nth: int = 1) -> Rule:
        """Just before a frame about an order has been read, or just after."""
        name = pick(self.die, (("reset-before-frame", 40.0), ("reset-after-frame", 60.0)))
        return self.of_order(name, purpose, nth, kinds=[kind])

    def lasting(self, low: float, high: float) -> str:
        """A length of time, as a rule writes it; long ones are rare."""
        return period(mostly_short(self.die, low, high))

    def late_answers(self, since: float) -> list[Rule]:
        """What is asked about orders is answered late, or never, some times."""
        found = []
        for kind in self.some(READS, 1, 2):
            name = pick(self.die, (("answers-slow", 60.0), ("request-unanswered", 40.0)))
            more: dict[str, Any] = (
                {"delay": self.lasting(0.2, 4.0)} if name == "answers-slow" else {}
            )
            count = pick(self.die, ((1, 55.0), (2, 25.0), (4, 20.0)))
            found.append(self.rule(name, since, kinds=[kind], count=count, **more))
        return found

    def late_word(self, purpose: str) -> Rule:
        """What there is to say about an order comes late."""
        return self.of_order("placement-acknowledged-late", purpose, delay=self.lasting(0.3, 6.0))

    def cancel_fails(self, purpose: str) -> Rule:
        """A cancel is lost, refused, late, or comes too late."""
        name = pick(
            self.die,
            (
                ("reset-before-frame", 24.0),
                ("reset-after-frame", 8.0),
                ("cancel-unanswered", 20.0),
                ("cancel-refused", 16.0),
                ("fill-after-cancel", 32.0),
            ),
        )
        match name:
            case "cancel-unanswered":
                return self.of_order(name, purpose, delay=self.lasting(0.3, 5.0))
            case "fill-after-cancel":
                share = pick(self.die, (("1", 55.0), ("0.5", 45.0)))
                return self.of_order(name, purpose, delay=self.lasting(0.02, 1.5), share=share)
            case "cancel-refused":
                return self.of_order(name, purpose)
            case _:
                return self.of_order(name, purpose, kinds=["cancelOrder"])

    # --- who falls ---

    def dies(self, cue: Cue, role: Role = Role.BROKER, longest: float = 2.0) -> Crash:
        """A worker dies, and is mostly back soon."""
        return Crash(cue, role, mostly_short(self.die, 0.05, longest))

    def dies_in_a_row(self, second: float, role: Role = Role.BROKER) -> Iterator[Strike]:
        """Once, or again as soon as it is there."""
        down = seconds(self.die, 0.05, 0.6)
        yield Crash(self.at(second), role, down)
        if self.chance(0.5):
            yield Crash(self.at(second + down + seconds(self.die, 0.3, 1.4)), role, down)

    def answer_is_lost(self, call: str, cue: Cue, count: int = 1) -> LostReports:
        """The engine never hears what came of a call."""
        return LostReports(cue, count, call)

    # --- what a person does ---

    def asks(self, second: float, deed: Deed, amount: Decimal | None = None) -> Act:
        """Something is asked of the trade."""
        return Act(self.at(second, 0), self.idea.number, deed, amount)

    def closes_by_hand(self, cue: Cue) -> ByHand:
        """Somebody closes what is held, in TWS."""
        return ByHand(cue, self.idea.symbol, "close")

    def kills(self, cue: Cue, flat: float = 0.6) -> Kill:
        """All trading is stopped."""
        return Kill(cue, KillMode.FLATTEN if self.chance(flat) else KillMode.FREEZE)
