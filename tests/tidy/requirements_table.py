"""The table of `make requirements`: each id, what it asks for, and the tests that prove it.

Ids and texts come from docs/requirements.md; the tests are read from the marks
`@pytest.mark.req("S4.4")`, on a test, a class, a case or a whole module, without importing them.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator

from tests.tidy.sources import ROOT, Source, python_sources

REQUIREMENTS = ROOT / "docs" / "requirements.md"
ENTRY = re.compile(r"^- \*\*(?P<id>[A-Z]+\d*(?:\.\d+)?)\*\* (?P<text>.+(?:\n  .+)*)", re.MULTILINE)
HEAD_CHARACTERS = 84


def requirements(page: str) -> tuple[tuple[str, str], ...]:
    """Each requirement of the page as its id and its text on one line, in the page's order."""
    return tuple((entry["id"], " ".join(entry["text"].split())) for entry in ENTRY.finditer(page))


def proofs(sources: Iterable[Source]) -> tuple[tuple[str, str], ...]:
    """Each pair of an id and the test, class or module that is marked with it."""
    return tuple(
        (requirement, place)
        for source in sources
        for requirement, place in _marks(source.tree, source.path)
    )


def rows(
    asked: Iterable[tuple[str, str]], proved: Collection[tuple[str, str]]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each requirement with its tests; no tests means that it is missing."""
    for name, text in asked:
        yield name, text, tuple(sorted({place for mark, place in proved if mark == name}))


def _marks(node: ast.AST, place: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield from _marks(child, f"{place}::{name}")
            case ast.AsyncFunctionDef(name=name):
                yield from _marks(child, f"{place}::{name}")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="req")):
                yield from ((ast.literal_eval(argument), place) for argument in child.args)
            case _:
                yield from _marks(child, place)


def main() -> None:
    """Print the table and how much of it is proved."""
    asked = requirements(REQUIREMENTS.read_text(encoding="utf-8"))
    table = list(rows(asked, proofs(python_sources())))
    for name, text, places in table:
        head = text if len(text) <= HEAD_CHARACTERS else f"{text[: HEAD_CHARACTERS - 1]}…"
        print(f"{name:<6} {head}")
        for place in places or ("MISSING",):
            print(f"       {place}")
    proved = sum(bool(places) for _, _, places in table)
    print(f"{proved} of {len(table)} requirements have tests")


if __name__ == "__main__":
    main()
