"""An edge as a process of its own: it arms one entry, says what becomes of it, and ends on SIGTERM.

    python -m tests.process.edge_process PORT WRITTEN_DOWN_AT [TRIGGER]

What it has to say stands on its standard output, one word or phrase a line; notices go to standard
error. Like an engine that remembers, every process is told when the intent was first written down.
"""

import asyncio
import signal
import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.broker.edge import Edge
from backstay.broker.notices import Notice
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.asked import Asked
from backstay.domain.instruments import Instrument
from backstay.domain.limits.kill import KillState
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from tests.broker.edge.stage import EDGE, Counter


class Engine(Counter):
    """Who writes down what is to be done, once, and gives it to one edge after the other."""

    def __init__(self, port: int, written_at: datetime) -> None:
        super().__init__()
        self.settings = replace(EDGE, host="127.0.0.1", port=port)
        self._written_at = written_at

    @property
    def now(self) -> datetime:
        """When everything was written down."""
        return self._written_at

    def asked(self, _instrument: Instrument) -> Asked:
        """The circumstances of then: nothing was held."""
        return Asked(self._written_at, Decimal(0))


async def work(engine: Engine, edge: Edge, trigger: Trigger | None) -> None:
    """Arm, and follow."""
    await edge.synced()
    say("ready")
    seat = await engine.seat(edge)
    arm = seat.arm(limit="101.50", trigger=trigger)
    following = asyncio.create_task(follow(edge, arm))
    while trigger is not None and not edge.health().last_tick_at:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    say("armed")
    await following


async def follow(edge: Edge, arm: Arm) -> None:
    """Say each phase that the arm comes to."""
    revision = 0
    while True:
        progress = await edge.arm(arm, 1, revision)
        revision = progress.revision
        say(progress.phase.value)


async def main(port: int, written_at: datetime, trigger: Trigger | None) -> None:
    """Be the edge until SIGTERM."""
    ends = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ends.set)
    engine = Engine(port, written_at)
    edge = Edge(engine.settings, complain, written_at)
    edge.set_epoch(KillState())
    edge.start()
    say("started")
    working = asyncio.create_task(work(engine, edge, trigger))
    await ends.wait()
    working.cancel()
    await edge.close()
    say("closed")


def say(words: str) -> None:
    """On standard output, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def complain(notice: Notice) -> None:
    """On standard error."""
    sys.stderr.write(f"{notice.kind}: {notice.subject}: {notice.text}\n")


if __name__ == "__main__":
    level = Trigger(Decimal(sys.argv[3]), Crossing.ABOVE) if sys.argv[3:] else None
    asyncio.run(main(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), level))
