"""What of the account's book keeps trades from being opened: a kill, halts, or that nobody can read
it. Whoever looks at a house has to see that, whichever process has written it.
"""

import asyncio

from backstay.accounts.errors import AccountsError
from backstay.accounts.state import AccountState
from backstay.accounts.store import AccountStore

LOOK_SECONDS = 2.0


class StopWatch:
    """Reads the book again and again; `stops` is what was found last."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store
        self.stops: tuple[str, ...] = ()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once."""
        try:
            self.stops = stops(await self._store.state())
        except AccountsError as error:
            self.stops = (f"the book can't be read: {error}",)


def stops(state: AccountState) -> tuple[str, ...]:
    """The kill first, then every halt."""
    killed = () if state.kill.mode is None else (f"killed: {state.kill.mode}",)
    halts = (
        f"halted: {halt.reason}" + (f" in {halt.symbol}" if halt.symbol else "")
        for halt in state.book.halts
    )
    return (*killed, *halts)
