"""Nobody sends on a session that may not be theirs any more: after a stall, or beside another."""

from json import loads

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.domain.edge.session import SessionState
from backstay.gateway.faults.plan import rule
from backstay.gateway.times import SECOND_NS
from tests.broker.session.rig import START_NS, Edge, Rig, play


def placed(rig: Rig) -> list[str]:
    """The orders that the gateway has read."""
    return [line for line in rig.wire if '"placeOrder"' in line]


@pytest.mark.parametrize(("seconds", "may_send"), [(0.7, True), (1.3, False), (5, False)])
@pytest.mark.req("S4.2")
def test_who_sends_in_the_turn_in_which_a_stall_ends_is_stopped(
    seconds: float, may_send: bool
) -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        assert edge.session.may_send
        rig.stand_still(seconds)
        assert edge.session.may_send is may_send

    play(story)


def test_after_a_stall_only_the_brokers_answer_opens_the_lanes_again() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.sleep(1)
        before = sum('"reqCurrentTime"' in line for line in rig.wire)
        rig.stand_still(3)
        begun = rig.seconds
        await rig.until(lambda: edge.session.may_send)
        assert 0 < rig.seconds - begun < 0.3
        assert sum('"reqCurrentTime"' in line for line in rig.wire) > before
        assert edge.states == ["connecting", "syncing", "ready", "syncing", "ready"]
        assert edge.changes[3].why == "stood still for 3.0 s"
        assert (edge.session.epoch, len(edge.tries)) == (1, 1)
        assert len(edge.resubscribed) == 1

    play(story)


def test_what_came_while_we_stood_still_is_read_before_it_is_called_silence() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.until(lambda: '"reqCurrentTime"' in rig.wire[-1])
        rig.stand_still(6)
        await rig.until(lambda: edge.session.may_send)
        assert edge.states == ["connecting", "syncing", "ready", "syncing", "ready"]
        assert len(edge.tries) == 1

    # The next look is due before the answer is.
    play(story, rule("answers-slow", kinds=["reqCurrentTime"], nth=1, delay="500ms"))


@pytest.mark.parametrize("fault", ["request-unanswered", "answers-slow"])
def test_without_an_answer_in_two_seconds_the_connection_is_given_up(fault: str) -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        rig.stand_still(3)
        begun = rig.seconds
        await rig.until(lambda: edge.state is SessionState.DOWN)
        assert 2 <= rig.seconds - begun < 2.6
        assert "after we stood still" in edge.session.report.why
        await rig.until(lambda: edge.session.may_send)
        assert edge.session.epoch == 2

    play(story, rule(fault, kinds=["reqCurrentTime"], count=1))


@pytest.mark.parametrize("looks_first", [True, False])
def test_what_waits_in_the_lanes_does_not_leave_after_a_stall_before_the_proof(
    looks_first: bool,
) -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.sleep(0.1)
        left = [edge.buy(f"order-{number}") for number in range(200)]
        assert 0 < sum(left) < 200
        await rig.sleep(0.001)
        before = len(rig.wire)
        rig.stand_still(5)
        if looks_first:
            edge.session._look()
        await rig.until(lambda: edge.session.may_send)
        await rig.sleep(10)
        said = [line for line in rig.wire[before:] if '"dir":"in"' in line]
        assert '"reqCurrentTime"' in said[0]
        # What had its turn before the look was told that it may not leave; the rest waited.
        assert any('"placeOrder"' in line for line in said) is looks_first

    play(story)


@pytest.mark.parametrize("looks_first", [True, False])
def test_an_answer_from_before_the_stall_proves_nothing(looks_first: bool) -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        # A question leaves, and while its answer is on its way we stand still.
        seconds = await rig.until(
            lambda: any('"reqCurrentTime"' in line for line in rig.wire), 10, step=0.0001
        )
        assert 5 <= seconds < 5.1
        rig.stand_still(2)
        if looks_first:
            edge.session._look()
        before = sum('"reqCurrentTime"' in line for line in rig.wire)
        await rig.until(lambda: edge.session.may_send)
        asked = [line for line in rig.wire if '"reqCurrentTime"' in line]
        assert len(asked) == before + 1
        read_ns = loads(asked[-1])["t"]
        ready_ns = START_NS + edge.changes[-1].seconds * SECOND_NS
        assert ready_ns > read_ns

    play(story)


