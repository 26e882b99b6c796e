"""How every command is driven: with good input, with bad input, and with something missing.

One entry for each command that is registered. What it says, where, and its exit code are compared
whole; the texts lie in `said`. `.venv/bin/python -m tests.cli.drive` draws them anew.
"""

import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from backstay.cli.simulate import command as simulate
from backstay.lab.benches.edge import runs
from backstay.lab.benches.edge.figures import Report as EdgeReport
from backstay.lab.benches.edge.figures import report as edge_report
from backstay.lab.benches.trade import rounds
from backstay.lab.benches.trade.figures import Report as TradeReport
from backstay.lab.benches.trade.figures import report as trade_report
from tests.cli.cases import (
    BACKSTAY,
    FREE_PORT,
    NO_FILE,
    NOW,
    WIDTH,
    Case,
    Drive,
    book,
    broken,
    broken_settings,
    dated,
    examples,
    no_plan,
    settings,
    settings_cases,
    steering,
)
from tests.cli.commands import tree
from tests.cli.simulated import failing, simulated
from tests.cli.transcripts import folder, inside, keep, kept, transcript
from tests.cli.typed import Typed, typed
from tests.hanging import HANGS_AFTER_SECONDS
from tests.lab.simulation import stand_in

NO_SUCH_STEP = "simulate --story breakout --role broker --step 999"

