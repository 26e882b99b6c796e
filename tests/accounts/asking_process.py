"""A process that asks for room for one trade after the other, and gives some of it back.

    python -m tests.accounts.asking_process PATH NAME COUNT OPEN

It says `admitted`, `refused` or `settled` with the trade, one a line, after the fact. When more
than OPEN of its trades are open, the oldest is settled.
"""

import asyncio
import sys
from pathlib import Path

from backstay.accounts.errors import BookBusyError
from backstay.accounts.store import AccountStore
from backstay.domain.trade.admission import AdmissionRequest, Admitted
from tests.accounts.cases import request, round_trip
from tests.accounts.crowd import CROWD, QUANTITY, share
from tests.domain.limits.samples import ACCOUNT, later


async def ask(path: Path, name: str, count: int, open_max: int) -> None:
    """Ask so often."""
    store = AccountStore(path, ACCOUNT)
    still_open: list[str] = []
    instrument = share(name)
    for number in range(count):
        trade, at = f"{name}{number:07}", later(number / 1000)
        asks = request(trade, QUANTITY, instrument=instrument, at=at)
        if not await is_admitted(store, asks):
            say(f"refused {asks.trade}")
            continue
        still_open.append(asks.trade)
        say(f"admitted {asks.trade}")
        if len(still_open) > open_max:
            oldest = still_open.pop(0)
            await store.settle(round_trip(oldest, QUANTITY, con_id=instrument.con_id))
            say(f"settled {oldest}")
    await store.close()


async def is_admitted(store: AccountStore, asks: AdmissionRequest) -> bool:
    """Ask until there is an answer."""
    while True:
        try:
            return isinstance(await store.admit(asks, CROWD), Admitted)
        except BookBusyError:
            continue


def say(words: str) -> None:
    """One line, at once."""
    print(words, flush=True)  # noqa: T201 - it is what the process is there for


if __name__ == "__main__":
    asyncio.run(ask(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
