"""Every fault of the catalogue has a story that tells what it does to a client."""

import ast
from collections.abc import Iterator
from pathlib import Path

from backstay.gateway.faults.names import CATALOGUE

HERE = Path(__file__).parent


def told(source: str) -> Iterator[str]:
    """The faults that the tests of a module are named after, by their decorators."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                match decorator:
                    case ast.Call(ast.Name("effect"), [ast.Constant(str(name))]):
                        yield name
                    case _:
                        pass


def test_the_faults_of_a_module_are_those_of_its_decorators() -> None:
    source = '@effect("a", nth=1)\nasync def test_a(): ...\n@effect("b")\nasync def help(): ...\n'
    assert list(told(source)) == ["a"]


def test_every_fault_has_an_effect_on_a_client_that_a_test_shows() -> None:
    modules = sorted(HERE.glob("test_*.py"))
    shown = {name for module in modules for name in told(module.read_text(encoding="utf-8"))}
    assert shown == {fault.name for fault in CATALOGUE}
