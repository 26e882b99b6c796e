"""Every command that the README tells its reader to type, typed in its order, in a house."""

import asyncio
import os
import shlex
import signal

import pytest

from backstay.lab.showcase.premises import STARTS
from tests.cli.readme import README, ROOT, commands, is_ours
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.lodging import OWN_ENVIRONMENT, Lodging, lodging

pytestmark = pytest.mark.long

UP = ".venv/bin/backstay up"
COMMANDS = [command for command in commands(README.read_text("utf-8")) if is_ours(command)]


def test_every_command_does_what_the_readme_says() -> None:
    """All of them end well, from the dry run to the kill switch; and so does the house."""
    assert UP in COMMANDS

    async def story() -> None:
        async with lodging() as house:
            os.symlink(ROOT / "examples", house.folder / "examples")
            os.symlink(ROOT / ".venv", house.folder / ".venv")
            await house.price("MSFT", "433.00")
            keeper = await _started(house)
            try:
                await house.begun(keeper)
                for command in COMMANDS:
                    if command != UP:
                        await _typed(house, command)
                keeper.send_signal(signal.SIGINT)
                async with asyncio.timeout(HANGS_AFTER_SECONDS):
                    assert await keeper.wait() == 0
            finally:
                if keeper.returncode is None:
                    keeper.kill()
                    await keeper.wait()

    asyncio.run(story())


async def _started(house: Lodging) -> asyncio.subprocess.Process:
    """A house as the README begins it, at an hour at which the market is open."""
    words = shlex.split(UP)[1:]
    follow, ui = house.place.prices.name, str(house.place.ui_port)
    return await asyncio.create_subprocess_exec(
        *(".venv/bin/backstay", *words, "--start", STARTS, "--follow", follow, "--ui-port", ui),
        cwd=house.folder,
        env=OWN_ENVIRONMENT,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def _typed(house: Lodging, command: str) -> None:
    done = await house.typed(*shlex.split(command)[1:])
    assert done.exit_code == 0, f"{command}\n{done.out}\n{done.err}"
    if "submit" in command and "--dry-run" not in command:
        await house.edge("the position to be watched", lambda edge: edge.guarded > 0)
