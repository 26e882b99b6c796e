"""What is deployed, as its files say it: read the way that Compose reads them."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"

_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::-([^}]*))?\}")


@cache
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


def composed(environment: Mapping[str, str]) -> dict[str, Any]:
    """The document under an environment."""

    def value(found: re.Match[str]) -> str:
        name, other = found.groups()
        return environment.get(name, "") or other or ""

    document = yaml.safe_load(text())
    filled: dict[str, Any] = _filled(document, value)
    return filled


def _filled(node: Any, value: Any) -> Any:
    match node:
        case dict():
            return {key: _filled(each, value) for key, each in node.items()}
        case list():
            return [_filled(each, value) for each in node]
        case str():
            return _VARIABLE.sub(value, node)
        case _:
            return node


DOCUMENT = composed({})
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
BACKSTAYS = {name: each for name, each in SERVICES.items() if each["image"].startswith("backstay:")}
WORKERS = ("trades", "broker")
ONE_SHOTS = ("schema", "namespace")


def variables() -> frozenset[str]:
    """Everything that may stand in `.env`."""
    secrets = frozenset(each["environment"] for each in DOCUMENT["secrets"].values())
    return secrets | frozenset(found[1] for found in _VARIABLE.finditer(text()))


def settings_of(service: str) -> dict[str, str]:
    """What the environment of a service says to Backstay."""
    return {
        name: str(value)
        for name, value in SERVICES[service]["environment"].items()
        if name.startswith("BACKSTAY_")
    }


class Mount(NamedTuple):
    """What of this machine, or which volume, a container sees where."""

    source: str
    target: str
    is_read_only: bool
    is_made_if_missing: bool


def mounts(service: str) -> tuple[Mount, ...]:
    """Everything that a service sees, however it is written."""
    return tuple(_mount(each) for each in SERVICES[service].get("volumes", []))


def _mount(written: str | dict[str, Any]) -> Mount:
    if isinstance(written, str):
        source, target, *mode = written.split(":")
        return Mount(source, target, mode == ["ro"], is_made_if_missing=True)
    made = written["bind"]["create_host_path"]
    return Mount(written["source"], written["target"], written["read_only"], made)
