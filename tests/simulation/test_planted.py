"""The planted bugs: each still fits the product, says what it is, and breaks nothing but that."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.simulation.planting import (
    UNSEEN,
    Bug,
    Trial,
    bugs,
    first_caught,
    head_of,
    paths_in,
    refusal_of,
    summary,
    tried,
)
from tests.tidy.sources import PRODUCT, ROOT, expect_none

KEPT_MIN = 32
SEEN_MIN = 25
SENTENCES_MAX = 3
SPARED = ("backstay/gateway/", "backstay/lab/", "backstay/cli/")
"""What judges, and what only shows."""


KEPT = (*bugs(), *bugs(UNSEEN))


def test_there_are_enough_of_them() -> None:
    assert len(KEPT) >= KEPT_MIN
    assert len(bugs()) >= SEEN_MIN


def test_each_has_a_name_of_its_own() -> None:
    assert len({bug.name for bug in KEPT}) == len(KEPT)


def test_each_applies_to_the_product_as_it_stands() -> None:
    refused = ((bug.name, refusal_of(bug.patch, ROOT)) for bug in KEPT)
    expect_none(f"{name} no longer applies: {why}" for name, why in refused if why)


def test_each_says_in_a_few_words_what_is_wrong_and_what_it_costs() -> None:
    expect_none(f"{bug.name} says {bug.head!r}" for bug in KEPT if not _is_told(bug))


def test_each_breaks_the_product_and_none_of_its_judges() -> None:
    expect_none(
        f"{bug.name} changes {path}"
        for bug in KEPT
        for path in paths_in(bug.patch)
        if not path.startswith(PRODUCT) or path.startswith(SPARED)
    )


def test_no_two_are_the_same() -> None:
    diffs = [bug.patch.read_text(encoding="utf-8").partition("diff --git")[2] for bug in KEPT]
    assert len(set(diffs)) == len(diffs)


def test_a_patch_that_the_code_has_outgrown_is_told_in_one_line(tmp_path: Path) -> None:
    patch = tmp_path / "old.patch"
    patch.write_text(
        "# Wrong. It costs.\n"
        "diff --git a/workers/clock.py b/workers/clock.py\n"
        "--- a/workers/clock.py\n"
        "+++ b/workers/clock.py\n"
        "@@ -1,1 +1,1 @@\n"
        "-no line of today\n"
        "+another\n",
        encoding="utf-8",
    )
    assert "workers/clock.py" in refusal_of(patch, ROOT)
    assert "\n" not in refusal_of(patch, ROOT)


def test_the_head_ends_where_the_diff_begins() -> None:
    assert head_of("# One.\n#  Two.\ndiff --git a/x b/x\n# not this\n") == "One. Two."


@pytest.mark.parametrize("layout", ["a list", "a report", "lines", "with scenarios"])
def test_the_lowest_seed_with_a_finding_is_the_first_one(layout: str) -> None:
    outcomes = [
        {"seed": 7, "findings": [{"law": "I3", "at_ns": 1, "text": "late"}]},
        {"seed": 2, "findings": []},
        {"seed": 4, "findings": [{"law": "L1", "at_ns": 5, "text": "naked"}]},
    ]
    printed = {
        "a list": json.dumps(outcomes),
        "a report": json.dumps({"seeds": 3, "outcomes": outcomes}),
        "lines": "\n".join(map(json.dumps, outcomes)),
        "with scenarios": json.dumps(
            [
                {"findings": each["findings"], "scenario": {"seed": each["seed"]}}
                for each in outcomes
            ]
        ),
    }
    assert first_caught(printed[layout]) == (4, "L1")


@pytest.mark.parametrize("printed", ["", "Traceback", '{"seeds": 1000, "failed": []}'])
def test_where_nothing_is_found_nothing_is_caught(printed: str) -> None:
    assert first_caught(printed) is None


def test_what_failed_in_another_way_counts_as_not_caught() -> None:
    caught, quiet = Trial("a", 1.0, 3, "I1"), Trial("b", 1.0)
    broken = Trial("c", 1.0, trouble="the simulation failed")
    assert summary([caught, quiet, broken]) == "1 of 3 are caught; not b, c"
    assert summary([caught]) == "1 of 1 are caught"


SIMULATION = """
import json, sys
from workers.rule import BROKEN_BY
def app():
    if BROKEN_BY is None:
        sys.exit("there is no such rule")
    first, last = map(int, sys.argv[sys.argv.index("--seeds") + 1].split(":"))
    broken = [seed for seed in BROKEN_BY if first <= seed <= last][:1]
    findings = [{"law": "I1", "at_ns": 0, "text": "wrong"}]
    print(json.dumps([{"seed": seed, "findings": findings} for seed in broken]))
    sys.exit(bool(broken))
