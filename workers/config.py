"""What a process is started with: the tables and keys of `backstay.toml`.

Each table is checked as it is built. What has no safe default has none: without limits everything
that opens a position is refused, trading is disabled until it is enabled, paper comes before live,
and live takes two steps apart: the mode, and the account's own id written out once more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from backstay.broker.settings import EdgeSettings
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.plan.complaints import Complaint, value_text
from backstay.domain.plan.scalars import Account, Currency, Money, Quantity, Seconds, Symbol, Width
from backstay.domain.plan.tables import Expected, Table
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.sessions.broker_day import Absence, RestartWindow, Weekday

_DEFAULTS: Mapping[str, Any] = {bound.name: bound.default for bound in fields(LimitSettings)}

Switch = Annotated[bool, Field(strict=True), Expected("true or false")]
Host = Annotated[
    str,
    Field(strict=True, pattern=r"^[A-Za-z0-9._:-]+$"),
    Expected('a host, such as "127.0.0.1"'),
]
Port = Annotated[
    int, Field(strict=True, ge=0, le=65_535), Expected("a port up to 65535; 0 takes a free one")
]
BrokerPort = Annotated[int, Field(strict=True, ge=1, le=65_535), Expected("a port from 1 to 65535")]
Address = Annotated[
    str,
    Field(strict=True, pattern=r"^[^\s:]+:[0-9]{1,5}$"),
    Expected('HOST:PORT, such as "127.0.0.1:7233"'),
]
Namespace = Annotated[
    str, Field(strict=True, pattern=r"^[A-Za-z0-9._-]{2,64}$"), Expected("the name of a namespace")
]
ClientId = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1), Expected("a whole number from 0")]
Milliseconds = Annotated[
    int, Field(strict=True, ge=0, le=1000), Expected("milliseconds from 0 to 1000")
]
Count = Annotated[
    int, Field(strict=True, ge=1, le=1_000_000), Expected("a whole number from 1 to 1000000")
]
WaitingSeconds = Annotated[
    Decimal,
    Field(ge=60, le=864_000),
    Expected("seconds from 60 to 864000, which are ten days"),
]
WindowMinutes = Annotated[
    int, Field(strict=True, ge=1, le=1440), Expected("a whole number of minutes from 1 to 1440")
]
TimeOfDay = Annotated[time, Expected("a time of day without a zone, such as 23:45:00")]
Folder = Annotated[Path, Field(strict=False), Expected("the path of a folder")]


class Basis(StrEnum):
    """The profile that an operator begins with."""

    PESSIMISTIC = "pessimistic"
    OPTIMISTIC = "optimistic"


class DayOfWeek(StrEnum):
    """The days of the week by their names."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class TemporalTable(Table):
    """Where the engine is."""

    address: Address = "127.0.0.1:7233"
    namespace: Namespace = "default"
    tls: Switch = False


class AssumptionsTable(Table):
    """What has been proven of this account's broker; the profile says the rest."""

    cancelling_one_spares_siblings: Switch | None = None
    partial_fill_reduces_by_quantity: Switch | None = None
    living_group_can_be_joined: Switch | None = None
    order_type_can_be_modified: Switch | None = None
    child_covers_partial_parent: Switch | None = None
    yesterday_stays_visible: Switch | None = None
    cancels_are_prompt: Switch | None = None
    last_bytes_are_read: Switch | None = None


class RestartTable(Table):
    """When the broker is away as planned, in New York."""

    absence: Absence = Absence.NIGHTLY_RESTART
    starts: TimeOfDay
    minutes: WindowMinutes
    weekday: DayOfWeek | None = None

    @property
    def window(self) -> RestartWindow:
        """The same, as the session reads it."""
        weekday = None if self.weekday is None else Weekday[self.weekday.name]
        return RestartWindow(self.absence, self.starts, self.minutes, weekday)

    def contradictions(self) -> Iterable[Complaint]:
        """A time in a zone of its own would be another time."""
        if self.starts.tzinfo is not None:
            yield Complaint(("starts",), f"{self.starts}; expected a time of day without a zone")


