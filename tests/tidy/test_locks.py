"""The locks: exact, hashed, free of addresses, and in step with pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tidy.sources import ROOT, expect_none

RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
ADDRESS = re.compile(r"://|^/| @ |^-|--(?!hash=sha256:)", re.MULTILINE)


def entries(text: str) -> tuple[tuple[Requirement, int], ...]:
    """Each requirement of a lock and the number of its hashes."""
    joined = text.replace("\\\n", " ").splitlines()
    parts = [line.partition("--hash=") for line in joined if line and not line.startswith("#")]
    return tuple(
        (Requirement(pin.strip()), f"{mark}{rest}".count("--hash=sha256:"))
        for pin, mark, rest in parts
    )


def pins(lock: Path) -> dict[str, str]:
    """Each package of a lock with its version, by its canonical name and marker."""
    return {
        f"{canonicalize_name(pin.name)} ; {pin.marker}": str(pin.specifier)
        for pin, _ in entries(lock.read_text(encoding="utf-8"))
    }


def asked(*, development: bool) -> tuple[Requirement, ...]:
    """What pyproject.toml asks for."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = pyproject["project"]["dependencies"]
    group = pyproject["dependency-groups"]["dev"] if development else []
    return tuple(Requirement(text) for text in (*runtime, *group))


def test_an_entry_is_a_pin_with_its_hashes() -> None:
    text = "# made by hand\na==1 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nb==2\n"
    assert [(str(pin), hashes) for pin, hashes in entries(text)] == [("a==1", 2), ("b==2", 0)]


@pytest.mark.parametrize(
    "line",
    ["--index-url x", "--find-links x", "-e .", "a @ file", "a==1 --hash=md5:1", "/a.whl", "x://y"],
)
def test_an_address_or_an_option_is_found(line: str) -> None:
    assert ADDRESS.search(f"a==1 \\\n    --hash=sha256:1\n{line}\n")


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT], ids=lambda lock: lock.name)
def test_a_lock_pins_and_hashes_everything_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not ADDRESS.search(text)
    expect_none(f"{pin} has no hash" for pin, hashes in entries(text) if not hashes)
    expect_none(
        f"{name} is not pinned" for name, version in pins(lock).items() if version[:2] != "=="
    )


@pytest.mark.parametrize(("lock", "development"), [(RUNTIME, False), (DEVELOPMENT, True)])
def test_a_lock_holds_what_pyproject_asks_for(lock: Path, *, development: bool) -> None:
    locked = {pin.name: pin for pin, _ in entries(lock.read_text(encoding="utf-8"))}
    for wanted in asked(development=development):
        pin = locked[canonicalize_name(wanted.name)]
        version = str(pin.specifier).removeprefix("==")
        assert wanted.specifier.contains(version, prereleases=True), f"{wanted} is locked as {pin}"


def test_what_runs_is_what_was_tested() -> None:
    assert pins(RUNTIME).items() < pins(DEVELOPMENT).items()
