"""Every fault of the embedded gateway has a story that tells what the edge makes of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from backstay.gateway.faults.names import CATALOGUE

HERE = Path(__file__).parent


def told(source: str) -> Iterator[str]:
    """The faults that the stories of a module are told with, by their decorators."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                match decorator:
                    case ast.Call(
                        ast.Name("because_of" | "in_spite_of"), [ast.Constant(str(name))]
                    ):
                        yield name
                    case _:
                        pass


def test_the_faults_of_a_module_are_those_of_its_decorators() -> None:
    source = (
        '@because_of("a", nth=1)\nasync def test_a(): ...\n'
        '@in_spite_of("b")\nasync def test_b(): ...\n'
        '@because_of("c")\nasync def help(): ...\n'
        '@effect("d")\nasync def test_d(): ...\n'
    )
    assert list(told(source)) == ["a", "b"]


def test_every_fault_has_a_story() -> None:
    modules = sorted(HERE.glob("test_*.py"))
    shown = {name for module in modules for name in told(module.read_text(encoding="utf-8"))}
    assert shown == {fault.name for fault in CATALOGUE}
