"""The clock: never wrong by more than it says, never backwards, and soon right to a hundredth."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.broker.clock.broker_clock import BrokerClock, TimeUnknownError
from backstay.broker.doors.wire import NotAnsweredError
from backstay.broker.news import StampNews
from backstay.broker.notices import Notice
from backstay.domain.incidents.kinds import IncidentKind
from backstay.gateway.times import SECOND_NS
from backstay.lab.virtual_time import run

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def play(story: Coroutine[Any, Any, None]) -> None:
    run(story, start_ns=1_795_446_000 * SECOND_NS)


class Broker:
    """A broker whose clock drifts and can be stepped, behind a slow line."""

    def __init__(
        self, phase: float = 0.0, ppm: float = 0.0, latency: Callable[[], float] = lambda: 0.0001
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.phase, self.ppm, self.latency = phase, ppm, latency
        self.asked_at: list[float] = []
        self.is_silent = False

    def true(self) -> datetime:
        elapsed = self.loop.time() * (1 + self.ppm / 1_000_000)
        return NOON + timedelta(seconds=self.phase + elapsed)

    async def ask(self) -> datetime:
        self.asked_at.append(self.loop.time())
        await asyncio.sleep(self.latency())
        if self.is_silent:
            raise NotAnsweredError("current time")
        stamp = self.true().replace(microsecond=0)
        await asyncio.sleep(self.latency())
        return stamp


class Owner:
    """A clock and whoever keeps it."""

    def __init__(self, broker: Broker, guess: datetime | None = None) -> None:
        self.broker = broker
        self.notices: list[Notice] = []
        self.clock = BrokerClock(self.notices.append, guess)

    def follow(self) -> "asyncio.Task[None]":
        async def follow() -> None:
            while True:
                await asyncio.sleep(max(self.clock.next_probe_in(), 0.25))
                with suppress(NotAnsweredError):
                    await self.ask_once()

        return asyncio.create_task(follow())

    async def ask_once(self) -> None:
        await self.clock.ask(self.broker.ask)

    def check(self) -> float:
        """The error, which is true."""
        known = self.clock.known
        assert known is not None
        off = abs((known.at - self.broker.true()).total_seconds())
        assert off <= known.error_seconds + 1e-6
        return known.error_seconds


def test_before_the_broker_has_answered_there_is_no_time() -> None:
    async def story() -> None:
        owner = Owner(Broker())
        assert owner.clock.known is None
        assert owner.clock.next_probe_in() == 0
        with pytest.raises(TimeUnknownError, match="the broker has not told its time yet"):
            owner.clock.now()

    play(story())


@pytest.mark.parametrize(("hours", "way"), [(1, "ahead of"), (-1, "behind")])
def test_a_guess_that_was_far_off_is_dropped_and_that_is_told(hours: int, way: str) -> None:
    async def story() -> None:
        owner = Owner(Broker(), guess=NOON + timedelta(hours=hours))
        await asyncio.sleep(5)
        assert owner.clock.now() == NOON + timedelta(hours=hours, seconds=5)
        assert owner.clock.known is None
        await owner.ask_once()
        assert abs(owner.clock.now() - NOON - 5 * SECOND) < SECOND
        (notice,) = owner.notices
        assert notice.kind is IncidentKind.CLOCK_STEPPED
        assert notice.text.startswith("this machine's date was ")
        assert notice.text.endswith(f" s {way} it; set it right")
        assert abs(notice.at - NOON - 5 * SECOND) < SECOND

    play(story())


@pytest.mark.parametrize("ahead", [-4.4, 0.0, 4.4])
def test_a_guess_that_was_nearly_right_is_approached_without_a_step_back(ahead: float) -> None:
    async def story() -> None:
        owner = Owner(Broker(phase=0.9), guess=NOON + timedelta(seconds=0.9 + ahead))
        seen = [owner.clock.now()]
        following = owner.follow()
        for _ in range(700):
            await asyncio.sleep(0.1)
            seen.append(owner.clock.now())
            if owner.clock.known is not None:
                owner.check()
        following.cancel()
        assert all(one < two for one, two in pairwise(seen))
        assert owner.check() < 0.02
        assert owner.notices == []

    play(story())


def test_one_answer_in_whole_seconds_leaves_half_a_second_to_both_sides() -> None:
    async def story() -> None:
        owner = Owner(Broker(phase=0.3))
        await owner.ask_once()
        assert owner.check() == pytest.approx(0.5001, abs=0.0001)

    play(story())


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("phase", [0.0, 0.001, 0.25, 0.499, 0.5, 0.777, 0.999])
@pytest.mark.parametrize("ppm", [-100, 0, 100])
def test_a_dozen_questions_at_well_chosen_times_bring_the_error_below_a_hundredth(
    phase: float, ppm: int
) -> None:
    async def story() -> None:
        owner = Owner(Broker(phase, ppm))
        following = owner.follow()
        await asyncio.sleep(13)
        assert owner.check() < 0.011
        assert len(owner.broker.asked_at) <= 14
        for _ in range(200):
            await asyncio.sleep(7)
            assert owner.check() < 0.03
        assert len(owner.broker.asked_at) < 200
        assert owner.notices == []
        following.cancel()

    play(story())


def test_a_slow_line_is_not_asked_without_end_for_what_it_can_not_tell() -> None:
    async def story() -> None:
        owner = Owner(Broker(latency=lambda: 0.2))
        following = owner.follow()
        await asyncio.sleep(600)
        assert owner.check() < 0.45
        assert len(owner.broker.asked_at) < 40
        following.cancel()

    play(story())


def test_an_answer_that_took_seconds_is_no_reason_to_be_content_with_what_it_tells() -> None:
    async def story() -> None:
        slow = iter((1.8, 1.8))
        owner = Owner(Broker(latency=lambda: next(slow, 0.0001)))
        await owner.ask_once()
        assert 2 < owner.check() < 2.5
        assert owner.clock.next_probe_in() < 1.5
        following = owner.follow()
        await asyncio.sleep(5)
        assert owner.check() < 0.5
        following.cancel()

    play(story())


@given(
    phase=st.floats(0, 1),
    ppm=st.integers(-100, 100),
    latencies=st.lists(st.floats(0, 2), min_size=1, max_size=10),
    pauses=st.lists(st.floats(0, 40), min_size=1, max_size=25),
)
@settings(max_examples=60)
def test_whatever_the_latency_the_true_time_is_within_the_error_and_time_goes_on(
    phase: float, ppm: int, latencies: list[float], pauses: list[float]
) -> None:
    async def story() -> None:
        turns = [0]

        def latency() -> float:
            turns[0] += 1
            return latencies[turns[0] % len(latencies)]

        owner = Owner(Broker(phase, ppm, latency))
        await owner.ask_once()
        following = owner.follow()
        seen = [owner.clock.now()]
        for pause in pauses:
            await asyncio.sleep(pause)
            owner.check()
            seen += [owner.clock.now(), owner.clock.now()]
        assert all(one < two for one, two in pairwise(seen))
        assert owner.notices == []
        following.cancel()

    play(story())


def test_two_calls_in_the_same_instant_are_a_microsecond_apart() -> None:
    async def story() -> None:
        owner = Owner(Broker())
        await owner.ask_once()
        first = owner.clock.now()
        assert owner.clock.now() - first == timedelta(microseconds=1)

    play(story())


@pytest.mark.parametrize(("step", "way"), [(5.0, "forward"), (-5.0, "back")])
def test_a_step_is_believed_when_a_second_answer_confirms_it_and_told_once(
    step: float, way: str
) -> None:
    async def story() -> None:
        owner = Owner(Broker())
        following = owner.follow()
        await asyncio.sleep(20)
        owner.broker.phase += step
        await asyncio.sleep(70)
        following.cancel()
        (notice,) = owner.notices
        assert notice.kind is IncidentKind.CLOCK_STEPPED
        assert notice.subject == "the broker's clock"
        size, direction = notice.text.removeprefix("two answers in a row put it ").split(" s ")
        assert abs(float(size) - 5) < 0.6
        assert direction == way
        owner.check()

    play(story())


def test_after_a_step_back_time_goes_on_a_tenth_slower_until_it_is_right_again() -> None:
    async def story() -> None:
        owner = Owner(Broker())
        following = owner.follow()
        await asyncio.sleep(20)
        owner.broker.phase -= 2
        seen = [owner.clock.now()]
        for _ in range(1000):
            await asyncio.sleep(0.1)
            seen.append(owner.clock.now())
            owner.check() if owner.notices else None
        following.cancel()
        steps = [(two - one).total_seconds() for one, two in pairwise(seen)]
        assert min(steps) == pytest.approx(0.09, abs=1e-4)
        assert owner.check() < 0.03

    play(story())


def test_one_false_answer_changes_nothing_but_the_error_and_is_asked_after_soon() -> None:
    async def story() -> None:
        owner = Owner(Broker(phase=0.5))
        following = owner.follow()
        await asyncio.sleep(20)
        following.cancel()
        now = asyncio.get_running_loop().time()
        before = owner.clock.now()
        owner.clock.answered(owner.broker.true() + 3600 * SECOND, now, now)
        assert owner.clock.now() - before < timedelta(milliseconds=1)
        known = owner.clock.known
        assert known is not None
        assert 3598 < known.error_seconds < 3602
        assert owner.clock.next_probe_in() == pytest.approx(0.3)
        await asyncio.sleep(0.3)
        await owner.ask_once()
        assert owner.check() < 0.02
        assert owner.notices == []

    play(story())


def test_a_stamp_ahead_of_everything_that_is_possible_has_the_broker_asked() -> None:
    async def story() -> None:
        owner = Owner(Broker())
        owner.clock.heard(StampNews(NOON + 5 * SECOND, SECOND))
        following = owner.follow()
        await asyncio.sleep(20)
        following.cancel()
        assert owner.clock.next_probe_in() > 1
        owner.clock.heard(StampNews(owner.broker.true(), SECOND))
        owner.clock.heard(StampNews(NOON, timedelta(0)))
        assert owner.clock.next_probe_in() > 1
        before = owner.check()
        owner.clock.heard(StampNews(owner.broker.true() + SECOND, SECOND))
        owner.clock.heard(StampNews(NOON, timedelta(0)))
        assert owner.clock.next_probe_in() == 0
        assert owner.check() == pytest.approx(before, abs=1e-5)
        await owner.ask_once()
        assert owner.clock.next_probe_in() > 1

    play(story())


def test_a_broker_that_does_not_answer_is_asked_again_and_the_error_grows() -> None:
    async def story() -> None:
        owner = Owner(Broker(ppm=80))
        following = owner.follow()
        await asyncio.sleep(20)
        owner.broker.is_silent = True
        asked = len(owner.broker.asked_at)
        await asyncio.sleep(3600)
        assert owner.check() == pytest.approx(0.36, abs=0.02)
        assert len(owner.broker.asked_at) > asked + 1000
        owner.broker.is_silent = False
        await asyncio.sleep(20)
        assert owner.check() < 0.02
        assert owner.notices == []
        following.cancel()

    play(story())


def test_all_that_is_heard_of_one_read_was_read_at_once_and_never_before_what_was_told_since() -> (
    None
):
    async def story() -> None:
        clock = BrokerClock(lambda _notice: None, NOON)
        clock.begin_read()
        read_at = clock.read_at()
        assert clock.read_at() == read_at
        told = clock.now()
        assert clock.read_at() == told > read_at
        await asyncio.sleep(1)
        clock.begin_read()
        assert clock.read_at() == read_at + SECOND

    play(story())
