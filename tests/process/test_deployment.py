"""What sets an engine up for the deployment, on a real one, and a worker as it is deployed."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from activities.attributes import misfits
from tests.deploy.deployment import DEPLOY, ROOT, SERVICES, settings_of
from tests.deploy.test_scripts import SECONDS_MAX, script
from workers.embedded import RETENTION, tuned_engine

pytestmark = pytest.mark.long

TOOLS = Path(sys.executable).parent


def test_a_namespace_is_made_once_and_a_worker_lives_in_it(tmp_path: Path) -> None:
    asyncio.run(_made_and_lived_in(tmp_path))


async def _made_and_lived_in(folder: Path) -> None:
    name = SERVICES["namespace"]["environment"]["TEMPORAL_NAMESPACE"]
    async with tuned_engine() as engine:
        told = {"TEMPORAL_ADDRESS": engine.address, "TEMPORAL_NAMESPACE": name}
        for _ in range(2):
            result = await asyncio.to_thread(script, "namespace.sh", TOOLS, **told)
            assert result.returncode == 0, result.stdout + result.stderr
        client = await Client.connect(engine.address, namespace=name)
        found = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=name)
        )
        kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
        assert kept == timedelta(days=90) == RETENTION
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=name)
        )
        assert misfits(listed.custom_attributes) == ((), ())
        await asyncio.to_thread(_worker_lives, engine.address, folder)


def _worker_lives(engine: str, folder: Path) -> None:
    """The service `trades` with its own settings, but for where things are on this machine."""
    told = settings_of("trades") | {
        "BACKSTAY_CONFIG": str(ROOT / "examples" / "backstay.toml"),
        "BACKSTAY_DATA": str(folder),
        "BACKSTAY_TEMPORAL__ADDRESS": engine,
        "BACKSTAY_METRICS__HOST": "127.0.0.1",
        "BACKSTAY_METRICS__PORT": "0",
    }
    environment = {"PATH": f"{TOOLS}:{os.defpath}", **told}
    without = subprocess.run(
        SERVICES["trades"]["command"], env=environment, capture_output=True, text=True, check=False
    )
    assert without.returncode == 3
    assert "a book is made on purpose" in without.stderr
    subprocess.run(["backstay", "account", "create"], env=environment, check=True)
    process = subprocess.Popen(
        SERVICES["trades"]["command"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        port = process.stdout.readline().rpartition(":")[2].strip()
        assert '"role": "trades"' in _well(environment | {"BACKSTAY_METRICS__PORT": port})
        process.send_signal(signal.SIGTERM)
        assert process.wait(int(SERVICES["trades"]["stop_grace_period"][:-1])) == 0
    finally:
        process.kill()
        process.communicate()


def _well(environment: dict[str, str]) -> str:
    """What the health check of the image says, as soon as it is satisfied."""
    words = [sys.executable, str(DEPLOY / "healthy.py")]
    for _ in range(SECONDS_MAX):
        said = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if not said.returncode:
            return said.stdout
        Event().wait(1)
    raise TimeoutError("it does not get well")
