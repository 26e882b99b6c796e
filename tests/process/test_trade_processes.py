"""Whole trades between processes that are killed, frozen and started again in each phase."""

import signal
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest

from backstay.domain.ids import Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.trade.standing import Doing
from backstay.gateway.faults.plan import rule
from tests.durable.pier import Running
from tests.process.harbour import Harbour, play

pytestmark = pytest.mark.long

FROZEN = timedelta(seconds=4)
VICTIMS = pytest.mark.parametrize("victim", ["broker", "trades"])
ALL_VICTIMS = pytest.mark.parametrize("victim", ["broker", "holder", "trades"])
"""A broker worker that is begun anew, or has somebody standing by; or who runs the workflows."""

TRAIL = "\n[stop.trail]\ndistance = 1.50\nactivate_pct = 1\n"
BRISK = "\n[stop.ladder]\nlimit_seconds = 1\n"
TARGETS = """
[[target]]
price = 102.00
fraction = 0.30
then = "break_even"
[[target]]
price = 106.00
fraction = 0.70
"""


async def waiting(harbour: Harbour) -> Running:
    """A trade that waits for its trigger, and an edge that has seen a price before it."""
    trade = await harbour.submit(trigger=True)
    await trade.does(Doing.WAITING)
    await harbour.edge_says(armed=1)
    await harbour.listens()
    return trade


async def is_guarded(harbour: Harbour, trade: Running) -> None:
    """Wait until all of it is in, and the edge watches it."""
    await trade.until(lambda now: now.doing is Doing.GUARDING and now.entered == 100)
    await harbour.edge_says(guarded=1)


async def guarding(harbour: Harbour, **asked: Any) -> Running:
    """A trade that has entered, and an edge that watches it."""
    trade = await harbour.submit(**asked)
    await is_guarded(harbour, trade)
    return trade


@VICTIMS
@pytest.mark.req("S1.14")
def test_an_entry_waits_for_its_trigger_whoever_dies(victim: str) -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff()
        trade = await waiting(harbour)
        harbour.kill(victim)
        await harbour.is_succeeded(victim)
        await harbour.edge_says(armed=1)
        await harbour.listens()
        harbour.trade("101.10")
        await is_guarded(harbour, trade)
        await harbour.falls("97.80", "97.79")
        await trade.ends()

    harbour = play(story)
    assert harbour.sent() == ["EN", "PR", "XS"]
    assert harbour.position() == 0


@ALL_VICTIMS
@pytest.mark.req("S1.14")
def test_an_entry_that_was_read_and_not_acknowledged_is_sent_once(victim: str) -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff(victim)
        trade = await waiting(harbour)
        killed = harbour.kills_when_read(victim, "placeOrder", trade.ref(Purpose.ENTRY))
        harbour.trade("101.10")
        await killed.wait()
        await harbour.is_succeeded(victim)
        await is_guarded(harbour, trade)
        await harbour.falls("97.80", "97.79")
        await trade.ends()

    # The preview is the first order.
    late = [rule("placement-acknowledged-late", nth=nth, delay="1s") for nth in (2, 3)]
    harbour = play(story, *late)
    assert harbour.sent() == ["EN", "PR", "XS"]
    assert harbour.position() == 0


@VICTIMS
@pytest.mark.req("S4.6")
def test_a_guard_goes_on_with_the_trail_that_it_had(victim: str) -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff()
        trade = await guarding(harbour, stop=TRAIL)
        await harbour.climb("103.00")
        await harbour.beats(trade, "guard", lambda state: state.guarded.level.stop > 101)
        harbour.kill(victim)
        await harbour.is_succeeded(victim)
        await harbour.edge_says(guarded=1)
        await harbour.seen("102.00")
        assert harbour.exits_sent() == 0
        await harbour.falls("101.20", "101.19")
        await trade.ends()

    assert play(story).position() == 0


@VICTIMS
def test_a_stop_that_a_person_has_just_moved_stays_there(victim: str) -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff()
        trade = await guarding(harbour)
        await trade.update("move_stop", "99.50")
        harbour.kill(victim)
        await harbour.is_succeeded(victim)
        await harbour.edge_says(guarded=1)
        await harbour.seen("99.60")
        assert harbour.exits_sent() == 0
        await harbour.falls("99.20", "99.19")
        await trade.ends()

    assert play(story).position() == 0