"""


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A product of one rule, whose simulation looks whether it is kept."""
    folder = tmp_path / "product"
    for name in PRODUCT:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "backstay" / "cli").mkdir()
    (folder / "backstay" / "cli" / "__init__.py").touch()
    (folder / "backstay" / "cli" / "main.py").write_text(SIMULATION, encoding="utf-8")
    (folder / "workers" / "rule.py").write_text("BROKEN_BY = ()\n", encoding="utf-8")
    return folder


def rule_becomes(value: str, folder: Path, was: str = "()") -> Bug:
    patch = folder / "rule.patch"
    patch.write_text(
        "# Wrong. It costs.\n"
        "diff --git a/workers/rule.py b/workers/rule.py\n"
        "--- a/workers/rule.py\n"
        "+++ b/workers/rule.py\n"
        "@@ -1,1 +1,1 @@\n"
        f"-BROKEN_BY = {was}\n"
        f"+BROKEN_BY = {value}\n",
        encoding="utf-8",
    )
    return Bug("rule", "Wrong. It costs.", patch)


def trial_of(bug: Bug, product: Path) -> Trial:
    return asyncio.run(tried(bug, product, "1:9"))


def test_a_bug_is_caught_by_the_simulation_of_a_copy_that_has_it(
    product: Path, tmp_path: Path
) -> None:
    trial = trial_of(rule_becomes("(5, 7)", tmp_path), product)
    assert (trial.is_caught, trial.seed, trial.law) == (True, 5, "I1")
    rule = product / "workers" / "rule.py"
    assert rule.read_text(encoding="utf-8") == "BROKEN_BY = ()\n"


def test_a_seed_that_fails_without_the_bug_has_not_caught_it(product: Path, tmp_path: Path) -> None:
    rule = product / "workers" / "rule.py"
    rule.write_text("BROKEN_BY = (5, 9)\n", encoding="utf-8")
    trial = trial_of(rule_becomes("(5, 6, 9)", tmp_path, was="(5, 9)"), product)
    assert (trial.is_caught, trial.seed) == (True, 6)
    trial = trial_of(rule_becomes("(5,  9)", tmp_path, was="(5, 9)"), product)
    assert not trial.is_caught
    assert trial.trouble == "seed 9 breaks I1 without it as well"


def test_a_bug_that_breaks_no_law_is_not_caught(product: Path, tmp_path: Path) -> None:
    trial = trial_of(rule_becomes("(99,)", tmp_path), product)
    assert (trial.is_caught, trial.seed, trial.trouble) == (False, None, "")


def test_a_simulation_that_fails_has_caught_nothing(product: Path, tmp_path: Path) -> None:
    trial = trial_of(rule_becomes("None", tmp_path), product)
    assert not trial.is_caught
    assert trial.trouble == "the simulation failed (1): there is no such rule"


def test_a_bug_whose_patch_is_outgrown_is_not_simulated(product: Path, tmp_path: Path) -> None:
    trial = trial_of(rule_becomes("(5,)", tmp_path, was="perhaps"), product)
    assert not trial.is_caught
    assert trial.trouble.startswith("its patch no longer applies: ")


def _is_told(bug: Bug) -> bool:
    sentences = bug.head.count(". ") + 1
    return bug.head.endswith(".") and sentences <= SENTENCES_MAX
