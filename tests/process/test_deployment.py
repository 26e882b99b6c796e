"""What sets an engine up for the deployment, on a real one, and whoever lives on it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import NamedTuple

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from activities.attributes import misfits
from tests.deploy.deployment import DEPLOY, ROOT, SERVICES, WORKERS, mounts, settings_of
from tests.deploy.test_scripts import SECONDS_MAX, script
from workers.embedded import RETENTION, tuned_engine

pytestmark = pytest.mark.long

TOOLS = Path(sys.executable).parent


def test_a_namespace_is_made_once_and_both_workers_live_in_it(tmp_path: Path) -> None:
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
        await asyncio.to_thread(_house_lives, engine.address, folder)


def _house_lives(engine: str, folder: Path) -> None:
    """The simulated gateway and both workers, each with its own words and settings, but for where
    things are on this machine.
    """
    told = {
        "PATH": f"{TOOLS}:{os.defpath}",
        "BACKSTAY_CONFIG": str(ROOT / "examples" / "backstay.toml"),
        "BACKSTAY_DATA": str(folder),
        "BACKSTAY_TEMPORAL__ADDRESS": engine,
        "BACKSTAY_METRICS__HOST": "127.0.0.1",
        "BACKSTAY_METRICS__PORT": "0",
    }
    without = subprocess.run(
        SERVICES["trades"]["command"],
        env=settings_of("trades") | told,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert without.returncode == 3
    assert "a book is made on purpose" in without.stderr
    subprocess.run(["backstay", "account", "create"], env=settings_of("trades") | told, check=True)
    with _begun("gateway", _here(SERVICES["gateway"]["command"], folder), told) as gateway:
        _well(told, f"--port={gateway.port}")
        at_broker = {"BACKSTAY_BROKER__HOST": "127.0.0.1", "BACKSTAY_BROKER__PORT": gateway.port}
        ports = []
        with ExitStack() as begun:
            for role in WORKERS:
                environment = settings_of(role) | told | at_broker
                worker = begun.enter_context(_begun(role, SERVICES[role]["command"], environment))
                said = _well(environment | {"BACKSTAY_METRICS__PORT": worker.port})
                assert f'"role": "{role}"' in said
                ports.append(worker.port)
        for port in ports:
            with pytest.raises(subprocess.CalledProcessError):
                _asked(told | {"BACKSTAY_METRICS__PORT": port})


def _here(words: list[str], folder: Path) -> list[str]:
    """A gateway's words, with its files in this folder and at any port of the loopback."""
    changed = {"--host=0.0.0.0": "--host=127.0.0.1", "--port=4002": "--port=0"}
    (mount,) = mounts("gateway")
    return [changed.get(word, word).replace(mount.target, str(folder)) for word in words]


class Begun(NamedTuple):
    """A process, and the port that it has named."""

    process: subprocess.Popen[str]
    port: str


@contextmanager
def _begun(service: str, words: list[str], environment: dict[str, str]) -> Iterator[Begun]:
    """A process of a service, which ends in order and in the time that it is given."""
    process = subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield Begun(process, process.stdout.readline().rpartition(":")[2].strip())
        process.send_signal(signal.SIGTERM)
        assert process.wait(int(SERVICES[service]["stop_grace_period"][:-1])) == 0
    finally:
        process.kill()
        process.communicate()


def _asked(environment: dict[str, str], *words: str) -> str:
    """What the health check of the image says, if it is satisfied."""
    return subprocess.run(
        [sys.executable, str(DEPLOY / "healthy.py"), *words],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def _well(environment: dict[str, str], *words: str) -> str:
    """What the health check of the image says, as soon as it is satisfied."""
    for _ in range(SECONDS_MAX):
        with suppress(subprocess.CalledProcessError):
            return _asked(environment, *words)
        Event().wait(1)
    raise TimeoutError("it does not get well")
