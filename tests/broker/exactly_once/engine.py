"""What the durable engine does, as far as it matters here: it asks again with the same values.

An order is resolved, or a person is told: each way ends in a belief, which is held against what the
gateway has recorded. Whatever neither ends nor is told within two minutes was forgotten.
"""

import asyncio
from dataclasses import replace
from decimal import Decimal

from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.arms import Arm, ArmPhase, Progress
from backstay.domain.edge.changing import (
    CancelPending,
    Ended,
    Modified,
    NothingToCancel,
)
from backstay.domain.edge.guards import ExitBegun, Guard, GuardResult
from backstay.domain.edge.looking import Absent, Doubt, Found, NotSeen
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission
from backstay.domain.edge.walking import Walk, Walked, WayOut
from backstay.domain.exits.events import TimePassed
from backstay.domain.exits.foresight import foreseen
from backstay.domain.exits.steps import decide
from backstay.domain.ids import IntentKey
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.outcome import Accepted, Rejected, Unknown
from backstay.lab.processes import ProcessGoneError
from tests.broker.edge.walking import HOP_SECONDS
from tests.broker.exactly_once.world import LOOK_SECONDS, World

FORGOTTEN_AFTER_SECONDS = 120.0
AGAIN_AFTER_SECONDS = 0.5
NOTHING_NEW_SECONDS = 20.0
GUARDED_SECONDS = 60.0
MODIFY_TRIES_MAX = 20
FOR_A_PERSON = "it is left to a person"


async def resolve(world: World, submission: Submission) -> object | None:
    """What is known of an order whose sending left it open; None if it may be sent again."""
    key, con_id = submission.intent.key, submission.intent.instrument.con_id
    while True:
        found = await world.ask(lambda edge: edge.find(key, con_id, submission.asked))
        match found:
            case Found(order=view):
                if view.is_settled:
                    world.believe(key, view.filled, "over")
                    return found
                if view.is_acknowledged:
                    world.believe(key, "alive", "found")
                    return found
            case Absent():
                return None
            case NotSeen(doubts=doubts) if set(doubts) - {Doubt.STILL_IN_LANE}:
                world.believe(key, None, f"{FOR_A_PERSON}: {', '.join(doubts)}")
                return found
            case _:
                pass
        await world.sleep(AGAIN_AFTER_SECONDS)


async def submit(world: World, submission: Submission) -> object:
    """Send an order until it is known what came of it."""
    key = submission.intent.key
    while True:
        answer = await world.ask(lambda edge: edge.submit(submission))
        match answer:
            case Accepted():
                world.believe(key, "alive", "accepted")
                return answer
            case Rejected() | Refused():
                world.believe(key, Decimal(0), str(answer))
                return answer
            case Unknown():
                found = await resolve(world, submission)
                if found is not None:
                    return found
            case NotSent(reason=NotSentReason.FROM_ANOTHER_DAY):
                found = await resolve(world, submission)
                if found is not None:
                    return found
            case NotSent():
                await world.sleep(AGAIN_AFTER_SECONDS)


async def enter(world: World, arm: Arm) -> Progress:
    """Arm an entry, and hear of it until it is over or left to a person."""
    progress: Progress | None = None
    while True:
        living = await world.alive()
        revision = 0
        try:
            while True:
                progress = await asyncio.wait_for(
                    living.process.call(living.edge.arm(arm, 1, revision)), NOTHING_NEW_SECONDS
                )
                revision = progress.revision
                if progress.phase.is_final:
                    filled = progress.entry.filled if progress.entry else Decimal(0)
                    world.believe(arm.key, filled, progress.phase)
                    return progress
        except (ProcessGoneError, SessionTakenError):
            await world.sleep(LOOK_SECONDS)
        except TimeoutError:
            assert progress is not None, "nothing was ever said of the arm"
            if progress.phase is ArmPhase.UNKNOWN:
                world.believe(arm.key, None, f"{FOR_A_PERSON}: {progress.why}")
                return progress
            if progress.phase is ArmPhase.WORKING:
                world.believe(arm.key, "alive", "working")
                return progress
            if progress.phase is ArmPhase.WAITING:
                world.believe(arm.key, Decimal(0), "waiting")
                return progress
            raise AssertionError(f"{arm.key} was forgotten while {progress.phase}") from None


