"""How a session that is ready stays so, and how it notices that it is not any more."""

from datetime import timedelta

import pytest

from backstay.broker.news import ErrorNews
from backstay.domain.edge.session import SessionState
from backstay.domain.incidents.kinds import IncidentKind
from backstay.gateway.faults.plan import rule
from tests.broker.session.rig import AAPL, START, Edge, Rig, play


async def stream(rig: Rig, edge: Edge) -> None:
    """Prices of AAPL, moving ten times a second from now on."""
    frames = edge.encoder.frames(
        lambda client: client.reqMktData(1_900_000_000, AAPL, "", False, False, [])
    )
    edge.lines[-1].write(frames)
    await rig.sleep(1)


def test_the_broker_is_asked_for_a_sign_of_life_every_five_seconds() -> None:
    async def story(rig: Rig) -> None:
        await rig.ready(rig.edge())
        await rig.sleep(100)
        assert 19 <= sum('"reqCurrentTime"' in line for line in rig.wire) <= 21

    play(story)


@pytest.mark.parametrize("at", ["+11s", "+12s", "+13s", "+14s", "+15s"])
def test_a_connection_through_which_nothing_flows_is_noticed_within_ten_seconds(at: str) -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        assert edge.lines[0].is_open
        gone = await rig.until(lambda: not edge.session.may_send)
        assert float(at[1:-1]) < gone <= float(at[1:-1]) + 10
        assert "nothing was heard" in edge.changes[3].why
        assert edge.lines[0].is_open is False

    play(story, rule("half-open", at=at, lasting="3000s"))


def test_a_dead_connection_is_replaced() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.until(lambda: edge.session.epoch == 2)
        assert rig.seconds < 21
        assert edge.session.may_send

    play(story, rule("half-open", at="+10s", lasting="60s"))


def test_a_sign_of_life_that_is_not_answered_is_forgiven_while_prices_come() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await stream(rig, edge)
        for cent in range(400):
            rig.show(bid=f"{99 - cent % 50 / 100}")
            await rig.sleep(0.1)
        assert len(edge.tries) == 1

    play(story, rule("request-unanswered", kinds=["reqCurrentTime"]))


def test_a_sign_of_life_that_is_not_answered_is_not_forgiven_in_silence() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.until(lambda: len(edge.tries) == 2)
        assert rig.seconds < 11

    play(story, rule("request-unanswered", kinds=["reqCurrentTime"]))


@pytest.mark.parametrize(("then", "resubscribes"), [("kept", 1), ("lost", 2)])
def test_everything_is_read_again_once_the_gateway_has_ib_back(
    then: str, resubscribes: int
) -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.inbox.answers.clear()
        await rig.until(lambda: edge.state is SessionState.DEGRADED)
        assert "1100" in edge.session.report.why
        assert (edge.session.may_send, edge.session.may_modify) == (False, False)
        await rig.until(lambda: edge.session.may_send)
        assert edge.states[2:] == ["ready", "degraded", "syncing", "ready"]
        asked = [question for question, _ in edge.inbox.answers]
        assert asked == ["positions", "open orders", "completed orders", "executions", "account"]
        assert (edge.session.epoch, edge.inbox.sessions) == (2, 1)
        assert len(edge.resubscribed) == resubscribes
        assert (len(edge.tries), rig.seconds < 31) == (1, True)

    play(story, rule("upstream-lost", at="+10s", lasting="20s", then=then))


def test_a_person_is_told_that_the_gateway_has_lost_ib() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.sleep(13.5)
        assert edge.notices == []
        await rig.sleep(1)
        (notice,) = edge.notices
        assert notice.kind is IncidentKind.CONNECTION_LOST
        assert notice.subject == "DU1234567 as client 1"
        assert notice.text.startswith("degraded for 4 s: 1100: Connectivity between IB")

    play(story, rule("upstream-lost", at="+10s", lasting="200s"))


def test_what_was_asked_before_ib_was_lost_is_not_believed_after_it() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: edge.state is SessionState.DEGRADED)
        assert edge.inbox.answers == []
        await rig.until(lambda: edge.session.may_send)
        assert edge.inbox.answers[0][0] == "positions"
        asked = [question for question, _ in edge.inbox.answers]
        assert asked == ["positions", "open orders", "completed orders", "executions", "account"]
        assert edge.inbox.answers[0][1] >= START + timedelta(seconds=5)
        assert len(edge.tries) == 1

    play(
        story,
        rule("answers-slow", kinds=["reqPositions"], delay="3s", count=1),
        rule("upstream-lost", at="+1s", lasting="4s"),
    )


@pytest.mark.parametrize("code", [2103, 2105, 2104, 2106, 2157, 2158])
def test_broken_data_farms_are_no_affair_of_the_session(code: int) -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.session.hear(ErrorNews(-1, code, "a farm", edge.session.report.since))
        assert edge.session.may_send

    play(story)


def test_a_gateway_that_moves_to_another_port_is_left() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.session.hear(ErrorNews(-1, 1300, "the port is 4003 now", edge.session.report.since))
        assert edge.session.report.why == "1300: the port is 4003 now"
        assert not edge.session.may_send

    play(story)


def test_a_garbled_frame_has_orders_and_executions_read_again() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.inbox.answers.clear()
        await rig.sleep(20)
        asked = [question for question, _ in edge.inbox.answers]
        assert asked == ["open orders", "completed orders", "executions"]
        assert edge.session.may_send

    play(story, rule("garbage-frame", at="+6s", count=1))


def test_what_follows_the_session_may_fail_without_harm_to_it() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()

        def fail(_report: object) -> None:
            raise RuntimeError("no")

        edge.session.on_change(fail)
        await rig.ready(edge)
        assert {notice.kind for notice in edge.notices} == {IncidentKind.TASK_FAILED}
        assert edge.notices[0].subject == "the session, telling a change"
        assert edge.notices[0].text.startswith("RuntimeError: no")

    play(story)
