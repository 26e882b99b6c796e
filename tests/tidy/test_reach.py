"""Dead modules and rooms without a contract: each rule can fail, and the house keeps it."""

import tomllib
from typing import Any

from tests.tidy.reach import ENTRY_POINTS, dead_modules, rooms
from tests.tidy.sources import PRODUCT, ROOT, Source, expect_none, product_sources, python_sources

CODE = '"""Says what it is."""\nVALUE = 1\n'


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_a_module_that_nobody_imports_is_found() -> None:
    sources = [Source("backstay/lonely.py", CODE), Source("backstay/other.py", "import os\nos.sep")]
    assert list(dead_modules(sources, ["backstay.other"])) == [
        "backstay/lonely.py:1: nobody imports this module"
    ]


def test_an_import_in_any_form_gives_life() -> None:
    sources = [
        Source("backstay/one.py", CODE),
        Source("backstay/two.py", CODE),
        Source("backstay/three.py", CODE),
        Source(
            "tests/test_all.py",
            "import backstay.one\nfrom backstay import two\nfrom backstay.three import VALUE",
        ),
    ]
    assert list(dead_modules(sources, [])) == []


def test_a_command_that_is_loaded_by_name_is_reached() -> None:
    sources = [
        Source("backstay/cli/typed.py", CODE),
        Source("backstay/lonely.py", CODE),
        Source("backstay/main.py", "NAMES = ('backstay.cli.typed', 'backstay.lonely')\nNAMES"),
    ]
    assert list(dead_modules(sources, ["backstay.main"])) == [
        "backstay/lonely.py:1: nobody imports this module"
    ]


def test_a_package_file_and_a_module_without_code_are_left_alone() -> None:
    sources = [Source("backstay/__init__.py", CODE), Source("backstay/later.py", '"""Later."""')]
    assert list(dead_modules(sources, [])) == []


def test_a_room_is_a_package_at_the_root_or_one_level_into_backstay() -> None:
    paths = ["backstay", "backstay/lab", "backstay/lab/bench", "workers", "workers/pool"]
    sources = [Source(f"{path}/__init__.py", "") for path in paths]
    assert rooms(sources) == {"backstay.lab", "workers"}


def test_the_house_has_no_dead_module() -> None:
    scripts = pyproject()["project"]["scripts"].values()
    entry_points = {script.partition(":")[0] for script in scripts} | ENTRY_POINTS
    expect_none(dead_modules(python_sources(), entry_points))


def test_every_room_of_the_house_stands_in_the_layers_or_is_the_gateway() -> None:
    contracts = {
        contract["id"]: contract for contract in pyproject()["tool"]["importlinter"]["contracts"]
    }
    layers = {room for layer in contracts["layers"]["layers"] for room in layer.split(" | ")}
    assert rooms(product_sources()) == layers | set(contracts["gateway"]["importers"])
    assert rooms(product_sources()) == {"backstay.broker"} | set(
        contracts["ib-async"]["source_modules"]
    )


def test_no_contract_ignores_an_import() -> None:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    assert [contract["id"] for contract in contracts if "ignore_imports" in contract] == []


def test_every_package_at_the_root_is_linted_installed_and_type_checked() -> None:
    tool = pyproject()["tool"]
    roots = {
        source.module
        for source in python_sources()
        if source.path.count("/") == 1 and source.path.endswith("/__init__.py")
    }
    assert roots == set(PRODUCT)
    assert roots == set(tool["importlinter"]["root_packages"])
    assert roots == {
        name.removesuffix("*") for name in tool["setuptools"]["packages"]["find"]["include"]
    }
    assert roots | {"tests"} == set(tool["mypy"]["files"])