async def watch_over(world: World, guard: Guard) -> GuardResult | None:
    """Guard a position, with every edge anew, until there is nothing left to guard."""
    result: GuardResult | None = None
    while True:
        living = await world.alive()
        try:
            result = await asyncio.wait_for(
                living.process.call(living.edge.guard(guard, 1)), GUARDED_SECONDS
            )
            if not isinstance(result, ExitBegun):
                return result
            # The engine is silent, so the edge has to go on alone; if it dies, it guards again.
            await living.process.call(_until_flat(world))
            return result
        except (ProcessGoneError, SessionTakenError):
            await world.sleep(LOOK_SECONDS)
        except TimeoutError:
            # It watches on: while the market is shut nothing happens.
            assert living.process.run(living.edge.guard_state, guard.key) is not None
            return None


async def walk_away(world: World, guard: Guard) -> Walked | None:
    """Guard a position, and once its exit has begun, walk it until nothing is left."""
    begun = None
    while begun is None:
        living = await world.alive()
        try:
            watching = living.process.call(living.edge.guard(guard, 1))
            begun = await asyncio.wait_for(watching, GUARDED_SECONDS)
        except (ProcessGoneError, SessionTakenError):
            await world.sleep(LOOK_SECONDS)
        except TimeoutError:
            # It watches on: while the market is shut nothing happens.
            assert living.process.run(living.edge.guard_state, guard.key) is not None
            return None
    if not isinstance(begun, ExitBegun):
        return None
    rules = begun.ladder.rules
    way_out = WayOut(rules, guard.quantity, guard.exit, guard.protection, guard.asked)
    return await walk(world, Walk(way_out, begun.ladder))


async def walk(world: World, asked: Walk) -> Walked | None:
    """Walk to the end, deciding as the workflow does, a hop after each answer; as far as it goes
    while the market is open.
    """
    while True:
        walked = await _walked(world, asked)
        if walked is None:
            return None
        await world.sleep(HOP_SECONDS)
        ladder, commands = decide(walked.ladder, TimePassed(), walked.at)
        if ladder.is_done and not commands:
            for order in walked.orders:
                world.believe(order.key, order.filled, "walked")
            return walked
        asked = Walk(asked.way_out, ladder, commands, walked.naked)


async def _walked(world: World, asked: Walk) -> Walked | None:
    """The edge's answer, or None where the way out waits for the market to open."""
    while True:
        living = await world.alive()
        try:
            ahead = () if asked.ladder is None else foreseen(asked.ladder)
            walking = living.process.call(living.edge.walk(replace(asked, ahead=ahead)))
            return await asyncio.wait_for(walking, GUARDED_SECONDS)
        except (ProcessGoneError, SessionTakenError):
            await world.sleep(LOOK_SECONDS)
        except TimeoutError:
            state = living.process.run(living.edge.walk_state, asked)
            if state is not None and state.ladder.market.is_shut:
                return None


async def _until_flat(world: World) -> None:
    for _ in range(round(FORGOTTEN_AFTER_SECONDS)):
        if not world.position():
            return
        await asyncio.sleep(1)


async def cancel(world: World, key: IntentKey, submission: Submission) -> object:
    """Cancel an order until that is proven, or nothing is there to cancel."""
    while True:
        answer = await world.ask(lambda edge: edge.cancel(key))
        match answer:
            case Ended(order=view):
                world.believe(key, view.filled, "cancelled")
                return answer
            case NothingToCancel():
                found = await resolve(world, submission)
                if found is None:
                    world.believe(key, Decimal(0), "absent")
                    return answer
                if isinstance(found, NotSeen):
                    return found
            case CancelPending() | NotSent():
                pass
        await world.sleep(AGAIN_AFTER_SECONDS)


async def modify(world: World, submission: Submission) -> object:
    """Modify an order until it is shown so, or can't be any more."""
    key = submission.intent.key
    answers: list[object] = []
    while len(answers) < MODIFY_TRIES_MAX:
        answer = await world.ask(lambda edge: edge.modify(submission))
        if isinstance(answer, Modified | Ended | Refused):
            return answer
        answers.append(answer)
        await world.sleep(AGAIN_AFTER_SECONDS)
    world.believe(key, None, f"{FOR_A_PERSON}: it could not be modified: {answers[-1]}")
    return answers[-1]
