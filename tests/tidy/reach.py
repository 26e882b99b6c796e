"""What nobody reaches: modules without an importer, rooms without a contract."""

import ast
from collections.abc import Collection, Iterator

from tests.tidy.sources import Source

# Modules that are started by name and not imported.
ENTRY_POINTS = frozenset(
    {
        "backstay.lab.benches.edge.edge_client",
        "backstay.lab.benches.market_data",
        "backstay.lab.benches.memory",
        "backstay.lab.simulation.stage",
        "deploy.healthy",
        "examples.bench.plain_ib_async",
        "examples.bench.scanner",
    }
)

LOADED_BY_NAME = "backstay.cli."
"""A command is named by its module, and loaded when it is typed."""


def dead_modules(sources: Collection[Source], entry_points: Collection[str]) -> Iterator[str]:
    """Each module with code in it that nothing imports; a package stands for its content."""
    reached = {name for source in sources for name in _imported(source)} | set(entry_points)
    for source in sources:
        if not _is_test(source) and not _is_signpost(source) and source.module not in reached:
            yield source.at(1, "nobody imports this module")


def rooms(sources: Collection[Source]) -> frozenset[str]:
    """The packages between which contracts stand: at the root, and one level into `backstay`."""
    packages = {source.module for source in sources if source.path.endswith("/__init__.py")}
    inner = {name for name in packages if name.rpartition(".")[0] == "backstay"}
    outer = {name for name in packages if "." not in name} - {"backstay"}
    return frozenset(inner | outer)


def _imported(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Constant(value=str(name)) if name.startswith(LOADED_BY_NAME):
                yield name
            case _:
                pass


def _is_test(source: Source) -> bool:
    return source.path.startswith("tests/")


def _is_signpost(source: Source) -> bool:
    """A package's own file, or a module that so far only says what will stand in it."""
    return source.path.endswith("/__init__.py") or len(source.tree.body) <= 1
