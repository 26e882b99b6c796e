"""Prices from a growing file: each line an act of its own, and what can't be played is said."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from backstay.gateway.market.tape_follower import TapeFollower
from backstay.gateway.server.followed_file import FollowedFile
from backstay.gateway.server.following import COMPLAINTS_MAX, Following
from tests.gateway.market.scene import AAPL, Scene
from tests.hanging import HANGS_AFTER_SECONDS


class Told:
    """A market that follows a file, and all that was said and done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scene = Scene()
        self.said: list[str] = []
        self.file = FollowedFile(path, self.said.append)
        self.following = Following(self.file, TapeFollower(self.scene.market), self.said.append)
        self.bids: list[Decimal | None] = []
        self.enough = asyncio.Event()

    def act(self, deed: Callable[[], None]) -> None:
        deed()
        self.bids.append(self.scene.market.quote(AAPL).bid)
        if self.scene.market.quote(AAPL).halted:
            self.enough.set()

    async def plays(self, text: str) -> None:
        """Everything that is written, up to a halt."""
        running = asyncio.create_task(self.following.run(self.act))
        await asyncio.sleep(0)
        with self.path.open("a") as file:
            file.write(text + "AAPL halt\n")
        await asyncio.wait_for(self.enough.wait(), HANGS_AFTER_SECONDS)
        running.cancel()


def test_each_line_is_an_act_of_its_own_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = Told(tmp_path / "prices")
    asyncio.run(told.plays("AAPL bid=9\n\nAAPL bid=8\nAAPL bid=7   # and so on\n"))
    assert told.bids == [9, 8, 7, 7]
    assert told.said == []


def test_what_can_not_be_played_is_said_with_its_line_and_the_rest_is_played(
    tmp_path: Path,
) -> None:
    told = Told(tmp_path / "prices")
    asyncio.run(told.plays("AAPL bid=9\nAAPL bid=x\nAPPL bid=1\n+3 AAPL bid=1\nAAPL bid=8\n"))
    assert told.bids == [9, 8, 8]
    assert told.said == [
        f'{told.path}: line 2: bid: "x"; expected a price above 0',
        f'{told.path}: line 3: "APPL" is not listed; expected a symbol, a local symbol or a con_id',
        f'{told.path}: line 4: "+3"; expected no time: a line happens when it is read',
    ]


def test_what_stands_there_at_first_is_shown_before_anything_is_played(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    path.write_text("AAPL bid=9 ask=9.02\nAPPL halt\nAAPL ask\nAAPL bid=8\n")
    told = Told(path)
    told.following.begin()
    assert told.scene.market.quote(AAPL).bid == 8
    assert told.scene.moves == []
    assert sorted(told.said) == [
        f'{path}: line 2: "APPL" is not listed; expected a symbol, a local symbol or a con_id',
        f'{path}: line 3: "ask"; expected name=value, or one of halt, resume, walk',
    ]
    asyncio.run(told.plays("AAPL bid=7\n"))
    assert told.bids == [7, 7]


def test_more_than_is_read_at_once_stands_there_as_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    path.write_text("".join(f"AAPL bid={number}\n" for number in range(1, 20_001)))
    told = Told(path)
    told.following.begin()
    assert told.scene.market.quote(AAPL).bid == 20_000


def test_what_stands_behind_a_line_that_is_too_long_is_no_news(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    path.write_text("AAPL bid=9\n" + "x" * 200_000 + "\nAAPL bid=8\n")
    told = Told(path)
    told.following.begin()
    assert told.scene.market.quote(AAPL).bid == 8
    asyncio.run(told.plays(""))
    assert told.bids == [8]


def test_many_that_can_not_be_played_are_counted_and_not_all_told(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    path.write_text("AAPL bid=x\nAPPL halt\n" * COMPLAINTS_MAX)
    told = Told(path)
    told.following.begin()
    assert len(told.said) == COMPLAINTS_MAX + 1
    assert told.said[-1] == f"{path}: {COMPLAINTS_MAX} more lines can't be played"
    told.said.clear()
    asyncio.run(told.plays("AAPL bid=x\n" * COMPLAINTS_MAX))
    assert told.said[-1].endswith(f'line {3 * COMPLAINTS_MAX}: bid: "x"; expected a price above 0')
    assert len(told.said) == COMPLAINTS_MAX


def test_others_have_their_turn_between_two_lines(tmp_path: Path) -> None:
    told = Told(tmp_path / "prices")
    seen: list[int] = []

    async def another() -> None:
        while not told.enough.is_set():
            seen.append(len(told.bids))
            await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(another(), told.plays("AAPL bid=9\n" * 50))

    asyncio.run(both())
    assert set(range(51)) <= set(seen)
