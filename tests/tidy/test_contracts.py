"""The import contracts: planted in a small house, each violation turns its own contract red."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.sources import ROOT

LINT = Path(sys.executable).with_name("lint-imports")
ROOMS = (
    "activities",
    "backstay",
    "backstay/accounts",
    "backstay/broker",
    "backstay/cli",
    "backstay/domain",
    "backstay/gateway",
    "backstay/lab",
    "workers",
    "workflows",
)
SOUND = {
    "activities/calls.py": "import temporalio.workflow\nimport backstay.domain",
    "activities/orders.py": "import backstay.broker.desk\nimport temporalio.activity",
    "backstay/accounts/store.py": "import sqlite3\nimport pydantic\nimport backstay.domain",
    "backstay/broker/desk.py": "import ib_async\nimport backstay.domain",
    "backstay/cli/main.py": "import backstay.lab\nimport backstay.gateway",
    "backstay/domain/ticks.py": "import decimal\nimport collections.abc\nimport pydantic",
    "backstay/gateway/server.py": "import asyncio\nimport pydantic",
    "workers/worker.py": "import workflows.trade, activities.orders, backstay.gateway",
    "workflows/trade.py": "import activities.calls\nimport temporalio.workflow",
}


def lint(house: Path, planted: dict[str, str]) -> str:
    """Build the small house with what is planted in it, and return what the linter says."""
    for room in ROOMS:
        (house / room).mkdir(parents=True)
        (house / room / "__init__.py").touch()
    for path, text in (SOUND | planted).items():
        (house / path).write_text(text, encoding="utf-8")
    return subprocess.run(
        [LINT, "--no-logo", "--no-cache", "--config", ROOT / "pyproject.toml"],
        cwd=house,
        # The small house's packages come first; the contract type comes from the real one.
        env={"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        check=False,
        capture_output=True,
        text=True,
    ).stdout


def verdicts(said: str) -> dict[str, bool]:
    lines = (line.rstrip() for line in said.splitlines())
    return {
        line.rpartition(" ")[0]: line.endswith(" KEPT")
        for line in lines
        if line.endswith((" KEPT", " BROKEN"))
    }


def test_a_sound_house_keeps_every_contract(tmp_path: Path) -> None:
    assert set(verdicts(lint(tmp_path, {})).values()) == {True}


@pytest.mark.parametrize(
    ("path", "text", "contract"),
    [
        ("workflows/bad.py", "import workers", "Each layer sees only"),
        ("backstay/domain/bad.py", "import backstay.lab", "Each layer sees only"),
        ("activities/bad.py", "import workflows", "Each layer sees only"),
        ("backstay/lab/bad.py", "import backstay.cli", "Each layer sees only"),
        ("backstay/accounts/bad.py", "import backstay.broker", "Each layer sees only"),
        ("backstay/broker/bad.py", "import backstay.accounts", "Each layer sees only"),
        ("backstay/accounts/bad.py", "import temporalio.client", "The accounts' books stand"),
        ("backstay/domain/bad.py", "import time", "The domain is pure"),
        ("backstay/domain/bad.py", "from random import choice", "The domain is pure"),
        ("backstay/domain/bad.py", "import temporalio.workflow", "The domain is pure"),
        ("backstay/gateway/bad.py", "import backstay.domain", "The embedded gateway stands"),
        ("backstay/gateway/bad.py", "import ib_async", "The embedded gateway stands"),
        ("backstay/broker/bad.py", "import backstay.gateway", "Only cli, lab and workers"),
        ("workflows/bad.py", "import activities.orders", "A workflow sees the typed calls"),
        ("workflows/bad.py", "import activities", "A workflow sees the typed calls"),
        ("activities/calls.py", "import activities.orders", "The typed calls know"),
        ("workflows/bad.py", "import backstay.broker", "A workflow never reaches"),
        ("workflows/bad.py", "import backstay.accounts", "A workflow never reaches"),
        ("activities/calls.py", "import backstay.broker.desk", "A workflow never reaches"),
        ("workers/worker.py", "import ib_async", "Only the broker imports"),
        ("backstay/lab/bad.py", "import tests.conftest", "What runs never imports"),
    ],
)
def test_a_planted_import_breaks_its_contract(
    tmp_path: Path, path: str, text: str, contract: str
) -> None:
    said = verdicts(lint(tmp_path, {path: text}))
    assert [kept for name, kept in said.items() if name.startswith(contract)] == [False]
