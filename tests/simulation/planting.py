"""The run of `make planted`: the bugs that are kept here have to be caught by the simulation.

A bug is a patch in `planted`, against the product as it stands, with the words above it that say
what is wrong and what that costs a trader. Each is put into a copy of the product, which is then
simulated seed by seed until a law is broken; the seed that finds it has to find nothing without it.
A bug that no seed finds, and a patch that the code has outgrown, fail the run. Bugs that no seed
has ever found lie apart, in `unseen`: what they break is what the simulation can't see yet. Nothing
here knows of any law: what was found is what was printed.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tidy.sources import PRODUCT, ROOT
from workers.supervising.ends import last_words

PLANTED = Path(__file__).parent / "planted"
UNSEEN = PLANTED / "unseen"
SEEDS = "1:1000"
JOBS = 2
HEADER = f"{'bug':<40} {'first seed':>10}  {'law':<6} {'seconds':>8}"


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug: what it is called, what it is, and the patch that makes it."""

    name: str
    head: str
    patch: Path


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one bug. `trouble` says why it could not be tried to the end."""

    name: str
    seconds: float
    seed: int | None = None
    law: str = ""
    trouble: str = ""

    @property
    def is_caught(self) -> bool:
        """Whether a law was broken, and nothing else."""
        return self.seed is not None and not self.trouble

    @property
    def row(self) -> str:
        """Its line in the table."""
        if self.trouble:
            return f"{self.name:<40} {self.trouble}"
        seed = "not caught" if self.seed is None else str(self.seed)
        return f"{self.name:<40} {seed:>10}  {self.law:<6} {self.seconds:>8.1f}"


def bugs(folder: Path = PLANTED) -> tuple[Bug, ...]:
    """All that are kept, by name."""
    return tuple(
        Bug(patch.stem, head_of(patch.read_text(encoding="utf-8")), patch)
        for patch in sorted(folder.glob("*.patch"))
    )


def head_of(text: str) -> str:
    """What stands above the diff, as one line."""
    words: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words.append(line.removeprefix("#").strip())
    return " ".join(words)


def paths_in(patch: Path) -> tuple[str, ...]:
    """The files that a patch changes."""
    printed = _git("apply", "--numstat", "-z", str(patch), folder=ROOT)
    return tuple(line.split("\t")[2] for line in printed.stdout.split("\0") if line)


def refusal_of(patch: Path, folder: Path) -> str:
    """Why a patch can't be applied there, or nothing."""
    tried = _git("apply", "--check", str(patch), folder=folder)
    return tried.stderr.strip().partition("\n")[0] if tried.returncode else ""


def first_caught(printed: str) -> tuple[int, str] | None:
    """The lowest seed of which `printed` tells a finding, and the law of its first one."""
    found = (each for document in _documents(printed) for each in _found(document))
    return min(found, default=None)


def copied(product: Path, into: Path) -> Path:
    """A copy of the product, with what was compiled of it: it is simulated at once."""
    for name in PRODUCT:
        shutil.copytree(product / name, into / name)
    return into


def summary(trials: Collection[Trial]) -> str:
    """How many of them were caught, and the names of all others."""
    others = ", ".join(trial.name for trial in trials if not trial.is_caught)
    caught = sum(trial.is_caught for trial in trials)
    return f"{caught} of {len(trials)} are caught" + (others and f"; not {others}")


async def tried(bug: Bug, product: Path, seeds: str) -> Trial:
    """Plant a bug in a copy of the product, and simulate it until it is caught."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        tree = await asyncio.to_thread(copied, product, Path(folder))
        if refusal := refusal_of(bug.patch, tree):
            return Trial(bug.name, 0.0, trouble=f"its patch no longer applies: {refusal}")
        _git("apply", str(bug.patch), folder=tree)
        return await _hunted(bug.name, tree, product, seeds)


async def _hunted(name: str, tree: Path, product: Path, seeds: str) -> Trial:
    """Seed by seed, until one fails that does not fail in the product as it is."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    first, _, last = seeds.partition(":")
    seed, doubt = int(first), ""
    while seed <= int(last):
        status, printed, complained = await _simulated(tree, f"{seed}:{last}")
        caught = first_caught(printed)
        if caught is None and status:
            why = last_words(complained.splitlines()) or "no word of why"
            doubt = f"the simulation failed ({status}): {why}"
        if caught is None:
            break
        doubt = await _doubt(product, caught[0])
        if not doubt:
            return Trial(name, loop.time() - begun, *caught)
        seed = caught[0] + 1
    return Trial(name, loop.time() - begun, trouble=doubt)


