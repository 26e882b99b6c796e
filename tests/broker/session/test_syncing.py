"""What is read before anything may be sent, and what becomes of answers that do not come."""

from datetime import timedelta

import pytest

from backstay.broker.news import ErrorNews, UnreadNews
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import IntentKey, Purpose
from backstay.gateway.faults.plan import rule
from tests.broker.session.rig import START, Rig, now, play

QUESTIONS = ["positions", "open orders", "completed orders", "executions", "account"]
NEEDED = [
    "reqPositions",
    "reqAllOpenOrders",
    "reqCompletedOrders",
    "reqExecutions",
    "reqAccountUpdates",
]


def test_everything_is_asked_for_and_executions_after_the_orders() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        assert [question for question, _ in edge.inbox.answers] == QUESTIONS
        assert edge.inbox.completeness.is_whole
        times = [asked_at for _, asked_at in edge.inbox.answers]
        assert times == sorted(times)
        assert len(set(times)) == len(times)

    play(story)


@pytest.mark.parametrize("kind", NEEDED)
def test_one_question_without_an_answer_keeps_it_from_being_ready(kind: str) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.sleep(9.9)
        assert edge.state is SessionState.SYNCING
        assert not edge.session.may_send
        await rig.until(lambda: edge.session.may_send)
        assert edge.session.epoch == 1

    audit = play(story, rule("request-unanswered", kinds=[kind], count=1)).audit
    assert any("request-unanswered" in line for line in audit)


@pytest.mark.parametrize("kind", NEEDED)
def test_a_slow_answer_is_waited_for(kind: str) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: edge.session.may_send)
        assert 5 <= rig.seconds < 6
        assert len(edge.tries) == 1

    play(story, rule("answers-slow", kinds=[kind], delay="5s"))


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        ("reqPositions", 10),
        ("reqAllOpenOrders", 10),
        ("reqCompletedOrders", 20),
        ("reqAccountUpdates", 10),
    ],
)
def test_a_question_that_can_not_be_asked_again_has_another_connection_tried_soon(
    kind: str, seconds: int
) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: edge.session.may_send)
        assert len(edge.tries) == 2
        assert seconds + 1 <= rig.seconds < seconds + 2

    play(story, rule("request-unanswered", kinds=[kind], count=1))


def test_a_question_that_is_stuck_while_all_goes_on_has_another_connection_tried() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.inbox.doubts = (IntentKey("01ABCDEF", 0, Purpose.ENTRY, 1),)
        await rig.until(lambda: not edge.session.may_send)
        edge.inbox.doubts = ()
        # Five to doubt, ten without an answer, five left alone, ten for the one that is owed.
        assert rig.seconds == pytest.approx(30, abs=1)
        await rig.until(lambda: edge.session.may_send)
        assert len(edge.tries) == 2

    play(story, rule("request-unanswered", kinds=["reqAllOpenOrders"], nth=2))


def test_what_is_being_read_is_not_asked_for_again() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.inbox.doubts = (IntentKey("01ABCDEF", 0, Purpose.ENTRY, 1),)
        before = len(rig.wire)
        await rig.sleep(20)
        assert sum('"reqAllOpenOrders"' in line for line in rig.wire[before:]) == 2
        assert [question for question, _ in edge.inbox.answers].count("executions") == 2

    play(story, rule("answers-slow", kinds=["reqExecutions"], delay="8s"))


def test_executions_that_never_come_have_another_connection_tried() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: len(edge.tries) == 2, 300)
        executions = [line for line in rig.wire if '"reqExecutions"' in line]
        assert sum('"conn":1,' in line for line in executions) == 3
        assert edge.session.epoch == 0
        whys = [change.why for change in edge.changes if change.state is SessionState.DOWN]
        assert "executions" in whys[0]

    play(story, rule("request-unanswered", kinds=["reqExecutions"]))


@pytest.mark.parametrize("fault", ["reset-before-frame", "reset-after-frame"])
@pytest.mark.parametrize("kind", NEEDED)
def test_a_connection_that_breaks_while_it_is_read_is_replaced(fault: str, kind: str) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: edge.session.may_send)
        assert len(edge.tries) == 2
        assert (edge.session.epoch, edge.inbox.sessions) == (1, 2)

    play(story, rule(fault, kinds=[kind], count=1))


@pytest.mark.parametrize(
    ("way", "nth"), [("in", 1), ("in", 2), ("in", 4), ("in", 6), *(("out", n) for n in range(1, 9))]
)
def test_a_frame_that_breaks_off_has_the_connection_replaced(way: str, nth: int) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: edge.session.may_send)
        assert len(edge.tries) == 2

    play(story, rule("reset-mid-frame", kinds=[way], nth=nth))


