"""What the book says against opening anything, as whoever looks at a house sees it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.domain.limits.kill import Halt, KillMode
from workers.supervising.stops import StopWatch

ACCOUNT = "DU1234567"
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_a_kill_and_every_halt_are_found_and_so_is_a_book_that_has_gone(tmp_path: Path) -> None:
    book = tmp_path / "accounts.sqlite"
    create(book, ACCOUNT)

    async def story() -> None:
        store, other = AccountStore(book, ACCOUNT), AccountStore(book, ACCOUNT)
        watch = StopWatch(store)

        async def looked() -> tuple[str, ...]:
            await watch.look()
            return watch.stops

        assert await looked() == ()
        await other.halt(Halt("earnings", "AAPL"))
        await other.halt(Halt("data lost"))
        await other.kill(KillMode.FREEZE, "it looks wrong", "Ada", NOW)
        first, *others = await looked()
        assert first == "killed: freeze"
        assert sorted(others) == ["halted: data lost", "halted: earnings in AAPL"]
        await other.close()
        book.unlink()
        (said,) = await looked()
        assert said.startswith(f"the book can't be read: {book} ")
        await store.close()

    asyncio.run(story())
