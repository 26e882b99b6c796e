"""The shape of a file: short functions, short modules, an opening docstring, frozen values."""

import ast
from collections.abc import Iterator

from tests.tidy.sources import Source

FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 400
MUTABLE_FIELDS = frozenset({"dict", "frozenset", "list", "set"})


def long_functions(source: Source) -> Iterator[str]:
    """Each function that doesn't fit on a screen."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                what = f"{node.name} has {lines} lines, more than {FUNCTION_LINES_MAX}"
                yield source.at(node.lineno, what)


def long_modules(source: Source) -> Iterator[str]:
    """The module itself, if it holds more than one duty can need."""
    lines = len(source.text.splitlines())
    if lines > MODULE_LINES_MAX:
        yield source.at(1, f"the module has {lines} lines, more than {MODULE_LINES_MAX}")


def silent_modules(source: Source) -> Iterator[str]:
    """The module itself, if it doesn't say what it is for."""
    if not ast.get_docstring(source.tree):
        yield source.at(1, "the module opens without a docstring")


def loose_values(source: Source) -> Iterator[str]:
    """Each dataclass that can be changed, or that holds something which can.

    A private class never leaves its module: it is the working memory of a decision, and no value.
    """
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        for decorator in node.decorator_list:
            if ast.unparse(decorator).startswith("dataclass"):
                if not {"frozen", "slots"} <= _switched_on(decorator):
                    yield source.at(node.lineno, f"{node.name} is not frozen and slotted")
                yield from _mutable_fields(source, node)


def _switched_on(decorator: ast.expr) -> set[str | None]:
    if not isinstance(decorator, ast.Call):
        return set()
    return {
        keyword.arg
        for keyword in decorator.keywords
        if isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    }


def _mutable_fields(source: Source, owner: ast.ClassDef) -> Iterator[str]:
    for field in owner.body:
        if isinstance(field, ast.AnnAssign) and not ast.unparse(field.annotation).startswith(
            "ClassVar"
        ):
            names = {node.id for node in ast.walk(field.annotation) if isinstance(node, ast.Name)}
            if found := sorted(names & MUTABLE_FIELDS):
                what = f"{owner.name}.{ast.unparse(field.target)} holds a {found[0]}; use a tuple"
                yield source.at(field.lineno, what)
