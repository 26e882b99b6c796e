"""Claims, ends, reconnects and refusals in any order."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.broker.doors.market import Rank, Subscription
from tests.broker.feeds.bench import Bench, Ear, instrument, play

LINES = 3
CONTRACTS = 6
CODES = (101, 354, 200, 322, 10167, 10197)
FARMS = (1100, 1101, 1102, 2103, 2104)

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("want"), st.integers(1, CONTRACTS), st.sampled_from(Rank)),
        st.tuples(st.just("end"), st.integers(0, 10)),
        st.tuples(st.just("refuse"), st.integers(1, CONTRACTS), st.sampled_from(CODES)),
        st.tuples(st.just("allow"), st.integers(1, CONTRACTS)),
        st.tuples(st.just("grant"), st.integers(0, LINES)),
        st.tuples(st.just("farm"), st.sampled_from(FARMS)),
        st.tuples(st.just("wait"), st.sampled_from((0.5, 3.0, 20.0, 400.0))),
        st.tuples(st.just("connect"), st.booleans()),
        st.tuples(st.just("hold"), st.booleans()),
    ),
    max_size=30,
)


@dataclass
class Held:
    """A claim that was granted, as the test remembers it."""

    con_id: int
    rank: Rank
    ear: Ear
    subscription: Subscription


class Account:
    """What was claimed, and what has to hold at every moment."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.claims: list[Held] = []
        self.is_connected = True

    def want(self, con_id: int, rank: Rank) -> None:
        ear = Ear()
        subscription = self.bench.feeds.want(instrument(con_id), ear, rank)
        if subscription is not None:
            self.claims.append(Held(con_id, rank, ear, subscription))

    def end(self, place: int) -> None:
        if self.claims:
            held = self.claims.pop(place % len(self.claims))
            held.subscription.end()
            heard = list(held.ear.heard)
            self.bench.tick(held.con_id)
            assert held.ear.heard == heard, "who has given up hears nothing more"

    def refuse(self, con_id: int, code: int) -> None:
        bench = self.bench
        if code in {354, 200}:
            bench.refusals[con_id] = code
        for request_id, of in tuple(bench.line.lines.items()):
            if of == con_id:
                if code not in {10167, 10197}:
                    del bench.line.lines[request_id]
                bench.error(request_id, code)

    def connect(self, *, on: bool) -> None:
        if on == self.is_connected:
            return
        self.is_connected = on
        if on:
            self.bench.connect()
        else:
            self.bench.disconnect()

    def hear_farm(self, code: int) -> None:
        bench = self.bench
        if code == 1101:
            bench.line.lines.clear()
        bench.error(-1, code)
        if code == 1101 and self.is_connected:
            bench.feeds.attach(bench.line)

    def look(self) -> None:
        bench, feeds = self.bench, self.bench.feeds
        assert feeds.lines_used <= feeds.lines_max <= LINES
        assert bench.lines_most <= LINES
        assert len(bench.line.lines) == len(bench.subscribed), "one line an instrument"
        for held in self.claims:
            report = feeds.report(held.con_id)
            assert report is not None
            if not self.is_connected:
                assert not report.is_connected
            elif report.is_subscribed:
                assert held.con_id in bench.subscribed
        for held in self.claims:
            bench.tick(held.con_id)
        for held in self.claims:
            assert bench.heard(held.ear) <= {held.con_id}
            report = feeds.report(held.con_id)
            if self.is_connected and report is not None and report.is_subscribed:
                assert bench.heard(held.ear) == {held.con_id}
                assert held.ear.heard.pop()

    def look_at_the_end(self) -> None:
        """Once nothing is held back, a guarded claim is without a line only for want of lines."""
        subscribed = self.bench.subscribed
        guarded = {held.con_id for held in self.claims if held.rank is Rank.GUARDED}
        without = guarded - subscribed - set(self.bench.refusals)
        if without:
            assert subscribed <= guarded
            assert len(subscribed) == self.bench.feeds.lines_max
        claimed = {held.con_id for held in self.claims}
        lacking = claimed - subscribed - set(self.bench.refusals)
        assert not lacking or len(subscribed) == self.bench.feeds.lines_max


async def carry_out(account: Account, event: tuple[Any, ...]) -> None:
    """One event."""
    bench = account.bench
    match event:
        case ("want", con_id, rank):
            account.want(con_id, rank)
        case ("end", place):
            account.end(place)
        case ("refuse", con_id, code):
            account.refuse(con_id, code)
        case ("allow", con_id):
            bench.refusals.pop(con_id, None)
        case ("grant", count):
            bench.granted = max(count, len(bench.line.lines))
        case ("farm", code):
            account.hear_farm(code)
        case ("wait", seconds):
            await asyncio.sleep(seconds)
        case ("connect", on):
            account.connect(on=on)
        case ("hold", on):
            bench.lanes.is_held = on
            if not on:
                bench.lanes.release()
        case _:
            raise AssertionError(f"nobody knows {event}")


@settings(max_examples=150, deadline=None)
@given(EVENTS)
@pytest.mark.req("X.9")
def test_whatever_happens_the_budget_holds_and_everybody_hears_their_own(
    events: list[tuple[Any, ...]],
) -> None:
    async def story(bench: Bench) -> None:
        account = Account(bench)
        for event in events:
            await carry_out(account, event)
            bench.answer()
            account.look()
        await carry_out(account, ("hold", False))
        account.connect(on=True)
        bench.answer()
        await asyncio.sleep(1000)
        bench.answer()
        await asyncio.sleep(1)
        account.look()
        account.look_at_the_end()

    play(story, LINES)
