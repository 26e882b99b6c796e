"""The books of all accounts that this process serves, and what the operator allows in each.

An account without a book is no account of ours; one without limits is refused by the rules.
"""

from collections.abc import Iterable, Mapping

from backstay.accounts.errors import BookMissingError
from backstay.accounts.state import Settled
from backstay.accounts.store import AccountStore
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.settlement import Settlement


class AccountBooks:
    """The port `Books` over files."""

    def __init__(self, stores: Iterable[AccountStore], limits: Mapping[str, LimitSettings]) -> None:
        self._stores = {store.account: store for store in stores}
        self._limits = limits

    def store(self, account: str) -> AccountStore:
        """The store of one account."""
        try:
            return self._stores[account]
        except KeyError:
            raise BookMissingError(
                f"no book of {account} is configured here; there are those of"
                f" {', '.join(sorted(self._stores)) or 'nobody'}"
            ) from None

    async def admit(self, account: str, request: AdmissionRequest) -> AdmissionAnswer:
        """Whether the account has room for the orders of a trade; it is taken if so."""
        return await self.store(account).admit(request, self._limits.get(account))

    async def preflight(self, account: str, request: AdmissionRequest) -> Preflight:
        """What would be answered to that; nothing is taken."""
        return await self.store(account).preflight(request, self._limits.get(account))

    async def settle(self, settlement: Settlement) -> Settled:
        """Book what a trade has come to, and give its room back."""
        return await self.store(settlement.account).settle(settlement)

    async def kill_state(self, account: str) -> KillState:
        """The kill state in force."""
        return await self.store(account).kill_state()
