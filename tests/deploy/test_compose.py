"""docker-compose.yml: whatever can be known of it without an engine that runs containers."""

import mmap
import re
import subprocess
import sys
import tomllib
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml

from backstay.cli.gateway import commands as gateway
from backstay.cli.gateway.run import Asked
from tests.cli.typed import typed
from tests.deploy.deployment import (
    BACKSTAYS,
    DEPLOY,
    DOCUMENT,
    ONE_SHOTS,
    ROOT,
    SERVICES,
    WORKERS,
    composed,
    mounts,
    settings_of,
    variables,
)
from workers.embedded import engine_words
from workers.reading import read_settings
from workers.run import END_SECONDS_MAX

ENGINE = Path(sys.executable).with_name("temporal")
SECRET = re.compile(r"PASSWORD|PWD|SECRET|TOKEN|KEY")
SECRETS = "/run/secrets"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside a container
PERIODS = {"s": 1, "m": 60}


def seconds(period: str) -> int:
    return int(period[:-1]) * PERIODS[period[-1]]


def test_it_has_an_engine_a_service_for_each_role_and_a_gateway_for_who_has_none() -> None:
    assert list(SERVICES) == [
        "postgres", "schema", "temporal", "namespace", "ui", "trades", "broker", "gateway",
    ]  # fmt: skip
    assert {name for name, each in SERVICES.items() if "profiles" in each} == {"gateway"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].rpartition(":")
    assert re.fullmatch(r"\d+(\.\d+){1,2}(-[a-z]+)?", tag)


def test_postgres_stays_on_one_release_of_its_system() -> None:
    assert re.fullmatch(r"postgres:\d+\.\d+-[a-z]+", SERVICES["postgres"]["image"])
    assert "--locale=C" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()


