"""Questions that are never answered, or late."""

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.contracts import InstrumentQuery, NotAnswered
from backstay.domain.edge.session import SessionState
from tests.broker.faults.scene import (
    ENTRY,
    EXIT,
    LOST,
    PROMPT,
    STOP,
    Scene,
    because_of,
    in_spite_of,
)

READ = ["reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"]


async def waits_for_the_whole_picture(scene: Scene) -> None:
    """Nothing leaves on half of one; what was asked for meanwhile leaves when it is whole."""
    edge = await scene.edge(synced=False)
    await scene.sleep(7)
    assert edge.health().session.state is SessionState.SYNCING
    await edge.synced()
    assert scene.seconds < 45
    seat = await scene.seat(edge)
    await scene.follow(edge, seat.arm(profile=scene.assumed), ArmPhase.OVER)
    assert scene.placed() == [ENTRY, STOP]


@because_of("request-unanswered", nth=1, kinds=["reqAllOpenOrders"], tells=(LOST,))
async def test_open_orders_that_are_not_answered_are_not_none(scene: Scene) -> None:
    await waits_for_the_whole_picture(scene)


@because_of("request-unanswered", nth=1, kinds=["reqCompletedOrders"], tells=(LOST,))
async def test_completed_orders_that_are_not_answered_are_not_none(scene: Scene) -> None:
    await waits_for_the_whole_picture(scene)


@because_of("request-unanswered", nth=1, kinds=["reqExecutions"], tells=(LOST,))
async def test_executions_that_are_not_answered_are_not_none(scene: Scene) -> None:
    await waits_for_the_whole_picture(scene)


@because_of("request-unanswered", nth=1, kinds=["reqPositions"], tells=(LOST,))
async def test_positions_that_are_not_answered_are_not_none(scene: Scene) -> None:
    await waits_for_the_whole_picture(scene)


@because_of("request-unanswered", nth=1, kinds=["reqContractDetails"])
async def test_a_contract_that_is_not_answered_is_asked_for_again(scene: Scene) -> None:
    edge = await scene.edge()
    assert isinstance(await edge.resolve(InstrumentQuery("AAPL")), NotAnswered)
    await scene.seat(edge)


@in_spite_of("answers-slow", delay="1s", kinds=READ, profiles=(PROMPT,))
async def test_slow_answers_delay_an_exit_and_nothing_else(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.flat(seconds=10)
    await scene.sleep(10)
    assert scene.position() == 0
    assert scene.placed() == [ENTRY, STOP, EXIT]
