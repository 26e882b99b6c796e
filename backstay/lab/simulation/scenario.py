"""What a run consists of: trades, a market, a person's acts, and everything that goes wrong.

Plain values, whole before the run begins. Nothing here knows how any of it is carried out. A
scenario reads and writes itself as JSON, so one that once failed can be kept beside the tests.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, TypeAdapter

from backstay.domain.limits.kill import KillMode
from backstay.gateway.faults.plan import Plan
from backstay.gateway.profile import parse

LASTS_SECONDS_MAX = 40 * 86_400.0
"""No run is longer: the engine keeps nothing that would come up later."""


def _profile(words: str) -> str:
    parse(words)
    return words


ProfileWords = Annotated[str, AfterValidator(_profile)]
"""How a gateway behaves, as `gateway.profile.parse` reads it."""


class Role(StrEnum):
    """Who can die, stand still or see a wrong clock."""

    BROKER = "broker"
    TRADES = "trades"


class Sight(StrEnum):
    """What can be seen from outside, and waited for."""

    START = "start"
    ORDER_READ = "order read"
    """The gateway has read the placement of an order; `word` may name a purpose, such as EN."""

    CANCEL_READ = "cancel read"
    EXECUTION = "execution"
    """An order has filled, in part at least; `word` may name a purpose."""

    STOP_STANDS = "stop stands"
    """A protective order works at the exchange."""

    ORDER_OVER = "order over"
    """The exchange is done with an order; `word` may name a purpose."""

    CALL_TAKEN = "call taken"
    """A worker has taken up a call; `word` may name it, such as guard."""

    CALL_ANSWERED = "call answered"
    """A call was answered; `word` may name it."""

    WORKFLOW_STARTED = "workflow started"
    """`word` may name its type, such as Exit."""


@dataclass(frozen=True, slots=True)
class Cue:
    """When something is to happen: at the `nth` sight of something from `after_seconds` on, then
    `delay_seconds` later, then before the `steps`-th step that the process concerned takes from
    there. With `Sight.START` it is a plain time. A cue that never comes up is no mistake.
    """

    after_seconds: float
    sight: Sight = Sight.START
    word: str = ""
    nth: int = 1
    delay_seconds: float = 0.0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class TradeAsked:
    """A plan that somebody hands in, as its TOML."""

    cue: Cue
    plan: str


# --- what a person does ---


class Deed(StrEnum):
    """What can be asked of a trade by hand."""

    CANCEL = "cancel"
    CLOSE = "close"
    ENTER = "enter"
    BREAK_EVEN = "break_even"
    MOVE_STOP = "move_stop"
    TIGHTEN_TRAIL = "tighten_trail"
    SUBMIT_AGAIN = "submit again"
    """The same plan is handed in once more."""

    SUBMIT_CHANGED = "submit changed"
    """Another plan is handed in under the same id."""

    CANCEL_WORKFLOW = "cancel workflow"
    """Somebody presses the button of the Web UI."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something asked of one trade, by its place among the trades."""

    cue: Cue
    trade: int
    deed: Deed
    amount: Decimal | None = None
    times: int = 1
    """How often it arrives: a signal or an update may come twice."""

    kind: Literal["act"] = "act"


@dataclass(frozen=True, slots=True)
class Kill:
    """All trading is stopped."""

    cue: Cue
    mode: KillMode
    times: int = 1
    kind: Literal["kill"] = "kill"


@dataclass(frozen=True, slots=True)
class ByHand:
    """Somebody does something in TWS: cancels an order of a purpose, closes what is held."""

    cue: Cue
    symbol: str
    what: Literal["cancel", "close"]
    purpose: str = ""
    kind: Literal["by hand"] = "by hand"


Hand = Annotated[Act | Kill | ByHand, Field(discriminator="kind")]

# --- what the market does ---


@dataclass(frozen=True, slots=True)
class Print:
    """A trade at this price, and a quote around it that is `spread` wide; both are shown again
    about every other second until the next.
    """

    seconds: float
    symbol: str
    price: Decimal
    spread: Decimal = Decimal("0.04")
    bid_size: int = 500
    ask_size: int = 500
    kind: Literal["print"] = "print"


@dataclass(frozen=True, slots=True)
class Halt:
    """Trading is halted for so long."""

    seconds: float
    symbol: str
    lasts_seconds: float
    kind: Literal["halt"] = "halt"


