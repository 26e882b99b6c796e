"""News of orders on their way out: doubled, late, out of order, missing."""

import pytest

from backstay.gateway.faults.plan import rule
from backstay.gateway.messages.replies import CurrentTime, Reply
from backstay.gateway.messages.requests import Request, RequestOpenOrders
from backstay.gateway.values.state import Status
from tests.gateway.faults.worlds import (
    Peer,
    World,
    charged,
    executed,
    notice,
    opened,
    placing,
    status,
)

SUBMITTED, CANCELLED = status(5, Status.SUBMITTED), status(5, Status.CANCELLED)
FILLED = status(5, Status.FILLED)


def passed(world: World, *replies: Reply) -> list[object]:
    peer = world.join()
    for reply in replies:
        peer.passage.send(reply)
    return list(peer.wire.said)


def test_a_status_can_be_missing() -> None:
    world = World(rule("status-missing", kinds=["Filled"]))
    assert passed(world, SUBMITTED, FILLED, FILLED) == [SUBMITTED]
    assert world.struck == [("status-missing", "Filled of order 5, permId 900")] * 2


def test_a_status_can_come_again_at_once() -> None:
    world = World(rule("status-duplicated", nth=2, copies=3))
    assert passed(world, SUBMITTED, FILLED) == [SUBMITTED, *[FILLED] * 4]


def test_a_late_status_is_overtaken() -> None:
    world = World(rule("status-delayed", nth=1, delay="2s"), rule("status-duplicated", nth=1))
    peer = world.join()
    peer.passage.send(SUBMITTED)
    peer.passage.send(FILLED)
    world.pass_time(1.999)
    assert peer.wire.take() == [FILLED]
    world.pass_time(0.001)
    assert peer.wire.take() == [SUBMITTED, SUBMITTED]


def test_a_reordered_status_comes_after_the_next_of_its_order() -> None:
    other = status(6, Status.SUBMITTED, perm_id=901)
    world = World(rule("status-reordered", nth=1))
    assert passed(world, SUBMITTED, other, FILLED, CANCELLED) == [
        other,
        FILLED,
        SUBMITTED,
        CANCELLED,
    ]
    world.pass_time(60)


def test_a_reordered_status_without_a_next_one_comes_all_the_same() -> None:
    world = World(rule("status-reordered", nth=1, within="5s"))
    peer = world.join()
    peer.passage.send(SUBMITTED)
    world.pass_time(4.999)
    assert peer.wire.take() == []
    world.pass_time(0.001)
    assert peer.wire.take() == [SUBMITTED]
    peer.passage.send(FILLED)
    assert peer.wire.take() == [FILLED]


def test_an_overtaken_status_is_not_sent_again_when_its_time_is_over() -> None:
    world = World(rule("status-reordered", within="5s"))
    peer = world.join()
    peer.passage.send(SUBMITTED)
    peer.passage.send(FILLED)
    assert peer.wire.take() == [FILLED, SUBMITTED]
    world.pass_time(4)
    peer.passage.send(CANCELLED)
    world.pass_time(1)
    assert peer.wire.take() == []
    world.pass_time(4)
    assert peer.wire.take() == [CANCELLED]


def test_a_commission_can_come_before_its_execution() -> None:
    world = World(rule("commission-before-execution", nth=1))
    first, second = executed("a.01"), executed("b.01")
    given = first, second, charged("b.01"), charged("a.01")
    assert passed(world, *given) == [second, charged("b.01"), charged("a.01"), first]


def test_an_execution_comes_also_without_its_commission() -> None:
    world = World(rule("commission-before-execution", within="5s"), rule("commission-missing"))
    peer = world.join()
    peer.passage.send(executed("a.01"))
    peer.passage.send(charged("a.01"))
    assert peer.wire.take() == [executed("a.01")]
    peer.passage.send(executed("b.01"))
    world.pass_time(4.999)
    assert peer.wire.take() == []
    world.pass_time(0.001)
    assert peer.wire.take() == [executed("b.01")]


