"""At most one order of a key ever reaches the broker, whatever gets lost on the way."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.broker.doors.ordering import Left
from backstay.domain.edge.looking import Absent
from backstay.domain.edge.submission import SubmitAnswer
from backstay.domain.orders.outcome import Accepted, Rejected
from tests.broker.desk.counter import Counter, play
from tests.broker.desk.samples import AAPL, ENTRY, FLAT, submission


class Fate(StrEnum):
    """What becomes of a written order."""

    SWALLOWED = "swallowed"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"


class Step(StrEnum):
    """What may happen next."""

    SUBMIT = "submit"
    SUBMIT_TWICE = "submit twice"
    RELEASE = "release"
    FIND = "find"
    FIND_AND_SUBMIT = "find and submit"
    CANCEL = "cancel"
    FILL_LANE = "fill the lane"
    EMPTY_LANE = "empty the lane"
    LOSE_LINE = "lose the line"
    COME_BACK = "come back"
    HEAR = "hear what was not told"
    WAIT = "wait"
    WAIT_LONG = "wait long"


@dataclass
class Broker:
    """Reads what is written, as fate has it, and shows what it has when it is asked."""

    counter: Counter
    fates: list[Fate]
    placed: list[int] = field(default_factory=list)
    """The order ids under which it has taken an order."""
    cancelled: bool = False
    read: int = 0

    def take_in(self) -> None:
        """Read what has been written since."""
        written, self.read = self.counter.written[self.read :], len(self.counter.written)
        for (frame,) in written:
            word, number = frame.split()[:2]
            if word == "cancel":
                self.cancelled = self.cancelled or int(number) in self.placed
                continue
            fate = self.fates.pop(0) if self.fates else Fate.READ
            if fate is Fate.REJECTED:
                self.counter.error(201, order_id=int(number))
            elif fate is not Fate.SWALLOWED:
                self.placed.append(int(number))
                if fate is Fate.ACKNOWLEDGED:
                    self.show()

    def show(self) -> None:
        """Tell of every order, under the order ids of the session in which it was placed."""
        status = "Cancelled" if self.cancelled else "Submitted"
        for order_id in self.placed:
            self.counter.show(ENTRY, order_id, 1000 + order_id, status)


def submit(counter: Counter) -> asyncio.Task[SubmitAnswer]:
    return asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))


async def take(counter: Counter, broker: Broker, step: Step) -> list[asyncio.Task[SubmitAnswer]]:
    """One step; the submissions that it has begun."""
    begun = []
    match step:
        case Step.SUBMIT:
            begun = [submit(counter)]
        case Step.SUBMIT_TWICE:
            begun = [submit(counter), submit(counter)]
        case Step.FIND | Step.FIND_AND_SUBMIT:
            answer = await counter.desk.find(ENTRY.key, AAPL.con_id, FLAT)
            if isinstance(answer, Absent):
                assert broker.placed == [], "absent, and the broker has it"
                begun = [submit(counter)] if step is Step.FIND_AND_SUBMIT else []
        case Step.WAIT:
            await asyncio.sleep(0.3)
        case Step.WAIT_LONG:
            await asyncio.sleep(3)
        case _:
            happen(counter, broker, step)
    await asyncio.sleep(0.01)
    broker.take_in()
    return begun


def happen(counter: Counter, broker: Broker, step: Step) -> None:
    """A step that takes no time."""
    match step:
        case Step.RELEASE:
            counter.desk.release(counter.desk.prepare(submission(ENTRY)))
        case Step.CANCEL:
            counter.desk.cancel_now(ENTRY.key)
        case Step.FILL_LANE:
            counter.lanes.is_full = True
        case Step.EMPTY_LANE:
            counter.lanes.let_go()
        case Step.LOSE_LINE:
            counter.lose_line()
        case Step.COME_BACK:
            counter.session.come_back()
            broker.show()
        case Step.HEAR:
            broker.show()
        case _:
            raise AssertionError(step)


@pytest.mark.req("I1", "S0.1", "S4.3")
@given(
    steps=st.lists(st.sampled_from(Step), max_size=14),
    fates=st.lists(st.sampled_from(Fate), max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_at_most_one_order_of_a_key_is_ever_taken_by_the_broker(
    steps: list[Step], fates: list[Fate]
) -> None:
    async def story(counter: Counter) -> None:
        broker = Broker(counter, fates)
        counter.asks.news = [broker.take_in, broker.show]
        begun: list[asyncio.Task[SubmitAnswer]] = []
        for step in steps:
            begun += await take(counter, broker, step)
            assert len(broker.placed) <= 1
        counter.lanes.let_go()
        answers = await asyncio.gather(*begun)
        broker.take_in()
        assert len(broker.placed) <= 1
        for answer in answers:
            if isinstance(answer, Accepted):
                assert broker.placed == [answer.order_id]
            if isinstance(answer, Rejected):
                assert broker.placed == []

    play(story)


@pytest.mark.req("I1")
def test_many_who_submit_at_once_share_one_sending() -> None:
    async def story(counter: Counter) -> None:
        desk = counter.desk
        tasks = [asyncio.ensure_future(desk.submit(submission(ENTRY))) for _ in range(20)]
        await asyncio.sleep(0.1)
        assert isinstance(desk.release(desk.prepare(submission(ENTRY))), Left)
        counter.show(ENTRY)
        answers = await asyncio.gather(*tasks)
        assert len(counter.written) == 1
        assert len(set(answers)) == 1

    play(story)
