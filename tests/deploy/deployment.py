"""What is deployed, as its files say it: read the way that Compose reads them."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"

_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


@cache
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


def composed(environment: Mapping[str, str]) -> dict[str, Any]:
    """The document under an environment; KeyError names what it may not be started without."""

    def value(found: re.Match[str]) -> str:
        name, how, other = found.groups()
        given = environment.get(name, "")
        if not given and how == "?":
            raise KeyError(name)
        return given or other or ""

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


SERVICES: dict[str, dict[str, Any]] = composed({"POSTGRES_PASSWORD": "of-a-test"})["services"]
BACKSTAYS = {name: each for name, each in SERVICES.items() if each["image"].startswith("backstay:")}
WORKERS = ("trades", "broker")
ONE_SHOTS = ("schema", "namespace")


def variables() -> frozenset[str]:
    """Everything that may stand in `.env`."""
    return frozenset(found[1] for found in _VARIABLE.finditer(text()))


def settings_of(service: str) -> dict[str, str]:
    """What the environment of a service says to Backstay."""
    return {
        name: str(value)
        for name, value in SERVICES[service]["environment"].items()
        if name.startswith("BACKSTAY_")
    }