async def _doubt(product: Path, seed: int) -> str:
    """What speaks against a seed as a witness, if it fails without any bug, too."""
    _, printed, _ = await _simulated(product, f"{seed}:{seed}")
    known = first_caught(printed)
    return "" if known is None else f"seed {seed} breaks {known[1]} without it as well"


async def main() -> None:
    """Try the bugs that are asked for, or all."""
    asked = _arguments()
    seen, unseen = bugs(), bugs(UNSEEN)
    known = {bug.name: bug for bug in (*seen, *unseen)}
    if strangers := [name for name in asked.names if name not in known]:
        sys.exit(f"no such bug: {', '.join(strangers)}")
    others = unseen if asked.unseen else seen
    chosen = [known[name] for name in asked.names] or others
    trials: list[Trial] = []
    at_once = asyncio.Semaphore(asked.jobs)

    async def try_one(bug: Bug, product: Path) -> None:
        async with at_once:
            trial = await tried(bug, product, asked.seeds)
        trials.append(trial)
        if not asked.json:
            print(trial.row, flush=True)

    if not asked.json:
        print(HEADER, flush=True)
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        product = await asyncio.to_thread(copied, ROOT, Path(folder))
        await asyncio.gather(*(try_one(bug, product) for bug in chosen))
    trials.sort(key=lambda trial: trial.name)
    print(json.dumps([_as_json(trial) for trial in trials]) if asked.json else summary(trials))
    if not all(trial.is_caught for trial in trials):
        sys.exit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.simulation.planting", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a bug; without any, all that were found"
    )
    parser.add_argument("--unseen", action="store_true", help="those that nothing has found yet")
    parser.add_argument("--seeds", default=SEEDS, help="from and to, both included")
    parser.add_argument("--jobs", type=int, default=JOBS, help="how many are tried side by side")
    parser.add_argument("--json", action="store_true", help="print a list of what was found")
    return parser.parse_args()


async def _simulated(tree: Path, seeds: str) -> tuple[int, str, str]:
    """How the simulation of this tree has ended, what it has printed and what it has complained."""
    simulate = ("simulate", "--seeds", seeds, "--jobs", "1", "--json", "--until-first")
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from backstay.cli.main import app; app()",
        *simulate,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        printed, complained = await run.communicate()
    finally:
        if run.returncode is None:
            run.kill()
    return run.returncode or 0, printed.decode(), complained.decode()


def _documents(printed: str) -> Iterator[Any]:
    """One JSON document in all, or one a line."""
    try:
        yield json.loads(printed)
    except ValueError:
        for line in printed.splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _found(document: Any) -> Iterator[tuple[int, str]]:
    """The seed and the law of every finding, wherever it stands: beside its seed, or beside the
    scenario that has it.
    """
    match document:
        case {"findings": [{"law": str(law)}, *_], "seed": int(seed)}:
            yield seed, law
        case {"findings": [{"law": str(law)}, *_], "scenario": {"seed": int(seed)}}:
            yield seed, law
        case dict():
            for part in document.values():
                yield from _found(part)
        case list():
            for part in document:
                yield from _found(part)
        case _:
            return


def _as_json(trial: Trial) -> dict[str, Any]:
    return {
        "bug": trial.name,
        "seed": trial.seed,
        "law": trial.law,
        "seconds": round(trial.seconds, 1),
        "trouble": trial.trouble,
    }


def _git(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ("git", *arguments)
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


if __name__ == "__main__":
    asyncio.run(main())