@pytest.mark.parametrize("nth", [3, 4, 5, 6, 7])
def test_a_frame_larger_than_anything_has_the_connection_replaced(nth: int) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: edge.session.may_send)
        assert len(edge.tries) == 2

    play(story, rule("oversized-frame", nth=nth))


@pytest.mark.parametrize("shape", ["noise", "unknown-id", "cut-short"])
def test_what_was_read_with_a_garbled_frame_in_it_is_read_again(shape: str) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: edge.session.may_send)
        garbled = [news for news in edge.news if isinstance(news, UnreadNews)]
        assert garbled
        asked = [question for question, _ in edge.inbox.answers]
        assert asked.count("executions") == 2
        assert len(edge.tries) == 1

    play(story, rule("garbage-frame", shape=shape, nth=12))


def test_a_gateway_without_ib_is_not_believed_until_it_has_it_back() -> None:
    async def story(rig: Rig) -> None:
        await rig.sleep(11)
        edge = rig.edge()
        await rig.until(lambda: edge.state is SessionState.DEGRADED)
        assert "2110" in edge.session.report.why
        await rig.until(lambda: edge.session.may_send)
        assert 30 <= rig.seconds < 60
        assert edge.session.epoch == 1

    play(story, rule("upstream-lost", at="+10s", lasting="20s"))


def test_what_is_unexplained_is_asked_again_until_it_is_explained() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.inbox.answers.clear()
        edge.inbox.doubts = (IntentKey("01ABCDEF", 0, Purpose.ENTRY, 1),)
        await rig.sleep(20)
        asked = [question for question, _ in edge.inbox.answers]
        assert asked == ["open orders", "completed orders", "executions"] * 3
        edge.inbox.doubts = ()
        edge.inbox.answers.clear()
        await rig.sleep(20)
        assert edge.inbox.answers == []
        assert edge.states == ["connecting", "syncing", "ready"]
        assert edge.session.epoch == 1

    play(story)


def test_what_no_reading_explains_is_asked_for_ever_more_seldom_until_it_is_another() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        edge.inbox.answers.clear()
        one, other = (IntentKey(trade, 0, Purpose.ENTRY, 1) for trade in ("01ABCDEF", "01ABCDEG"))
        edge.inbox.doubts = (one,)

        def asked() -> int:
            count = sum(question == "executions" for question, _ in edge.inbox.answers)
            edge.inbox.answers.clear()
            return count

        await rig.sleep(120)
        assert asked() == 13
        await rig.sleep(600)
        assert asked() in (10, 11)
        edge.inbox.doubts = (one, other)
        await rig.sleep(30)
        assert asked() >= 5

    play(story)


def test_what_is_read_is_given_up_in_silence_when_it_has_to_be_read_anew() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.until(lambda: "positions" in [question for question, _ in edge.inbox.answers])
        await rig.sleep(1)
        edge.session.hear(ErrorNews(-1, 1102, "restored", now()))
        again_at = rig.seconds
        await rig.ready(edge)
        asked = [question for question, _ in edge.inbox.answers]
        assert asked == [
            "positions",
            *("positions", "open orders", "completed orders", "executions", "account"),
        ]
        again = START + timedelta(seconds=again_at)
        assert all(asked_at >= again for _, asked_at in edge.inbox.answers[1:])
        assert edge.states == ["connecting", "syncing", "ready"]

    play(story, rule("answers-slow", kinds=["reqAllOpenOrders"], nth=1, delay="3s"))


def test_of_two_readings_that_are_to_begin_only_the_later_one_asks() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        # The first reading fails, and is to be repeated in a second.
        await rig.until(lambda: edge.changes and "executions" in edge.changes[-1].why)
        before = len(rig.wire)
        await rig.sleep(0.5)
        edge.session.hear(ErrorNews(-1, 1102, "restored", now()))
        await rig.ready(edge)
        await rig.sleep(2)
        assert sum("reqPositions" in line for line in rig.wire[before:]) == 1

    play(story, rule("request-unanswered", kinds=["reqExecutions"], nth=1))


@pytest.mark.req("S0.2")
def test_orders_and_executions_are_read_every_minute() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.sleep(600)
        asked = [question for question, _ in edge.inbox.answers]
        assert asked.count("executions") == 10
        assert asked.count("positions") == 1
        assert edge.session.epoch == 1

    play(story)
