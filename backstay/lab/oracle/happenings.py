"""What the world does and no log of the gateway's tells: the oracle has to know it to be fair.

Plain values. Nothing in here says what follows from it; that is for each law.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.limits.kill import KillMode
from backstay.lab.simulation.scenario import Role


@dataclass(frozen=True, slots=True)
class WorkerDied:
    """A process is gone; the last of its role, unless another one is said to be up."""

    role: Role


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    """A process has begun; it may still have to get its session."""

    role: Role


@dataclass(frozen=True, slots=True)
class WorkerFroze:
    """A process stands still, its sockets open."""

    role: Role


@dataclass(frozen=True, slots=True)
class WorkerThawed:
    """It goes on where it was."""

    role: Role


@dataclass(frozen=True, slots=True)
class EngineGone:
    """The engine can't be reached, or tells nobody anything in time."""


@dataclass(frozen=True, slots=True)
class ReportLost:
    """The engine never hears what came of a call: it waits until no heartbeat comes any more."""


@dataclass(frozen=True, slots=True)
class EngineBack:
    """It can be reached again, with all that was written down."""


@dataclass(frozen=True, slots=True)
class LinesCut:
    """Every connection to the gateway has broken."""


@dataclass(frozen=True, slots=True)
class Killed:
    """A kill stands in the account's book."""

    epoch: int
    mode: KillMode


@dataclass(frozen=True, slots=True)
class TradingResumed:
    """A person has resumed trading, by all the rules."""


@dataclass(frozen=True, slots=True)
class Halted:
    """Trading in a contract is halted."""

    con_id: int


@dataclass(frozen=True, slots=True)
class HaltEnded:
    """Trading goes on."""

    con_id: int


@dataclass(frozen=True, slots=True)
class SplitMade:
    """Each share has become `ratio` shares."""

    con_id: int
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class Shown:
    """The quote and the last trade of a contract, as the exchange really has them from now on."""

    con_id: int
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None


@dataclass(frozen=True, slots=True)
class ShownAgain:
    """Every contract trades once more where it stands."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """From now on nothing goes wrong any more."""


Happening = (
    WorkerDied
    | WorkerStarted
    | WorkerFroze
    | WorkerThawed
    | EngineGone
    | EngineBack
    | ReportLost
    | LinesCut
    | Killed
    | TradingResumed
    | Halted
    | HaltEnded
    | SplitMade
    | Shown
    | ShownAgain
    | Quiet
)
