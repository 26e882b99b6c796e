"""What a gateway is started with."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from backstay.gateway.profile import PESSIMISTIC, Profile


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One account and the cash that it starts with."""

    name: str
    cash: Decimal = Decimal(1_000_000)
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything but the clock, the market's tape and the faults."""

    seed: int = 0
    accounts: tuple[AccountSettings, ...] = (AccountSettings("DU1234567"),)
    profile: Profile = PESSIMISTIC
    read_only: bool = False
    master_client_id: int | None = None
    data_lines_max: int = 100
    messages_per_second_max: int = 50
    restart_at: time | None = time(23, 45)
    """When the gateway restarts every night, in New York; None: never."""
    market_seed: int | None = None
    """What prices are thrown from; None: from `seed`, as everything else is."""

    def __post_init__(self) -> None:
        names = [account.name for account in self.accounts]
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"accounts: {', '.join(names) or 'none'}; each needs a name of its own"
            )
