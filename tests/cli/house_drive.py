"""What a trader types in a house that runs, one line after the other, and what is waited for.

Each line is compared whole with what it said when that was last looked at; the texts lie beside the
others in `said`. `.venv/bin/python -m tests.process.test_commands_in_a_house` draws them anew.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from backstay.domain.edge.session import EdgeHealth
from tests.cli.transcripts import Rule
from tests.process.lodging import Lodging

WAITS = "aapl-waits"
HOLDS = "msft-holds"
_PLAN = """\
id = "{id}"
side = "buy"
[instrument]
symbol = "{symbol}"
[size]
quantity = 50
[entry]
order = "{order}"
{trigger}
[stop]
price = {stop}
"""
_TRIGGER = """\
limit_offset = 0.05
[entry.trigger]
price = 195.00
when = "above"
expires = 2026-11-23T20:55:00Z
"""
OPENING_PRICES = {"AAPL": "189.40", "MSFT": "476.00"}
PLANS = {
    "waits.toml": _PLAN.format(
        id=WAITS, symbol="AAPL", order="LMT", trigger=_TRIGGER, stop="188.00"
    ),
    "holds.toml": _PLAN.format(id=HOLDS, symbol="MSFT", order="MKT", trigger="", stop="470.00"),
    "other.toml": _PLAN.format(
        id=WAITS, symbol="AAPL", order="LMT", trigger=_TRIGGER, stop="187.00"
    ),
}

TIME = Rule("time of day", r"\b\d\d:\d\d:\d\d(?:\.\d{3})?\b", "TIME")
STARTED = Rule("started", r"(?m)(?<= )\d\d-\d\d \d\d:\d\d$", "STARTED")
BEFORE = Rule("before", r"(?:(?<= on )|(?<= since ))2026-\d\d-\d\d \d\d:\d\d UTC", "STARTED")
AGE = Rule("age", r"\b(?:last tick|seen) \d+(?:\.\d)? s ago", "AGE")
NO_TICK = Rule("no tick", r"\bno tick yet\b", "AGE")
LIFE = Rule("life of a process", r"(?<=[/])\d+-[0-9a-f]{12,}(?:\.\d+)?", "LIFE")
FREE = Rule("room on the disk", r"\d+\.\d GB free", "N GB free")
AHEAD = Rule("how far clocks differ", r"\d+\.\d s (?:ahead of|behind)", "N s beside")
DAYS = Rule(
    "difference in hours or days",
    r"(?:-?\d+ days?, )?(?:TIME|\d:\d\d:\d\d) (?:ahead|behind)",
    "N days beside",
)
NAKED = Rule("naked time", r"naked +\d+(?:\.\d+)? unit seconds", "naked N unit seconds")
PROCESS = Rule("process", r"(?<=process )\d+", "PID")
TIMELINE = Rule("timeline", r"(?s)\n  \w+day \d.*?(?=\n  look at)", "\n  TIMELINE\n")
"""Two clocks and two processes tell it: who comes first is not the same each time."""

MOMENT = Rule("moment", r"2026-11-\d\d TIME UTC", "MOMENT")
RULES = (
    TIME,
    STARTED,
    BEFORE,
    AGE,
    NO_TICK,
    LIFE,
    FREE,
    AHEAD,
    DAYS,
    NAKED,
    PROCESS,
    TIMELINE,
    MOMENT,
)

JUST_BEGUN = Rule("how far a trade has come", r"(?m)(?<=^  state      ).*$", "STATE")
"""A trade at the market does not wait for whoever asks how it stands."""

Wait = Callable[[Lodging], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is typed, what came before it, and its exit code."""

    command: str
    name: str
    words: str
    exit_code: int = 0
    before: Wait | None = None
    rules: tuple[Rule, ...] = ()


async def _watched(house: Lodging) -> None:
    def armed(edge: EdgeHealth) -> bool:
        return edge.armed > 0

    await house.edge("a trigger that is watched", armed)


async def _held(house: Lodging) -> None:
    seen = []

    def guarded(edge: EdgeHealth) -> bool:
        seen.append(edge.last_tick_at)
        return edge.guarded > 0

    await house.edge("a position that is watched", guarded)
    await house.price("MSFT", "476.20")
    await house.edge("that price", lambda edge: edge.last_tick_at not in (None, seen[-1]))


async def _next_price(house: Lodging, price: str) -> None:
    seen = []

    def ticked(edge: EdgeHealth) -> bool:
        seen.append(edge.last_tick_at)
        return edge.last_tick_at is not None

    await house.edge("a price", ticked)
    await house.price("MSFT", price)
    await house.edge("the next price", lambda edge: edge.last_tick_at not in (None, seen[-1]))


async def _fallen(house: Lodging) -> None:
    """Below the entry, and still above the stop."""
    await _next_price(house, "474.00")


async def _risen(house: Lodging) -> None:
    await _next_price(house, "476.20")


async def _holds_over(house: Lodging) -> None:
    await house.settled(HOLDS)


async def _waits_over(house: Lodging) -> None:
    await house.settled(WAITS)


def prepare(folder: Path) -> None:
    """The plans, where the trader stands."""
    for name, text in PLANS.items():
        (folder / name).write_text(text, "utf-8")


LINES = (
    Line("doctor", "in a house", "doctor"),
    Line("up", "a second one", "up", 3),
    Line("trade list", "before anything", "trade list"),
    Line("trade submit", "dry run", "trade submit waits.toml --dry-run"),
    Line("trade submit", "good", "trade submit waits.toml"),
    Line("trade submit", "the same again", "trade submit waits.toml", before=_watched),
    Line("trade submit", "another plan under its id", "trade submit other.toml", 1),
    Line("trade move-stop", "nothing is held", f"trade move-stop {WAITS} 188.50", 1),
    Line("trade break-even", "nothing is held", f"trade break-even {WAITS}", 1),
    Line("trade tighten-trail", "it has no trail", f"trade tighten-trail {WAITS} 0.50", 1),
    Line(
        "trade declare-absent",
        "nothing is unknown",
        f"trade declare-absent {WAITS} --by Ada --reason looked",
        1,
    ),
    Line("trade close", "no such trade", "trade close aapl-wait", 1),
    Line("trade cancel", "good", f"trade cancel {WAITS}"),
    Line("trade cancel", "it is over", f"trade cancel {WAITS}", 1, before=_waits_over),
    Line("trade submit", "at the market", "trade submit holds.toml --no-wait", rules=(JUST_BEGUN,)),
    Line("trade watch", "good", "trade watch --once", before=_held),
    Line("orders", "good", "orders"),
    Line("orders", "none is unknown", "orders --unknown"),
    Line("trade list", "good", "trade list"),
    Line("trade enter", "it has entered", f"trade enter {HOLDS}", 1),
    Line("trade move-stop", "good", f"trade move-stop {HOLDS} 471.50"),
    Line("trade move-stop", "beyond the market", f"trade move-stop {HOLDS} 499", 1),
    Line("trade break-even", "beyond the market", f"trade break-even {HOLDS}", 1, before=_fallen),
    Line("trade close", "good", f"trade close {HOLDS}", before=_risen),
    Line("trade list", "all of them", "trade list --all", before=_holds_over),
    Line("trade show", "good", f"trade show {HOLDS}"),
    Line("trade watch", "nothing is at work", f"trade watch {HOLDS} --once", 1),
    Line("kill", "good", "kill freeze --by Ada --reason 'enough for today' --yes"),
    Line("doctor", "after a kill", "doctor", 1),
)