def test_nothing_is_sent_on_a_connection_that_is_closing() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.lines[0].close()
        assert not edge.session.may_send

    play(story)


def test_a_session_that_nobody_looks_after_is_not_sent_on() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        assert edge.task is not None
        edge.task.cancel()
        await rig.sleep(1.3)
        assert not edge.session.may_send
        edge.start()
        await rig.sleep(0)
        assert not edge.session.may_send
        await rig.until(lambda: edge.session.may_send)
        assert len(edge.tries) == 1

    play(story)


def test_a_second_session_stands_by_and_takes_over_when_the_first_has_gone() -> None:
    async def story(rig: Rig) -> None:
        first = await rig.ready(rig.edge())
        second = rig.edge()
        await rig.until(lambda: second.state is SessionState.STANDBY)
        await rig.sleep(100)
        assert second.states == ["connecting", "standby"]
        assert (second.session.may_send, second.inbox.answers, second.notices) == (False, [], [])
        assert first.session.may_send
        await first.stop()
        gone = rig.seconds
        await rig.until(lambda: second.session.may_send)
        assert rig.seconds - gone < 1.1

    play(story)


@pytest.mark.req("X.6")
def test_sessions_of_different_client_ids_do_not_stand_in_each_others_way() -> None:
    async def story(rig: Rig) -> None:
        first, second = rig.edge(1), rig.edge(2)
        await rig.ready(first)
        await rig.ready(second)

    play(story)


class Frozen:
    """One of two processes is stopped: it looks at nothing and hears nothing, and goes on later."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        assert edge.task is not None
        edge.task.cancel()
        pulse = edge.session._beating
        assert pulse is not None
        pulse.cancel()
        self._transport = edge.lines[-1]._transport
        assert self._transport is not None
        self._transport.pause_reading()

    def thaw(self) -> None:
        """It goes on: what has arrived meanwhile will be heard in a turn to come."""
        assert self._transport is not None
        self._transport.resume_reading()
        self._edge.start()


async def takeover(rig: Rig, frozen_for: float) -> tuple[Edge, Edge, Frozen]:
    """The gateway drops a stopped session, and another one has taken its place."""
    first = await rig.ready(rig.edge())
    second = rig.edge()
    await rig.until(lambda: second.state is SessionState.STANDBY)
    frozen = Frozen(first)
    rig.net.lines[0].server.abort()
    await rig.sleep(frozen_for)
    await rig.until(lambda: second.session.may_send)
    return first, second, frozen


def test_a_session_that_was_frozen_while_another_took_over_never_sends_again() -> None:
    async def story(rig: Rig) -> None:
        first, second, frozen = await takeover(rig, 5)
        assert second.buy("second")
        # Before anything of the world is heard, in the very turn in which it goes on.
        frozen.thaw()
        assert not first.buy("first")
        for _ in range(200):
            await rig.sleep(0.05)
            assert not first.buy("first")
        assert first.state is SessionState.STANDBY
        assert second.session.may_send
        assert not any('first"' in line for line in placed(rig))
        assert any("second" in line for line in placed(rig))

    play(story)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["stall", "reset", "sleep", "freeze"]), st.integers(1, 40)),
        max_size=8,
    )
)
def test_two_sessions_of_one_client_id_may_never_send_at_once(
    story_of: list[tuple[str, int]],
) -> None:
    async def story(rig: Rig) -> None:
        first, second = rig.edge(), rig.edge()
        await rig.until(lambda: first.session.may_send or second.session.may_send)
        frozen: Frozen | None = None
        for what, tenths in story_of:
            if what == "stall":
                rig.stand_still(tenths / 10)
            elif what == "reset" and rig.net.lines:
                rig.net.lines[0].reset()
            elif what == "freeze" and frozen is None and first.session.may_send:
                frozen = Frozen(first)
                rig.net.lines[0].server.abort()
                await rig.sleep(1.3)
            for _ in range(tenths):
                await rig.sleep(0.1)
                assert not (first.session.may_send and second.session.may_send)
        if frozen is not None:
            frozen.thaw()
            assert not first.session.may_send
        await rig.sleep(10)
        await rig.until(lambda: first.session.may_send or second.session.may_send)
        assert not (first.session.may_send and second.session.may_send)

    play(story)
