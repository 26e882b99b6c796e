"""The doors to the account's book: `admit` and `settle`.

Owns what an error of the book means to the engine. A book that is busy, missing or damaged can be
free, brought back or repaired, so the call is tried again until it is; nothing is sent meanwhile.
What makes no sense stays senseless, and is not tried again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.calls import Alert
from activities.ports import Alerts, Books
from backstay.accounts.errors import AccountsError, SettlementDiffersError
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.settlement import Settlement

BAD_VALUE = "BadValue"


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
    except SettlementDiffersError as error:
        raise _final(doing, error, "SettlementDiffers") from error
    except AccountsError as error:
        kind = type(error).__name__.removesuffix("Error")
        raise ApplicationError(f"{doing}: {error}", type=kind) from error
    except ValueError as error:
        raise _final(doing, error, BAD_VALUE) from error


def _final(doing: str, error: Exception, kind: str) -> ApplicationError:
    return ApplicationError(f"{doing}: {error}", type=kind, non_retryable=True)