DRIVES: dict[str, Drive] = {
    "account create": Drive(
        good=(
            Case("good", "account create", 0, (settings,)),
            Case("a second time", "account create", 1, (settings, book)),
        ),
        bad=(Case("a word too many", "account create now", 2), broken("account create")),
        missing=settings_cases("account create"),
    ),
    "account show": Drive(
        good=(
            Case("good", "account show", 0, (settings, book)),
            Case("as json", "account show --json", 0, (settings, book)),
        ),
        bad=(
            Case("too few notices", "account show --notices -1", 2),
            Case("no figure", "account show --notices many", 2),
            broken("account show"),
        ),
        missing=(
            *settings_cases("account show"),
            Case("without a book", "account show", 3, (settings,)),
            Case("without a figure", "account show --notices", 2, (settings,)),
        ),
    ),
    "bench edge": Drive(
        good=(Case("good", "bench edge", 0), Case("as json", "bench edge --json", 0)),
        bad=(
            Case("too few", "bench edge --fires 7", 2),
            Case("no figure", "bench edge --fires x", 2),
        ),
        missing=(Case("without a figure", "bench edge --fires", 2),),
    ),
    "bench trade": Drive(
        good=(Case("good", "bench trade", 0), Case("as json", "bench trade --json", 0)),
        bad=(
            Case("too few", "bench trade --rounds 2", 2),
            Case("no figure", "bench trade --rounds x", 2),
        ),
        missing=(Case("without a figure", "bench trade --rounds", 2),),
    ),
    "demo": Drive(
        bad=(
            Case("a word too many", "demo now", 2),
            Case("an option that is none", "demo --onse", 2),
        ),
        in_house=True,
    ),
    "doctor": Drive(
        good=(Case("nothing runs", "doctor --ib 127.0.0.1:1", 3),),
        bad=(
            Case("no address", "doctor --ib nonsense", 2),
            Case("no client id", "doctor --client-id -1", 2),
            Case("no account", "doctor --account du1", 2),
            Case("no kind", "doctor --kind play", 2),
            Case("broken settings", "doctor --ib 127.0.0.1:1", 2, (broken_settings,)),
        ),
        missing=(
            Case("without an address", "doctor --ib", 2),
            Case("settings that are missing", "doctor --config o.toml --ib 127.0.0.1:1", 2),
        ),
        in_house=True,
    ),
    "gateway": Drive(
        good=(Case("good", "gateway --port 0", 0, rules=(FREE_PORT, NOW), serves=True),),
        bad=(
            Case("no port", "gateway --port 65536", 2),
            Case("no time", "gateway --start noon", 2),
            Case("no prices", "gateway --tape bad.tape", 2, (dated,)),
            Case("no account", "gateway --account du1", 2),
            Case("no profile", "gateway --profile hopeful", 2),
        ),
        missing=(
            Case("without a port", "gateway --port", 2),
            Case(NO_FILE, "gateway --tape nowhere.tape", 2),
        ),
    ),
    "gateway faults": Drive(
        good=(Case("good", "gateway faults", 0), Case("as json", "gateway faults --json", 0)),
        bad=(Case("a word too many", "gateway faults all", 2),),
    ),
    "kill": Drive(
        bad=(
            Case("no mode", "kill stop --by Ada --reason halt --yes", 2, (settings, book)),
            Case("nobody to ask", "kill freeze --by Ada --reason halt", 2, (settings, book)),
            Case("no reason at all", "kill freeze --by Ada --reason ' ' --yes", 2, (settings,)),
            broken("kill freeze --by Ada --reason halt --yes"),
        ),
        missing=(
            Case("without a mode", "kill", 2),
            Case("without a name", "kill freeze --reason halt --yes", 2),
            Case("without a reason", "kill freeze --by Ada --yes", 2),
            *settings_cases("kill freeze --by Ada --reason halt --yes"),
            Case("without a book", "kill freeze --by Ada --reason halt --yes", 3, (settings,)),
            Case(
                "without an engine", "kill freeze --by Ada --reason halt --yes", 3, (settings, book)
            ),
        ),
        in_house=True,
    ),
    "orders": Drive(
        bad=(
            Case("no address", "orders --edge nonsense", 2, (settings,)),
            Case("no name", "orders --trade a:b:c", 2, (settings,)),
            broken("orders"),
        ),
        missing=(
            *settings_cases("orders"),
            Case("without a name", "orders --trade", 2),
            Case("nobody to ask", "orders --unknown --edge 127.0.0.1:1", 3, (settings, book)),
        ),
        in_house=True,
    ),
    "plan check": Drive(
        good=(
            Case("good", "plan check examples/aapl-breakout.toml", 0, (examples,)),
            Case("a group", "plan check examples/spx-condor.toml", 0, (examples,)),
            Case("as json", "plan check examples/msft-now.toml --price 480 --json", 0, (examples,)),
            Case("does not fit", "plan check examples/nvda-call.toml --atr 90", 1, (examples,)),
        ),
        bad=(
            Case("no plan", "plan check broken.toml", 2, (no_plan,)),
            Case("no price", "plan check examples/msft-now.toml --price 0", 2, (examples,)),
            Case("no account", "plan check examples/msft-now.toml --account du1", 2, (examples,)),
        ),
        missing=(
            Case("without a plan", "plan check", 2),
            Case(NO_FILE, "plan check nowhere.toml", 2),
        ),
    ),
    "rehearse": Drive(
        good=(Case("good", "rehearse", 0),),
        bad=(Case("a word too many", "rehearse all", 2),),
    ),
    "simulate": Drive(
        good=(
            Case("good", "simulate --seeds 102:104", 0),
            Case("as a table", "simulate --seeds 102:104 --table", 0),
            Case("as json", "simulate --seeds 100 --json", 0),
            Case("a failure", "simulate --seeds 102:104 --only stall", 1, (failing,)),
            Case("a mark that is missing", "simulate --seeds 100 --marks", 1),
            Case("told", "simulate --seed 115 --trace", 1),
            Case("told as json", "simulate --story breakout --trace --json", 0),
        ),
        bad=(
            Case("no seeds", "simulate --seeds few", 2),
            Case("the wrong way round", "simulate --seeds 9:1", 2),
            Case("two of a kind", "simulate --seeds 1:2 --seed 3", 2),
            Case("no fault", "simulate --seed 1 --only rain", 2),
            Case("no profile", "simulate --seed 1 --profile hopeful", 2),
            Case("no story", "simulate --story cinderella", 2),
            Case("no role", "simulate --story breakout --role cook --step 1", 2),
            Case("a step of nobody", "simulate --story breakout --step 3", 2),
            Case("a role without a step", "simulate --story breakout --role broker", 2),
            Case("steps of a seed", "simulate --seed 1 --every-await", 2),
            Case("faults of a story", "simulate --story breakout --only stall", 2),
            Case("many told", "simulate --seeds 1:2 --trace", 2),
            Case("told and kept", "simulate --seed 1 --trace --keep failures", 2),
            Case("a table of JSON", "simulate --seed 1 --table --json", 2),
            Case("kept as it is", "simulate --seed 1 --until-first --keep failures", 2),
            Case("a seed too far", f"simulate --seed {2**63}", 2),
            Case("no folder", "simulate --seed 1 --keep broken.toml", 2, (no_plan,)),
            Case("no such step", f"{NO_SUCH_STEP} --trace", 2),
            Case("no scenario", "simulate --scenario broken.toml", 2, (no_plan,)),
        ),
        missing=(
            Case("without anything", "simulate", 2),
            Case("without seeds", "simulate --seeds", 2),
            Case(NO_FILE, "simulate --scenario nowhere.json", 2),
        ),
    ),
    "trade break-even": steering("break-even"),
    "trade cancel": steering("cancel"),
    "trade close": steering("close"),
    "trade declare-absent": steering("declare-absent", "--by Ada --reason halt"),
    "trade enter": steering("enter"),
    "trade list": Drive(
        bad=(
            Case("no state", "trade list --state open", 2, (settings,)),
            Case("no limit", "trade list --limit 0", 2, (settings,)),
            Case("no symbol", "trade list --symbol aapl", 2, (settings,)),
            broken("trade list"),
        ),
        missing=(
            *settings_cases("trade list"),
            Case("without a state", "trade list --state", 2),
            Case("without an engine", "trade list", 3, (settings, book)),
        ),
        in_house=True,
    ),
    "trade move-stop": steering(
        "move-stop",
        "188.50",
        bad=(
            Case("no price", "trade move-stop aapl-1 0", 2, (settings,)),
            Case("without a price", "trade move-stop aapl-1", 2, (settings,)),
        ),
    ),
    "trade show": steering("show"),
    "trade submit": Drive(
        bad=(
            Case("no plan", "trade submit broken.toml", 2, (settings, no_plan)),
            Case("a group", "trade submit examples/spx-condor.toml", 2, (settings, examples)),
            broken("trade submit examples/msft-now.toml"),
        ),
        missing=(
            Case("without a plan", "trade submit", 2),
            Case(NO_FILE, "trade submit nowhere.toml", 2, (settings,)),
            Case("without settings", "trade submit examples/msft-now.toml", 2, (examples,)),
            Case(
                "without an engine",
                "trade submit examples/msft-now.toml",
                3,
                (settings, book, examples),
            ),
            Case(
                "dry run without an engine",
                "trade submit examples/msft-now.toml --dry-run",
                3,
                (settings, book, examples),
            ),
        ),
        in_house=True,
    ),
    "trade tighten-trail": steering(
        "tighten-trail",
        "0.75",
        bad=(Case("no distance", "trade tighten-trail aapl-1 -1", 2, (settings,)),),
    ),
    "trade watch": Drive(
        bad=(
            Case("no address", "trade watch --edge nonsense", 2, (settings,)),
            Case("no name", "trade watch a:b:c", 2, (settings,)),
            broken("trade watch"),
        ),
        missing=(
            *settings_cases("trade watch"),
            Case("without an address", "trade watch --edge", 2),
            Case("nobody to ask", "trade watch --edge 127.0.0.1:1", 3, (settings, book)),
        ),
        in_house=True,
    ),
    "up": Drive(
        bad=(
            Case("no address", "up --ib nonsense", 2, (settings,)),
            Case("two sources of prices", "up --tape a.tape --follow b.tape", 2, (settings,)),
            Case("a real gateway with a seed", "up --ib 127.0.0.1:7497 --seed 7", 2, (settings,)),
            broken("up"),
        ),
        missing=(
            Case("without an address", "up --ib", 2),
            Case("settings that are missing", "up --config other.toml", 2),
        ),
        in_house=True,
    ),
    "worker": Drive(
        bad=(Case("no role", "worker --role cook", 2), broken("worker --role trades")),
        missing=(
            Case("without a role", "worker", 2),
            *settings_cases("worker --role trades"),
            Case("without a book", "worker --role trades", 3, (settings,)),
            Case("without an engine", "worker --role broker", 3, (settings, book)),
        ),
        in_house=True,
    ),
}


