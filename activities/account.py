"""The doors to the account's book: `admit`, `settle`, and `preflight`, which only looks.

Owns what an error of the book means to the engine. A book that is busy, or whose disk stumbles, is
asked again at once. What does not pass by itself, a book that is missing or damaged, fails for
good: whoever asked tells a person, and asks again once somebody can have helped. So does what
should have passed and has not. Nothing is sent meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.calls import Alert
from activities.ports import Alerts, Books
from backstay.accounts.errors import AccountsError, BookBusyError, DiskError
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.settlement import Settlement

BAD_VALUE = "BadValue"
PASSES = (BookBusyError, DiskError)
ATTEMPTS_MAX = 10
"""After so many it has not passed by itself."""


class AccountDoor:
    """The activities over the books; what they find strange is told."""

    def __init__(self, books: Books, alerts: Alerts) -> None:
        self._books = books
        self._alerts = alerts

    @activity.defn(name="admit")
    async def admit(self, asked: AdmissionRequest) -> AdmissionAnswer:
        """Whether the account has room for the orders of a trade; they are reserved if so."""
        with translated(f"admit {asked.plan_id}"):
            return await self._books.admit(asked.account, asked)

    @activity.defn(name="preflight")
    async def preflight(self, asked: AdmissionRequest) -> Preflight:
        """What every rule would say of the orders of a trade; nothing is reserved."""
        with translated(f"look at {asked.plan_id}"):
            return await self._books.preflight(asked.account, asked)

    @activity.defn(name="settle")
    async def settle(self, settlement: Settlement) -> None:
        """Book what a trade has come to, and give back what was reserved for it."""
        with translated(f"settle {settlement.trade}"):
            settled = await self._books.settle(settlement)
            doubts = settled.doubts
            if settled.live:
                orders = ", ".join(map(str, settled.live))
                doubts += (f"its room is kept, because these may still fill: {orders}",)
            for number, text in enumerate(doubts):
                await self._alerts.raise_alert(
                    Alert(
                        settlement.account, IncidentKind.STATE_INCONSISTENT, settlement.trade, text
                    ),
                    name=f"settle:{settlement.trade}:{number}:{text}",
                )


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Have what keeps the book from `doing` something told in the engine's words."""
    try:
        yield
    except AccountsError as error:
        passes = isinstance(error, PASSES) and activity.info().attempt < ATTEMPTS_MAX
        raise ApplicationError(
            f"{doing}: {error}",
            type=type(error).__name__.removesuffix("Error"),
            non_retryable=not passes,
        ) from error
    except ValueError as error:
        text = f"{doing}: {error}"
        raise ApplicationError(text, type=BAD_VALUE, non_retryable=True) from error
