"""How the session comes about, and what it does while there is none; against the gateway."""

from dataclasses import replace
from datetime import time
from typing import Any, NoReturn

import pytest

from backstay.broker.session.accounts import kind_of
from backstay.broker.session.needs import Connection, Ended
from backstay.broker.settings import EdgeSettings
from backstay.domain.edge.session import SessionState
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.facts import AccountKind
from backstay.domain.sessions.broker_day import Absence, RestartWindow
from backstay.gateway.faults.plan import rule
from backstay.gateway.settings import AccountSettings, Settings
from tests.broker.session.rig import ACCOUNT, HOST, PORT, Edge, Rig, play

# The story begins at ten o'clock in New York.
WINDOW = RestartWindow(Absence.NIGHTLY_RESTART, time(10, 1), length_minutes=10)


class Unwelcome:
    """A line that fails when it is asked for its accounts."""

    def __init__(self, line: Any) -> None:
        self._line = line

    @property
    def accounts(self) -> NoReturn:
        raise RuntimeError("no")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)


def lost(edge: Edge) -> list[str]:
    """What a person was told of the connection."""
    return [notice.text for notice in edge.notices if notice.kind is IncidentKind.CONNECTION_LOST]


SETTINGS = EdgeSettings(HOST, PORT, 1, ACCOUNT, AccountKind.PAPER, limits=None)


def waits(edge: Edge) -> list[float]:
    """The pauses between its tries."""
    pairs = zip(edge.tries, edge.tries[1:], strict=False)
    return [round(later - earlier, 2) for earlier, later in pairs]


def test_begun_again_while_it_waits_it_follows_one_wait_only() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.add(Edge(replace(SETTINGS, port=PORT + 1)))
        await rig.sleep(0.5)
        assert edge.task is not None
        edge.task.cancel()
        edge.start()
        await rig.sleep(3)
        assert waits(edge) == [0.5, 2.0]

    play(story)


def test_it_is_ready_once_everything_is_read() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        assert not edge.session.may_send
        await rig.ready(edge)
        assert edge.states == ["connecting", "syncing", "ready"]
        assert (edge.session.may_send, edge.session.may_modify) == (True, True)
        assert (edge.session.epoch, edge.inbox.sessions) == (1, 1)
        assert len(edge.resubscribed) == 1
        assert edge.session.report.why == ""
        assert edge.notices == []

    play(story)


def test_it_tries_again_and_again_ever_more_slowly() -> None:
    async def story(rig: Rig) -> None:
        rig.net.close(HOST, PORT)
        edge = rig.edge()
        await rig.sleep(100)
        assert waits(edge) == [1, 2, 5, *[15] * 6]
        assert set(edge.states) == {"connecting", "down"}

    play(story)


def test_a_person_is_told_once_that_there_is_no_connection_and_every_hour_again() -> None:
    async def story(rig: Rig) -> None:
        rig.net.close(HOST, PORT)
        edge = rig.edge()
        await rig.sleep(3.5)
        assert lost(edge) == []
        await rig.sleep(1)
        (text,) = lost(edge)
        assert "can't be reached" in text
        await rig.sleep(3595)
        assert len(lost(edge)) == 1
        await rig.sleep(10)
        assert len(lost(edge)) == 2
        await rig.sleep(3600)
        assert len(lost(edge)) == 3
        assert len(edge.tries) > 480

    play(story)


def test_it_lives_through_a_restart_of_the_gateway() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.sleep(31)
        assert edge.state in (SessionState.DOWN, SessionState.CONNECTING)
        assert not edge.session.may_send
        await rig.until(lambda: edge.session.may_send, 80)
        assert 90 <= rig.seconds < 106
        assert (edge.session.epoch, edge.inbox.sessions, len(edge.resubscribed)) == (2, 2, 2)
        assert len(lost(edge)) == 1

    play(story, rule("nightly-restart", at="+30s", down="60s"))


@pytest.mark.req("X.3")
def test_a_planned_restart_is_a_state_and_no_alarm() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge(windows=(WINDOW,)))
        await rig.sleep(100)
        assert edge.state is SessionState.RESTART_WINDOW
        await rig.until(lambda: edge.session.may_send, 300)
        assert edge.states[3:] == ["restart window", "syncing", "ready"]
        assert lost(edge) == []

    play(story, rule("nightly-restart", at="+90s", down="200s"))


@pytest.mark.req("X.3")
def test_silence_after_the_planned_restart_is_an_alarm() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge(windows=(WINDOW,)))
        await rig.sleep(659)
        assert lost(edge) == []
        await rig.sleep(6)
        assert edge.state in (SessionState.DOWN, SessionState.CONNECTING)
        assert len(lost(edge)) == 1

    play(story, rule("nightly-restart", at="+90s", down="3000s"))


def test_one_that_begins_within_the_window_is_away_as_planned() -> None:
    async def story(rig: Rig) -> None:
        rig.net.close(HOST, PORT)
        edge = rig.edge(windows=(RestartWindow(Absence.WEEKLY_LOGIN, time(9, 50), 20),))
        await rig.sleep(300)
        assert edge.states == ["restart window"]
        assert lost(edge) == []
        assert len(edge.tries) > 15

    play(story)