class BrokerTable(Table):
    """Where the gateway is, who we are to it, and what is assumed of it."""

    host: Host = "127.0.0.1"
    port: BrokerPort = 4002
    client_id: ClientId = 1
    profile: Basis = Basis.PESSIMISTIC
    assume: AssumptionsTable = AssumptionsTable()
    restart: tuple[RestartTable, ...] = ()
    data_lines_max: Count = 100
    batch_window_ms: Milliseconds = 0
    drill_every_ms: Milliseconds = 0

    @property
    def assumed(self) -> BrokerProfile:
        """The profile, with what has been proven."""
        basis = OPTIMISTIC if self.profile is Basis.OPTIMISTIC else PESSIMISTIC
        proven = self.assume.model_dump(exclude_none=True)
        return BrokerProfile(
            **{
                each.name: proven.get(each.name, getattr(basis, each.name))
                for each in fields(basis)
            }
        )


class LimitsTable(Table):
    """How much may be at stake. Nothing in here that has no default may be left out."""

    base_currency: Currency
    exposure_max: Money
    share_position_max: Quantity
    trading: TradingMode = TradingMode.DISABLED
    live_armed: Account | None = None
    option_position_max: Quantity = _DEFAULTS["option_position_max"]
    order_value_max: Money = _DEFAULTS["order_value_max"]
    share_collar_pct: Width = _DEFAULTS["share_collar_pct"]
    option_collar_pct: Width = _DEFAULTS["option_collar_pct"]
    margin_pct_max: Width = _DEFAULTS["margin_pct_max"]
    entry_interval_seconds_min: Seconds = _DEFAULTS["entry_interval_seconds_min"]
    entries_per_day_max: Count = _DEFAULTS["entries_per_day_max"]
    open_trades_max: Count = _DEFAULTS["open_trades_max"]
    approval_seconds_max: Seconds = _DEFAULTS["approval_seconds_max"]
    waiting_approval_seconds_max: WaitingSeconds = _DEFAULTS["waiting_approval_seconds_max"]
    blocked_symbols: tuple[Symbol, ...] = ()


class MetricsTable(Table):
    """Where health and metrics are served; who serves them beyond the loopback says so here."""

    host: Host = "127.0.0.1"
    port: Port = 9464


class CapacityTable(Table):
    """How much one process takes on."""

    arms_max: Count = 5000
    workflows_cached_max: Count = 2000
    workflow_tasks_max: Count = 20


class Settings(Table):
    """The whole file."""

    account: Account
    kind: AccountKind = AccountKind.PAPER
    data: Folder = Path("data")
    temporal: TemporalTable = TemporalTable()
    broker: BrokerTable = BrokerTable()
    limits: LimitsTable | None = None
    metrics: MetricsTable = MetricsTable()
    capacity: CapacityTable = CapacityTable()

    def contradictions(self) -> Iterable[Complaint]:
        """Live is meant by every key that says so, or by none."""
        limits = self.limits
        if limits is None:
            return
        if limits.trading is TradingMode.LIVE and self.kind is not AccountKind.LIVE:
            text = f'"live", but kind is "{self.kind}"; a live account needs kind = "live", too'
            yield Complaint(("limits", "trading"), text)
        if limits.live_armed not in (None, self.account):
            text = f"{value_text(limits.live_armed)}; expected the account itself, {self.account}"
            yield Complaint(("limits", "live_armed"), text)

    @property
    def book(self) -> Path:
        """The file with the book of the account."""
        return self.data / "accounts.sqlite"

    @property
    def bounds(self) -> LimitSettings | None:
        """The limits as the rules read them; None refuses whatever opens a position."""
        if self.limits is None:
            return None
        given = dict(self.limits)
        given["live_armed"] = self.limits.live_armed == self.account
        return LimitSettings(account=self.account, **given)

    @property
    def edge(self) -> EdgeSettings:
        """What the edge is started with."""
        broker = self.broker
        return EdgeSettings(
            host=broker.host,
            port=broker.port,
            client_id=broker.client_id,
            account=self.account,
            kind=self.kind,
            limits=self.bounds,
            profile=broker.assumed,
            restart_windows=tuple(restart.window for restart in broker.restart),
            data_lines_max=broker.data_lines_max,
            batch_window=timedelta(milliseconds=broker.batch_window_ms),
            drill_every=timedelta(milliseconds=broker.drill_every_ms),
        )