@dataclass(frozen=True, slots=True)
class Split:
    """Each share becomes `ratio` shares."""

    seconds: float
    symbol: str
    ratio: Decimal
    kind: Literal["split"] = "split"


Move = Annotated[Print | Halt | Split, Field(discriminator="kind")]

# --- what goes wrong, beside what the gateway's own faults do ---


@dataclass(frozen=True, slots=True)
class Crash:
    """A worker dies, exactly there; another one is started after so long."""

    cue: Cue
    role: Role
    down_seconds: float
    kind: Literal["crash"] = "crash"


@dataclass(frozen=True, slots=True)
class Stall:
    """A worker's event loop stands still for so long, its sockets open."""

    cue: Cue
    role: Role
    seconds: float
    kind: Literal["stall"] = "stall"


@dataclass(frozen=True, slots=True)
class Rival:
    """A worker stands still, and a second one for the same client id is started; then the first one
    goes on where it was. `is_cut_off`: its connections break meanwhile, so the second one gets in.
    """

    cue: Cue
    seconds: float
    is_cut_off: bool
    kind: Literal["rival"] = "rival"


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine's clock jumps, under every process."""

    cue: Cue
    seconds: float
    kind: Literal["clock step"] = "clock step"


@dataclass(frozen=True, slots=True)
class EngineRestart:
    """The engine is gone for so long; what is written down is there again."""

    cue: Cue
    down_seconds: float
    kind: Literal["engine restart"] = "engine restart"


@dataclass(frozen=True, slots=True)
class LateTimers:
    """For so long, the engine's timers come up to so much too late."""

    cue: Cue
    lasts_seconds: float
    late_seconds: float
    kind: Literal["late timers"] = "late timers"


@dataclass(frozen=True, slots=True)
class LostReports:
    """The answers of so many calls get lost on their way to the engine, which never hears them; the
    worker believes that it has told.
    """

    cue: Cue
    count: int
    call: str = ""
    kind: Literal["lost reports"] = "lost reports"


@dataclass(frozen=True, slots=True)
class SignalsTwice:
    """For so long, each signal reaches its workflow twice."""

    cue: Cue
    lasts_seconds: float
    kind: Literal["signals twice"] = "signals twice"


@dataclass(frozen=True, slots=True)
class Evictions:
    """For so long, the trades worker forgets a run after a step with this probability, and has to
    go on from its history.
    """

    cue: Cue
    lasts_seconds: float
    probability: float
    kind: Literal["evictions"] = "evictions"


@dataclass(frozen=True, slots=True)
class CutLines:
    """Every connection to the gateway is reset at this moment."""

    cue: Cue
    kind: Literal["cut lines"] = "cut lines"


@dataclass(frozen=True, slots=True)
class GatewayRestart:
    """The gateway ends every connection and takes none for so long."""

    cue: Cue
    down_seconds: float
    kind: Literal["gateway restart"] = "gateway restart"


Strike = Annotated[
    Crash
    | Stall
    | Rival
    | ClockStep
    | EngineRestart
    | LateTimers
    | LostReports
    | SignalsTwice
    | Evictions
    | CutLines
    | GatewayRestart,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Away:
    """Both workers are ended in good order and started again later: a night that nobody watches.
    What happens meanwhile happens at the exchange and in the engine alone, so it costs nothing.
    """

    from_seconds: float
    to_seconds: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole run. Seconds count from its beginning.

    Until `quiet_at_seconds` everything may go wrong, and only safety is judged; then nothing goes
    wrong any more, prices go on, and everything has to come to its end.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)
    """A file that says more than is read, of any part, does not say what it means."""

    seed: int
    begins: AwareDatetime
    profile: ProfileWords
    believed: ProfileWords
    """What is assumed of it; never more than it keeps."""

    trades: tuple[TradeAsked, ...]
    hands: tuple[Hand, ...]
    moves: tuple[Move, ...]
    strikes: tuple[Strike, ...]
    rules: Plan
    quiet_at_seconds: Annotated[float, Field(ge=0.0, le=LASTS_SECONDS_MAX)]
    away: tuple[Away, ...] = ()
    nightly_restart: bool = False


SCENARIO: TypeAdapter[Scenario] = TypeAdapter(Scenario)
"""Reads and writes one."""
