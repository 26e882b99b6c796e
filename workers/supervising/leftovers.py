"""What an earlier keeper has left behind: found in the roster, verified, and ended.

Only what has both the id and the beginning that were written down is ours; a process that has got
an id of ours since then is somebody else's, and stays.
"""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from workers.supervising.errors import HouseError
from workers.supervising.identity import lives, myself, send
from workers.supervising.roster import Process, Roster, read_roster

LOOK_SECONDS = 0.05
END_SECONDS_MAX = 10.0
KILLED_SECONDS_MAX = 5.0


async def end_leftovers(file: Path, tell: Callable[[str], None]) -> None:
    """End them, and say so. HouseError if one can't be ended, or its keeper still lives."""
    roster = read_roster(file)
    if roster is None:
        if await asyncio.to_thread(file.exists):
            tell(f"{file}: this is no roster of processes, so no leftovers can be found by it")
        return
    if lives(roster.keeper) and roster.keeper != myself():
        raise HouseError(
            f"{file.parent}: kept already, by process {roster.keeper.pid}; one is enough"
        )
    await _end_all(roster, tell)


async def _end_all(roster: Roster, tell: Callable[[str], None]) -> None:
    """Last begun, first ended, as an orderly end would have it."""
    for each in reversed(roster.running):
        if not lives(each.process):
            continue
        if not await _ended(each.process):
            raise HouseError(
                f"{each.part}: process {each.process.pid} is left from an earlier run"
                " and can't be ended; end it by hand"
            )
        tell(f"{each.part}: ended process {each.process.pid}, which an earlier run had left")


async def _ended(process: Process) -> bool:
    for number, seconds in (
        (signal.SIGTERM, END_SECONDS_MAX),
        (signal.SIGKILL, KILLED_SECONDS_MAX),
    ):
        try:
            send(process, number)
        except PermissionError:
            return False
        if await _gone_within(process, seconds):
            return True
    return False


async def _gone_within(process: Process, seconds: float) -> bool:
    """Whether it ends in time. Of a process that is not our child nothing is heard: we look."""
    until = asyncio.get_running_loop().time() + seconds
    while lives(process):
        if asyncio.get_running_loop().time() > until:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True
