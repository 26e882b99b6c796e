"""A run from its beginning to its verdict: a scenario in, an outcome out.

Owns the two phases of a run and what is asked at its end. Nothing of a run outlives it; the same
scenario gives the same outcome in every process.
"""

import asyncio
import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from activities.attributes import register_attributes
from activities.ports import EngineSilentError, UnknownWorkflowError
from backstay.domain.trade.order import TradeOrder
from backstay.gateway.server.memory import Cable
from backstay.gateway.times import SECOND_NS, to_ns
from backstay.lab.memory_net import MemoryNet
from backstay.lab.oracle.premises import Rest, TradeAtRest
from backstay.lab.simulation.book import book_folder
from backstay.lab.simulation.composing import Composed, compose
from backstay.lab.simulation.journal import Journal
from backstay.lab.simulation.outcome import Finding, Outcome
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.staff import Stepped
from backstay.lab.simulation.venue import ACCOUNT
from backstay.lab.virtual_time import run, running

SETTLE_SECONDS = 12.0
"""How long everything stays as it is once nothing goes wrong any more: the laws give ten seconds,
and a restart of the session takes some of its own. Who still has no session then is waited for."""

CATCH_UP_SECONDS_MAX = 60.0
CLEAR_UP_SECONDS_MAX = 120.0
STILL_SECONDS = 60.0
"""What still waits when for so long nothing has led on waits for hours, as for the market to open:
the house makes no longer pause on the way to an end."""

LOOK_SECONDS = 0.5


class _Run:
    """What is left of a run, however far it came."""

    def __init__(self) -> None:
        self.composed: Composed | None = None
        self.seconds = 0.0
        self.now_ns = 0


def play(
    scenario: Scenario,
    journal: Journal | None = None,
    *,
    replay: bool = False,
    stepped: Stepped | None = None,
) -> Outcome:
    """What comes of it. With `replay` its histories go through the engine's own replayer, too;
    `stepped` is told of each step of a worker before it is taken, by its number in its process.
    """
    with _undisturbed():
        return _played(scenario, journal or Journal(), replay=replay, stepped=stepped)


def _played(
    scenario: Scenario, written: Journal, *, replay: bool, stepped: Stepped | None
) -> Outcome:
    """The same; once it has returned, all that the run was made of is garbage."""
    past = _Run()
    net = MemoryNet(Cable())
    stuck: list[Finding] = []
    with book_folder(ACCOUNT) as folder:
        try:
            run(
                _play(scenario, folder, net, written, past, stepped),
                start_ns=to_ns(scenario.begins),
                net=net,
            )
        except Exception as error:  # noqa: BLE001 - whatever ends a run is what it has found
            stuck.append(Finding("run", past.now_ns, f"{type(error).__name__}: {error}"))
    composed = past.composed
    if composed is None:
        return _never_begun(scenario, tuple(stuck), written)
    if replay:
        stuck += composed.employing.replayed()
    senses = composed.recorder.senses
    return Outcome(
        seed=scenario.seed,
        profile=scenario.profile,
        findings=(*composed.recorder.judge.findings(), *composed.employing.found, *stuck),
        events=senses.events,
        fills=senses.fills,
        crashes=composed.striking.crashes,
        faults=senses.seen(),
        marks=tuple(senses.marks),
        steps=composed.staff.steps,
        virtual_seconds=past.seconds,
        digest=written.digest,
        is_replayed=replay,
    )


def _never_begun(scenario: Scenario, stuck: tuple[Finding, ...], written: Journal) -> Outcome:
    return Outcome(
        seed=scenario.seed,
        profile=scenario.profile,
        findings=stuck,
        events=0,
        fills=0,
        crashes=0,
        faults=(),
        marks=(),
        steps=0,
        virtual_seconds=0.0,
        digest=written.digest,
    )


async def _play(
    scenario: Scenario,
    folder: Path,
    net: MemoryNet,
    journal: Journal,
    past: _Run,
    stepped: Stepped | None,
) -> None:
    loop = running()
    composed = past.composed = compose(scenario, folder, net, journal)
    composed.staff.stepped = stepped
    try:
        await register_attributes(composed.employing.client())
        composed.world.begin(loop)
        await asyncio.sleep(scenario.quiet_at_seconds)
        composed.world.quiet()
        await asyncio.sleep(SETTLE_SECONDS)
        await _until_caught_up(composed)
        composed.person.close_everything()
        await _until_over(composed)
        composed.recorder.judge.at_rest(await _rest(composed))
        await composed.person.leave()
        await composed.staff.go()
    finally:
        past.seconds, past.now_ns = loop.time(), loop.now_ns


async def _until_caught_up(composed: Composed) -> None:
    """Until the house has had a session for ten seconds, or has got none for too long."""
    loop, judge = running(), composed.recorder.judge
    until = loop.time() + CATCH_UP_SECONDS_MAX
    while loop.time() < until and not judge.has_caught_up(loop.now_ns):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_SECONDS)


async def _until_over(composed: Composed) -> None:
    """Until nothing is under way any more, or leads on, or it has taken too long; which the judge
    will see.
    """
    loop, recorder = running(), composed.recorder
    begun, begun_ns = loop.time(), loop.now_ns
    while composed.employing.has_running():
        moved_ns = max(recorder.moved_ns, begun_ns)
        still_seconds = (loop.now_ns - moved_ns) / SECOND_NS
        if loop.time() - begun >= CLEAR_UP_SECONDS_MAX or still_seconds >= STILL_SECONDS:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _rest(composed: Composed) -> Rest:
    """How everything stands at the end, by the gateway, the engine and the book."""
    trades = [await _at_rest(composed, order) for order in composed.person.handed_in]
    records, state = await composed.store.open_records(), await composed.store.state()
    return Rest(
        positions=composed.venue.positions(),
        open_orders=composed.venue.living(),
        trades=tuple(each for each in trades if each is not None),
        reserved=tuple(record.trade for record in records),
        kept={holding.con_id: holding.quantity for holding in state.book.foreign},
    )


async def _at_rest(composed: Composed, order: TradeOrder) -> TradeAtRest | None:
    name = order.workflow_id
    try:
        status = (await composed.temporal.describe(name)).status
        ended = await composed.temporal.ended(name)
    except UnknownWorkflowError:
        return None
    except EngineSilentError as error:
        return TradeAtRest(name, order.trade, f"silent: {error}")
    return TradeAtRest(
        name,
        order.trade,
        status,
        composed.employing.watching.standing(name),
        ended.settlement if ended is not None else None,
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Neither log lines nor the collector of garbage, which would run when it likes; it comes
    when the run is over, and what lives then it looks through for nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        if was_on:
            gc.enable()
