"""The mutation run of `make mutants`: every survivor is either killed by a test or accepted here.

tests/mutants.toml lists the accepted survivors, each with the reason why no test can tell it from
the original. A mutant is known by its function and its changed lines, because mutmut numbers its
mutants anew with every edit. The run fails on a survivor that is not listed and on an entry that
no longer survives.
"""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tidy.sources import ROOT

ACCEPTED = ROOT / "tests" / "mutants.toml"
MUTMUT = Path(sys.executable).with_name("mutmut")
KILLED = frozenset({"killed", "timeout"})
CLASS_MARK = "\N{LATIN LETTER LATERAL CLICK}"


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One change of one function; the lines as a diff shows them, without their indentation."""

    function: str
    change: tuple[str, ...]

    def as_entry(self) -> str:
        """The entry for tests/mutants.toml, to be completed by a reason."""
        change = "\n".join(("'''", *self.change, "'''"))
        return f'[[accepted]]\nfunction = "{self.function}"\nchange = {change}\nreason = ""\n'


def accepted(text: str) -> tuple[Mutant, ...]:
    """The listed survivors; an entry without a reason is refused."""
    entries = tomllib.loads(text).get("accepted", [])
    if unexplained := [entry["function"] for entry in entries if not entry.get("reason")]:
        raise ValueError(f"accepted without a reason: {', '.join(unexplained)}")
    return tuple(Mutant(entry["function"], changed_lines(entry["change"])) for entry in entries)


def changed_lines(diff: str) -> tuple[str, ...]:
    """What a diff takes away and adds, without headers, context and indentation."""
    return tuple(
        f"{line[0]} {line[1:].strip()}"
        for line in diff.splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    )


def function_of(mutant_name: str) -> str:
    """The function that mutmut's mangled name stands for, as a dotted name."""
    module, _, mangled = mutant_name.partition("__mutmut_")[0].rpartition(".")
    if mangled.startswith(f"x{CLASS_MARK}"):
        return ".".join((module, *mangled.split(CLASS_MARK)[1:]))
    return f"{module}.{mangled.removeprefix('x_')}"


def survivors_in(results: str) -> tuple[tuple[str, str], ...]:
    """Name and status of each mutant that no test has killed, from what `mutmut results` prints."""
    named = (line.strip().rpartition(": ") for line in results.splitlines() if line.strip())
    return tuple((name, status) for name, _, status in named if status not in KILLED)


def verdict(survivors: Collection[Mutant], listed: Collection[Mutant]) -> Iterator[str]:
    """What is wrong: a survivor that is not listed, a listed one that no longer survives."""
    for mutant in sorted(set(survivors) - set(listed)):
        yield f"A mutant survives; kill it with a test, or list it:\n{mutant.as_entry()}"
    for mutant in sorted(set(listed) - set(survivors)):
        yield f"A listed mutant no longer survives; delete its entry:\n{mutant.as_entry()}"


def main() -> None:
    """Run mutmut from nothing and judge what survives."""
    listed = accepted(ACCEPTED.read_text(encoding="utf-8"))
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    subprocess.run([MUTMUT, "run"], cwd=ROOT, check=True)
    survivors = survivors_in(_mutmut("results"))
    found = [
        Mutant(function_of(name), changed_lines(_mutmut("show", name))) for name, _ in survivors
    ]
    problems = list(verdict(found, listed))
    unusual = [f"{name}: {status}" for name, status in survivors if status != "survived"]
    print("\n".join([*problems, *unusual, f"{len(found)} survive, {len(listed)} are accepted"]))
    if problems:
        sys.exit(1)


def _mutmut(*arguments: str) -> str:
    command = (str(MUTMUT), *arguments)
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