@ALL_VICTIMS
@pytest.mark.req("S4.5")
@pytest.mark.parametrize("cancelled", [Purpose.PROTECT, Purpose.EXIT_STOP])
def test_a_way_out_is_walked_to_its_end_from_each_of_its_gaps(
    victim: str, cancelled: Purpose
) -> None:
    """The stop's cancel makes room for the limit, and the limit's for the last rung."""

    async def story(harbour: Harbour) -> None:
        await harbour.staff(victim)
        trade = await guarding(harbour, stop=BRISK)
        killed = harbour.kills_when_read(victim, "cancelOrder", trade.ref(cancelled))
        harbour.fall("97.80", "97.79", "90.00")
        await killed.wait()
        await harbour.is_succeeded(victim)
        prices = cycle(("89.99", "90.00"))
        await harbour.goes_on_until(lambda: not harbour.position(), prices)
        await trade.ends()

    harbour = play(story)
    assert harbour.position() == 0


@ALL_VICTIMS
def test_a_part_that_is_being_split_off_leaves_once(victim: str) -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff(victim)
        trade = await guarding(harbour, more=TARGETS)
        killed = harbour.kills_when_read(victim, "placeOrder", trade.ref(Purpose.PROTECT))
        harbour.fall("102.05", "102.06")
        await killed.wait()
        await harbour.is_succeeded(victim)
        await trade.until(lambda now: now.left == 70)
        await harbour.edge_says(guarded=1)
        await harbour.falls("99.70", "99.69")
        await trade.ends()

    harbour = play(story)
    assert harbour.position() == 0


@pytest.mark.parametrize("phase", ["guarding", "leaving"])
@pytest.mark.req("S1.14")
def test_an_engine_that_dies_goes_on_from_its_file(phase: str) -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff()
        trade = await guarding(harbour, stop=BRISK)
        if phase == "leaving":
            killed = harbour.kills_when_read("engine", "cancelOrder", trade.ref(Purpose.EXIT_STOP))
            harbour.fall("97.80", "97.79", "90.00")
            await killed.wait()
        else:
            harbour.kill("engine")
            # The stop is reached while there is no engine: the edge goes on alone.
            await harbour.seen("97.80")
            harbour.fall("97.79", "90.00")
        await harbour.until(lambda: not harbour.position())
        await harbour.engine_comes()
        await trade.ends()

    harbour = play(story)
    assert harbour.sent() == ["EN", "PR", "XS", "XS2"]


def test_a_holder_that_was_frozen_and_thaws_carries_its_trade_out() -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff()
        trade = await guarding(harbour)
        holder = harbour.workers["broker"]
        await harbour.stands_by()
        holder.process.send_signal(signal.SIGSTOP)
        frozen_at = harbour.now
        await harbour.until(lambda: harbour.now - frozen_at > FROZEN)
        harbour.fall("97.80", "97.79")
        holder.process.send_signal(signal.SIGCONT)
        await trade.ends()

    harbour = play(story)
    assert harbour.sent() == ["EN", "PR", "XS"]
    assert harbour.senders() == {1}


def test_who_stands_by_takes_the_trade_of_a_frozen_holder_over_for_good() -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff()
        trade = await guarding(harbour)
        frozen = harbour.workers["broker"]
        await harbour.stands_by()
        frozen.process.send_signal(signal.SIGSTOP)
        harbour.restart_gateway(0.5)
        await harbour.workers["broker"].takes_calls()
        await harbour.edge_says(guarded=1)
        frozen.process.send_signal(signal.SIGCONT)
        await frozen.until(lambda report: report["edge"]["session"]["state"] == "standby")
        await harbour.falls("97.80", "97.79")
        await trade.ends()

    harbour = play(story)
    assert harbour.sent() == ["EN", "PR", "XS"]
    assert harbour.position() == 0


def test_that_nobody_serves_the_edge_of_a_trade_is_told_within_seconds() -> None:
    async def story(harbour: Harbour) -> None:
        await harbour.staff()
        trade = await guarding(harbour)
        harbour.kill("broker")
        killed_at = harbour.now
        trades = harbour.workers["trades"]
        report = await trades.until(lambda report: report["unattended"])
        assert harbour.now - killed_at < timedelta(seconds=20)
        assert (report["status"], report["trouble"]) == (200, [])
        await harbour.is_succeeded("broker")
        await trades.until(lambda report: not report["unattended"])
        await harbour.edge_says(guarded=1)
        await harbour.falls("97.80", "97.79")
        await trade.ends()
        told = [kept.note for kept in await harbour.store.notes(100)]
        assert [note.subject for note in told if note.kind is IncidentKind.TASK_SILENT] == [
            "edge-arms:DU1234567"
        ]

    assert play(story).position() == 0
