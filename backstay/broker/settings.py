"""What an edge is started with. Absence of limits refuses everything that opens a position."""

from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.profile import PESSIMISTIC, BrokerProfile
from backstay.domain.sessions.broker_day import RestartWindow


def _new_york() -> tzinfo:
    return ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Where the broker is, who we are to it, and what is assumed of it."""

    host: str
    port: int
    client_id: int
    account: str
    kind: AccountKind
    limits: LimitSettings | None
    profile: BrokerProfile = PESSIMISTIC
    zone: tzinfo = field(default_factory=_new_york)
    """Whose midnight ends the broker's day."""

    restart_windows: tuple[RestartWindow, ...] = ()
    data_lines_max: int = 100
    batch_window: timedelta = timedelta(0)
    """How long ticks are collected before they are looked at; zero looks at each at once."""

    drill_every: timedelta = timedelta(0)
    """How often a blank is fired while anything is armed, so that the way of an order is warm; zero
    fires none. Every 5 ms halves the time to an order and takes some percent of a core.
    """