def test_the_engine_is_of_the_version_that_backstay_is_tested_with() -> None:
    said = subprocess.run([ENGINE, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Server ([\d.]+), UI ([\d.]+)", said)
    assert found is not None
    assert SERVICES["temporal"]["image"] == f"temporalio/server:{found[1]}"
    assert {SERVICES[name]["image"] for name in ONE_SHOTS} == {f"temporalio/admin-tools:{found[1]}"}
    assert SERVICES["ui"]["image"] == f"temporalio/ui:{found[2]}"


def test_backstay_is_built_as_what_it_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for each in BACKSTAYS.values():
        assert each["image"] == f"backstay:{project['version']}"
        assert (ROOT / each["build"]["dockerfile"]).is_file()
        assert each["build"]["context"] == "."
    assert set(BACKSTAYS) == {*WORKERS, "gateway"}


def test_no_secret_stands_in_any_file() -> None:
    assert DOCUMENT["secrets"] == {"postgres_password": {"environment": "POSTGRES_PASSWORD"}}
    assert "of-a-test" not in str(composed({"POSTGRES_PASSWORD": "of-a-test"}))
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", ".env", "deploy/.env"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ignored.stdout.split() == [".env", "deploy/.env"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_is_a_file_of_who_needs_it_and_in_no_environment(name: str) -> None:
    given = {
        f"{SECRETS}/{each['source']}": each["mode"] for each in SERVICES[name].get("secrets", [])
    }
    told = SERVICES[name].get("environment", {})
    named = {value for variable, value in told.items() if SECRET.search(variable)}
    assert named == set(given)
    assert all(variable.endswith("_FILE") for variable in told if SECRET.search(variable))
    # Who reads it is not root, and Compose can't write into a container that is read-only.
    assert set(given.values()) <= {0o444}
    assert not (given and SERVICES[name].get("read_only"))


def test_the_example_of_an_environment_has_every_name_and_no_value() -> None:
    lines = (DEPLOY / "example.env").read_text().splitlines()
    named = [line for line in lines if line and not line.startswith("#")]
    assert {line.partition("=")[0] for line in named} == variables()
    assert all(line.endswith("=") for line in named)


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_published_beyond_the_loopback(name: str) -> None:
    assert "network_mode" not in SERVICES[name]
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


def test_what_is_published_does_not_collide() -> None:
    published = [port.split(":")[1] for each in SERVICES.values() for port in each.get("ports", [])]
    assert sorted(published) == ["7233", "8233", "9464", "9465"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_it_waits_for_can_come(name: str) -> None:
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        if wanted["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert wanted["condition"] == "service_completed_successfully"
            assert other in ONE_SHOTS


@pytest.mark.parametrize("name", SERVICES)
def test_it_is_started_again_and_can_do_no_more_than_it_has_to(name: str) -> None:
    each = SERVICES[name]
    assert each["restart"] == ("on-failure:5" if name in ONE_SHOTS else "unless-stopped")
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert each["init"] is True
    assert each.get("read_only", False) is (name in BACKSTAYS)


@pytest.mark.parametrize("name", SERVICES)
def test_every_file_and_volume_that_it_mounts_is_there(name: str) -> None:
    for mount in mounts(name):
        assert mount.target.startswith("/")
        if mount.source.startswith("."):
            assert (ROOT / mount.source).is_file()
            assert mount.is_read_only
        else:
            assert mount.source in DOCUMENT["volumes"]


@pytest.mark.parametrize("name", WORKERS)
def test_settings_that_are_not_there_are_refused_and_not_made(name: str) -> None:
    (settings,) = [each for each in mounts(name) if each.target.endswith(".toml")]
    assert not settings.is_made_if_missing


@pytest.mark.parametrize("name", WORKERS)
def test_the_settings_are_understood(name: str) -> None:
    environment = settings_of(name)
    sources = {each.target: each.source for each in mounts(name)}
    file = ROOT / sources[environment.pop("BACKSTAY_CONFIG")]
    settings = read_settings(file, environment)
    assert (settings.temporal.address, settings.temporal.namespace) == ("temporal:7233", "backstay")
    assert (settings.broker.host, settings.broker.port) == ("gateway", 4002)
    assert (settings.metrics.host, settings.metrics.port) == (EVERYWHERE, 9464)
    assert sources[str(settings.data)] == "book"
    assert settings.limits is not None
    assert settings.kind == "paper"


def test_a_real_gateway_takes_an_address() -> None:
    real = {
        "BACKSTAY_BROKER__HOST": "host.docker.internal",
        "BACKSTAY_BROKER__PORT": "4001",
    }
    broker = composed(real)["services"]["broker"]
    assert broker["environment"]["BACKSTAY_BROKER__HOST"] == "host.docker.internal"
    assert broker["environment"]["BACKSTAY_BROKER__PORT"] == "4001"
    assert broker["extra_hosts"] == ["host.docker.internal:host-gateway"]


def test_the_address_that_a_real_gateway_trusts_is_nobody_else_s() -> None:
    placed = {
        name: each["networks"]["default"]["ipv4_address"]
        for name, each in SERVICES.items()
        if "networks" in each
    }
    assert list(placed) == ["broker"]
    (network,) = DOCUMENT["networks"]["default"]["ipam"]["config"]
    address, subnet = IPv4Address(placed["broker"]), IPv4Network(network["subnet"])
    assert address in subnet
    assert address not in (subnet[0], subnet[1], subnet[-1])
    others = IPv4Network(network["ip_range"])
    assert address not in others
    assert others.subnet_of(subnet)
    assert placed["broker"] in (DEPLOY / "README.md").read_text()


def test_the_web_ui_can_be_looked_at_only() -> None:
    assert SERVICES["ui"]["environment"]["TEMPORAL_DISABLE_WRITE_ACTIONS"] == "true"


def test_the_database_is_looked_at_where_the_one_that_only_makes_it_does_not_answer() -> None:
    words = SERVICES["postgres"]["healthcheck"]["test"]
    assert words[:2] == ["CMD", "pg_isready"]
    assert "--host=127.0.0.1" in words


@pytest.mark.parametrize("name", WORKERS)
def test_each_worker_has_its_role_and_time_to_end(name: str) -> None:
    words = SERVICES[name]["command"]
    assert words == ["backstay", "worker", "--role", name]
    assert typed(*words[1:], "--help").exit_code == 0
    assert seconds(SERVICES[name]["stop_grace_period"]) >= 2 * END_SECONDS_MAX


def test_the_simulated_gateway_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Asked] = []
    monkeypatch.setattr(gateway, "serve", heard.append)
    assert typed(*SERVICES["gateway"]["command"][1:]).exit_code == 0
    (asked,) = heard
    settings = read_settings(ROOT / "examples" / "backstay.toml", settings_of("broker"))
    assert (asked.host, asked.port) == (EVERYWHERE, settings.broker.port)
    assert [each.name for each in asked.settings.accounts] == [settings.account]
    (mount,) = mounts("gateway")
    folders = {path.parent for _, path in asked.files.by_label()}
    assert folders == {Path(mount.target)}


def test_who_lives_on_is_looked_at() -> None:
    looked_at = {name for name, each in SERVICES.items() if "healthcheck" in each}
    by_image = set(WORKERS)
    assert looked_at | by_image | set(ONE_SHOTS) | {"ui"} == set(SERVICES)
    words = SERVICES["gateway"]["healthcheck"]["test"]
    assert words == ["CMD", "python", "/app/deploy/healthy.py", "--port=4002"]


def test_the_engine_knows_every_word_that_it_is_told() -> None:
    told: dict[str, list[dict[str, Any]]] = yaml.safe_load((DEPLOY / "temporal.yaml").read_text())
    environment = SERVICES["temporal"]["environment"]
    sources = {each.target: each.source for each in mounts("temporal")}
    told_in = sources[f"/etc/temporal/{environment['DYNAMIC_CONFIG_FILE_PATH']}"]
    assert ROOT / told_in == DEPLOY / "temporal.yaml"
    with ENGINE.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as binary:
        assert [name for name in told if binary.find(name.encode()) < 0] == []
        assert binary.find(b"frontend.WorkerCommandEnabled") < 0


def test_the_engine_is_told_what_the_embedded_one_is_told() -> None:
    told: dict[str, list[dict[str, Any]]] = yaml.safe_load((DEPLOY / "temporal.yaml").read_text())
    words = engine_words(None, "default", "127.0.0.1:7233", None)
    given = [word.partition("=") for word in words if "=" in word]
    embedded = {name: yaml.safe_load(value) for name, _, value in given}
    assert {name: [each["value"] for each in values] for name, values in told.items()} == {
        name: [value] for name, value in embedded.items()
    }


def test_the_number_of_shards_is_chosen_and_not_the_template_s() -> None:
    assert SERVICES["temporal"]["environment"]["NUM_HISTORY_SHARDS"] == "512"


@pytest.mark.parametrize("name", WORKERS)
def test_no_variable_makes_an_account_a_live_one(name: str) -> None:
    given = composed(dict.fromkeys(variables(), "live"))["services"][name]["environment"]
    tables = {variable.removeprefix("BACKSTAY_").partition("__")[0] for variable in given}
    assert tables == {"CONFIG", "DATA", "TEMPORAL", "BROKER", "METRICS"}
    assert "env_file" not in SERVICES[name]
