"""The ladder decides what everybody would who hears every tick, in the same order."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.domain.edge.guards import Guard
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import Touch
from backstay.domain.prices import PriceGrid
from backstay.domain.ticks.guarding import GuardRules
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.quotes import Feed, TickField
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Trail
from backstay.domain.ticks.triggers import IfMissed, PremarketPolicy, Trigger
from tests.broker.watch.everybody import Everybody
from tests.broker.watch.scene import HALTED, NOON, OPEN, OPTION, Scene, guard_of, play
from tests.domain.edge.samples import SHARE

LEVELS = st.sampled_from([Decimal(price) for price in ("98.5", "99", "100", "101", "101.5")])
CROSSINGS = st.sampled_from(Crossing)
SOURCES = st.sampled_from(PriceSource)
BREACHES = st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("0.5")])
TICKS = st.integers(1, 3)
STOPS = {Crossing.BELOW: ["98.5", "99", "99.25"], Crossing.ABOVE: ["100.75", "101", "101.5"]}
GRID = PriceGrid.uniform(Decimal("0.01"))

TRIGGERS = st.builds(
    Trigger,
    LEVELS,
    CROSSINGS,
    SOURCES,
    TICKS,
    BREACHES,
    st.sampled_from(PremarketPolicy),
    st.sampled_from(IfMissed),
)


@st.composite
def guards(draw: st.DrawFn, instrument: Instrument = SHARE) -> Guard:
    crossing = draw(CROSSINGS)
    rule = StopRule(crossing, draw(BREACHES), draw(TICKS))
    trail = None
    if draw(st.booleans()):
        percent, distance = draw(st.sampled_from([(0, "0.5"), (1, "0.75")]))
        trail = Trail(crossing, Decimal(100), Decimal(percent), Decimal(distance))
    target = None
    if draw(st.booleans()):
        target = "101.5" if crossing is Crossing.BELOW else "98.5"
    stop = draw(st.sampled_from(STOPS[crossing]))
    underlying = SHARE if instrument.is_option else None
    return guard_of(
        GuardRules(rule, GRID, trail), stop, draw(SOURCES), target, instrument, underlying
    )


Step = tuple[str, Decimal]


def steps_of(kinds: Sequence[str]) -> st.SearchStrategy[list[Step]]:
    """Many steps, most of them ticks of a market whose bid is seldom above its ask."""
    one = st.sampled_from(kinds).flatmap(
        lambda kind: st.tuples(st.just(kind), st.sampled_from(AMOUNTS[kind]))
    )
    return st.lists(one, min_size=15, max_size=40)


def quarters(low: int, high: int) -> list[Decimal]:
    return [Decimal(quarter) / 4 for quarter in range(low * 4, high * 4 + 1)]


NONE = [Decimal(0)]
LOOK = "look"
"""Somebody looks at the quote; otherwise nobody does for as long as nothing follows from it."""

AMOUNTS = {
    "bid": [*quarters(98, 100), Decimal("100.5")],
    "ask": [*quarters(100, 102), Decimal("99.75")],
    "last": quarters(98, 102),
    "bad": [Decimal(-1), Decimal(0), Decimal("NaN")],
    "wait": [Decimal(seconds) for seconds in ("0.05", "0.2", "0.5", "2")],
    LOOK: NONE,
    "interrupt": NONE,
    "halt": NONE,
    "delay": NONE,
    "underlying": quarters(98, 103),
    "no bid": NONE,
    "no ask": NONE,
}
STEPS = steps_of(
    ["bid"] * 5
    + ["ask"] * 5
    + ["last"] * 14
    + ["wait"] * 4
    + ["bad", "interrupt", "halt", "delay"]
    + [LOOK] * 3
)
OPTION_STEPS = steps_of(
    ["bid"] * 4
    + ["ask"] * 4
    + ["no bid"] * 4
    + ["no ask", "bad", "interrupt", "halt"]
    + [LOOK] * 3
    + ["last"] * 8
    + ["underlying"] * 6
    + ["wait"] * 4
)
FIELDS = {"bid": TickField.BID, "ask": TickField.ASK, "last": TickField.LAST}
NOBODY = {"no bid": "bid", "no ask": "ask"}
INSTANT = 0.001


class Both:
    """The quick watch and the slow one, on the same wire."""

    def __init__(self, scene: Scene, instrument: Instrument) -> None:
        self.scene = scene
        self.instrument = instrument
        self.slow = Everybody(
            scene.now(),
            lambda: scene.watch.is_live(instrument.con_id),
            is_option=instrument.is_option,
        )

    async def step(self, what: str, amount: Decimal) -> None:
        scene, slow, now = self.scene, self.slow, self.scene.now()
        if what == "wait":
            for _ in range(int(amount / Decimal("0.05"))):
                await asyncio.sleep(0.05)
                slow.look(scene.now())
            return
        if what in FIELDS:
            self.tick(what, amount)
        elif what in NOBODY:
            self.tick(NOBODY[what], Decimal(-1))
        elif what == "bad":
            self.tick("last", amount)
        elif what == LOOK:
            self.look()
        elif what == "underlying":
            slow.tell_underlying(amount, now)
            scene.trade(str(amount), SHARE)
        elif what == "interrupt":
            slow.interrupted(now)
            scene.interrupt(self.instrument)
        elif what == "delay":
            for number, feed in ((3, Feed.DELAYED), (1, Feed.REAL_TIME)):
                slow.become(feed, now)
                scene.sink(self.instrument).on_data_type(number)
        else:
            for is_halted in (True, False):
                slow.halt(is_halted, now)
                scene.sink(self.instrument).on_generic(HALTED, b"1" if is_halted else b"0")
                self.tick("last", Decimal(99))
        await asyncio.sleep(INSTANT)
        slow.look(scene.now())

    def look(self) -> None:
        """Whoever looks sees what every single tick has come to."""
        watch, con_id, slow = self.scene.watch, self.instrument.con_id, self.slow.quote
        assert watch.quote(con_id) == slow
        if self.slow.good_at is not None:
            touch = Touch(slow.bid, slow.ask, self.slow.good_at, slow.flaw)
            assert watch.touch(con_id) == touch

    def tick(self, what: str, price: Decimal) -> None:
        scene = self.scene
        send = {"bid": scene.bid, "ask": scene.ask, "last": scene.trade}[what]
        self.slow.raw(FIELDS[what], price, scene.now())
        send(str(price), self.instrument)


@pytest.mark.req("S0.1", "S0.3", "S0.6", "S1.2", "I6")
@settings(max_examples=60)
@given(
    armed=st.lists(TRIGGERS, max_size=5),
    guarded=st.lists(guards(), min_size=1, max_size=4),
    steps=STEPS,
    start=st.sampled_from([NOON, OPEN - timedelta(seconds=3)]),
)
def test_the_ladder_decides_what_everybody_would(
    armed: list[Trigger], guarded: list[Guard], steps: Sequence[Step], start: datetime
) -> None:
    async def story(scene: Scene) -> None:
        both = Both(scene, SHARE)
        watches = [scene.arm(trigger, leg) for leg, trigger in enumerate(armed)]
        guards = [scene.guard(guard, leg) for leg, guard in enumerate(guarded)]
        for leg, trigger in enumerate(armed):
            both.slow.arm(f"trigger {leg}", trigger)
        for leg, guard in enumerate(guarded):
            both.slow.watch(f"guard {leg}", guard, scene.now())
        for step in steps:
            await both.step(*step)
            assert scene.log.entries == both.slow.entries
            assert [each.state for each in watches] == [one.state for one in both.slow.triggers]
            assert [each.guarded for each in guards] == [one.guarded for one in both.slow.guards]
        assert scene.notices == []

    play(story, start)


@pytest.mark.req("S0.3", "S0.6", "I6")
@settings(max_examples=60)
@given(guarded=st.lists(guards(OPTION), min_size=1, max_size=4), steps=OPTION_STEPS)
def test_guards_of_an_option_without_a_bid_decide_what_everybody_would(
    guarded: list[Guard], steps: Sequence[Step]
) -> None:
    async def story(scene: Scene) -> None:
        both = Both(scene, OPTION)
        guards = [scene.guard(guard, leg) for leg, guard in enumerate(guarded)]
        for leg, guard in enumerate(guarded):
            both.slow.watch(f"guard {leg}", guard, scene.now())
        for step in steps:
            await both.step(*step)
            assert scene.log.entries == both.slow.entries
            assert [each.guarded for each in guards] == [one.guarded for one in both.slow.guards]
        assert scene.notices == []

    play(story)


@pytest.mark.req("S2.1", "S0.6")
@settings(max_examples=40)
@given(
    armed=st.lists(TRIGGERS, min_size=1, max_size=4),
    guarded=st.lists(guards(), max_size=4),
    steps=STEPS,
    window=st.sampled_from([0.002, 0.05, 0.2]),
    start=st.sampled_from([NOON, OPEN - timedelta(seconds=3)]),
)
def test_each_watch_decides_the_same_from_batches_as_from_single_ticks(
    armed: list[Trigger],
    guarded: list[Guard],
    steps: Sequence[Step],
    window: float,
    start: datetime,
) -> None:
    async def story(scene: Scene) -> None:
        both = Both(scene, SHARE)
        watches = [scene.arm(trigger, leg) for leg, trigger in enumerate(armed)]
        guards = [scene.guard(guard, leg) for leg, guard in enumerate(guarded)]
        for leg, trigger in enumerate(armed):
            both.slow.arm(f"trigger {leg}", trigger)
        for leg, guard in enumerate(guarded):
            both.slow.watch(f"guard {leg}", guard, scene.now())
        for step in steps:
            await both.step(*step)
        await both.step("wait", Decimal(1))
        assert [each.state for each in watches] == [one.state for one in both.slow.triggers]
        assert [each.guarded for each in guards] == [one.guarded for one in both.slow.guards]
        assert _by_name(scene.log.entries) == _by_name(both.slow.entries)
        assert scene.notices == []

    play(story, start, window)


def _by_name(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each watch's own decisions, in their order."""
    return sorted(entries, key=lambda entry: entry[0])