def test_an_id_that_lingers_after_our_own_end_resolves_itself() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        rig.net.lines[0].reset()
        await rig.until(lambda: edge.state is SessionState.STANDBY)
        assert "326" in edge.session.report.why
        await rig.until(lambda: edge.session.may_send)
        assert 30 <= rig.seconds < 32
        assert lost(edge) == []

    play(story, rule("client-id-lingers", lasting="30s"))


def test_an_id_that_somebody_else_keeps_from_us_is_told_after_a_minute() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        rig.net.lines[0].reset()
        await rig.sleep(58)
        assert lost(edge) == []
        await rig.sleep(5)
        assert len(lost(edge)) == 1
        assert edge.state is SessionState.STANDBY

    play(story, rule("client-id-lingers", lasting="300s"))


@pytest.mark.parametrize(
    ("account", "kind", "text"),
    [
        ("DU7654321", AccountKind.PAPER, "logged in to DU1234567, not DU7654321"),
        (ACCOUNT, AccountKind.LIVE, "DU1234567 is a paper account, and live is configured"),
    ],
)
@pytest.mark.req("S1.15")
def test_another_account_than_ours_is_never_ready(
    account: str, kind: AccountKind, text: str
) -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge(account=account, kind=kind)
        await rig.sleep(600)
        assert set(edge.states) == {"connecting", "down"}
        assert text in edge.session.report.why
        assert edge.inbox.answers == []
        assert [text in told for told in lost(edge)] == [True]
        assert waits(edge) == [60] * 9
        assert edge.notices[0].at == edge.notices[0].at.replace(minute=0, second=0)

    play(story)


def test_it_is_ready_once_somebody_has_logged_in_to_the_right_account() -> None:
    live = Settings(seed=7, restart_at=None, accounts=(AccountSettings("U1"),))

    async def story(rig: Rig) -> None:
        assert kind_of("U1") is AccountKind.LIVE
        edge = rig.edge(account="U1", kind=AccountKind.LIVE)
        await rig.ready(edge)

    play(story, settings=live)


@pytest.mark.parametrize(("client_id", "asked"), [(0, 1), (1, 0)])
@pytest.mark.req("X.2")
def test_only_client_0_has_orders_placed_by_hand_bound_to_it(client_id: int, asked: int) -> None:
    async def story(rig: Rig) -> None:
        await rig.ready(rig.edge(client_id))
        assert sum('"reqAutoOpenOrders"' in line for line in rig.wire) == asked

    play(story)


@pytest.mark.parametrize("is_open", [True, False], ids=["after it opened", "before it opened"])
@pytest.mark.req("S1.8")
def test_a_try_that_fails_in_a_way_nobody_foresaw_is_told_and_leaves_nothing_behind(
    is_open: bool,
) -> None:
    class Broken(Edge):
        is_broken = True

        async def connect(self, ended: Ended) -> Connection:
            was_broken, self.is_broken = self.is_broken, False
            if was_broken and not is_open:
                raise RuntimeError("no")
            connection = await super().connect(ended)
            return (
                replace(connection, line=Unwelcome(connection.line)) if was_broken else connection
            )

    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.add(Broken(SETTINGS)))
        (notice,) = edge.notices
        assert notice.kind is IncidentKind.TASK_FAILED
        assert (notice.subject, notice.text[:16]) == ("the session, connecting", "RuntimeError: no")
        assert len(rig.net.lines) == 1
        assert "standby" not in edge.states

    play(story)


def test_a_connection_that_ends_before_it_is_taken_into_use_is_replaced() -> None:
    class Hasty(Edge):
        async def connect(self, ended: Ended) -> Connection:
            connection = await super().connect(ended)
            if len(self.tries) == 1:
                ended("it is gone again")
            return connection

    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.add(Hasty(SETTINGS)))
        assert len(edge.tries) == 2
        assert "it is gone again" in [change.why for change in edge.changes]

    play(story)


def test_the_end_of_an_old_connection_is_nothing_to_the_new_one() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        rig.net.lines[0].reset()
        await rig.until(lambda: edge.session.epoch == 2)
        edge.endings[0]("closed at last")
        assert edge.session.may_send

    play(story)


def test_each_absence_is_told_of() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await rig.sleep(100)
        assert len(lost(edge)) == 2
        assert edge.session.may_send

    play(
        story,
        rule("upstream-lost", at="+10s", lasting="10s"),
        rule("upstream-lost", at="+60s", lasting="10s"),
    )


def test_one_that_is_closed_while_it_connects_leaves_nothing_behind() -> None:
    async def story(rig: Rig) -> None:
        edge = rig.edge()
        await rig.sleep(0.0005)
        assert edge.state is SessionState.CONNECTING
        await edge.stop()
        await rig.sleep(10)
        assert rig.net.lines == ()
        assert edge.states == ["connecting", "down"]

    play(story)


def test_nothing_is_left_of_a_session_that_was_closed() -> None:
    async def story(rig: Rig) -> None:
        edge = await rig.ready(rig.edge())
        await edge.stop()
        assert (edge.state, edge.session.may_send) == (SessionState.DOWN, False)
        await rig.sleep(100)
        assert len(edge.tries) == 1
        assert rig.net.lines == ()

    play(story)