@contextmanager
def canned() -> Iterator[None]:
    """The benches with figures that are the same each time: to measure takes minutes."""

    def edge(fires: int, say: runs.Say) -> EdgeReport:
        say("measuring")
        by_name = {"edge": 70e-6, "plain": 200e-6, "scanner": 50e-6}
        seconds = {
            (name, rate): [each] * 8 for rate in runs.RATES for name, each in by_name.items()
        }
        bursts = {"edge": [0.010], "plain": [0.087], "scanner": [0.009]}
        return edge_report(seconds, bursts, {10: [5e-6], 10_000: [6e-6]}, 0.0002)

    def trade(count: int, say: runs.Say) -> TradeReport:
        say("measuring")
        return trade_report([0.25] * count, [0.060] * count)

    with (
        patch.object(runs, "run", edge),
        patch.object(rounds, "run", trade),
        patch.object(simulate, "run", simulated),
        patch.object(simulate, "STAGE", stand_in.__name__),
    ):
        yield


def helped() -> Iterator[tuple[str, str]]:
    """Every command and group, and what is typed for its help."""
    for each in tree():
        yield each.words, f"{each.words} --help".strip()


def help_text(words: str) -> str:
    """The help, where it is read."""
    result = typed(*words.split(), COLUMNS=str(WIDTH))
    return transcript(words, result, Path("/nowhere"))


def run(case: Case) -> tuple[str, int]:
    """What came of a case, in a folder of its own, as it is kept; and its exit code."""
    place = folder()
    try:
        with inside(place), canned():
            for prepare in case.given:
                prepare()
            result = _served(case) if case.serves else typed(*shlex.split(case.words))
        return transcript(case.words, result, place, case.rules), result.exit_code
    finally:
        shutil.rmtree(place)


def _served(case: Case) -> Typed:
    process = subprocess.Popen(
        [BACKSTAY, *shlex.split(case.words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANGS_AFTER_SECONDS)
    finally:
        process.kill()
    return Typed(first + out, err, process.returncode)


def redraw() -> None:
    """Write down what every command says now."""
    for command, drive in DRIVES.items():
        for case in drive.cases:
            keep(kept(command, case.name), run(case)[0])
    for command, words in helped():
        keep(kept(command, "help"), help_text(words))


if __name__ == "__main__":
    redraw()