def test_a_commission_can_be_missing() -> None:
    world = World(rule("commission-missing", nth=2))
    given = executed("a.01"), charged("a.01"), executed("b.01"), charged("b.01")
    assert passed(world, *given) == list(given[:3])


def test_a_late_acknowledgement_brings_everything_in_its_order() -> None:
    world = World(rule("placement-acknowledged-late", nth=1, delay="3s"))
    peer = world.join()
    peer.passage.receive(placing(5))
    assert peer.handled == [placing(5)]
    about_it = (
        opened(5), SUBMITTED, notice(399, 5), executed("a.01", 5), charged("a.01"), FILLED,
    )  # fmt: skip
    others = opened(6), notice(202, 6), executed("b.01", 6), charged("b.01"), CurrentTime(1)
    for reply in (*about_it[:3], *others, *about_it[3:]):
        peer.passage.send(reply)
    assert peer.wire.take() == list(others)
    world.pass_time(2.999)
    assert peer.wire.take() == []
    world.pass_time(0.001)
    assert peer.wire.take() == list(about_it)
    peer.passage.send(charged("a.01"))
    peer.passage.send(FILLED)
    assert peer.wire.take() == [charged("a.01"), FILLED]


def test_a_late_acknowledgement_is_late_on_every_connection_that_there_was() -> None:
    world = World(rule("placement-acknowledged-late", delay="3s"))
    owner, master = world.join(1, 1), world.join(9, 2)
    owner.passage.receive(placing(5))
    others = notice(399, 5), status(5, Status.SUBMITTED, client=9)
    newcomer = world.join(1, 3)
    for peer in (owner, master, newcomer):
        peer.passage.send(SUBMITTED)
    for reply in others:
        master.passage.send(reply)
    assert (owner.wire.take(), master.wire.take()) == ([], list(others))
    assert newcomer.wire.take() == [SUBMITTED]
    world.pass_time(3)
    assert (owner.wire.take(), master.wire.take()) == ([SUBMITTED], [SUBMITTED])
    assert newcomer.wire.take() == []


def test_a_status_that_was_held_back_is_still_only_sent_once() -> None:
    world = World(rule("placement-acknowledged-late", delay="3s"))
    peer = world.join()
    peer.passage.receive(placing(5))
    peer.passage.receive(placing(5))
    peer.passage.send(SUBMITTED)
    world.pass_time(10)
    assert peer.wire.take() == [SUBMITTED]


def test_an_execution_that_is_told_twice_before_its_order_is_late_twice() -> None:
    world = World(rule("placement-acknowledged-late", delay="3s"))
    peer = world.join()
    peer.passage.receive(placing(5))
    told = executed("a.01", 5), charged("a.01"), executed("a.01", 5), charged("a.01")
    for reply in told:
        peer.passage.send(reply)
    world.pass_time(3)
    assert peer.wire.take() == list(told)


@pytest.mark.parametrize(
    "plan",
    [
        rule("status-missing"),
        rule("status-duplicated"),
        rule("commission-missing"),
        rule("placement-acknowledged-late"),
    ],
    ids=lambda plan: plan.name,
)
def test_what_was_asked_for_is_answered_as_it_is(plan: object) -> None:
    world = World(plan)  # type: ignore[arg-type]
    answer = opened(5), SUBMITTED, executed("a.01"), charged("a.01")
    peers: list[Peer] = []

    def handle(request: Request) -> None:
        if request == RequestOpenOrders():
            for reply in answer:
                peers[0].passage.send(reply)

    peers.append(world.join(handle=handle))
    peers[0].passage.receive(placing(5))
    peers[0].passage.receive(RequestOpenOrders())
    assert peers[0].wire.take() == list(answer)


def test_one_clients_news_leave_anothers_alone() -> None:
    world = World(rule("status-missing", client=2))
    first, second = world.join(1, 1), world.join(2, 2)
    first.passage.send(FILLED)
    second.passage.send(FILLED)
    assert (first.wire.take(), second.wire.take()) == ([FILLED], [])
