"""What stands behind the doors, as those who go through them see it.

Owns the protocols of the engine and of the account's books, and the values in which they answer. It
knows neither Temporal nor SQLite, so a simulation can stand behind them as well. Each answer says
what is; that nobody could tell is an exception.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from activities.calls import Alert
from backstay.accounts.state import Settled
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.chronicle import TradeFacts
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import TradeStanding


class EngineSilentError(Exception):
    """The engine has not answered, or can't be reached: what was asked for may have happened."""


class UnknownWorkflowError(Exception):
    """The engine keeps no such workflow, or it has ended and takes nothing any more."""


class CallRefusedError(Exception):
    """The workflow would not do what it was asked; `why` is its own word for it."""

    def __init__(self, what: str, why: str, sort: str = "") -> None:
        super().__init__(f"{what}: {sort and f'{sort}: '}{why}")
        self.why = why


@dataclass(frozen=True, slots=True)
class Started:
    """The trade has begun."""

    workflow_id: str
    run_id: str
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class Same:
    """This plan was started before: it is the same trade, in this state."""

    workflow_id: str
    run_id: str
    status: str
    kind: Literal["same"] = "same"


@dataclass(frozen=True, slots=True)
class Differs:
    """Another plan has this id in this account; `tables` are the parts of it that differ."""

    workflow_id: str
    run_id: str
    status: str
    tables: tuple[str, ...]
    kind: Literal["differs"] = "differs"


StartAnswer = Annotated[Started | Same | Differs, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Description:
    """A workflow as the engine lists it. It has `begun` once a worker has taken it up; a list of
    many does not say so.
    """

    workflow_id: str
    run_id: str
    kind_of_workflow: str
    status: str
    started_at: datetime
    closed_at: datetime | None
    account: str
    symbol: str
    state: str
    summary: str
    side: str = ""
    begun: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which trades of an account are asked for; what is not said leaves all of them."""

    running: bool = False
    state: TradeState | None = None
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Trades:
    """The trades that the engine lists: those that run, newest first, then those that are over,
    the last to end first. There may be `more` than were asked for.
    """

    found: tuple[Description, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a trade has ended: with what it has come to, or broken off, and then why."""

    status: str
    settlement: Settlement | None
    why: str


@dataclass(frozen=True, slots=True)
class Untold:
    """A trade that could not be told of a kill, and why; without an id, whichever there are.

    One that does not exist in the engine has room in the book, and perhaps a position.
    """

    workflow_id: str
    text: str
    exists: bool = True


@dataclass(frozen=True, slots=True)
class KillTold:
    """The kill state in force, and who has heard of it.

    `trouble` is why it could not be written down; then it holds for whom it has reached, and until
    they are started again. Whoever sees it, or somebody untold, kills once more.
    """

    state: KillState
    told: tuple[str, ...]
    untold: tuple[Untold, ...]
    trouble: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether it is written down and everybody has heard of it."""
        return not self.trouble and not self.untold


class Books(Protocol):
    """The books of the accounts: who has room, and who may trade at all."""

    async def admit(self, account: str, request: AdmissionRequest) -> AdmissionAnswer:
        """Whether the account has room for the orders of a trade; it is taken if so."""

    async def preflight(self, account: str, request: AdmissionRequest) -> Preflight:
        """What would be answered to that; nothing is taken."""

    async def settle(self, settlement: Settlement) -> Settled:
        """Book what a trade has come to, and give its room back."""

    async def kill_state(self, account: str) -> KillState:
        """The kill state in force."""


class Engine(Books, Protocol):
    """What carries trades out durably, for whoever starts and steers them."""

    async def start(self, order: TradeOrder) -> StartAnswer:
        """Have a trade carried out; the same plan again is the same trade."""

    async def update(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> Any:
        """Ask a workflow to do something, and wait until it has answered."""

    async def signal(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> None:
        """Tell a workflow something; the engine keeps it until the workflow hears it."""

    async def query(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> Any:
        """Ask a workflow how it stands."""

    async def describe(self, workflow_id: str) -> Description:
        """How the engine lists a workflow."""

    async def standing(self, workflow_id: str) -> TradeStanding:
        """How a trade stands, in its own words; it takes a worker to hear them."""

    async def ended(self, workflow_id: str) -> Ended | None:
        """How a trade has ended, by what is written down; None if it runs."""

    async def story(self, workflow_id: str) -> TradeFacts:
        """Everything that is written down of a trade; it takes no worker to read it."""

    async def trades(self, account: str, wanted: Wanted, limit: int) -> Trades:
        """The trades of an account as the engine lists them, a moment late."""

    async def kill(self, account: str, mode: KillMode, reason: str, by: str) -> KillTold:
        """Stop trading in an account, now and for good."""


class Alerts(Protocol):
    """Where everything goes that a person has to be told."""

    async def raise_alert(self, alert: Alert, name: str = "") -> None:
        """Keep it; it is kept when this returns. Two deliveries of one name are one alert."""