SIDES = st.sampled_from([PriceSource.BID, PriceSource.ASK])


@pytest.mark.req("S0.1", "S0.3", "I6")
@settings(max_examples=150)
@given(
    armed=st.lists(
        st.builds(Trigger, LEVELS, CROSSINGS, SIDES, premarket=st.sampled_from(PremarketPolicy)),
        min_size=1,
        max_size=2,
    ),
    targets=st.lists(st.tuples(SIDES, st.sampled_from(["100.25", "101"])), max_size=2),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("bid"), st.sampled_from(quarters(99, 101))),
            st.tuples(st.just("ask"), st.sampled_from(quarters(100, 102))),
            st.tuples(st.just("wait"), st.sampled_from([Decimal("0.1"), Decimal(1)])),
            st.just((LOOK, Decimal(0))),
        ),
        min_size=10,
        max_size=40,
    ),
    start=st.sampled_from([NOON, OPEN - timedelta(seconds=1)]),
)
def test_bids_and_asks_decide_the_same_whether_anybody_looks_or_not(
    armed: list[Trigger],
    targets: list[tuple[PriceSource, str]],
    steps: Sequence[Step],
    start: datetime,
) -> None:
    async def story(scene: Scene) -> None:
        both = Both(scene, SHARE)
        watches = [scene.arm(trigger, leg) for leg, trigger in enumerate(armed)]
        for leg, trigger in enumerate(armed):
            both.slow.arm(f"trigger {leg}", trigger)
        rules = GuardRules(StopRule(Crossing.BELOW, Decimal(0), 2), GRID)
        for leg, (source, target) in enumerate(targets):
            guard = guard_of(rules, "98", source, target)
            scene.guard(guard, leg)
            both.slow.watch(f"guard {leg}", guard, scene.now())
        for step in (("bid", Decimal(99)), ("ask", Decimal(102)), *steps, (LOOK, Decimal(0))):
            await both.step(*step)
            assert scene.log.entries == both.slow.entries
            assert [each.state for each in watches] == [one.state for one in both.slow.triggers]

    play(story, start)


