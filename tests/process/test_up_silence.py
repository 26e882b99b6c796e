"""Parts of a house that stand still without dying: noticed, told, and begun again."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from backstay.accounts.store import AccountStore
from backstay.domain.incidents.kinds import IncidentKind
from tests.process.up_process import furnished, kill, up
from workers.supervising.roster import Part

pytestmark = pytest.mark.long


@pytest.mark.req("S2.8")
def test_an_engine_and_a_gateway_that_stand_still_are_told_of_and_begun_again(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with up(furnished(tmp_path)) as run:
            roster = await run.is_ready()
            engine, gateway = roster.running[:2]
            for each in (engine, gateway):
                os.kill(each.process.pid, signal.SIGSTOP)
            for each in (engine, gateway):
                await run.says(f"{each.part} has not answered for ")
            assert not [line for line in run.lines if "has died" in line], (
                "told before it is killed"
            )
            os.kill(engine.process.pid, signal.SIGCONT)
            await run.says("engine answers again")
            await run.says("gateway has died (silent for 2")
            await run.says("gateway serves again")
            assert run.running(Part.ENGINE) == engine
            now = run.running(Part.GATEWAY)
            assert now is not None
            assert (now.restarts, now.address) == (1, gateway.address)
            kill(engine)
            await run.says("engine serves again")
            assert await run.ends(signal.SIGINT) == 0
        store = AccountStore(run.data.book, "DU1234567")
        noted = [each.note for each in await store.notes(100)]
        await store.close()
        silent = {note.subject for note in noted if note.kind is IncidentKind.PROCESS_SILENT}
        assert silent == {Part.ENGINE, Part.GATEWAY}

    asyncio.run(story())
