"""deploy/Dockerfile: whatever can be known of it without building it."""

import re
import subprocess
import tomllib
from fnmatch import fnmatch

import pytest

from tests.deploy.deployment import DEPLOY, ROOT

LINES = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text()).splitlines()
STEPS = [line for line in LINES if line and not line.startswith("#")]
BUILD = STEPS[: [line.split()[0] for line in STEPS].index("FROM", 2)]
FINAL = STEPS[len(BUILD) :]
RUNS = [part.strip() for line in STEPS if line.startswith("RUN ") for part in line[4:].split("&&")]
COPIED = [
    word
    for line in STEPS
    if line.startswith("COPY ") and "--from" not in line
    for word in line.split()[1:-1]
]


def test_both_stages_stand_on_one_pinned_slim_python() -> None:
    (python,) = [line.partition("=")[2] for line in STEPS if line.startswith("ARG ")]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", python)
    assert [line.split()[1] for line in STEPS if line.startswith("FROM ")] == ["${PYTHON}"] * 2
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert requires == ">=3.11"
    assert int(python.split(".")[1]) >= 11


def test_whatever_comes_from_an_index_comes_by_its_hash() -> None:
    installs = [run for run in RUNS if "pip install" in run]
    assert len(installs) == 3
    for run in installs:
        assert "--require-hashes" in run or "--no-deps --no-build-isolation" in run
    assert "--requirement requirements.lock" in installs[0]
    assert not any("apt" in run for run in RUNS)


def test_the_one_build_tool_is_locked_too_and_stays_behind() -> None:
    (cut,) = [run.partition(">")[0] for run in RUNS if run.startswith("sed ")]
    locked = subprocess.run(cut, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S602
    first, *hashes = locked.stdout.splitlines()
    assert re.fullmatch(r"setuptools==[\d.]+ \\", first)
    assert hashes
    assert all("--hash=sha256:" in line for line in hashes)
    assert "/opt/venv/bin/pip uninstall --yes setuptools pip" in RUNS


def test_the_last_stage_installs_nothing_and_is_nobody_s_root() -> None:
    assert not any("pip" in line for line in FINAL)
    (user,) = [line for line in FINAL if line.startswith("USER ")]
    assert user == "USER backstay"
    assert FINAL.index(user) > max(FINAL.index(line) for line in FINAL if line.startswith("RUN "))
    assert any("useradd" in line and "--uid 10001" in line for line in FINAL)


@pytest.mark.parametrize("name", COPIED)
def test_what_is_copied_is_there_and_is_sent(name: str) -> None:
    assert (ROOT / name).exists()
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    assert f"!{name}" in rules


def test_nothing_else_is_sent() -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    assert sent == set(COPIED)
    assert not any(fnmatch(".env", rule) for rule in sent)


def test_the_whole_application_is_copied() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = {pattern.rstrip("*") for pattern in tools["packages"]["find"]["include"]}
    assert packages <= set(COPIED)


def test_its_health_is_asked_without_naming_a_role() -> None:
    (check,) = [line for line in FINAL if line.startswith("HEALTHCHECK")]
    assert check.endswith('CMD ["python", "/app/deploy/healthy.py"]')
    assert not any(role in check for role in ("trades", "broker"))
