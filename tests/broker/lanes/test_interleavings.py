"""The lanes under any interleaving of sending, time, holding, and lines that come and go."""

import asyncio
from bisect import bisect_left
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.broker.lanes.turns import CEILINGS, MESSAGES_MAX
from backstay.domain.ids import Lane
from tests.broker.lanes.wire import Wire, play

Deed = tuple[str, int, int, str, float]
LANES = st.sampled_from(list(Lane))
SENDS = st.tuples(
    st.just("send"), LANES, st.integers(1, 4), st.sampled_from(["", "A", "B"]), st.just(0.0)
)
FLOODS = st.tuples(st.just("flood"), LANES, st.integers(5, 60), st.just(""), st.just(0.0))
WAITS = st.tuples(
    st.just("wait"),
    st.just(0),
    st.just(0),
    st.just(""),
    st.sampled_from([0.0, 0.05, 0.3, 0.999, 1.0, 1.001, 2.5]),
)
OTHERS = st.tuples(
    st.sampled_from(["attach", "detach", "hold", "go on", "probe"]),
    st.just(0),
    st.just(0),
    st.just(""),
    st.just(0.0),
)
STORIES = st.lists(st.one_of(SENDS, FLOODS, WAITS, WAITS, OTHERS), max_size=40)


class Teller:
    """Does what a story says, and remembers who went in."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.accepted: list[tuple[int, str]] = []
        self.messages: dict[str, int] = {}
        self.symbols: dict[str, str] = {}
        self.is_open = False

    def new(self, lane: int, messages: int, symbol: str) -> str:
        name = f"{lane}:{len(self.accepted)}"
        self.accepted.append((lane, name))
        self.messages[name] = messages
        if lane == Lane.ENTRY and symbol:
            self.symbols[name] = symbol
        return name

    async def do(self, deed: Deed) -> None:
        what, lane, number, symbol, seconds = deed
        if what == "send":
            self.wire.send(Lane(lane), self.new(lane, number, symbol), number, symbol)
        elif what == "flood":
            for _ in range(number):
                self.wire.send(Lane(lane), self.new(lane, 1, ""))
        elif what == "wait":
            await asyncio.sleep(seconds)
        elif what == "probe":
            self.wire.probe(self.new(-1, 1, ""))
        elif what == "hold":
            self.wire.lanes.hold()
        elif what == "go on":
            self.wire.lanes.go_on()
        elif what == "attach" and not self.is_open:
            self.wire.open()
            self.is_open = True
        elif what == "detach":
            self.wire.lanes.detach("gone")
            self.is_open = False


def never_more_than_the_budget(wire: Wire) -> None:
    times = [at for at, _ in wire.left]
    for place, at in enumerate(times):
        within = bisect_left(times, at + 1.0) - place
        assert within <= MESSAGES_MAX, (at, within)


def in_order(teller: Teller) -> None:
    """Within a lane in the order of sending; an entry with a symbol among those of its symbol."""
    order = list(dict.fromkeys(teller.wire.words))
    for lane in [-1, *Lane]:
        for symbol in ("", "A", "B"):
            sent = [
                name
                for other, name in teller.accepted
                if other == lane and teller.symbols.get(name, "") == symbol
            ]
            mine = [
                name
                for name in order
                if name.startswith(f"{lane}:") and teller.symbols.get(name, "") == symbol
            ]
            assert mine == [name for name in sent if name in mine]


@given(STORIES)
@settings(max_examples=150)
@pytest.mark.req("S2.6")
def test_nothing_is_forgotten_nothing_leaves_too_fast_and_every_lane_keeps_its_order(
    deeds: list[Deed],
) -> None:
    async def story() -> None:
        teller = Teller()
        for deed in deeds:
            await teller.do(deed)
        wire = teller.wire
        if teller.is_open:
            wire.lanes.go_on()
            await asyncio.sleep(200)
            assert wire.lanes.waiting == 0
        wire.lanes.detach("the end")
        fates = Counter(wire.words)
        for _, name in teller.accepted:
            lost = [lost for lost, _ in wire.lost].count(name)
            assert (fates[name], lost) in ((teller.messages[name], 0), (0, 1))
        never_more_than_the_budget(wire)
        in_order(teller)
        for symbol in ("A", "B"):
            times = [
                wire.at(name)
                for name, other in teller.symbols.items()
                if other == symbol and fates[name]
            ]
            assert all(later - at >= 1.0 for at, later in pairwise(times))

    play(story())


@given(st.lists(st.tuples(LANES, st.integers(1, 3), st.sampled_from(["", "A"])), max_size=120))
@settings(max_examples=100)
def test_no_lane_is_passed_by_a_lower_one_that_came_at_the_same_time(
    sends: list[tuple[Lane, int, str]],
) -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.lanes.hold()
        for number, (lane, messages, symbol) in enumerate(sends):
            wire.send(lane, f"{lane.value}{symbol}:{number}", messages, symbol)
        wire.lanes.go_on()
        await asyncio.sleep(400)
        lanes = [
            int(word[0]) for word in wire.words if not (word[0] == str(Lane.ENTRY) and "A" in word)
        ]
        assert lanes == sorted(lanes)
        assert len(wire.words) == sum(messages for _, messages, _ in sends)
        never_more_than_the_budget(wire)
        for lane, ceiling in CEILINGS.items():
            at_once = [word for at, word in wire.left if at == 0 and int(word[0]) >= lane]
            assert len(at_once) <= ceiling

    play(story())