def test_prices_that_mean_nothing_are_seen_by_whoever_looks() -> None:
    async def story(scene: Scene) -> None:
        both = Both(scene, SHARE)
        scene.arm(Trigger(Decimal(101), Crossing.ABOVE, PriceSource.BID))
        both.slow.arm("trigger 0", Trigger(Decimal(101), Crossing.ABOVE, PriceSource.BID))
        steps = ["ask 102", "bid 99", "bid 100", "ask 101.5", "bid 100", "bid 101", "ask 101.5"]
        for step in [*steps, "bid 100.5", "bid 101.25", "bid 99"]:
            what, price = step.split()
            await both.step(what, Decimal(price))
            both.look()
        assert scene.log.entries == both.slow.entries == [("trigger 0", "fire")]

    play(story)


def seen_before(scene: Scene) -> None:
    """Only prices that were read before are ever taken for meaningless at a glance."""
    for price in ("99.5", "100.25", "101", "102"):
        scene.ask(price)


def test_a_price_at_a_target_means_something_and_so_does_the_first_one_after_the_open() -> None:
    async def at_target(scene: Scene) -> None:
        rules = GuardRules(StopRule(Crossing.BELOW), GRID)
        scene.guard(guard_of(rules, "98", PriceSource.BID, "100.25"))
        seen_before(scene)
        for bid in ("99", "99.5", "100.25"):
            scene.bid(bid)
            await asyncio.sleep(1)
        assert scene.log.entries == [("guard 0", "target")]

    async def after_open(scene: Scene) -> None:
        scene.arm(Trigger(Decimal(100), Crossing.ABOVE, PriceSource.BID))
        seen_before(scene)
        for bid in ("99", "99.25", "99.5", "101"):
            scene.bid(bid)
            await asyncio.sleep(0.5)
        assert scene.log.entries == [("trigger 0", "fire")]

    play(at_target)
    play(after_open, OPEN - timedelta(seconds=0.75))
