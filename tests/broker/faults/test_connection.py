"""Connections that end, hang, or carry nonsense."""

import asyncio

from backstay.domain.edge.arms import ArmPhase, Progress
from backstay.domain.edge.guards import GuardResult
from backstay.domain.edge.session import SessionState
from backstay.domain.profile import OPTIMISTIC
from tests.broker.faults.scene import (
    BOTH,
    ENTRY,
    EXIT,
    PROMPT,
    STALE,
    STOP,
    Scene,
    because_of,
    in_spite_of,
)

UNKNOWN = "order unknown"
INCONSISTENT = "state inconsistent"


async def entered(scene: Scene) -> Progress:
    """An entry whose key has come to its end, whatever happened on the way."""
    edge = await scene.edge()
    seat = await scene.seat(edge)
    arm = seat.arm(profile=scene.assumed)
    revision = 0
    while True:
        progress = await asyncio.wait_for(edge.arm(arm, 1, revision), 90)
        revision = progress.revision
        if progress.phase.is_final:
            await edge.synced()
            await scene.sleep(1)
            return progress


async def leaves(scene: Scene, guarding: "asyncio.Future[GuardResult]") -> None:
    """What a guard is there for, after whatever has happened."""
    await scene.breach(guarding)
    await scene.flat()
    await scene.sleep(10)
    assert scene.position() == 0
    assert scene.living() == []
    assert len(scene.edges[0].snapshot().executions) == 2


@because_of("reset-before-frame", nth=1, kinds=["placeOrder"], profiles=BOTH, tells=(UNKNOWN,))
async def test_an_entry_that_was_not_read_is_never_sent_twice(scene: Scene) -> None:
    progress = await entered(scene)
    assert progress.phase is ArmPhase.EXPIRED
    assert scene.living() == []
    assert scene.position() == 0


@because_of("reset-after-frame", nth=2, kinds=["placeOrder"], profiles=BOTH, tells=(UNKNOWN,))
async def test_an_entry_whose_answer_is_lost_is_found(scene: Scene) -> None:
    progress = await entered(scene)
    assert progress.phase is ArmPhase.OVER
    assert scene.placed() == [ENTRY, STOP]
    assert scene.position() == 100
    assert scene.connections() == 2


@because_of(
    "reset-after-frame",
    nth=1,
    kinds=["placeOrder"],
    profiles=BOTH,
    tells=(UNKNOWN, "order rejected"),
)
async def test_an_entry_that_was_read_without_its_stop_goes(scene: Scene) -> None:
    progress = await entered(scene)
    assert progress.phase is ArmPhase.OVER
    assert scene.standing() == {ENTRY: "Cancelled"}
    assert scene.position() == 0


@because_of(
    "reset-before-frame",
    nth=1,
    kinds=["cancelOrder"],
    profiles=(PROMPT,),
    tells=("exit unresolved",),
)
async def test_a_cancel_that_was_not_read_is_repeated_on_the_next_connection(
    scene: Scene,
) -> None:
    _, _, guarding = await scene.guarded()
    await leaves(scene, guarding)
    assert scene.connections() == 2
    assert scene.placed() == [ENTRY, STOP, EXIT]


@because_of("reset-after-frame", nth=3, kinds=["placeOrder"], profiles=(PROMPT,))
async def test_an_exit_whose_answer_is_lost_is_found_and_not_repeated(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await leaves(scene, guarding)
    assert scene.placed() == [ENTRY, STOP, EXIT]
    assert scene.connections() == 2


@in_spite_of("reset-mid-frame", kinds=["out"], at="+500ms", profiles=(PROMPT, OPTIMISTIC))
async def test_half_a_frame_of_the_gateway_changes_nothing(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.sleep(20)
    await leaves(scene, guarding)


@in_spite_of("reset-mid-frame", kinds=["in"], at="+500ms", profiles=(PROMPT, OPTIMISTIC))
async def test_half_a_frame_of_ours_changes_nothing(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.sleep(20)
    await leaves(scene, guarding)


@because_of("client-id-lingers", lasting="30s", profiles=(PROMPT, OPTIMISTIC))
async def test_a_client_id_that_lingers_is_waited_for(scene: Scene) -> None:
    edge, _, guarding = await scene.guarded()
    scene.cut()
    await scene.sleep(10)
    assert edge.health().session.state is SessionState.STANDBY
    await edge.synced()
    assert 30 < scene.seconds < 35
    await scene.sleep(1)
    await leaves(scene, guarding)


@because_of("half-open", at="+10s", lasting="60s", profiles=(PROMPT, OPTIMISTIC))
async def test_a_half_open_socket_is_given_up_long_before_it_is_closed(scene: Scene) -> None:
    edge, _, guarding = await scene.guarded()
    await scene.sleep(17)
    assert edge.health().session.state is SessionState.READY
    assert scene.connections() == 2
    await leaves(scene, guarding)


async def unread(scene: Scene) -> None:
    """Something that can't be read comes, and everything is read again."""
    _, _, guarding = await scene.guarded()
    await scene.sleep(20)
    assert scene.kinds() == [INCONSISTENT, STALE]
    assert scene.connections() == 1
    assert scene.requests("reqExecutions") == 2
    await leaves(scene, guarding)


@because_of("garbage-frame", at="+10s", shape="noise", profiles=(PROMPT,), tells=(INCONSISTENT,))
async def test_noise_is_told_of_and_followed_by_a_reading(scene: Scene) -> None:
    await unread(scene)


@because_of(
    "garbage-frame", at="+10s", shape="cut-short", profiles=(PROMPT,), tells=(INCONSISTENT,)
)
async def test_a_status_that_breaks_off_is_told_of_and_followed_by_a_reading(
    scene: Scene,
) -> None:
    await unread(scene)


@because_of(
    "garbage-frame", at="+10s", shape="unknown-id", profiles=(PROMPT,), tells=(INCONSISTENT,)
)
async def test_an_unknown_message_is_told_of_and_followed_by_a_reading(scene: Scene) -> None:
    await unread(scene)


@because_of("oversized-frame", at="+10s", profiles=(PROMPT, OPTIMISTIC))
async def test_a_frame_without_an_end_ends_the_connection(scene: Scene) -> None:
    edge, _, guarding = await scene.guarded()
    await scene.sleep(17)
    assert edge.health().session.state is SessionState.READY
    assert scene.connections() == 2
    await leaves(scene, guarding)
